import Tessera
import TesseraData
import Testing

/// Constant parameters packed once for many calls.
@Suite struct PreparationTests {
  /// Layers whose sizes come with the weights, or with the image too; two blocks of depth; a layer
  /// of which nothing can be packed.
  private let source = """
    import nn
    export fn convolved<I, H, W, O>(x: f32[1, I, H, W], p: Conv<I, O, 3>) -> (y: f32[1, O, H, W]) {
      y = x.conv(p)
    }
    struct Net<I, O> { first: Conv<I, O, 3>, second: Conv<O, O, 1>, last: Linear<O, O> }
    export fn net<N, I, H, W, O>(p: Net<I, O>, x: f32[N, I, H, W]) -> (y: f32[N, H, O])
        where W >= 1 {
      let h = x.conv(p.first).relu().conv(p.second)
      let t[n, i, o] = h[n, o, i, 0]
      y = t.linear(p.last)
    }
    export fn normed<B, C>(x: f32[B, C], p: Norm<C>) -> (y: f32[B, C]) { y = x.layer_norm(p) }
    """

  private func program(_ engine: SessionOptions.Engine = .jit) throws -> Executable {
    var options = SessionOptions()
    options.engine = engine
    return try Session(options: options).compile(source, name: "layers.tess")
  }

  private func tensor(_ shape: Int..., seed: Int) -> Tensor {
    let count = shape.reduce(1, *)
    return Tensor((0..<count).map { Float(($0 * 37 + seed * 11) % 29 - 14) / 16 }, shape: shape)
  }

  @Test(arguments: [(1, 1), (5, 7), (16, 16), (0, 3)])
  func givesTheSameBits(height: Int, width: Int) throws {
    let program = try program()
    for (inputs, outputs) in [(3, 5), (60, 16), (1, 64)] {
      let weights = [
        tensor(outputs, inputs, 3, 3, seed: 1), tensor(outputs, seed: 2),
      ]
      let prepared = try program.prepare("convolved", weights)
      for seed in 3...4 {
        let image = tensor(1, inputs, height, width, seed: seed)
        #expect(
          try prepared.call([image]) == program.call("convolved", [image] + weights))
      }
    }
  }

  @Test(arguments: SessionOptions.Engine.allCases)
  func preparesNetworks(engine: SessionOptions.Engine) throws {
    let program = try program(engine)
    let weights = [
      tensor(12, 4, 3, 3, seed: 1), tensor(12, seed: 2), tensor(12, 12, 1, 1, seed: 3),
      tensor(12, seed: 4), tensor(12, 12, seed: 5), tensor(12, seed: 6),
    ]
    let prepared = try program.prepare("net", weights)
    for count in [0, 1, 3] {
      let images = tensor(count, 4, 6, 5, seed: count)
      #expect(try prepared.call([images]) == program.call("net", weights + [images]))
    }
  }

  @Test func preparesWhatNeedsNothing() throws {
    let program = try program()
    let norm = [tensor(8, seed: 1), tensor(8, seed: 2)]
    let x = tensor(3, 8, seed: 3)
    #expect(
      try program.prepare("normed", norm).call([x]) == program.call("normed", [x] + norm))
  }

  @Test func refusesWhatDoesNotFit() throws {
    let program = try program()
    let weights = [tensor(5, 3, 3, 3, seed: 1), tensor(5, seed: 2)]
    #expect(throws: CallError.self) { try program.prepare("convolved", [weights[0]]) }
    // The bias is as long as the weights say.
    let error = #expect(throws: CallError.self) {
      try program.prepare("convolved", [weights[0], tensor(4, seed: 2)])
    }
    #expect(error?.status == 4)
    let prepared = try program.prepare("convolved", weights)
    // As many channels as the weights have.
    let image = tensor(1, 4, 5, 5, seed: 3)
    #expect(#expect(throws: CallError.self) { try prepared.call([image]) }?.status == 4)
  }

  private let main = """
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    #include "layers.h"
    enum { I = 30, O = 20, H = 9, W = 11 };
    static float x[I * H * W], w[O * I * 9], b[O], y[O * H * W], z[O * H * W];
    static void note(void *context, const void *data, size_t bytes) {
      *(int *)context += data == w && bytes == sizeof w ? 1 : 100;
    }
    int main(void) {
      int64_t xs[] = {1, I, H, W}, ws[] = {O, I, 3, 3}, bs[] = {O}, ys[] = {1, O, H, W};
      tess_tensor t = {.device = {TESS_CPU, 0}, .ndim = 4, .dtype = {TESS_FLOAT, 32, 1}};
      for (int i = 0; i < I * H * W; i++) x[i] = (float)(i % 13 - 6) / 8;
      for (int i = 0; i < O * I * 9; i++) w[i] = (float)(i % 17 - 8) / 8;
      convolved_args args = {.x = t, .p = {t, t}, .y = t};
      args.p[0].shape = ws; args.p[1].shape = bs; args.p[1].ndim = 1;
      args.p[0].data = w; args.p[1].data = b;
      tess_error error = {0};
      size_t bytes = convolved_packed(&args);
      void *packed = aligned_alloc(64, bytes);
      int released = 0;
      tess_set_released(note, &released);
      int status = convolved_prepare(&args, packed, bytes, &error);
      printf("%d %d %d\\n", status, bytes >= sizeof w, bytes < 4 * sizeof w);
      printf("%s\\n", tess_status_text(convolved_prepare(&args, packed, bytes - 64, &error)));
      tess_set_released(NULL, NULL);
      printf("%d\\n", released);
      args.x.shape = xs; args.x.data = x; args.y.shape = ys; args.y.data = y;
      size_t whole = convolved_workspace(&args, 1);
      printf("%d\\n", convolved(&args, NULL, 0, &error));
      args.packed = packed; args.packed_bytes = bytes; args.y.data = z;
      size_t rest = convolved_workspace(&args, 1);
      memset(w, 0, sizeof w);
      void *memory = aligned_alloc(64, rest);
      status = convolved(&args, memory, rest, &error);
      printf("%d %d %d\\n", status, memcmp(y, z, sizeof y), whole >= rest + bytes);
      args.packed_bytes = bytes - 64;
      status = convolved(&args, memory, rest, &error);
      printf("%s %s\\n", tess_status_text(status), error.message);
      /* Rows of the weights that lie apart are packed to the same. */
      static float wide[O * I * 12];
      for (int i = 0; i < O * I * 9; i++) wide[i / 3 * 4 + i % 3] = (float)(i % 17 - 8) / 8;
      int64_t strides[] = {I * 12, 12, 4, 1};
      void *again = aligned_alloc(64, bytes);
      memset(again, 0, bytes);
      memset(packed, 0, bytes);
      for (int i = 0; i < O * I * 9; i++) w[i] = (float)(i % 17 - 8) / 8;
      status = convolved_prepare(&args, packed, bytes, &error);
      args.p[0].data = wide; args.p[0].strides = strides;
      tess_set_released(note, &released);
      status += convolved_prepare(&args, again, bytes, &error);
      printf("%d %d %d\\n", status, memcmp(packed, again, bytes), released);
      bs[0] = 3;
      printf("%s\\n", tess_status_text(convolved_prepare(&args, packed, bytes, &error)));
      printf("%zu ", convolved_packed(NULL));
      args.p[0].shape = NULL;
      printf("%zu ", convolved_packed(&args));
      normed_args none = {0};
      printf("%zu\\n", normed_packed(&none));
    }
    """

  @Test func packsFromC() throws {
    let text = try Shell.run(main, with: source, name: "layers.tess")
    let lines = text.split(separator: "\n")
    try #require(lines.count == 9, "\(text)")
    #expect(lines[0] == "0 1 1")
    #expect(lines[1] == "workspace too small")
    // The weight is packed; the bias is read by calls.
    #expect(lines[2] == "1")
    #expect(lines[3] == "0")
    #expect(lines[4] == "0 0 1")
    #expect(lines[5].hasPrefix("workspace too small the packed memory has"))
    #expect(lines[6] == "0 0 1")
    #expect(lines[7] == "wrong shape")
    #expect(lines[8] == "0 0 0")
  }
}
