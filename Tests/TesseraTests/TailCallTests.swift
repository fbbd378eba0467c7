import Tessera
import TesseraData
import TesseraPasses
import Testing

/// Calls in tail position use no stack, however a program runs.
@Suite struct TailCallTests {
  private static let source = """
    export fn tally(n: i64, total: i64) -> i64 { if n == 0 { total } else { tally(n - 1, total + n) } }
    export fn length(n: i64) -> i64 { if n == 0 { 0 } else { 1 + length(n - 1) } }
    export fn is_even(n: i64) -> bool { if n == 0 { true } else { tail is_odd(n - 1, 0.5) } }
    fn is_odd(n: i64, weight: f32) -> bool { if n == 0 { false } else { tail is_even(n - 1) } }
    export fn down(n: i64) -> (rest: i64, count: i64) { if n < 0 { (n, 1) } else { tail further(n, 0) } }
    fn further(n: i64, steps: i64) -> (rest: i64, count: i64) {
      if n > 2 { return tail down_from(n - 3, steps + 1) }
      (n, steps)
    }
    fn down_from(n: i64, steps: i64) -> (rest: i64, count: i64) { tail further(n, steps) }

    """

  /// A million calls, each in each of the three ways; fewer where they are slow.
  @Test(arguments: [
    (SessionOptions.Engine.interpreter, OptimizationLevel.none), (.jit, .none), (.jit, .standard),
  ])
  func useNoStack(engine: SessionOptions.Engine, level: OptimizationLevel) throws {
    var options = SessionOptions()
    (options.engine, options.level) = (engine, level)
    let executable = try Session(options: options).compile(Self.source)
    let isSlow = engine == .interpreter && _isDebugAssertConfiguration()
    let depth: Int64 = 1_000_000
    let sum = depth * (depth + 1) / 2
    #expect(try executable.call("tally", [Tensor(depth), Tensor(Int64(0))]) == [Tensor(sum)])
    #expect(try executable.call("is_even", [Tensor(depth)])[0].doubles() == [1])
    let few = isSlow ? depth / 10 : depth
    #expect(try executable.call("length", [Tensor(few)]) == [Tensor(few)])
    #expect(try executable.call("down", [Tensor(3 * few + 2)]) == [Tensor(Int64(2)), Tensor(few)])
  }

  /// Compiled ahead of time they run on a stack of 256 KiB.
  @Test(arguments: [OptimizationLevel.none, .standard])
  func useNoStackFromC(level: OptimizationLevel) throws {
    let main = """
      #include <stdio.h>
      #include "program.h"
      int main(void) {
        int64_t sum = 0, depth = 0, rest = 0, steps = 0;
        uint8_t even = 0;
        int32_t status = tally_call(1000000, 0, &sum, NULL) | length_call(1000000, &depth, NULL)
            | is_even_call(1000000, (void *)&even, NULL) | down_call(3000002, &rest, &steps, NULL);
        printf("%d %lld %lld %d %lld %lld\\n", status, (long long)sum, (long long)depth, even,
            (long long)rest, (long long)steps);
      }
      """
    var options = SessionOptions()
    options.level = level
    let output = try Shell.run(
      main, with: Self.source, name: "program.tess", options: options, after: "ulimit -s 256")
    #expect(output == "0 500000500000 1000000 1 2 1000000\n")
  }
}
