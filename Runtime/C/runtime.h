/* SPDX-License-Identifier: Apache-2.0
 *
 * runtime.h: what the files of the runtime share with each other and with nobody else.
 */
#ifndef TESSERA_RUNTIME_H
#define TESSERA_RUNTIME_H

#include "include/tessera_compiled.h"

/* 1 while this thread runs a range of a parallel loop. */
int tess_is_in_loop(void);

/* Emits what the programs of a finished loop have printed, in the order of their instances. */
void tess_print_flush(void);

/* Whom tess_tell_released tells, on this thread. */
typedef struct tess_listener {
  void (*tell)(void *context, const void *data, size_t bytes);
  void *context;
} tess_listener;

extern _Thread_local tess_listener tess_released;

/* The tensor that lies so many bytes from the start of the arguments. */
static inline const tess_tensor *tess_tensor_at(const void *arguments, int32_t offset) {
  return (const tess_tensor *)((const char *)arguments + offset);
}

/* Checks that tensors that are written share no byte with others or within themselves. */
int32_t tess_check_overlaps(const void *arguments, const tess_tensor_check *checks, int32_t count,
                            tess_error *error);

/* Has the run take its memory from `workspace` first, which may be NULL. */
void tess_run_give(tess_run *run, void *workspace, int64_t bytes);

/* Writes a shape with its element type, "f32[2, 3]", cut to `capacity` with its NUL. */
void tess_format_type(const tess_tensor *tensor, char *text, size_t capacity);

#endif
