/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls with tensors whose rows lie apart, by way of copies without gaps.
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

static const tess_tensor *tensor_at(const void *arguments, int32_t offset) {
  return (const tess_tensor *)((const char *)arguments + offset);
}

int32_t tess_has_strides(const void *arguments, const int32_t *offsets, int32_t count) {
  for (int32_t i = 0; i < count; i++) {
    const tess_tensor *tensor = tensor_at(arguments, offsets[i]);
    if (tensor->strides && is_strided(tensor)) return 1;
  }
  return 0;
}

int32_t tess_call_dense(tess_entry *entry, const void *arguments, int64_t argument_bytes,
                        const int32_t *offsets, const uint8_t *written, int32_t count,
                        void *workspace, size_t workspace_bytes, tess_error *error) {
  size_t bytes = rounded((size_t)argument_bytes);
  for (int32_t i = 0; i < count; i++) {
    const tess_tensor *tensor = tensor_at(arguments, offsets[i]);
    if (is_strided(tensor)) bytes += rounded(dense_bytes(tensor));
  }
  char *memory = tess_allocate(bytes);
  if (!memory) {
    return tess_fail(error, TESS_OUT_OF_MEMORY, -1, NULL, 0, 0,
                     "no memory for copies of tensors whose rows lie apart");
  }
  memcpy(memory, arguments, (size_t)argument_bytes);
  char *next = memory + rounded((size_t)argument_bytes);
  for (int32_t i = 0; i < count; i++) {
    const tess_tensor *tensor = tensor_at(arguments, offsets[i]);
    if (!is_strided(tensor)) continue;
    /* Results too: a program need not write every element. */
    copy_rows(tensor, 0, (char *)tensor->data + tensor->byte_offset, next, 0);
    tess_tensor *copy = (tess_tensor *)(memory + offsets[i]);
    copy->data = next;
    copy->byte_offset = 0;
    copy->strides = NULL;
    next += rounded(dense_bytes(tensor));
  }
  /* The host does not know the copies. */
  tess_listener listener = tess_released;
  tess_released.tell = NULL;
  int32_t status = entry(memory, workspace, workspace_bytes, error);
  tess_released = listener;
  for (int32_t i = 0; i < count && status == TESS_OK; i++) {
    const tess_tensor *tensor = tensor_at(arguments, offsets[i]);
    if (!written[i] || !is_strided(tensor)) continue;
    copy_rows(tensor, 0, (char *)tensor->data + tensor->byte_offset,
              tensor_at(memory, offsets[i])->data, 1);
  }
  tess_release(memory);
  return status;
}
