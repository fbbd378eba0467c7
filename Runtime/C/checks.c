/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks of the arguments of a call, made before anything is computed.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "include/tessera_compiled.h"
#include "runtime.h"

enum { TYPE_CAPACITY = 128 };

/* Larger tensors could overflow an index computation. */
static const uint64_t most_bytes = (uint64_t)1 << 47;

static int32_t refuse(tess_error *error, int32_t status, const char *format, ...) {
  char message[TESS_MESSAGE_CAPACITY];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  return tess_fail(error, status, -1, NULL, 0, 0, message);
}

static const char *dtype_prefix(uint8_t code) {
  switch ((enum tess_dtype_code)code) {
  case TESS_INT: return "i";
  case TESS_UINT: return "u";
  case TESS_FLOAT: return "f";
  case TESS_BFLOAT: return "bf";
  case TESS_COMPLEX: return "complex";
  case TESS_BOOL: return "bool";
  }
  return "opaque";
}

static void format_dtype(uint8_t code, uint8_t bits, char text[16]) {
  if (code == TESS_BOOL) snprintf(text, 16, "bool");
  else snprintf(text, 16, "%s%u", dtype_prefix(code), bits);
}

void tess_format_type(const tess_tensor *tensor, char *text, size_t capacity) {
  char element[16];
  format_dtype(tensor->dtype.code, tensor->dtype.bits, element);
  size_t length = (size_t)snprintf(text, capacity, "%s[", element);
  for (int32_t i = 0; tensor->shape && i < tensor->ndim && length < capacity; i++) {
    length += (size_t)snprintf(text + length, capacity - length, i ? ", %lld" : "%lld",
                               (long long)tensor->shape[i]);
  }
  if (length < capacity) snprintf(text + length, capacity - length, "]");
}

/* The type of a tensor in the memory of `text`; only for messages, since it takes long. */
static const char *type_of(const tess_tensor *tensor, char text[TYPE_CAPACITY]) {
  tess_format_type(tensor, text, TYPE_CAPACITY);
  return text;
}

/* The bytes that a dense tensor takes, or `most_bytes` if that many or more. */
static inline uint64_t byte_count(const tess_tensor *tensor) {
  uint64_t bytes = ((uint64_t)tensor->dtype.bits + 7) / 8;
  int is_too_large = 0;
  for (int32_t i = 0; i < tensor->ndim; i++) {
    if (tensor->shape[i] == 0) return 0;
    is_too_large |= __builtin_mul_overflow(bytes, (uint64_t)tensor->shape[i], &bytes);
  }
  return is_too_large || bytes > most_bytes ? most_bytes : bytes;
}

static int32_t check_strides(const tess_tensor *tensor, int32_t index, const char *name,
                             tess_error *error) {
  int64_t dense = 1;
  for (int32_t i = tensor->ndim - 1; i >= 0; i--) {
    if (tensor->shape[i] > 1 && tensor->strides[i] != dense) {
      char type[128];
      tess_format_type(tensor, type, sizeof type);
      return refuse(error, TESS_WRONG_STRIDE,
                    "argument %d, '%s', is %s with stride %lld in dimension %d; expected "
                    "row-major elements without gaps, stride %lld",
                    index, name, type, (long long)tensor->strides[i], i, (long long)dense);
    }
    dense *= tensor->shape[i];
  }
  return TESS_OK;
}

/* Where the memory of the elements of a tensor with strides begins and ends, in bytes from the first
 * element: 0 and 0 without elements. Returns 0 if that is too far to compute with. */
static int byte_span(const tess_tensor *tensor, int64_t *low, int64_t *high) {
  *low = 0;
  *high = (int64_t)byte_count(tensor);
  if (*high == 0) return 1;
  int64_t bytes = ((int64_t)tensor->dtype.bits + 7) / 8;
  *high = bytes;
  for (int32_t i = 0; i < tensor->ndim; i++) {
    int64_t reach = 0;
    if (__builtin_mul_overflow(tensor->shape[i] - 1, tensor->strides[i], &reach) ||
        __builtin_mul_overflow(reach, bytes, &reach) ||
        reach >= (int64_t)most_bytes || reach <= -(int64_t)most_bytes) {
      return 0;
    }
    if (reach < 0) *low += reach;
    else *high += reach;
  }
  return *high - *low < (int64_t)most_bytes;
}

/* Checks that rows are without gaps and lie anywhere. */
static int32_t check_row_strides(const tess_tensor *tensor, int32_t index, const char *name,
                                 tess_error *error) {
  int32_t last = tensor->ndim - 1;
  int64_t low, high;
  char type[TYPE_CAPACITY];
  if (tensor->ndim > 0 && tensor->shape[last] > 1 && tensor->strides[last] != 1) {
    return refuse(error, TESS_WRONG_STRIDE,
                  "argument %d, '%s', is %s with stride %lld in dimension %d; expected stride 1 in "
                  "the last dimension",
                  index, name, type_of(tensor, type), (long long)tensor->strides[last], last);
  }
  if (!byte_span(tensor, &low, &high)) {
    return refuse(error, TESS_TOO_LARGE, "argument %d, '%s', is %s, whose rows lie 2^47 bytes apart "
                  "or more", index, name, type_of(tensor, type));
  }
  return TESS_OK;
}

static int32_t check_tensor(const tess_tensor *tensor, int32_t index, const char *name,
                            uint8_t code, uint8_t bits, int32_t rank, tess_error *error) {
  char type[TYPE_CAPACITY], expected[16];
  if (!tensor) {
    return refuse(error, TESS_NULL_POINTER, "argument %d, '%s', is a null tensor", index, name);
  }
  if (tensor->device.type != TESS_CPU) {
    return refuse(error, TESS_WRONG_DEVICE,
                  "argument %d, '%s', lives on device type %d; expected %d, the CPU",
                  index, name, tensor->device.type, TESS_CPU);
  }
  if (tensor->ndim != rank) {
    return refuse(error, TESS_WRONG_RANK, "argument %d, '%s', has rank %d; expected rank %d",
                  index, name, tensor->ndim, rank);
  }
  if (rank > 0 && !tensor->shape) {
    return refuse(error, TESS_NULL_POINTER, "argument %d, '%s', has no shape; expected %d sizes",
                  index, name, rank);
  }
  if (tensor->dtype.code != code || tensor->dtype.bits != bits || tensor->dtype.lanes != 1) {
    format_dtype(code, bits, expected);
    return refuse(error, TESS_WRONG_DTYPE,
                  "argument %d, '%s', is %s (%u lanes); expected elements of %s", index,
                  name, type_of(tensor, type), tensor->dtype.lanes, expected);
  }
  for (int32_t i = 0; i < rank; i++) {
    if (tensor->shape[i] < 0) {
      return refuse(error, TESS_WRONG_SHAPE, "argument %d, '%s', is %s; dimension %d is negative",
                    index, name, type_of(tensor, type), i);
    }
    /* Even of nothing: loops run over the other dimensions. */
    if ((uint64_t)tensor->shape[i] >= most_bytes) {
      return refuse(error, TESS_TOO_LARGE, "argument %d, '%s', is %s; dimension %d is 2^47 or more",
                    index, name, type_of(tensor, type), i);
    }
  }
  uint64_t bytes = byte_count(tensor);
  if (bytes >= most_bytes) {
    return refuse(error, TESS_TOO_LARGE, "argument %d, '%s', is %s, 2^47 bytes or more", index,
                  name, type_of(tensor, type));
  }
  if (bytes == 0) return TESS_OK;
  if (!tensor->data) {
    return refuse(error, TESS_NULL_POINTER, "argument %d, '%s', is %s without data", index, name,
                  type_of(tensor, type));
  }
  uint64_t address = (uint64_t)(uintptr_t)tensor->data + tensor->byte_offset;
  uint64_t alignment = (uint64_t)(bits + 7) / 8;
  if (code == TESS_COMPLEX) alignment /= 2;
  if ((address & (alignment - 1)) != 0) {
    return refuse(error, TESS_MISALIGNED,
                  "argument %d, '%s', is %s at an address that is no multiple of %llu",
                  index, name, type_of(tensor, type), (unsigned long long)alignment);
  }
  return TESS_OK;
}

/* 1 if there are elements whose strides matter. */
static int has_layout(const tess_tensor *tensor) {
  return tensor->strides && byte_count(tensor) > 0;
}

int32_t tess_check_tensor(const tess_tensor *tensor, int32_t index, const char *name, uint8_t code,
                          uint8_t bits, int32_t rank, tess_error *error) {
  int32_t status = check_tensor(tensor, index, name, code, bits, rank, error);
  if (status != TESS_OK || !has_layout(tensor)) return status;
  return check_strides(tensor, index, name, error);
}

int32_t tess_check_rows(const tess_tensor *tensor, int32_t index, const char *name, uint8_t code,
                        uint8_t bits, int32_t rank, tess_error *error) {
  int32_t status = check_tensor(tensor, index, name, code, bits, rank, error);
  if (status != TESS_OK || !has_layout(tensor)) return status;
  return check_row_strides(tensor, index, name, error);
}

int32_t tess_check_dimension(const tess_tensor *tensor, const char *name, int32_t axis,
                             int64_t expected, const char *declared, tess_error *error) {
  if (tensor->shape[axis] == expected) return TESS_OK;
  char type[160];
  tess_format_type(tensor, type, sizeof type);
  return refuse(error, TESS_WRONG_SHAPE, "'%s' is %s; expected %s, where dimension %d is %lld",
                name, type, declared, axis, (long long)expected);
}

/* 1 if a tensor has just the elements that it should, one behind the other.  So have nearly all, and to
 * see that takes a fraction of the time that it takes to find out what is wrong. */
static inline int is_plain(const tess_tensor *tensor, const tess_tensor_check *check) {
  if (tensor->ndim != check->rank || !tensor->shape || tensor->strides || !tensor->data) return 0;
  uint64_t element = ((uint64_t)check->bits + 7) / 8, bytes = element;
  int is_odd = tensor->device.type != TESS_CPU || tensor->dtype.code != check->code ||
               tensor->dtype.bits != check->bits || tensor->dtype.lanes != 1;
  for (int32_t i = 0; i < check->rank; i++) {
    uint64_t length = (uint64_t)tensor->shape[i];
    is_odd |= length - 1 >= most_bytes - 1 || __builtin_mul_overflow(bytes, length, &bytes);
  }
  uint64_t address = (uint64_t)(uintptr_t)tensor->data + tensor->byte_offset;
  return !is_odd && bytes < most_bytes && (address & (element - 1)) == 0;
}

int32_t tess_check_tensors(const void *arguments, const tess_tensor_check *checks, int32_t count,
                           tess_error *error) {
  for (const tess_tensor_check *it = checks; it < checks + count; it++) {
    const tess_tensor *tensor = tess_tensor_at(arguments, it->offset);
    if (is_plain(tensor, it)) continue;
    int32_t status =
        tess_check_rows(tensor, it->index, it->name, it->code, it->bits, it->rank, error);
    if (status != TESS_OK) return status;
  }
  return TESS_OK;
}

int32_t tess_check_sizes(const void *arguments, const tess_tensor_check *checks, int32_t count,
                         tess_error *error) {
  for (const tess_tensor_check *it = checks; it < checks + count; it++) {
    const tess_tensor *tensor = tess_tensor_at(arguments, it->offset);
    if (it->is_scalar ? !tensor->data : it->rank > 0 && !tensor->shape) {
      return refuse(error, TESS_NULL_POINTER, "argument %d, '%s', has no size", it->index,
                    it->name);
    }
    if (!it->is_scalar && it->rank > 0 && tensor->ndim != it->rank) {
      return refuse(error, TESS_WRONG_RANK, "argument %d, '%s', has rank %d; expected rank %d",
                    it->index, it->name, tensor->ndim, it->rank);
    }
  }
  return TESS_OK;
}

int32_t tess_check_axes(const void *arguments, const tess_axis_check *checks, int32_t count,
                        const int64_t *lengths, tess_error *error) {
  for (const tess_axis_check *it = checks; it < checks + count; it++) {
    const tess_tensor *tensor = tess_tensor_at(arguments, it->offset);
    int64_t expected = it->place < 0 ? it->length : lengths[it->place];
    if (tensor->shape[it->axis] == expected) continue;
    return tess_check_dimension(tensor, it->name, it->axis, expected, it->declared, error);
  }
  return TESS_OK;
}

int32_t tess_check_fact(int32_t holds, const char *fact, const char *const *names,
                        const int64_t *values, int32_t count, tess_error *error) {
  if (holds) return TESS_OK;
  char text[320] = "";
  size_t length = 0;
  for (int32_t i = 0; i < count && length < sizeof text; i++) {
    length += (size_t)snprintf(text + length, sizeof text - length, "%s%s = %lld", i ? ", "
        : " with ", names[i],
                               (long long)values[i]);
  }
  return refuse(error, TESS_FACT_FAILED, "%s does not hold%s", fact, text);
}

/* Where elements lie; nowhere if there are none. */
typedef struct memory {
  uint64_t first, end;
} memory;

static inline memory memory_of(const tess_tensor *tensor) {
  int64_t low = 0, high = 0;
  if (!tensor->strides) high = (int64_t)byte_count(tensor);
  /* What is too far apart to compute with was refused. */
  else if (!byte_span(tensor, &low, &high)) return (memory){0, 0};
  if (low == high) return (memory){0, 0};
  uint64_t data = (uint64_t)(uintptr_t)tensor->data + tensor->byte_offset;
  return (memory){data + (uint64_t)low, data + (uint64_t)high};
}

static inline int overlap(memory a, memory b) { return a.first < b.end && b.first < a.end; }

static int32_t refuse_overlap(const char *written_name, const char *other_name, tess_error *error) {
  return refuse(error, TESS_OVERLAP, "'%s' is written and shares memory with '%s'", written_name,
                other_name);
}

int32_t tess_check_disjoint(const tess_tensor *written, const char *written_name,
                            const tess_tensor *other, const char *other_name, tess_error *error) {
  if (!overlap(memory_of(written), memory_of(other))) return TESS_OK;
  return refuse_overlap(written_name, other_name, error);
}

int32_t tess_check_distinct(const tess_tensor *written, const char *name, tess_error *error) {
  if (!has_layout(written)) return TESS_OK;
  /* From the smallest stride to the largest, each steps over all that the smaller ones reach. */
  int64_t reach = 0, before = -1;
  int32_t axis_before = -1;
  for (;;) {
    int32_t next = -1;
    for (int32_t i = 0; i < written->ndim; i++) {
      int64_t stride = llabs(written->strides[i]);
      int is_later = stride > before || (stride == before && i > axis_before);
      if (written->shape[i] < 2 || !is_later) continue;
      if (next < 0 || stride < llabs(written->strides[next])) next = i;
    }
    if (next < 0) return TESS_OK;
    before = llabs(written->strides[next]);
    axis_before = next;
    if (before <= reach) {
      int64_t least = 1;
      for (int32_t i = next + 1; i < written->ndim; i++) {
        least += (written->shape[i] - 1) * llabs(written->strides[i]);
      }
      return refuse(error, TESS_WRONG_STRIDE,
                    "'%s' is written and has stride %lld in dimension %d, so that elements share "
                    "memory; expected %lld or more",
                    name, (long long)written->strides[next], next, (long long)least);
    }
    reach += (written->shape[next] - 1) * before;
  }
}

int32_t tess_check_overlaps(const void *arguments, const tess_tensor_check *checks, int32_t count,
                            tess_error *error) {
  for (const tess_tensor_check *it = checks; it < checks + count; it++) {
    if (!it->is_written) continue;
    const tess_tensor *tensor = tess_tensor_at(arguments, it->offset);
    int32_t distinct = tess_check_distinct(tensor, it->name, error);
    if (distinct != TESS_OK) return distinct;
    memory own = memory_of(tensor);
    for (const tess_tensor_check *other = checks; other < checks + count; other++) {
      /* Of two that are both written, the pair is looked at once. */
      if (other == it || (other->is_written && other < it)) continue;
      if (overlap(own, memory_of(tess_tensor_at(arguments, other->offset)))) {
        return refuse_overlap(it->name, other->name, error);
      }
    }
  }
  return TESS_OK;
}

static int32_t check_memory(const char *name, const void *memory, size_t bytes, size_t needed,
                            tess_error *error) {
  if (needed == 0) return TESS_OK;
  if (bytes < needed) {
    return refuse(error, TESS_WORKSPACE_TOO_SMALL, "the %s has %zu bytes; expected %zu", name,
                  bytes, needed);
  }
  if (!memory) {
    return refuse(error, TESS_NULL_POINTER, "the %s is null; expected %zu bytes", name, needed);
  }
  if ((uintptr_t)memory % 64 != 0) {
    return refuse(error, TESS_MISALIGNED, "the %s is not aligned to 64 bytes", name);
  }
  return TESS_OK;
}

int32_t tess_check_workspace(const void *workspace, size_t bytes, size_t needed,
                             tess_error *error) {
  return check_memory("workspace", workspace, bytes, needed, error);
}

int32_t tess_check_packed(const void *packed, size_t bytes, size_t needed, tess_error *error) {
  return check_memory("packed memory", packed, bytes, needed, error);
}
