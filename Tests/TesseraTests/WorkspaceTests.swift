import Tessera
import Testing

/// Memory for temporaries, as callers in C hand it in.
@Suite struct WorkspaceTests {
  private let source = """
    export fn chain<M, K, N, P>(a: f32[M, K], b: f32[K, N], c: f32[N, P]) -> (y: f32[M, P]) {
      let t[j, i] = sum[k] a[i, k] * b[k, j]
      y[i, j] = sum[k] t[k, i] * c[k, j]
    }
    export fn plain(x: f32[4]) -> (y: f32[4]) { y = x + x }
    """

  private let main = """
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    #include "chain.h"
    static int count;
    int __real_posix_memalign(void **memory, size_t alignment, size_t bytes);
    int __wrap_posix_memalign(void **memory, size_t alignment, size_t bytes) {
      count++;
      return __real_posix_memalign(memory, alignment, bytes);
    }
    static tess_tensor matrix(float *data, int64_t *shape) {
      tess_tensor tensor = {.data = data, .device = {TESS_CPU, 0}, .ndim = 2,
                            .dtype = {TESS_FLOAT, 32, 1}, .shape = shape};
      return tensor;
    }
    enum { M = 37, K = 700, N = 41, P = 29 };
    static float a[M * K], b[K * N], c[N * P], y[M * P], z[M * P];
    int main(void) {
      int64_t ab[] = {M, K}, bc[] = {K, N}, cd[] = {N, P}, ad[] = {M, P};
      for (int i = 0; i < M * K; i++) a[i] = (float)(i % 13 - 6) / 8;
      for (int i = 0; i < K * N; i++) b[i] = (float)(i % 17 - 8) / 8;
      for (int i = 0; i < N * P; i++) c[i] = (float)(i % 11 - 5) / 8;
      tess_set_threads(1);
      chain_args args = {matrix(NULL, ab), matrix(NULL, bc), matrix(NULL, cd), {0}};
      size_t needed = chain_workspace(&args, 1);
      args = (chain_args){matrix(a, ab), matrix(b, bc), matrix(c, cd), matrix(y, ad)};
      tess_error error = {0};
      int status = chain(&args, NULL, 0, &error);
      printf("%d %d\\n", status, count);
      char *memory = aligned_alloc(64, needed + 64);
      memset(memory + needed, 0x5A, 64);
      count = 0;
      args.y.data = z;
      status = chain(&args, memory, needed, &error);
      printf("%d %d %d\\n", status, count, memcmp(y, z, sizeof y));
      for (int i = 0; i < 64; i++) if (memory[needed + i] != 0x5A) printf("written at %d\\n", i);
      printf("%s\\n", tess_status_text(chain(&args, memory, needed - 64, &error)));
      printf("%s\\n", tess_status_text(chain(&args, memory + 8, needed, &error)));
      printf("%d %d\\n", needed > 4 * M * N, needed < 1000000);
      ab[0] = ad[0] = 2 * M;
      printf("%d\\n", chain_workspace(&args, 1) > needed);
      args.b.shape = NULL;
      printf("%zu %zu", chain_workspace(&args, 1), chain_workspace(NULL, 1));
      plain_args none = {0};
      printf(" %zu\\n", plain_workspace(&none, 1));
    }
    """

  @Test func takesTheWorkspaceAndNothingElse() throws {
    let text = try Shell.run(
      main, with: source, name: "chain.tess", flags: "-Wl,--wrap=posix_memalign")
    let expected = """
      0 1
      0 0 0
      workspace too small
      misaligned memory
      1 1
      1
      0 0 0

      """
    #expect(text == expected)
  }
}
