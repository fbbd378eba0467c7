/* SPDX-License-Identifier: Apache-2.0
 *
 * guard_pages.h: memory against pages that cannot be touched, and calls that survive touching one.
 */
#ifndef GUARD_PAGES_H
#define GUARD_PAGES_H

#include "tessera_compiled.h"

/* Where memory lies in its pages: each placement shows what goes over one of its borders. */
typedef enum guard_placement { GUARD_END, GUARD_START } guard_placement;

/* Memory of exactly so many bytes that ends where a page ends, or begins where one begins, with
 * pages beyond that cannot be touched; NULL if there is none. */
void *guard_allocate(size_t bytes, guard_placement placement);

/* Gives memory of guard_allocate back; NULL is fine. */
void guard_release(void *memory, size_t bytes);

/* What a call touched that it must not. */
typedef struct guard_fault {
  const void *address;
  int is_write; /* 0 for a read, and where the machine does not say */
} guard_fault;

/* Calls `entry`; 1 if it touched a page that it must not, which ends the call, else 0 with what it
 * returned in `status`.  A thread of a pool that does so ends the process, which then writes
 * `name`.  What runs on this thread takes is placed as `placement` says. */
int guard_call(tess_entry *entry, const void *arguments, void *workspace, size_t bytes,
               tess_error *error, const char *name, guard_placement placement, int32_t *status,
               guard_fault *fault);

/* What stands in the place of the runtime's functions of the same names, so that all that a program
 * takes while it runs is guarded; ends with a NULL name. */
const tess_symbol *guard_symbols(void);

#endif
