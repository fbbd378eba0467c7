/* SPDX-License-Identifier: Apache-2.0
 *
 * tessera_compiled.h: what compiled code calls in the runtime beside tessera.h.  Not for people:
 * names and meanings change together with the compiler.
 */
#ifndef TESSERA_COMPILED_H
#define TESSERA_COMPILED_H

#include "tessera.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One run of compiled code on one thread.  Compiled code knows the order of the members.
 *
 * Its memory is a stack of chunks; the first may be the caller's workspace, which is no chunk. */
typedef struct tess_run {
  tess_error *error;
  int64_t instance; /* the program of a grid that runs; negative outside of grids */
  const char *stack_limit;
  char *next; /* the first free byte of the chunk on top */
  char *end;
  struct tess_chunk *chunks; /* the chunk on top, NULL while the workspace is used */
  struct tess_chunk *spare;  /* a chunk that was given back, kept for the next */
  char *workspace_end;
} tess_run;

/* Starts a run that takes its memory from `workspace` first, which may be NULL. */
void tess_run_begin(tess_run *run, tess_error *error, void *workspace, int64_t bytes);

/* Gives all memory back. */
void tess_run_end(tess_run *run);

/* Memory aligned to 64 bytes, until it is released; NULL if there is none. */
void *tess_run_allocate(tess_run *run, int64_t bytes);

/* Gives back all that was taken since `chunks` and `next` were as they are given. */
void tess_run_release(tess_run *run, struct tess_chunk *chunks, char *next);

/* A number for a message. */
typedef struct tess_value {
  tess_dtype dtype;
  uint32_t padding;
  uint64_t bits;
} tess_value;

/* A way to fail, at a place of the source. */
typedef struct tess_failure {
  const char *file;    /* NULL where no source line is to blame */
  const char *message;
  int32_t status;
  int32_t line;
  int32_t column;
  int32_t reserved;
} tess_failure;

/* Records the failure as tess_fail does, and returns its status. */
int32_t tess_run_fail(const tess_run *run, const tess_failure *failure);

/* The same; each "{}" in the message stands for one of the values. */
int32_t tess_run_fail_values(const tess_run *run, const tess_failure *failure, int32_t count,
                             const tess_value *values);

/* tess_parallel_for on all threads; returns the status of what failed, of `interrupted` after an
 * interrupt. */
int32_t tess_run_parallel(const tess_run *run, int64_t count,
                          void (*body)(void *context, int64_t begin, int64_t end), void *context,
                          const tess_failure *interrupted);

/* A tensor among the arguments of a call, and what it must be. */
typedef struct tess_tensor_check {
  const char *name;
  int32_t offset; /* where in the arguments it lies, in bytes */
  int32_t index;  /* the number of the argument */
  int32_t rank;
  uint8_t code;
  uint8_t bits;
  uint8_t is_scalar; /* 1 if it stands for a number, which tells a size */
  uint8_t is_written;
} tess_tensor_check;

/* tess_check_rows for each of `checks`. */
int32_t tess_check_tensors(const void *arguments, const tess_tensor_check *checks, int32_t count,
                           tess_error *error);

/* Checks that sizes can be read: tensors have their rank and a shape, those that stand for a number
 * data. */
int32_t tess_check_sizes(const void *arguments, const tess_tensor_check *checks, int32_t count,
                         tess_error *error);

/* A dimension of a tensor among the arguments, and what it must be. */
typedef struct tess_axis_check {
  const char *name;
  const char *declared; /* the type as the program writes it */
  int64_t length;
  int32_t offset; /* where in the arguments the tensor lies, in bytes */
  int32_t axis;
  int32_t place;  /* where in `lengths` the length stands; negative if it is `length` */
  int32_t reserved;
} tess_axis_check;

/* tess_check_dimension for each of `checks`. */
int32_t tess_check_axes(const void *arguments, const tess_axis_check *checks, int32_t count,
                        const int64_t *lengths, tess_error *error);

/* Tells the host what NAME_prepare has done with, see tess_set_released. */
void tess_tell_released(const void *data, int64_t bytes);

/* The C function of an export. */
typedef int32_t tess_entry(const void *arguments, void *workspace, size_t workspace_bytes,
                           tess_error *error);

/* What the C function of an export expects of its arguments. */
typedef struct tess_expectation {
  const tess_tensor_check *tensors;
  const tess_axis_check *axes;
  int32_t tensor_count;
  int32_t axis_count;
  int64_t argument_bytes;
  /* Where among the arguments the address of packed constants stands, and then their bytes; negative
   * if there are none, or sizes depend on the arguments, so that compiled code looks. */
  int64_t packed_offset;
  int64_t packed_bytes;       /* what packed constants take */
  int64_t workspace_bytes;    /* what a call takes at its start, without packed constants */
  int64_t prepared_bytes;     /* and with them */
} tess_expectation;

/* A call of an export.  Compiled code knows that the run comes first, and where `elements` are. */
typedef struct tess_call {
  tess_run run;
  const tess_expectation *expected;
  const void *arguments; /* the caller's, or a copy in which rows lie one behind the other */
  char *copies;          /* the memory of that copy, or NULL */
  tess_error error;      /* for callers that have none */
  char *elements[];      /* where those of each expected tensor begin */
} tess_call;

/* Begins a call and checks each tensor by itself, as tess_check_rows; ended in any case. */
int32_t tess_call_begin(tess_call *call, const tess_expectation *expected, const void *arguments,
                        tess_error *error);

/* Checks lengths, as tess_check_axes, then the memory of tensors, of `workspace`, which may be NULL,
 * and of packed constants.  If all is well, `elements` are there, those of tensors whose rows lie
 * apart in copies without gaps. */
int32_t tess_call_check(tess_call *call, const int64_t *lengths, void *workspace, size_t bytes);

/* Gives memory back; if `status`, which it returns, is TESS_OK, copies of what is written go where
 * their tensors are. */
int32_t tess_call_end(tess_call *call, int32_t status);

/* Sorts along `axis`, ascending and stable, NaN last; `places` says where along the axis each
 * element came from.  Extents and strides count elements.  1 if there is no memory, else 0. */
int32_t tess_sort(int32_t code, int32_t bits, int32_t rank, int32_t axis, const int64_t *extents,
                  const void *source, const int64_t *source_strides, void *target,
                  const int64_t *target_strides, int64_t *places, const int64_t *place_strides);

/* A function or variable of the runtime that compiled code may name. */
typedef struct tess_symbol {
  const char *name;
  const void *address;
} tess_symbol;

/* All of them; the list ends with a NULL name. */
const tess_symbol *tess_symbols(void);

#ifdef __cplusplus
}
#endif
#endif
