import Foundation
import Tessera
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
    try Shell.inDirectory { directory in
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
