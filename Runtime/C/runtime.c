/* SPDX-License-Identifier: Apache-2.0
 *
 * What runs beside compiled code: errors, memory.  Threads are in threads.c, entry checks in
 * checks.c, text in print.c.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "runtime.h"

/* ---- Errors ------------------------------------------------------------------------------- */

const char *tess_status_text(int32_t status) {
  switch ((tess_status)status) {
  case TESS_OK: return "ok";
  case TESS_NULL_POINTER: return "null pointer";
  case TESS_WRONG_RANK: return "wrong rank";
  case TESS_WRONG_DTYPE: return "wrong element type";
  case TESS_WRONG_SHAPE: return "wrong shape";
  case TESS_WRONG_STRIDE: return "wrong stride";
  case TESS_WRONG_DEVICE: return "wrong device";
  case TESS_OVERLAP: return "overlapping arguments";
  case TESS_MISALIGNED: return "misaligned memory";
  case TESS_TOO_LARGE: return "tensor too large";
  case TESS_FACT_FAILED: return "fact does not hold";
  case TESS_WORKSPACE_TOO_SMALL: return "workspace too small";
  case TESS_WRONG_VERSION: return "wrong version of the interface";
  case TESS_ASSERTION_FAILED: return "assertion failed";
  case TESS_DIVISION_BY_ZERO: return "division by zero";
  case TESS_OUT_OF_BOUNDS: return "out of bounds";
  case TESS_OVERFLOW: return "integer overflow";
  case TESS_EMPTY_REDUCTION: return "reduction over nothing";
  case TESS_RECURSION_TOO_DEEP: return "recursion too deep";
  case TESS_OUT_OF_MEMORY: return "out of memory";
  case TESS_INTERRUPTED: return "interrupted";
  }
  return "unknown status";
}

static void copy_text(char *to, size_t capacity, const char *from) {
  size_t length = from ? strlen(from) : 0;
  if (length >= capacity) length = capacity - 1;
  if (length) memcpy(to, from, length);
  to[length] = 0;
}

int32_t tess_fail(tess_error *error, int32_t status, int64_t instance, const char *file,
                  int32_t line, int32_t column, const char *message) {
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  if (!error) return status;
  pthread_mutex_lock(&lock);
  if (error->status == TESS_OK || instance < error->instance) {
    error->line = line;
    error->column = column;
    copy_text(error->file, sizeof error->file, file);
    copy_text(error->message, sizeof error->message, message);
    /* Others read these two without the lock; the status last, so that it never stands alone. */
    __atomic_store_n(&error->instance, instance, __ATOMIC_RELAXED);
    __atomic_store_n(&error->status, status, __ATOMIC_RELEASE);
  }
  pthread_mutex_unlock(&lock);
  return status;
}

int32_t tess_failed_before(const tess_error *error, int64_t instance) {
  return error && __atomic_load_n(&error->status, __ATOMIC_ACQUIRE) != TESS_OK &&
         __atomic_load_n(&error->instance, __ATOMIC_RELAXED) <= instance;
}

/* ---- The stack ---------------------------------------------------------------------------- */

const char *tess_stack_limit(void) {
  static _Thread_local const char *limit;
  if (limit) return limit;
  char here;
  const size_t margin = 128 * 1024; /* for what the last frame itself calls */
  limit = (const char *)((uintptr_t)&here - margin);
#ifdef __GLIBC__
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
    void *lowest;
    size_t bytes;
    if (pthread_attr_getstack(&attributes, &lowest, &bytes) == 0) {
      limit = (const char *)lowest + (bytes / 4 < margin ? bytes / 4 : margin);
    }
    pthread_attr_destroy(&attributes);
  }
#endif
  return limit;
}

/* ---- Memory ------------------------------------------------------------------------------- */

void *tess_allocate(size_t bytes) {
  const size_t huge = (size_t)2 << 20;
  void *memory = NULL;
  if (bytes == 0) bytes = 1;
#ifdef MADV_HUGEPAGE
  /* A huge page of which half is wanted comes sooner than the small ones. */
  const size_t rest = bytes % huge;
  if (rest >= huge / 2 && bytes <= SIZE_MAX - huge) bytes += huge - rest;
#endif
  if (posix_memalign(&memory, bytes >= huge ? huge : 64, bytes) != 0) return NULL;
#ifdef MADV_HUGEPAGE
  if (bytes >= huge) madvise(memory, bytes, MADV_HUGEPAGE);
#endif
  return memory;
}

void tess_release(void *memory) { free(memory); }
