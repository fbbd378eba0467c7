/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "guard_pages.h"

#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* What cannot be touched on either side: more than a wrong index goes astray. */
enum { MARGIN = 1 << 20 };

/* ---- Memory ------------------------------------------------------------------------------- */

static size_t whole_pages(size_t bytes) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  return (bytes + page - 1) / page * page;
}

void *guard_allocate(size_t bytes, guard_placement placement) {
  size_t inner = whole_pages(bytes);
  char *outer = mmap(NULL, inner + 2 * MARGIN, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (outer == MAP_FAILED) return NULL;
  if (inner && mprotect(outer + MARGIN, inner, PROT_READ | PROT_WRITE) != 0) return NULL;
  return outer + MARGIN + (placement == GUARD_END ? inner - bytes : 0);
}

void guard_release(void *memory, size_t bytes) {
  if (!memory) return;
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  char *inner = (char *)((uintptr_t)memory / page * page);
  munmap(inner - MARGIN, whole_pages(bytes) + 2 * MARGIN);
}

/* ---- Calls -------------------------------------------------------------------------------- */

static _Thread_local sigjmp_buf landing;
static _Thread_local guard_fault *expected;
static _Thread_local guard_placement run_placement;
static struct sigaction previous[2];
static const char *volatile running;

static void on_fault(int number, siginfo_t *info, void *context) {
  if (expected) {
    expected->address = info->si_addr;
#ifdef __x86_64__
    expected->is_write = (((ucontext_t *)context)->uc_mcontext.gregs[REG_ERR] & 2) != 0;
#endif
    siglongjmp(landing, 1);
  }
  if (running) {
    static const char words[] = ": a thread touched memory that is not its own\n";
    ssize_t ignored = write(2, running, strlen(running)) + write(2, words, sizeof words - 1);
    (void)ignored;
  }
  /* The instruction runs again, and whoever was in charge before sees the fault. */
  sigaction(number, &previous[number == SIGBUS], NULL);
  (void)context;
}

static void catch_faults(int number) {
  struct sigaction action, old;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigaction(number, &action, &old);
  if (old.sa_sigaction != on_fault) previous[number == SIGBUS] = old;
}

int guard_call(tess_entry *entry, const void *arguments, void *workspace, size_t bytes,
               tess_error *error, const char *name, guard_placement placement, int32_t *status,
               guard_fault *fault) {
  catch_faults(SIGSEGV);
  catch_faults(SIGBUS);
  fault->address = NULL;
  fault->is_write = 0;
  if (sigsetjmp(landing, 1)) {
    expected = NULL;
    return 1;
  }
  expected = fault;
  running = name;
  run_placement = placement;
  *status = entry(arguments, workspace, bytes, error);
  running = NULL;
  expected = NULL;
  return 0;
}

/* ---- The memory of a run ------------------------------------------------------------------ */

/* Here a chunk is one piece of memory. */
struct tess_chunk {
  struct tess_chunk *below;
  void *memory;
  size_t bytes;
};

static void *run_allocate(tess_run *run, int64_t bytes) {
  if (bytes < 0 || bytes >= (int64_t)1 << 47) return NULL;
  struct tess_chunk *chunk = malloc(sizeof *chunk);
  void *memory = chunk ? guard_allocate((size_t)bytes, run_placement) : NULL;
  if (!memory) {
    free(chunk);
    return NULL;
  }
  *chunk = (struct tess_chunk){run->chunks, memory, (size_t)bytes};
  run->chunks = chunk;
  return memory;
}

static void run_release(tess_run *run, struct tess_chunk *chunks, char *next) {
  (void)next;
  while (run->chunks != chunks) {
    struct tess_chunk *top = run->chunks;
    run->chunks = top->below;
    guard_release(top->memory, top->bytes);
    free(top);
  }
}

static void run_end(tess_run *run) { run_release(run, NULL, NULL); }

static int32_t call_end(tess_call *call, int32_t status) {
  run_end(&call->run);
  return tess_call_end(call, status);
}

const tess_symbol *guard_symbols(void) {
  static const tess_symbol all[] = {
      {"tess_run_allocate", (const void *)(uintptr_t)&run_allocate},
      {"tess_run_release", (const void *)(uintptr_t)&run_release},
      {"tess_run_end", (const void *)(uintptr_t)&run_end},
      {"tess_call_end", (const void *)(uintptr_t)&call_end},
      {NULL, NULL},
  };
  return all;
}
