/* SPDX-License-Identifier: Apache-2.0
 *
 * The memory of a run, messages with numbers in them, and the list of symbols for compiled code.
 */
#include <string.h>

#include "include/tessera_compiled.h"
#include "runtime.h"

/* ---- Memory ------------------------------------------------------------------------------- */

/* Stands before the memory of a chunk. */
struct tess_chunk {
  struct tess_chunk *below;
  char *end;
};

enum { ALIGNMENT = 64, LEAST_CHUNK = 64 * 1024 };

static char *align_up(char *address) {
  return (char *)(((uintptr_t)address + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
}

void tess_run_begin(tess_run *run, tess_error *error, void *workspace, int64_t bytes) {
  run->error = error;
  run->instance = -1;
  run->stack_limit = tess_stack_limit();
  run->chunks = run->spare = NULL;
  tess_run_give(run, workspace, bytes);
}

void tess_run_give(tess_run *run, void *workspace, int64_t bytes) {
  run->next = run->end = NULL;
  if (workspace && bytes >= ALIGNMENT) {
    run->next = align_up(workspace);
    run->end = (char *)workspace + bytes;
  }
  run->workspace_end = run->end;
}

void tess_run_end(tess_run *run) {
  while (run->chunks) {
    struct tess_chunk *below = run->chunks->below;
    tess_release(run->chunks);
    run->chunks = below;
  }
  tess_release(run->spare);
  run->spare = NULL;
}

static int push_chunk(tess_run *run, int64_t bytes) {
  struct tess_chunk *chunk = run->spare;
  if (chunk && chunk->end - (char *)chunk - ALIGNMENT >= bytes) {
    run->spare = NULL;
  } else {
    size_t size = (size_t)bytes + ALIGNMENT;
    if (size < LEAST_CHUNK) size = LEAST_CHUNK;
    chunk = tess_allocate(size);
    if (!chunk) return 0;
    chunk->end = (char *)chunk + size;
  }
  chunk->below = run->chunks;
  run->chunks = chunk;
  run->next = (char *)chunk + ALIGNMENT;
  run->end = chunk->end;
  return 1;
}

void *tess_run_allocate(tess_run *run, int64_t bytes) {
  if (bytes < 0 || bytes >= (int64_t)1 << 47) return NULL;
  bytes = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  if (run->end - run->next < bytes || !run->next) {
    if (!push_chunk(run, bytes)) return NULL;
  }
  void *memory = run->next;
  run->next += bytes;
  return memory;
}

void tess_run_release(tess_run *run, struct tess_chunk *chunks, char *next) {
  while (run->chunks != chunks) {
    struct tess_chunk *top = run->chunks;
    run->chunks = top->below;
    /* The larger one is worth keeping: a loop will ask for as much again. */
    struct tess_chunk *spare = run->spare;
    if (!spare || top->end - (char *)top > spare->end - (char *)spare) {
      run->spare = top;
      top = spare;
    }
    tess_release(top);
  }
  run->next = next;
  run->end = chunks ? chunks->end : run->workspace_end;
}

_Thread_local tess_listener tess_released;

void tess_set_released(void (*tell)(void *context, const void *data, size_t bytes),
                       void *context) {
  tess_released = (tess_listener){tell, context};
}

void tess_tell_released(const void *data, int64_t bytes) {
  if (tess_released.tell) tess_released.tell(tess_released.context, data, (size_t)bytes);
}

/* ---- Messages ----------------------------------------------------------------------------- */

int32_t tess_run_fail(const tess_run *run, const tess_failure *failure) {
  return tess_fail(run->error, failure->status, run->instance, failure->file, failure->line,
                   failure->column, failure->message);
}

int32_t tess_run_fail_values(const tess_run *run, const tess_failure *failure, int32_t count,
                             const tess_value *values) {
  char message[TESS_MESSAGE_CAPACITY];
  const char *format = failure->message;
  size_t length = 0;
  for (int32_t next = 0; *format && length + 1 < sizeof message; ) {
    if (format[0] == '{' && format[1] == '}' && next < count) {
      char text[TESS_ELEMENT_CAPACITY];
      tess_format_element(values[next].dtype, &values[next].bits, text);
      size_t room = sizeof message - 1 - length, size = strlen(text);
      if (size > room) size = room;
      memcpy(message + length, text, size);
      length += size;
      format += 2;
      next++;
    } else {
      message[length++] = *format++;
    }
  }
  message[length] = 0;
  tess_failure told = *failure;
  told.message = message;
  return tess_run_fail(run, &told);
}

/* ---- Parallel parts ----------------------------------------------------------------------- */

int32_t tess_run_parallel(const tess_run *run, int64_t count,
                          void (*body)(void *context, int64_t begin, int64_t end), void *context,
                          const tess_failure *interrupted) {
  tess_parallel_for(count, 0, body, context);
  int32_t status = __atomic_load_n(&run->error->status, __ATOMIC_ACQUIRE);
  if (status != TESS_OK) return status;
  return tess_interrupt ? tess_run_fail(run, interrupted) : TESS_OK;
}

/* ---- Symbols ------------------------------------------------------------------------------ */

const tess_symbol *tess_symbols(void) {
#define SYMBOL(name) { #name, (const void *)(uintptr_t)&name }
  static const tess_symbol all[] = {
      SYMBOL(tess_fail),          SYMBOL(tess_run_fail),      SYMBOL(tess_run_begin),
      SYMBOL(tess_run_end),       SYMBOL(tess_run_allocate),  SYMBOL(tess_run_release),
      SYMBOL(tess_run_parallel),  SYMBOL(tess_stack_limit),   SYMBOL(tess_sort),
      SYMBOL(tess_check_tensors), SYMBOL(tess_check_sizes),   SYMBOL(tess_check_axes),
      SYMBOL(tess_check_fact),    SYMBOL(tess_check_workspace),
      SYMBOL(tess_call_begin),    SYMBOL(tess_call_check),    SYMBOL(tess_call_end),
      SYMBOL(tess_check_packed),  SYMBOL(tess_tell_released), SYMBOL(tess_print_text),
      SYMBOL(tess_print_bool),    SYMBOL(tess_print_i64),     SYMBOL(tess_print_u64),
      SYMBOL(tess_print_f16),     SYMBOL(tess_print_bf16),    SYMBOL(tess_print_f32),
      SYMBOL(tess_print_f64),     SYMBOL(tess_print_tensor),  SYMBOL(tess_print_end),
      SYMBOL(tess_interrupt),     SYMBOL(tess_run_fail_values),
      {NULL, NULL},
  };
  return all;
#undef SYMBOL
}
