/* SPDX-License-Identifier: Apache-2.0
 *
 * What runs beside compiled code: errors, threads, memory.  Entry checks are in checks.c,
     text in print.c.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

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

/* ---- Threads ------------------------------------------------------------------------------ */

volatile int32_t tess_interrupt = 0;

void tess_set_interrupt(int32_t interrupt) { tess_interrupt = interrupt; }

int32_t tess_is_interrupted(void) { return tess_interrupt; }

enum { MOST_THREADS = 1024 };

static int32_t default_threads(void) {
  const char *wish = getenv("TESSERA_THREADS");
  if (wish) {
    char *end;
    long threads = strtol(wish, &end, 10);
    if (end != wish && *end == 0 && threads >= 1) {
      return threads < MOST_THREADS ? (int32_t)threads : MOST_THREADS;
    }
  }
#ifdef CPU_COUNT
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) return CPU_COUNT(&allowed);
#endif
  long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online < 1 ? 1 : online < MOST_THREADS ? (int32_t)online : MOST_THREADS;
}

static int32_t chosen_threads; /* 0 until it is known */

int32_t tess_threads(void) {
  int32_t threads = __atomic_load_n(&chosen_threads, __ATOMIC_RELAXED);
  if (threads == 0) {
    threads = default_threads();
    __atomic_store_n(&chosen_threads, threads, __ATOMIC_RELAXED);
  }
  return threads;
}

void tess_set_threads(int32_t threads) {
  if (threads < 0) threads = 0;
  if (threads > MOST_THREADS) threads = MOST_THREADS;
  __atomic_store_n(&chosen_threads, threads, __ATOMIC_RELAXED);
}

/* One loop at a time is spread over the pool.  Workers take a seat under the lock, so that none
 * touches the job after the caller has seen every seat given back. */
static struct {
  pthread_mutex_t submit; /* held by the host thread whose loop runs */
  pthread_mutex_t lock;   /* guards what follows, but for `next` */
  pthread_cond_t work;
  pthread_cond_t done;
  int32_t workers;
  int32_t seats;  /* workers that may still join */
  int32_t active; /* workers that have joined and not yet left */
  void (*body)(void *, int64_t, int64_t);
  void *context;
  int64_t count;
  int64_t parts; /* what is left is cut into so many ranges, of which the first is handed out */
  int64_t next;  /* the first index that is not handed out; atomic */
} pool = {.submit = PTHREAD_MUTEX_INITIALIZER,
          .lock = PTHREAD_MUTEX_INITIALIZER,
          .work = PTHREAD_COND_INITIALIZER,
          .done = PTHREAD_COND_INITIALIZER};

static _Thread_local int in_loop;

int tess_is_in_loop(void) { return in_loop; }

/* Guided self-scheduling (Polychronopoulos and Kuck, 1987): ranges grow shorter as less is left, so
 * that few are handed out and all threads end at nearly the same time. */
static void take_ranges(void) {
  in_loop = 1;
  int64_t begin = __atomic_load_n(&pool.next, __ATOMIC_RELAXED);
  while (!tess_interrupt && begin < pool.count) {
    int64_t length = (pool.count - begin) / pool.parts;
    int64_t end = begin + (length > 1 ? length : 1);
    if (__atomic_compare_exchange_n(&pool.next, &begin, end, 0, __ATOMIC_RELAXED,
                                    __ATOMIC_RELAXED)) {
      pool.body(pool.context, begin, end);
      begin = __atomic_load_n(&pool.next, __ATOMIC_RELAXED);
    }
  }
  in_loop = 0;
}

/* How often a thread looks before it goes to sleep, some tens of microseconds in all: waking it
 * takes as long, and one loop often follows the other. */
enum { LOOKS = 4096 };

static void pause_briefly(void) {
#if defined __x86_64__
  __builtin_ia32_pause();
#elif defined __aarch64__
  __asm__ volatile("yield");
#endif
}

/* Waits a while for `number`, which others write under the lock, to be 0 or not to be. */
static void look_for(const int32_t *number, int zero) {
  for (int look = 0; look < LOOKS; look++) {
    if ((__atomic_load_n(number, __ATOMIC_RELAXED) == 0) == zero) return;
    pause_briefly();
  }
}

static void set(int32_t *number, int32_t value) {
  __atomic_store_n(number, value, __ATOMIC_RELAXED);
}

static void *worker(void *unused) {
  (void)unused;
  for (;;) {
    look_for(&pool.seats, 0);
    pthread_mutex_lock(&pool.lock);
    while (pool.seats == 0) pthread_cond_wait(&pool.work, &pool.lock);
    set(&pool.seats, pool.seats - 1);
    set(&pool.active, pool.active + 1);
    pthread_mutex_unlock(&pool.lock);
    take_ranges();
    pthread_mutex_lock(&pool.lock);
    set(&pool.active, pool.active - 1);
    if (pool.active == 0) pthread_cond_signal(&pool.done);
    pthread_mutex_unlock(&pool.lock);
  }
  return NULL;
}

/* Starts workers up to `wanted`, or as many as the system gives.  Signals stay with the host. */
static void start_workers(int32_t wanted) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  while (pool.workers < wanted) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, worker, NULL) != 0) break;
    pthread_detach(thread);
    pool.workers++;
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void tess_parallel_for(int64_t count, int32_t threads,
                       void (*body)(void *context, int64_t begin, int64_t end), void *context) {
  if (count <= 0) return;
  if (threads <= 0) threads = tess_threads();
  if (threads > count) threads = (int32_t)count;
  if (threads <= 1 || in_loop || pthread_mutex_trylock(&pool.submit) != 0) {
    body(context, 0, count);
    return;
  }
  pthread_mutex_lock(&pool.lock);
  if (pool.workers < threads - 1) start_workers(threads - 1);
  pool.body = body;
  pool.context = context;
  pool.count = count;
  pool.parts = 2 * (int64_t)threads;
  __atomic_store_n(&pool.next, 0, __ATOMIC_RELAXED);
  set(&pool.seats, threads - 1);
  pthread_cond_broadcast(&pool.work);
  pthread_mutex_unlock(&pool.lock);

  take_ranges();

  pthread_mutex_lock(&pool.lock);
  set(&pool.seats, 0);
  pthread_mutex_unlock(&pool.lock);
  look_for(&pool.active, 1);
  pthread_mutex_lock(&pool.lock);
  while (pool.active > 0) pthread_cond_wait(&pool.done, &pool.lock);
  pthread_mutex_unlock(&pool.lock);
  tess_print_flush();
  pthread_mutex_unlock(&pool.submit);
}

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
  if (posix_memalign(&memory, bytes >= huge ? huge : 64, bytes) != 0) return NULL;
#ifdef MADV_HUGEPAGE
  if (bytes >= huge) madvise(memory, bytes, MADV_HUGEPAGE);
#endif
  return memory;
}

void tess_release(void *memory) { free(memory); }
