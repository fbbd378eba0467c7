/* SPDX-License-Identifier: Apache-2.0
 *
 * tessera.h: what compiled Tessera code and its callers share.
 *
 * A caller fills the argument struct of a function, passes memory that it owns, and reads a status:
 *
 *     tess_error error = {0};
 *     if (NAME(&arguments, workspace, workspace_bytes, &error) != TESS_OK)
 *       fprintf(stderr, "%s\n", error.message);
 *
 * Valid as C11 and as C++17.  Needs libc and pthreads, nothing else.
 */
#ifndef TESSERA_H
#define TESSERA_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this interface; functions compiled for another one refuse to run. */
#define TESS_ABI_VERSION 1

/* ---- Tensors: the memory layout of DLPack's DLTensor -------------------------------------- */

/* The kinds of element, numbered as in DLPack. */
enum tess_dtype_code {
  TESS_INT = 0,
  TESS_UINT = 1,
  TESS_FLOAT = 2,
  TESS_BFLOAT = 4,
  TESS_COMPLEX = 5,
  TESS_BOOL = 6
};

/* An element type: f32 is { TESS_FLOAT, 32, 1 }, bool is { TESS_BOOL, 8, 1 }. */
typedef struct tess_dtype {
  uint8_t code;
  uint8_t bits;
  uint16_t lanes;
} tess_dtype;

/* Where memory lives; type 1 is the CPU, the only one that is accepted. */
typedef struct tess_device {
  int32_t type;
  int32_t id;
} tess_device;

#define TESS_CPU 1

/* A view of memory that the caller owns. */
typedef struct tess_tensor {
  void *data;
  tess_device device;
  int32_t ndim;
  tess_dtype dtype;
  int64_t *shape;
  int64_t *strides; /* in elements; NULL means row-major without gaps */
  uint64_t byte_offset;
} tess_tensor;

/* ---- Errors ------------------------------------------------------------------------------- */

/* What a call returns.  Numbers never change their meaning. */
typedef enum tess_status {
  TESS_OK = 0,
  /* The arguments are wrong; nothing was computed. */
  TESS_NULL_POINTER = 1,
  TESS_WRONG_RANK = 2,
  TESS_WRONG_DTYPE = 3,
  TESS_WRONG_SHAPE = 4,
  TESS_WRONG_STRIDE = 5,
  TESS_WRONG_DEVICE = 6,
  TESS_OVERLAP = 7,
  TESS_MISALIGNED = 8,
  TESS_TOO_LARGE = 9,
  TESS_FACT_FAILED = 10,
  TESS_WORKSPACE_TOO_SMALL = 11,
  TESS_WRONG_VERSION = 12,
  /* The program failed while it ran; results are initialised but mean nothing. */
  TESS_ASSERTION_FAILED = 32,
  TESS_DIVISION_BY_ZERO = 33,
  TESS_OUT_OF_BOUNDS = 34,
  TESS_OVERFLOW = 35,
  TESS_EMPTY_REDUCTION = 36,
  TESS_RECURSION_TOO_DEEP = 37,
  TESS_OUT_OF_MEMORY = 38,
  TESS_INTERRUPTED = 39
} tess_status;

/* The words for a status: "wrong shape".  Never NULL. */
const char *tess_status_text(int32_t status);

enum { TESS_FILE_CAPACITY = 200, TESS_MESSAGE_CAPACITY = 512 };

/* What went wrong in a call, and where in the source; all zero before the call.
 *
 * Of several errors the first in program order stays, whatever the threads: `instance` is the
 * index of the program of a grid that failed, or 0. */
typedef struct tess_error {
  int32_t status; /* a tess_status */
  int32_t line;   /* counted from 1; 0 where no source line is to blame */
  int32_t column; /* counted from 1 */
  int32_t reserved;
  int64_t instance;
  char file[TESS_FILE_CAPACITY];       /* ends in NUL */
  char message[TESS_MESSAGE_CAPACITY]; /* ends in NUL */
} tess_error;

/* Records an error unless one of an earlier or the same instance stands already; returns `status`.
 * `error` may be NULL; `file` may be NULL.  `message` is plain text. */
int32_t tess_fail(tess_error *error, int32_t status, int64_t instance, const char *file,
                  int32_t line, int32_t column, const char *message);

/* 1 if an error stands that comes before `instance` in program order, so that it need not run. */
int32_t tess_failed_before(const tess_error *error, int64_t instance);

/* ---- Entry checks: called by the compiled wrappers, each returns a status ----------------- */

/* Checks that argument `index`, called `name`, is a dense row-major CPU tensor of this element type
 * and rank, not NULL unless empty, aligned to its element, with sizes >= 0 and below 2^47 bytes.
 * Strides of dimensions of length 0 or 1 do not matter. */
int32_t tess_check_tensor(const tess_tensor *tensor, int32_t index, const char *name, uint8_t code,
                          uint8_t bits, int32_t rank, tess_error *error);

/* The same for a tensor whose rows may lie anywhere: only the elements of the last dimension lie one
 * behind the other.  A call with such tensors works on copies without gaps, results copied back. */
int32_t tess_check_rows(const tess_tensor *tensor, int32_t index, const char *name, uint8_t code,
                        uint8_t bits, int32_t rank, tess_error *error);

/* Checks that no two elements of a tensor that is written share memory. */
int32_t tess_check_distinct(const tess_tensor *written, const char *name, tess_error *error);

/* Checks that dimension `axis` of the tensor has length `expected`.  `declared` is the type as the
 * program writes it, "f32[N, 2*N]"; the message shows it beside the actual one. */
int32_t tess_check_dimension(const tess_tensor *tensor, const char *name, int32_t axis,
                             int64_t expected, const char *declared, tess_error *error);

/* Checks a fact of the signature ("H % 8 == 0"); `names` and `values` are the dimensions in it. */
int32_t tess_check_fact(int32_t holds, const char *fact, const char *const *names,
                        const int64_t *values, int32_t count, tess_error *error);

/* Checks that a tensor that is written shares no byte with another argument; where rows lie apart,
 * what lies between them counts as well. */
int32_t tess_check_disjoint(const tess_tensor *written, const char *written_name,
                            const tess_tensor *other, const char *other_name, tess_error *error);

/* Checks that the workspace is large enough and aligned to 64 bytes. */
int32_t tess_check_workspace(const void *workspace, size_t bytes, size_t needed, tess_error *error);

/* The same for memory that holds packed constant parameters. */
int32_t tess_check_packed(const void *packed, size_t bytes, size_t needed, tess_error *error);

/* ---- Threads ------------------------------------------------------------------------------ */

/* The number of threads that calls use: what was set, else TESSERA_THREADS, else the CPUs that this
 * process may use. */
int32_t tess_threads(void);

/* Sets the number of threads for later calls; 0 returns to the default. */
void tess_set_threads(int32_t threads);

/* Runs `body` over ranges that together are 0..count exactly once.
 *
 * A thread gets its ranges in ascending order, and no range is handed out before all earlier ones
 * were, so a program may wait for an earlier one.  `threads` limits the threads, 0 means
 * tess_threads().  A call from within a body, or while another host thread uses the pool, runs on
 * the calling thread alone.  Remaining ranges are skipped after an interrupt. */
void tess_parallel_for(int64_t count, int32_t threads,
                       void (*body)(void *context, int64_t begin, int64_t end), void *context);

/* Not 0 when compiled loops should stop; they poll it and fail with TESS_INTERRUPTED. */
extern volatile int32_t tess_interrupt;

/* Sets or clears the flag; safe in a signal handler. */
void tess_set_interrupt(int32_t interrupt);

/* The flag, for hosts that cannot read a volatile variable. */
int32_t tess_is_interrupted(void);

/* The lowest address that the stack of this thread may reach; recursion checks it and fails with
 * TESS_RECURSION_TOO_DEEP. */
const char *tess_stack_limit(void);

/* ---- Memory ------------------------------------------------------------------------------- */

/* Memory aligned to 64 bytes, in huge pages where it is large; NULL if there is none. */
void *tess_allocate(size_t bytes);

/* Gives memory of tess_allocate back; NULL is fine. */
void tess_release(void *memory);

/* ---- Printing ----------------------------------------------------------------------------- */

/* A statement `print` writes pieces and ends the line; within a grid whole lines appear in the order
 * of program instances when the grid is done. */
void tess_print_text(const char *text, int64_t length);
void tess_print_bool(int32_t value);
void tess_print_i64(int64_t value);
void tess_print_u64(uint64_t value);
void tess_print_f16(uint16_t bits);
void tess_print_bf16(uint16_t bits);
void tess_print_f32(float value);
void tess_print_f64(double value);
void tess_print_tensor(const tess_tensor *tensor);
void tess_print_end(int64_t instance);

/* Writes one element with the fewest digits that read back as itself; returns the length without the
 * NUL.  48 bytes hold any. */
enum { TESS_ELEMENT_CAPACITY = 48 };
int32_t tess_format_element(tess_dtype dtype, const void *element, char *text);

/* Writes a tensor in nested brackets, columns aligned, the middle of long ones elided.  Returns text
 * that the caller gives back with tess_release, or NULL if there is no memory. */
char *tess_format_tensor(const tess_tensor *tensor);

/* Sends what is printed to `sink` instead of the standard output; NULL returns to that. */
void tess_set_print(void (*sink)(void *context, const char *text, int64_t length), void *context);

/* ---- Memory of weights -------------------------------------------------------------------- */

/* While NAME_prepare runs on this thread, tells `tell` of each tensor that neither it nor calls that
 * are given what it prepares read any more: its memory may be given back, as by madvise with
 * MADV_DONTNEED where it is mapped from a file.  NULL tells nobody, and where rows of a tensor lie
 * apart nobody is told.  A call without prepared memory prepares too, so set it for NAME_prepare
 * alone. */
void tess_set_released(void (*tell)(void *context, const void *data, size_t bytes), void *context);

/* ---- What a compiled function says of itself ---------------------------------------------- */

/* Returned by NAME_info(). */
typedef struct tess_info {
  uint32_t abi_version;
  uint32_t argument_count;
  const char *name;
  const char *signature; /* as the program writes it */
  const char *target;    /* triple and level */
  const char *manifest;  /* JSON */
} tess_info;

#ifdef __cplusplus
}
#endif
#endif
