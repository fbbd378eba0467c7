/* SPDX-License-Identifier: Apache-2.0
 *
 * The pool of threads that parallel loops run on, and how many of them there are.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "runtime.h"

/* ---- Interrupts --------------------------------------------------------------------------- */

volatile int32_t tess_interrupt = 0;

void tess_set_interrupt(int32_t interrupt) { tess_interrupt = interrupt; }

int32_t tess_is_interrupted(void) { return tess_interrupt; }

/* ---- Their number ------------------------------------------------------------------------- */

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

/* ---- The pool ----------------------------------------------------------------------------- */

/* What `places` counts: workers that have joined the loop and not yet left, whether its caller sleeps
 * until they have, and workers that may still join. */
static const uint64_t WORKER = 1, CALLER_SLEEPS = (uint64_t)1 << 31, SEAT = (uint64_t)1 << 32;

enum { LINE = 64 }; /* Those who wait look at one cache line, which nobody else writes meanwhile. */

/* One loop at a time is spread over the pool.  A worker trades a seat for its place in one step, and
 * no lock is taken unless somebody sleeps: so a loop of microseconds is worth a second thread, and
 * none touches the job after the caller has taken the seats away and seen all workers leave. */
static struct {
  _Alignas(LINE) uint64_t places;
  _Alignas(LINE) void (*body)(void *, int64_t, int64_t);
  void *context;
  int64_t count;
  int64_t parts; /* what is left is cut into so many ranges, of which the first is handed out */
  int64_t next;  /* the first index that is not handed out */
  _Alignas(LINE) pthread_mutex_t submit; /* held by the host thread whose loop runs */
  int32_t workers;
  int32_t asleep; /* workers that wait for `work`; changed under `lock` */
  pthread_mutex_t lock;
  pthread_cond_t work;
  pthread_cond_t done;
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

/* How often a thread looks before it goes to sleep, a hundred microseconds in all: waking it takes
 * tens of them, and one loop often follows the other. */
enum { LOOKS = 4096 };

static void pause_briefly(void) {
#if defined __x86_64__
  __builtin_ia32_pause();
#elif defined __aarch64__
  __asm__ volatile("yield");
#endif
}

static int has_seat(uint64_t places) { return places >= SEAT; }
static int has_workers(uint64_t places) { return places % CALLER_SLEEPS >= WORKER; }

/* The places once they are as `is` says they should be, or as they are after a while. */
static uint64_t look_for(int (*is)(uint64_t), int wanted) {
  uint64_t places = __atomic_load_n(&pool.places, __ATOMIC_ACQUIRE);
  for (int look = 0; look < LOOKS && is(places) != wanted; look++) {
    pause_briefly();
    places = __atomic_load_n(&pool.places, __ATOMIC_ACQUIRE);
  }
  return places;
}

/* Sleeps until there is a seat.  Either the one who offers it sees who sleeps, or they see it. */
static uint64_t sleep_until_seat(void) {
  uint64_t places;
  pthread_mutex_lock(&pool.lock);
  __atomic_fetch_add(&pool.asleep, 1, __ATOMIC_SEQ_CST);
  while (!has_seat(places = __atomic_load_n(&pool.places, __ATOMIC_SEQ_CST))) {
    pthread_cond_wait(&pool.work, &pool.lock);
  }
  __atomic_fetch_sub(&pool.asleep, 1, __ATOMIC_RELAXED);
  pthread_mutex_unlock(&pool.lock);
  return places;
}

static void leave_loop(void) {
  uint64_t before = __atomic_fetch_sub(&pool.places, WORKER, __ATOMIC_ACQ_REL);
  if (before != (CALLER_SLEEPS | WORKER)) return;
  pthread_mutex_lock(&pool.lock);
  pthread_cond_signal(&pool.done);
  pthread_mutex_unlock(&pool.lock);
}

static void *worker(void *unused) {
  (void)unused;
  for (;;) {
    uint64_t places = look_for(has_seat, 1);
    if (!has_seat(places)) places = sleep_until_seat();
    if (__atomic_compare_exchange_n(&pool.places, &places, places - SEAT + WORKER, 0,
                                    __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
      take_ranges();
      leave_loop();
    }
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

static void offer_seats(int32_t seats) {
  __atomic_store_n(&pool.places, (uint64_t)seats * SEAT, __ATOMIC_SEQ_CST);
  if (__atomic_load_n(&pool.asleep, __ATOMIC_SEQ_CST) == 0) return;
  pthread_mutex_lock(&pool.lock);
  pthread_cond_broadcast(&pool.work);
  pthread_mutex_unlock(&pool.lock);
}

/* Takes the seats away that are left, and waits for those who had one. */
static void wait_for_workers(void) {
  __atomic_fetch_and(&pool.places, SEAT - 1, __ATOMIC_ACQ_REL);
  if (!has_workers(look_for(has_workers, 0))) return;
  pthread_mutex_lock(&pool.lock);
  __atomic_fetch_or(&pool.places, CALLER_SLEEPS, __ATOMIC_ACQ_REL);
  while (has_workers(__atomic_load_n(&pool.places, __ATOMIC_ACQUIRE))) {
    pthread_cond_wait(&pool.done, &pool.lock);
  }
  pthread_mutex_unlock(&pool.lock);
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
  if (pool.workers < threads - 1) start_workers(threads - 1);
  pool.body = body;
  pool.context = context;
  pool.count = count;
  pool.parts = 2 * (int64_t)threads;
  __atomic_store_n(&pool.next, 0, __ATOMIC_RELAXED);
  offer_seats(threads - 1);
  take_ranges();
  wait_for_workers();
  tess_print_flush();
  pthread_mutex_unlock(&pool.submit);
}
