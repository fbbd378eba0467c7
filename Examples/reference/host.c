/* Runs FUNCTION, compiled ahead of time, on tensors from a file.
 *
 *     host DATA RESULTS RUNS
 *
 * DATA holds int64 numbers: how many tensors go in and how many come out, then for each its element
 * code, bits, rank and sizes; after those the bytes of the tensors that go in, one after the other.
 * RESULTS gets the bytes of those that come out; the median time in ms is printed. Where the function
 * has constant parameters (PREPARES), they are packed once, before.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tessera.h"

/* The argument structure of a function of tensors alone is its tensors, one after the other. */
int32_t FUNCTION(const void *arguments, void *workspace, size_t bytes, tess_error *error);

#define JOINED(a, b) a##b
#define COMPANION(name, suffix) JOINED(name, suffix)
size_t COMPANION(FUNCTION, _workspace)(const void *arguments, int32_t threads);
#ifdef PREPARES
size_t COMPANION(FUNCTION, _packed)(const void *arguments);
int32_t COMPANION(FUNCTION, _prepare)(const void *arguments, void *packed, size_t bytes,
                                      tess_error *error);
#endif

/* Behind the tensors, where there are constant parameters. */
typedef struct packed_constants {
  const void *packed;
  size_t bytes;
} packed_constants;

static void *read_all(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file || fseek(file, 0, SEEK_END)) return NULL;
  long size = ftell(file);
  rewind(file);
  void *bytes = tess_allocate((size_t)size);
  if (!bytes || fread(bytes, 1, (size_t)size, file) != (size_t)size) return NULL;
  fclose(file);
  return bytes;
}

static size_t byte_count(const tess_tensor *tensor) {
  size_t count = tensor->dtype.bits / 8;
  for (int i = 0; i < tensor->ndim; i++) count *= (size_t)tensor->shape[i];
  return count;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static double milliseconds(void) {
  struct timespec now;
  timespec_get(&now, TIME_UTC);
  return 1e3 * (double)now.tv_sec + 1e-6 * (double)now.tv_nsec;
}

int main(int argc, char **argv) {
  int64_t *numbers = argc == 4 ? read_all(argv[1]) : NULL;
  if (!numbers) return fprintf(stderr, "usage: host DATA RESULTS RUNS\n"), 64;
  int64_t inputs = numbers[0], outputs = numbers[1], *next = numbers + 2;
  tess_tensor *tensors = calloc((size_t)(inputs + outputs + 1), sizeof *tensors);
  for (int64_t i = 0; i < inputs + outputs; i++) {
    tensors[i].device.type = TESS_CPU;
    tensors[i].dtype = (tess_dtype){(uint8_t)next[0], (uint8_t)next[1], 1};
    tensors[i].ndim = (int32_t)next[2];
    tensors[i].shape = next + 3;
    next += 3 + tensors[i].ndim;
  }
  char *bytes = (char *)next;
  for (int64_t i = 0; i < inputs + outputs; i++) {
    /* Copied, so that every tensor is aligned as the header asks. */
    tensors[i].data = tess_allocate(byte_count(&tensors[i]));
    if (i >= inputs) continue;
    for (size_t k = 0; k < byte_count(&tensors[i]); k++) ((char *)tensors[i].data)[k] = bytes[k];
    bytes += byte_count(&tensors[i]);
  }

  tess_error error = {0};
#ifdef PREPARES
  size_t packed_bytes = COMPANION(FUNCTION, _packed)(tensors);
  void *packed = tess_allocate(packed_bytes);
  if (COMPANION(FUNCTION, _prepare)(tensors, packed, packed_bytes, &error)) {
    return fprintf(stderr, "%s\n", error.message), 2;
  }
  *(packed_constants *)(tensors + inputs + outputs) = (packed_constants){packed, packed_bytes};
#endif
  size_t workspace_bytes = COMPANION(FUNCTION, _workspace)(tensors, 0);
  void *workspace = tess_allocate(workspace_bytes);

  int runs = atoi(argv[3]);
  double *times = malloc(sizeof(double) * (size_t)(runs > 0 ? runs : 1));
  for (int i = 0; i < runs; i++) {
    double start = milliseconds();
    int32_t status = FUNCTION(tensors, workspace, workspace_bytes, &error);
    times[i] = milliseconds() - start;
    if (status) return fprintf(stderr, "%s: %s\n", tess_status_text(status), error.message), 2;
  }
  qsort(times, (size_t)runs, sizeof(double), ascending);
  printf("%f\n", times[runs / 2]);

  FILE *results = fopen(argv[2], "wb");
  for (int64_t i = inputs; results && i < inputs + outputs; i++) {
    fwrite(tensors[i].data, 1, byte_count(&tensors[i]), results);
  }
  return results && fclose(results) == 0 ? 0 : 66;
}
