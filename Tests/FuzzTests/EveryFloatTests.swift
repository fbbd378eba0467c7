import Tessera
import TesseraData
import Testing

/// Functions of one number over every f32, or a stride of them: compiled code, all lanes of it,
/// against the same function of f64, which other tests hold against the host's.
@Suite struct EveryFloatTests {
  /// The functions, and how many units in the last place they may be off.
  static let functions: [(name: String, ulps: Double)] = [
    ("exp", 2), ("exp2", 2), ("log", 2), ("log2", 2), ("tanh", 2), ("sigmoid", 2), ("rsqrt", 2),
    ("sin", 4), ("cos", 4), ("tan", 4), ("erf", 4), ("sqrt", 0.5),
  ]

  @Test(arguments: functions)
  func staysClose(_ function: (name: String, ulps: Double)) throws {
    let program = try Session().compile(
      """
      /// How many units in the last place `y` is away from `exact`; NaN if it is no such number.
      fn distance(y: f32, exact: f64) -> f64 {
        let nearest = f32(exact)
        let next = bitcast(f32, bitcast(u32, abs(nearest)) + 1)
        let unit = f64(next) - f64(abs(nearest))
        let isMet = y == nearest or (nearest != nearest and y != y)
        if isMet { 0.0 } else { abs(f64(y) - exact) / unit }
      }

      fn off(x: f32) -> f64 { distance(\(function.name)(x), \(function.name)(f64(x))) }

      export fn worst(first: i64, count: i64, step: i64) -> f64 {
        max[i in 0..count] off(bitcast(f32, u32(first + i * step)))
      }
      """)
    let all = 1 << 32
    let step = max(1, all / FuzzRun.seeds(short: 1 << 20, long: 1 << 32).count)
    let chunk = 1 << 24
    for first in stride(from: 0, to: all, by: chunk * step) {
      let count = min(chunk, (all - first + step - 1) / step)
      FuzzRun.trace(UInt64(first), Array("\(function.name), \(count) numbers by \(step)".utf8))
      let numbers = [first, count, step].map { Tensor(Int64($0)) }
      let worst = try program.call("worst", numbers)[0].doubles()[0]
      #expect(worst <= function.ulps, "from the bits \(first), \(count) numbers by \(step)")
    }
  }
}
