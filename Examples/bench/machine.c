/* What Python cannot time by itself: the limits of the machine, and calls that take microseconds.
 *
 * A rate is work in a second of a thread's own time, over at least `seconds` of it; of several threads
 * that run at once the sum counts. */
#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#ifdef __AVX512F__
enum { width = 16 };
#else
enum { width = 8 };
#endif
typedef float lanes __attribute__((vector_size(4 * width)));
typedef int32_t words __attribute__((vector_size(4 * width)));

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

#define BARRIER __asm__ volatile("" ::: "memory")

/* Floating-point operations of 12 independent chains: 2 a cycle for 4 cycles need 8. */
#define EACH(OF) OF(0) OF(1) OF(2) OF(3) OF(4) OF(5) OF(6) OF(7) OF(8) OF(9) OF(10) OF(11)
double flop_rate(double seconds) {
  volatile float one = 0.999f, small = 0.001f;
  lanes m = one - (lanes){0}, z = small - (lanes){0};
#define START(i) lanes a##i = z * (float)i;
#define STEP(i) a##i = a##i * m + z;
#define ADD(i) sum += a##i;
  EACH(START)
  double start = now(), end;
  long rounds = 0;
  do {
    for (int k = 0; k < 10000; k++) {
      EACH(STEP)
    }
    rounds++;
  } while ((end = now()) < start + seconds);
  lanes sum = z;
  EACH(ADD)
  volatile float sink = sum[0];
  (void)sink;
  return 10000.0 * 12 * 2 * width * (double)rounds / (end - start);
}

/* e to x for -87 < x < 88: a power of two by the exponent's bits, times a polynomial. */
static inline lanes exponential(lanes x) {
  const lanes magic = 12582912.f - (lanes){0};
  lanes shifted = x * 1.44269504f + magic, n = shifted - magic;
  lanes r = x - n * 0.693145752f - n * 1.42860677e-6f;
  lanes p = 0.00828929059f * r + 0.0418978221f;
  p = p * r + 0.166676521f;
  p = p * r + 0.499991506f;
  p = p * r + 0.999999702f;
  p = p * r + 1.f;
  return (lanes)((words)p + ((words)shifted << 23));
}

double exp_rate(double seconds) {
  enum { count = 256 };
  static const float step = 10.f / count;
  lanes from[count], to[count];
  for (int i = 0; i < count; i++) from[i] = (float)i * step - 5 - (lanes){0};
  double start = now(), end;
  long rounds = 0;
  do {
    for (int k = 0; k < 100; k++) {
      for (int i = 0; i < count; i++) to[i] = exponential(from[i]);
      BARRIER;
    }
    rounds++;
  } while ((end = now()) < start + seconds);
  volatile float sink = to[7][3];
  (void)sink;
  return 100.0 * count * width * (double)rounds / (end - start);
}

/* Bytes read and written while copying `bytes`, a multiple of 128, in plain or streaming stores. */
double copy_rate(float *to, const float *from, size_t bytes, int streaming, double seconds) {
  double start = now(), end;
  long rounds = 0, inner = (long)(1e6 / (double)bytes) + 1;
  do {
    for (long k = 0; k < inner; k++) {
      for (size_t i = 0; i < bytes / 4; i += 32) {
#pragma GCC unroll 4
        for (size_t j = 0; j < 32; j += 8) {
          __m256 value = _mm256_load_ps(from + i + j);
          if (streaming) {
            _mm256_stream_ps(to + i + j, value);
          } else {
            _mm256_store_ps(to + i + j, value);
          }
        }
      }
      BARRIER;
    }
    rounds += inner;
  } while ((end = now()) < start + seconds);
  return 2.0 * (double)bytes * (double)rounds / (end - start);
}

/* Calls a compiled function; stops at the first status that is not 0. */
int32_t repeat_compiled(int32_t (*function)(const void *, void *, size_t, void *), const void *args,
                        void *workspace, size_t workspace_bytes, void *error, long times) {
  int32_t status = 0;
  while (times-- > 0 && status == 0) status = function(args, workspace, workspace_bytes, error);
  return status;
}

typedef void (*sgemm)(int, int, int, int, int, int, float, const float *, int, const float *, int,
                      float, float *, int);

/* C = A B + bias, row-major; B lies as [N, K] if `transposed`; `bias` is a row or NULL. */
void repeat_sgemm(sgemm function, int m, int n, int k, const float *a, const float *b,
                  int transposed, const float *bias, float *c, long times) {
  while (times-- > 0) {
    for (int i = 0; bias && i < m; i++) memcpy(c + (size_t)i * n, bias, 4 * (size_t)n);
    function(101, 111, transposed ? 112 : 111, m, n, k, 1, a, k, b, transposed ? k : n, bias != NULL,
             c, n);
  }
}
