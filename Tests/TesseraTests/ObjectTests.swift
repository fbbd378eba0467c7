import Foundation
import Tessera
import TesseraTesting
import Testing

/// Objects, headers and libraries, used from C.
@Suite struct ObjectTests {
  private let source = """
    func @scale(%x: f32[3], %s: f32) -> (%y: f32[3]) {
      %n = constant {3} : i64
      %y = compute %n : f32[3] {
      ^(%i: i64):
        %v = read %x, %i : f32
        %w = multiply %v, %s : f32
        yield %w
      }
      return %y
    }
    func @add(%a: i64, %b: i64) -> (%sum: i64) {
      %sum = add %a, %b : i64
      return %sum
    }
    """

  private func emit(_ emission: Emission) throws -> [UInt8] {
    var compilation = Compilation(name: "program.tir", bytes: Array(source.utf8))
    let bytes = try compilation.emit(emission, SessionOptions())
    #expect(compilation.diagnostics.isEmpty)
    return bytes
  }

  @Test func linksFromC() throws {
    let main = """
      #include <stdio.h>
      #include "program.h"
      int main(void) {
        float x[3] = {1, 2, 3}, y[3] = {0};
        int64_t three = 3, sum = 0;
        tess_tensor tensor = {0};
        tensor.device.type = TESS_CPU;
        tensor.ndim = 1;
        tensor.dtype = (tess_dtype){TESS_FLOAT, 32, 1};
        tensor.shape = &three;
        scale_args args = {0};
        args.x = args.y = tensor;
        args.x.data = x;
        args.y.data = y;
        args.s = 2;
        tess_error error = {0};
        int32_t status = scale(&args, NULL, 0, &error);
        printf("%d %g %g %g\\n", status, y[0], y[1], y[2]);
        args.y.data = x;
        printf("%s\\n", tess_status_text(scale(&args, NULL, 0, &error)));
        three = 4;
        printf("%s\\n", tess_status_text(scale(&args, NULL, 0, &error)));
        printf("%s\\n", tess_status_text(scale(NULL, NULL, 0, &error)));
        printf("%d ", add_call(40, 2, &sum, NULL));
        printf("%d\\n", (int)sum);
      }
      """
    try Tool.inFolder { directory in
      func write(_ name: String, _ bytes: [UInt8]) throws {
        try Data(bytes).write(to: directory.appendingPathComponent(name))
      }
      try write("main.c", Array(main.utf8))
      try write("program.h", try emit(.header))
      try write("program.a", try emit(.staticLibrary))
      try write("program.so", try emit(.sharedLibrary))
      let expected = "0 2 4 6\noverlapping arguments\nwrong shape\nnull pointer\n0 42\n"
      let flags = "-std=c11 -Wall -Wextra -Werror"
      for library in ["program.a", "./program.so"] {
        let command = "cc \(flags) main.c \(library) -lm -lpthread -o main && ./main"
        #expect(try Shell.execute(command, in: directory) == expected)
      }
      try write("header.cc", Array("#include \"program.h\"\n".utf8))
      let check = "c++ -std=c++17 -Wall -Wextra -Werror -c header.cc && echo fine"
      #expect(try Shell.execute(check, in: directory) == "fine\n")
    }
  }

  /// Rows may lie apart: arguments are read, and results written, in the middle of larger tensors.
  @Test func takesViewsFromC() throws {
    let program = """
      export fn product<M, N, K>(a: f32[M, K], b: f32[K, N], inout total: f32[M, N]) -> (c: f32[M, N]) {
        c[i, j] = sum[k] a[i, k] * b[k, j]
        total = total + c
      }
      """
    let main = """
      #include <stdio.h>
      #include "program.h"
      static float big[6][8], c[3][8], total[2][4];
      static tess_tensor view(float *data, int64_t *shape, int64_t *strides) {
        tess_tensor t = {data, {TESS_CPU, 0}, 2, {TESS_FLOAT, 32, 1}, shape, strides, 0};
        return t;
      }
      int main(void) {
        int64_t aShape[] = {2, 3}, bShape[] = {3, 4}, cShape[] = {2, 4};
        int64_t rows[] = {8, 1}, broadcast[] = {0, 1}, packed[] = {4, 1}, columns[] = {1, 8};
        for (int i = 0; i < 48; i++) big[i / 8][i % 8] = (float)i;
        for (int i = 0; i < 24; i++) c[i / 8][i % 8] = -1;
        product_args args = {0};
        args.a = view(&big[0][1], aShape, rows);
        args.b = view(&big[3][2], bShape, rows);
        args.total = view(&total[0][0], cShape, packed);
        args.c = view(&c[0][2], cShape, rows);
        tess_error error = {0};
        for (int run = 0; run < 2; run++) {
          if (product(&args, NULL, 0, &error)) return puts(error.message), 1;
        }
        for (int i = 0; i < 3; i++) {
          for (int j = 0; j < 8; j++) printf("%g%c", c[i][j], j < 7 ? ' ' : '\\n');
        }
        printf("%g %g\\n", total[0][0], total[1][3]);
        args.a.strides = broadcast;
        printf("%d ", product(&args, NULL, 0, &error));
        printf("%g\\n", c[1][2]);
        args.a.strides = columns;
        printf("%d ", product(&args, NULL, 0, &error));
        puts(error.message);
        args.a.strides = rows;
        args.c.strides = broadcast;
        printf("%d ", product(&args, NULL, 0, &error));
        puts(error.message);
        args.c = view(&big[3][0], cShape, rows);
        printf("%d ", product(&args, NULL, 0, &error));
        puts(error.message);
      }
      """
    // Row 0 of a is 1 2 3, row 1 is 9 10 11; b begins with 26 27 28 29.
    let expected = """
      -1 -1 220 226 232 238 -1 -1
      -1 -1 1036 1066 1096 1126 -1 -1
      -1 -1 -1 -1 -1 -1 -1 -1
      440 2252
      0 220
      5 argument 0, 'a', is f32[2, 3] with stride 8 in dimension 1; expected stride 1 in the last dimension
      5 'c' is written and has stride 0 in dimension 0, so that elements share memory; expected 4 or more
      7 'c' is written and shares memory with 'b'

      """
    #expect(try Shell.run(main, with: program, name: "program.tess") == expected)
  }

  @Test(arguments: [Emission.obj, .asm, .llvm, .header, .manifest, .staticLibrary, .sharedLibrary])
  func sameInputGivesSameBytes(emission: Emission) throws {
    #expect(try emit(emission) == emit(emission))
  }

  @Test func severalFormsOfOneCompilationAreThoseOfSeveral() throws {
    var compilation = Compilation(name: "program.tir", bytes: Array(source.utf8))
    _ = try compilation.emit(.obj, SessionOptions())
    #expect(try compilation.emit(.asm, SessionOptions()) == emit(.asm))
    #expect(try compilation.emit(.tir, SessionOptions()) == emit(.tir))
  }
}
