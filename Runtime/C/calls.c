/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls of exports: what is checked before, and copies without gaps of tensors whose rows lie apart.
 */
#include <string.h>

#include "include/tessera_compiled.h"
#include "runtime.h"

static size_t element_bytes(const tess_tensor *tensor) {
  return ((size_t)tensor->dtype.bits + 7) / 8;
}

static size_t rounded(size_t bytes) { return (bytes + 63) / 64 * 64; }

/* The bytes of the elements alone; the entry checks have bounded them. */
static size_t dense_bytes(const tess_tensor *tensor) {
  size_t bytes = element_bytes(tensor);
  for (int32_t i = 0; i < tensor->ndim; i++) bytes *= (size_t)tensor->shape[i];
  return bytes;
}

/* 1 if there are gaps between rows, or rows lie in another order. */
static int is_strided(const tess_tensor *tensor) {
  if (!tensor->strides) return 0;
  int64_t dense = 1;
  for (int32_t i = tensor->ndim - 1; i >= 0; i--) {
    if (tensor->shape[i] == 0) return 0;
  }
  for (int32_t i = tensor->ndim - 1; i >= 0; i--) {
    if (tensor->shape[i] > 1 && tensor->strides[i] != dense) return 1;
    dense *= tensor->shape[i];
  }
  return 0;
}

/* Copies the rows of dimension `axis` and those inside to or from `dense`; returns what follows. */
static char *copy_rows(const tess_tensor *tensor, int32_t axis, char *strided, char *dense,
                       int is_back) {
  size_t element = element_bytes(tensor);
  if (axis == tensor->ndim - 1) {
    size_t bytes = element * (size_t)tensor->shape[axis];
    memcpy(is_back ? strided : dense, is_back ? dense : strided, bytes);
    return dense + bytes;
  }
  for (int64_t i = 0; i < tensor->shape[axis]; i++) {
    char *row = strided + i * tensor->strides[axis] * (int64_t)element;
    dense = copy_rows(tensor, axis + 1, row, dense, is_back);
  }
  return dense;
}

/* Stands before the copies. */
typedef struct copies {
  const void *arguments; /* the caller's */
  tess_listener listener;
} copies;

/* Says where the elements of each tensor begin; 1 if some tensor has strides. */
static int find_elements(tess_call *call) {
  const tess_tensor_check *expected = call->expected->tensors;
  int has_strides = 0;
  for (int32_t i = 0; i < call->expected->tensor_count; i++) {
    const tess_tensor *tensor = tess_tensor_at(call->arguments, expected[i].offset);
    call->elements[i] = (char *)tensor->data + tensor->byte_offset;
    has_strides |= tensor->strides != NULL;
  }
  return has_strides;
}

/* Makes copies of what lies apart, if anything does, and of the arguments. */
static int32_t copy_apart(tess_call *call) {
  const tess_expectation *expected = call->expected;
  const tess_tensor_check *end = expected->tensors + expected->tensor_count;
  size_t header = rounded(sizeof(copies)) + rounded((size_t)expected->argument_bytes);
  size_t bytes = header;
  for (const tess_tensor_check *it = expected->tensors; it < end; it++) {
    const tess_tensor *tensor = tess_tensor_at(call->arguments, it->offset);
    if (is_strided(tensor)) bytes += rounded(dense_bytes(tensor));
  }
  if (bytes == header) return TESS_OK;
  char *memory = tess_allocate(bytes);
  if (!memory) {
    return tess_fail(call->run.error, TESS_OUT_OF_MEMORY, -1, NULL, 0, 0,
                     "no memory for copies of tensors whose rows lie apart");
  }
  char *arguments = memory + rounded(sizeof(copies)), *next = memory + header;
  memcpy(arguments, call->arguments, (size_t)expected->argument_bytes);
  for (const tess_tensor_check *it = expected->tensors; it < end; it++) {
    const tess_tensor *tensor = tess_tensor_at(call->arguments, it->offset);
    if (!is_strided(tensor)) continue;
    /* Results too: a program need not write every element. */
    copy_rows(tensor, 0, (char *)tensor->data + tensor->byte_offset, next, 0);
    tess_tensor *copy = (tess_tensor *)(arguments + it->offset);
    copy->data = next;
    copy->byte_offset = 0;
    copy->strides = NULL;
    next += rounded(dense_bytes(tensor));
  }
  *(copies *)memory = (copies){call->arguments, tess_released};
  /* The host does not know the copies. */
  tess_released.tell = NULL;
  call->arguments = arguments;
  call->copies = memory;
  find_elements(call);
  return TESS_OK;
}

/* Copies back what was written, if the call went well. */
static void end_copies(tess_call *call, int32_t status) {
  const tess_expectation *expected = call->expected;
  const copies *copied = (const copies *)call->copies;
  tess_released = copied->listener;
  for (int32_t i = 0; i < expected->tensor_count && status == TESS_OK; i++) {
    const tess_tensor_check *check = &expected->tensors[i];
    const tess_tensor *tensor = tess_tensor_at(copied->arguments, check->offset);
    if (!check->is_written || !is_strided(tensor)) continue;
    copy_rows(tensor, 0, (char *)tensor->data + tensor->byte_offset, call->elements[i], 1);
  }
  tess_release(call->copies);
}

/* Checks the memory that the caller gives. */
static int32_t check_given(const tess_call *call, const void *workspace, size_t bytes) {
  const tess_expectation *expected = call->expected;
  const void *packed = NULL;
  size_t packed_bytes = 0;
  if (expected->packed_offset >= 0) {
    const char *place = (const char *)call->arguments + expected->packed_offset;
    memcpy(&packed, place, sizeof packed);
    memcpy(&packed_bytes, place + sizeof packed, sizeof packed_bytes);
  }
  if (workspace) {
    int64_t needed = packed ? expected->prepared_bytes : expected->workspace_bytes;
    int32_t status = tess_check_workspace(workspace, bytes, (size_t)needed, call->run.error);
    if (status != TESS_OK) return status;
  }
  if (!packed) return TESS_OK;
  return tess_check_packed(packed, packed_bytes, (size_t)expected->packed_bytes, call->run.error);
}

int32_t tess_call_begin(tess_call *call, const tess_expectation *expected, const void *arguments,
                        tess_error *error) {
  if (!error) error = &call->error;
  error->status = TESS_OK;
  tess_run_begin(&call->run, error, NULL, 0);
  call->expected = expected;
  call->arguments = arguments;
  call->copies = NULL;
  if (!arguments) {
    return tess_fail(error, TESS_NULL_POINTER, -1, NULL, 0, 0, "the arguments are null");
  }
  return tess_check_tensors(arguments, expected->tensors, expected->tensor_count, error);
}

int32_t tess_call_check(tess_call *call, const int64_t *lengths, void *workspace, size_t bytes) {
  const tess_expectation *expected = call->expected;
  tess_error *error = call->run.error;
  int32_t status =
      tess_check_axes(call->arguments, expected->axes, expected->axis_count, lengths, error);
  if (status != TESS_OK) return status;
  status = tess_check_overlaps(call->arguments, expected->tensors, expected->tensor_count, error);
  if (status != TESS_OK) return status;
  if (find_elements(call)) status = copy_apart(call);
  if (status != TESS_OK) return status;
  if (workspace) tess_run_give(&call->run, workspace, (int64_t)bytes);
  return check_given(call, workspace, bytes);
}

int32_t tess_call_end(tess_call *call, int32_t status) {
  if (call->run.chunks || call->run.spare) tess_run_end(&call->run);
  if (call->copies) end_copies(call, status);
  return status;
}
