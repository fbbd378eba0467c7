/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers and tensors as text, and the statement `print`.
 */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime.h"

/* ---- Text that grows ---------------------------------------------------------------------- */

typedef struct text {
  char *bytes;
  size_t length, capacity;
  int failed;
} text;

static void append(text *to, const char *bytes, size_t length) {
  if (to->failed) return;
  if (to->length + length + 1 > to->capacity) {
    size_t capacity = 2 * to->capacity + length + 64;
    char *larger = realloc(to->bytes, capacity);
    if (!larger) {
      to->failed = 1;
      return;
    }
    to->bytes = larger;
    to->capacity = capacity;
  }
  memcpy(to->bytes + to->length, bytes, length);
  to->length += length;
  to->bytes[to->length] = 0;
}

static void append_repeated(text *to, char byte, int64_t times) {
  for (int64_t i = 0; i < times; i++) append(to, &byte, 1);
}

/* ---- Elements ----------------------------------------------------------------------------- */

/* A float format: digits that always suffice, bits of precision, least exponent of frexp, and the
 * power of two above which the exponential form is used. */
typedef struct format {
  int digits, precision, least, plain;
} format;

static const format half = {5, 11, -13, 11}, brain = {4, 8, -125, 24}, single = {9, 24, -125, 24},
                    twofold = {17, 53, -1021, 53};

/* 1 if `text` rounds to `value` in the format. */
static int reads_back(const char *text, double value, const format *format) {
  if (format == &twofold) return strtod(text, NULL) == value;
  if (format == &single) return (double)strtof(text, NULL) == value;
  int exponent;
  frexp(value, &exponent);
  if (exponent < format->least) exponent = format->least;
  return fabs(strtod(text, NULL) - value) < ldexp(0.5, exponent - format->precision);
}

static int32_t format_float(double value, const format *format, char *out) {
  if (isnan(value)) return sprintf(out, "nan");
  if (isinf(value)) return sprintf(out, value < 0 ? "-inf" : "inf");
  if (value == 0) return sprintf(out, signbit(value) ? "-0.0" : "0.0");
  char text[64], digits[32];
  int precision = 0;
  do snprintf(text, sizeof text, "%.*e", precision, fabs(value));
  while (!reads_back(text, fabs(value), format) && ++precision < format->digits);
  /* The decimal point follows the locale, so only the digits are taken. */
  int count = 0;
  const char *cursor = text;
  for (; *cursor != 'e'; cursor++) {
    if (*cursor >= '0' && *cursor <= '9') digits[count++] = *cursor;
  }
  int exponent = atoi(cursor + 1);
  char *end = out;
  if (value < 0) *end++ = '-';
  if (exponent < -4 || fabs(value) > ldexp(1, format->plain)) {
    *end++ = digits[0];
    if (count > 1) *end++ = '.';
    for (int i = 1; i < count; i++) *end++ = digits[i];
    end += sprintf(end, "e%c%02d", exponent < 0 ? '-' : '+', abs(exponent));
    return (int32_t)(end - out);
  }
  if (exponent < 0) *end++ = '0';
  for (int i = 0; i <= exponent; i++) *end++ = i < count ? digits[i] : '0';
  *end++ = '.';
  for (int i = exponent + 1; i < 0; i++) *end++ = '0';
  for (int i = exponent < 0 ? 0 : exponent + 1; i < count; i++) *end++ = digits[i];
  if (exponent + 1 >= count) *end++ = '0';
  *end = 0;
  return (int32_t)(end - out);
}

static double widen_half(uint16_t bits) {
  int exponent = bits >> 10 & 31, fraction = bits & 1023;
  double magnitude = exponent == 31 ? (fraction ? NAN : INFINITY)
                     : exponent     ? ldexp(1024 + fraction, exponent - 25)
                                    : ldexp(fraction, -24);
  return bits >> 15 ? -magnitude : magnitude;
}

static float widen_brain(uint16_t bits) {
  uint32_t wide = (uint32_t)bits << 16;
  float value;
  memcpy(&value, &wide, 4);
  return value;
}

int32_t tess_format_element(tess_dtype dtype, const void *element, char *out) {
  union {
    int8_t i8; int16_t i16; int32_t i32; int64_t i64;
    uint8_t u8; uint16_t u16; uint32_t u32; uint64_t u64;
    float f32; double f64;
  } value = {0};
  if (dtype.bits > 64) return sprintf(out, "?");
  memcpy(&value, element, (size_t)(dtype.bits + 7) / 8);
  switch ((enum tess_dtype_code)dtype.code) {
  case TESS_BOOL: return sprintf(out, value.u8 ? "true" : "false");
  case TESS_BFLOAT: return format_float(widen_brain(value.u16), &brain, out);
  case TESS_FLOAT:
    if (dtype.bits == 16) return format_float(widen_half(value.u16), &half, out);
    if (dtype.bits == 32) return format_float(value.f32, &single, out);
    return format_float(value.f64, &twofold, out);
  case TESS_INT: {
    int64_t wide = dtype.bits == 8    ? value.i8
                   : dtype.bits == 16 ? value.i16
                   : dtype.bits == 32 ? value.i32
                                      : value.i64;
    return sprintf(out, "%lld", (long long)wide);
  }
  case TESS_UINT: {
    uint64_t wide = dtype.bits == 8    ? value.u8
                    : dtype.bits == 16 ? value.u16
                    : dtype.bits == 32 ? value.u32
                                       : value.u64;
    return sprintf(out, "%llu", (unsigned long long)wide);
  }
  case TESS_COMPLEX: break;
  }
  return sprintf(out, "?");
}

/* ---- Tensors ------------------------------------------------------------------------------ */

enum { ELIDE_ABOVE = 1000, EDGE = 3, LINE = 96 };

/* The state of printing one tensor. */
typedef struct layout {
  const tess_tensor *tensor;
  text *to;
  int elides;
  int left, right; /* the widest parts of shown elements before the point, and from it on */
  int measures;    /* 1 in the first walk, which only finds those widths */
} layout;

static int shows(const layout *layout, int axis, int64_t i) {
  int64_t size = layout->tensor->shape[axis];
  return !layout->elides || size <= 2 * EDGE || i < EDGE || i >= size - EDGE;
}

static void visit_element(layout *layout, const char *element) {
  char out[TESS_ELEMENT_CAPACITY];
  int width = tess_format_element(layout->tensor->dtype, element, out);
  const char *point = layout->tensor->dtype.code == TESS_BOOL ? NULL : strpbrk(out, "e.");
  int left = point ? (int)(point - out) : width;
  if (layout->measures) {
    if (left > layout->left) layout->left = left;
    if (width - left > layout->right) layout->right = width - left;
    return;
  }
  append_repeated(layout->to, ' ', layout->left - left);
  append(layout->to, out, (size_t)width);
  append_repeated(layout->to, ' ', layout->right - (width - left));
}

static void visit(layout *layout, int axis, const char *data) {
  const tess_tensor *tensor = layout->tensor;
  if (axis == tensor->ndim) {
    visit_element(layout, data);
    return;
  }
  int64_t stride = 1;
  if (tensor->strides) stride = tensor->strides[axis];
  else
    for (int i = axis + 1; i < tensor->ndim; i++) stride *= tensor->shape[i];
  int64_t bytes = stride * ((tensor->dtype.bits + 7) / 8);
  int innermost = axis == tensor->ndim - 1;
  int64_t column = axis + 1, width = layout->left + layout->right + 2;
  append(layout->to, "[", 1);
  for (int64_t i = 0; i < tensor->shape[axis]; i++) {
    if (i > 0) append(layout->to, ",", 1);
    if (i > 0 && innermost && column + width <= LINE) {
      append(layout->to, " ", 1);
    } else if (i > 0) {
      append_repeated(layout->to, '\n', innermost ? 1 : tensor->ndim - 1 - axis);
      append_repeated(layout->to, ' ', axis + 1);
      column = axis + 1;
    }
    column += width;
    if (shows(layout, axis, i)) {
      visit(layout, axis + 1, data + i * bytes);
    } else {
      append(layout->to, "\xE2\x80\xA6", 3);
      i = tensor->shape[axis] - EDGE - 1;
    }
  }
  append(layout->to, "]", 1);
}

char *tess_format_tensor(const tess_tensor *tensor) {
  text ignored = {0}, result = {0};
  int64_t count = 1;
  for (int32_t i = 0; i < tensor->ndim; i++) {
    count = tensor->shape[i] > ELIDE_ABOVE && count ? ELIDE_ABOVE + 1 : count * tensor->shape[i];
    if (count > ELIDE_ABOVE) count = ELIDE_ABOVE + 1;
  }
  const char *data = (const char *)tensor->data + (tensor->data ? tensor->byte_offset : 0);
  layout layout = {.tensor = tensor, .to = &ignored, .elides = count > ELIDE_ABOVE, .measures = 1};
  if (count == 0) {
    append(&result, "[]", 2);
  } else {
    visit(&layout, 0, data);
    layout.to = &result;
    layout.measures = 0;
    visit(&layout, 0, data);
  }
  free(ignored.bytes);
  if (result.failed) {
    free(result.bytes);
    return NULL;
  }
  return result.bytes;
}

/* ---- The statement print ------------------------------------------------------------------ */

/* A line printed by a program of a grid that still runs. */
typedef struct line {
  int64_t instance;
  size_t sequence;
  text content;
} line;

static pthread_mutex_t print_lock = PTHREAD_MUTEX_INITIALIZER;
static line *lines;
static size_t line_count, line_capacity;
static void (*sink)(void *, const char *, int64_t);
static void *sink_context;
static _Thread_local text pending;

void tess_set_print(void (*to)(void *context, const char *text, int64_t length), void *context) {
  pthread_mutex_lock(&print_lock);
  sink = to;
  sink_context = context;
  pthread_mutex_unlock(&print_lock);
}

/* Requires the lock. */
static void emit(text *content) {
  if (sink) sink(sink_context, content->bytes, (int64_t)content->length);
  else fwrite(content->bytes, 1, content->length, stdout);
  free(content->bytes);
}

void tess_print_text(const char *bytes, int64_t length) { append(&pending, bytes, (size_t)length); }

static void print_element(uint8_t code, uint8_t bits, const void *element) {
  char out[TESS_ELEMENT_CAPACITY];
  tess_print_text(out, tess_format_element((tess_dtype){code, bits, 1}, element, out));
}

void tess_print_bool(int32_t value) {
  uint8_t byte = value != 0;
  print_element(TESS_BOOL, 8, &byte);
}
void tess_print_i64(int64_t value) { print_element(TESS_INT, 64, &value); }
void tess_print_u64(uint64_t value) { print_element(TESS_UINT, 64, &value); }
void tess_print_f16(uint16_t bits) { print_element(TESS_FLOAT, 16, &bits); }
void tess_print_bf16(uint16_t bits) { print_element(TESS_BFLOAT, 16, &bits); }
void tess_print_f32(float value) { print_element(TESS_FLOAT, 32, &value); }
void tess_print_f64(double value) { print_element(TESS_FLOAT, 64, &value); }

void tess_print_tensor(const tess_tensor *tensor) {
  char *out = tess_format_tensor(tensor);
  if (out) tess_print_text(out, (int64_t)strlen(out));
  tess_release(out);
}

void tess_print_end(int64_t instance) {
  append(&pending, "\n", 1);
  text content = pending;
  pending = (text){0};
  if (content.failed) {
    free(content.bytes);
    return;
  }
  pthread_mutex_lock(&print_lock);
  if (!tess_is_in_loop()) {
    emit(&content);
  } else {
    if (line_count == line_capacity) {
      size_t capacity = 2 * line_capacity + 16;
      line *larger = realloc(lines, capacity * sizeof *lines);
      if (larger) {
        lines = larger;
        line_capacity = capacity;
      }
    }
    if (line_count < line_capacity) {
      lines[line_count] = (line){instance, line_count, content};
      line_count++;
    } else {
      emit(&content); /* without memory the order is lost, not the line */
    }
  }
  pthread_mutex_unlock(&print_lock);
}

static int compare_lines(const void *a, const void *b) {
  const line *x = a, *y = b;
  if (x->instance != y->instance) return x->instance < y->instance ? -1 : 1;
  return x->sequence < y->sequence ? -1 : x->sequence > y->sequence;
}

void tess_print_flush(void) {
  pthread_mutex_lock(&print_lock);
  if (line_count) qsort(lines, line_count, sizeof *lines, compare_lines);
  for (size_t i = 0; i < line_count; i++) emit(&lines[i].content);
  line_count = 0;
  pthread_mutex_unlock(&print_lock);
}
