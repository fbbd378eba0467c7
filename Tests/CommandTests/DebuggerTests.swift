import Foundation
import Testing

/// A debugger stops at lines of programs, since code says which line it was made from.
@Suite struct DebuggerTests {
  private static let program = """
    /// Half the sum of what is above the limit.
    export fn half_above<N>(x: f32[N], limit: f32) -> (half: f32) {
      let kept = sum[i] if x[i] > limit { x[i] } else { 0 }
      half = kept / 2
    }

    """

  private static let host = """
    #include <stdio.h>
    #include "program.h"
    int main(void) {
      float values[4] = {1, 5, 2, 7}, half = 0;
      int64_t four = 4;
      half_above_args arguments = {0};
      arguments.x.data = values;
      arguments.x.device.type = TESS_CPU;
      arguments.x.ndim = 1;
      arguments.x.dtype = (tess_dtype){TESS_FLOAT, 32, 1};
      arguments.x.shape = &four;
      arguments.limit = 3;
      arguments.half = &half;
      int32_t status = half_above(&arguments, NULL, 0, NULL);
      printf("%d %g\\n", status, half);
    }
    """

  @Test(arguments: [0, 2]) func stopsInObjects(level: Int) throws {
    guard Command.has("gdb", for: "would be asked to stop at a line of a program"),
      Command.has("cc", for: "links the object with a host")
    else { return }
    let command = try Command(files: ["program.tess": Self.program, "main.c": Self.host])
    let built = try command.shell(
      "tess build program.tess --emit=static,header -O\(level) "
        + "&& cc -g main.c program.a -lm -lpthread -o main && ./main")
    #expect(built.output == "0 6\n" && built.code == 0, "\(built.errors)")
    for (line, text) in [(3, "let kept = sum[i]"), (4, "half = kept / 2")] {
      let stopped = try command.shell(
        "gdb -q -batch -nx -ex 'set debuginfod enabled off' -ex 'break program.tess:\(line)' "
          + "-ex run -ex 'frame' -ex 'continue' ./main < /dev/null")
      #expect(
        stopped.output.contains("program.tess:\(line)\n\(line)\t  \(text)"),
        "\(stopped.output)\(stopped.errors)")
    }
  }
}
