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

/* 12 independent chains of one step: 2 a cycle for 6 cycles need as many. */
#define EACH(OF) OF(0) OF(1) OF(2) OF(3) OF(4) OF(5) OF(6) OF(7) OF(8) OF(9) OF(10) OF(11)
#define KEEP(i) __asm__ volatile("" ::"v"(a##i));
#define TIME_CHAINS(OPERATIONS, STEP)                            \
  double start = now(), end;                                     \
  long rounds = 0;                                               \
  do {                                                           \
    for (int k = 0; k < 10000; k++) {                            \
      EACH(STEP)                                                 \
    }                                                            \
    rounds++;                                                    \
  } while ((end = now()) < start + seconds);                     \
  EACH(KEEP)                                                     \
  return 10000.0 * 12 * (OPERATIONS) * (double)rounds / (end - start);

/* Operations of products that are added up: multiply and add in f32. */
double f32_rate(double seconds) {
  volatile float one = 0.999f, small = 0.001f;
  lanes m = one - (lanes){0}, z = small - (lanes){0};
#define START(i) lanes a##i = z * (float)i;
#define STEP(i) a##i = a##i * m + z;
  EACH(START)
  TIME_CHAINS(2 * width, STEP)
#undef START
#undef STEP
}

/* Of whole numbers of 16 bits, by pairs, as numbers of 8 bits are widened to. */
double i16_rate(double seconds) {
  words x = 3 - (words){0};
#define START(i) words a##i = x * i;
#ifdef __AVX512BW__
#define PAIRS (words)_mm512_madd_epi16((__m512i)x, (__m512i)x)
#else
#define PAIRS (words)_mm256_madd_epi16((__m256i)x, (__m256i)x)
#endif
/* Nobody knows that x stays the same. */
#define STEP(i) __asm__ volatile("" : "+v"(x)); a##i += PAIRS;
  EACH(START)
  TIME_CHAINS(4 * width, STEP)
#undef START
#undef STEP
}

/* Of numbers of 8 bits, four at a time. */
__attribute__((target("avx512f,avx512vnni"))) double i8_rate(double seconds) {
  __m512i x = _mm512_set1_epi8(3);
#define START(i) __m512i a##i = _mm512_set1_epi32(i);
#define STEP(i) a##i = _mm512_dpbusd_epi32(a##i, x, x);
  EACH(START)
  TIME_CHAINS(8 * 16, STEP)
#undef START
#undef STEP
}

/* Of bf16, by pairs. */
__attribute__((target("avx512f,avx512bf16"))) double bf16_rate(double seconds) {
  __m512bh x = (__m512bh)_mm512_set1_epi16(0x3c00);
#define START(i) __m512 a##i = _mm512_set1_ps((float)i);
#define STEP(i) a##i = _mm512_dpbf16_ps(a##i, x, x);
  EACH(START)
  TIME_CHAINS(4 * 16, STEP)
#undef START
#undef STEP
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

/* Bytes read and written while a tensor of `bytes`, a multiple of 256, is made of one as large, or of the
 * sum of two; in plain or streaming stores. */
double stream_rate(float *to, const float *from, const float *other, size_t bytes, int streaming,
                   double seconds) {
  double start = now(), end;
  long rounds = 0, inner = (long)(1e6 / (double)bytes) + 1;
  do {
    for (long k = 0; k < inner; k++) {
      for (size_t i = 0; i < bytes / 4; i += 64) {
#pragma GCC unroll 8
        for (size_t j = i; j < i + 64; j += width) {
          lanes value = *(const lanes *)(from + j);
          if (other) value += *(const lanes *)(other + j);
          if (!streaming) {
            *(lanes *)(to + j) = value;
          } else {
#ifdef __AVX512F__
            _mm512_stream_ps(to + j, (__m512)value);
#else
            _mm256_stream_ps(to + j, (__m256)value);
#endif
          }
        }
      }
      BARRIER;
    }
    rounds += inner;
  } while ((end = now()) < start + seconds);
  return (other ? 3.0 : 2.0) * (double)bytes * (double)rounds / (end - start);
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
