/* SPDX-License-Identifier: Apache-2.0
 *
 * Sorting along an axis: a stable merge of keys, whose order is that of unsigned integers, with the
 * places they came from.
 */
#include <string.h>

#include "include/tessera_compiled.h"

/* An element as it is compared, and where it was. */
typedef struct entry {
  uint64_t key;
  int64_t place;
} entry;

/* The number whose order among unsigned ones is that of the element: of a float the sign is turned
 * into an offset, both zeros are one, and any NaN comes last. */
static uint64_t key_of(int32_t code, int32_t bits, const void *element) {
  uint64_t value = 0;
  switch (bits) {
  case 8: value = *(const uint8_t *)element; break;
  case 16: value = *(const uint16_t *)element; break;
  case 32: value = *(const uint32_t *)element; break;
  default: value = *(const uint64_t *)element; break;
  }
  uint64_t sign = (uint64_t)1 << (bits - 1);
  if (code == TESS_INT) return value ^ sign;
  if (code != TESS_FLOAT && code != TESS_BFLOAT) return value;
  int32_t fraction = bits == 64 ? 52 : bits == 32 ? 23 : code == TESS_BFLOAT ? 7 : 10;
  uint64_t infinity = (sign - 1) >> fraction << fraction, magnitude = value & (sign - 1);
  if (magnitude > infinity) return UINT64_MAX;
  return value & sign ? sign - magnitude : sign + magnitude;
}

/* Sorts `entries` with `scratch` of the same length; 1 if the result is in `scratch`. */
static int merge_sort(entry *entries, entry *scratch, int64_t count) {
  int flips = 0;
  for (int64_t width = 1; width < count; width *= 2, flips ^= 1) {
    for (int64_t low = 0; low < count; low += 2 * width) {
      int64_t middle = low + width < count ? low + width : count;
      int64_t high = middle + width < count ? middle + width : count;
      int64_t i = low, j = middle;
      for (int64_t k = low; k < high; k++) {
        int takes_first = i < middle && (j >= high || entries[i].key <= entries[j].key);
        scratch[k] = takes_first ? entries[i++] : entries[j++];
      }
    }
    entry *swap = entries;
    entries = scratch;
    scratch = swap;
  }
  return flips;
}

/* Where in each of the three buffers the row begins that `row` numbers, counted over all axes but
 * the one that is sorted. */
static void find_row(int64_t row, int32_t rank, int32_t axis, const int64_t *extents,
                     const int64_t *const strides[3], int64_t starts[3]) {
  memset(starts, 0, 3 * sizeof *starts);
  for (int32_t i = rank - 1; i >= 0; i--) {
    if (i == axis) continue;
    int64_t index = row % extents[i];
    row /= extents[i];
    for (int k = 0; k < 3; k++) starts[k] += index * strides[k][i];
  }
}

int32_t tess_sort(int32_t code, int32_t bits, int32_t rank, int32_t axis, const int64_t *extents,
                  const void *source, const int64_t *source_strides, void *target,
                  const int64_t *target_strides, int64_t *places, const int64_t *place_strides) {
  const int64_t *const strides[3] = {source_strides, target_strides, place_strides};
  int64_t length = extents[axis], rows = 1, size = bits / 8;
  for (int32_t i = 0; i < rank; i++) {
    if (i != axis) rows *= extents[i];
  }
  if (length <= 0 || rows <= 0) return 0;
  entry *entries = tess_allocate((size_t)length * 2 * sizeof *entries);
  if (!entries) return 1;
  for (int64_t row = 0; row < rows; row++) {
    int64_t starts[3];
    find_row(row, rank, axis, extents, strides, starts);
    const char *from = (const char *)source + starts[0] * size;
    char *to = (char *)target + starts[1] * size;
    for (int64_t i = 0; i < length; i++) {
      entries[i] = (entry){key_of(code, bits, from + i * source_strides[axis] * size), i};
    }
    const entry *sorted = entries;
    if (merge_sort(entries, entries + length, length)) sorted += length;
    for (int64_t i = 0; i < length; i++) {
      const char *element = from + sorted[i].place * source_strides[axis] * size;
      memcpy(to + i * target_strides[axis] * size, element, (size_t)size);
      places[starts[2] + i * place_strides[axis]] = sorted[i].place;
    }
  }
  tess_release(entries);
  return 0;
}
