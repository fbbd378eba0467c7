import TesseraIR

/// The numbers by which weights of a softmax are made of scores: vectors of rows.
struct WeightPower {
  /// How many powers of two a score is worth.
  let factor: Value
  /// The distance that 127 powers of two are.
  let farthest: Value
}

/// Exponentials of distances below the largest score.
extension Scheduler {
  /// The numbers for scores that lack `factor`, or nothing.
  mutating func weightPower(_ factor: Value?) -> WeightPower {
    var powers = builder.constant(1.4426950408889634, .f32)
    if let factor { powers = builder.arithmetic(.multiply, demanded(factor), powers) }
    let most = builder.arithmetic(.divide, builder.constant(-127.0, .f32), powers)
    return WeightPower(factor: spread(powers), farthest: spread(most))
  }

  /// 2ᶠˣ for the distance x = `score` - `top`, which is not above 0, and the factor f: 2ⁿ 2ʳ with
  /// n = round(f x).
  ///
  /// Error: at most 1.9 ulp beside that of x; 0 below 2⁻¹²⁶. NaN stays NaN.
  mutating func weight(_ score: Value, below top: Value, _ power: WeightPower) -> Value {
    let distance = builder.arithmetic(.subtract, score, top)
    let isFar = builder.compare(.less, distance, power.farthest)
    let held = builder.emit(
      .select, [isFar, power.farthest, distance], results: [builder.type(of: distance)])[0]
    // A sum with so large a number has no digits after the point, and n in its last bits.
    let anchor = spread(builder.constant(0x1.8p23, .f32))
    let anchored = builder.arithmetic(.multiplyAdd, held, power.factor, anchor)
    let opposite = builder.arithmetic(.subtract, anchor, anchored)
    let rest = builder.arithmetic(.multiplyAdd, held, power.factor, opposite)

    var sum = spread(builder.constant(Self.powerOfFraction.last!, .f32))
    for number in Self.powerOfFraction.dropLast().reversed() {
      let number = spread(builder.constant(number, .f32))
      sum = builder.arithmetic(.multiplyAdd, sum, rest, number)
    }
    // The bits of 1 with n added to the exponent: for n = -127 they are those of 0.
    let integers = Type.vector(.i32, lanes: columnLanes)
    let bits = builder.emit(.bitcast, [anchored], results: [integers])[0]
    let width = builder.emit(.splat, [builder.constant(Int64(23), .i32)], results: [integers])[0]
    let one = builder.emit(
      .splat, [builder.constant(Int64(0x3F80_0000), .i32)], results: [integers])[0]
    let exponent = builder.arithmetic(
      .add, builder.arithmetic(.shiftLeft, bits, width), one)
    let whole = builder.emit(.bitcast, [exponent], results: [builder.type(of: sum)])[0]
    return builder.arithmetic(.multiply, sum, whole)
  }

  /// The minimax polynomial of 2ʳ for |r| ≤ 1/2 with 1 at 0, by ulps, lowest power first: 1.1 ulp.
  private static var powerOfFraction: [Double] {
    [1, 0.6931468, 0.24022236, 0.055508915, 0.009671763, 0.0013225704]
  }

  private mutating func spread(_ number: Value) -> Value {
    builder.emit(.splat, [number], results: [.vector(.f32, lanes: columnLanes)])[0]
  }
}
