extension Opcode {
  /// The result of an operation on floats that the host has too.
  func evaluateFloats<Float: BinaryFloatingPoint>(_ a: Float, _ b: Float, _ c: Float) -> Float? {
    switch self {
    case .add: a + b
    case .subtract: a - b
    case .multiply: a * b
    case .divide: a / b
    case .multiplyAdd: c.addingProduct(a, b)
    case .negate: -a
    case .absolute: abs(a)
    case .minimum: a.isNaN || b.isNaN ? .nan : lesser(a, b)
    case .maximum: a.isNaN || b.isNaN ? .nan : greater(a, b)
    case .minimumNumber: a.isNaN ? b : b.isNaN ? a : lesser(a, b)
    case .maximumNumber: a.isNaN ? b : b.isNaN ? a : greater(a, b)
    case .floor: a.rounded(.down)
    case .ceil: a.rounded(.up)
    case .round: a.rounded(.toNearestOrEven)
    case .truncate: a.rounded(.towardZero)
    case .squareRoot: a.squareRoot()
    default: nil
    }
  }

  /// The result of an operation on `f16` or `bf16`, rounded to that type.
  ///
  /// A double has more than twice the digits of either, so rounding its sum, difference, product,
  /// quotient or square root once more gives what rounding the exact result would; `multiplyAdd`
  /// needs the digit that tells where the exact sum lies.
  func evaluateNarrow(_ a: ScalarValue, _ b: ScalarValue, _ c: ScalarValue) -> ScalarValue? {
    let (x, y, z) = (a.double, b.type.isFloat ? b.double : 0, c.type.isFloat ? c.double : 0)
    let result =
      self == .multiplyAdd ? sumRoundedToOdd(x * y, z) : evaluateFloats(x, y, z)
    return result.map { ScalarValue(rounding: $0, a.type) }
  }

  /// The result of a comparison of floats.
  func compareFloats(_ a: Double, _ b: Double) -> ScalarValue? {
    switch self {
    case .equal: ScalarValue(a == b)
    case .notEqual: ScalarValue(a != b)
    case .less: ScalarValue(a < b)
    case .lessOrEqual: ScalarValue(a <= b)
    case .greater: ScalarValue(a > b)
    case .greaterOrEqual: ScalarValue(a >= b)
    default: nil
    }
  }

  /// The smaller of two numbers, -0 below +0.
  private func lesser<Float: BinaryFloatingPoint>(_ a: Float, _ b: Float) -> Float {
    a < b || (a == b && a.sign == .minus) ? a : b
  }

  /// The larger of two numbers, +0 above -0.
  private func greater<Float: BinaryFloatingPoint>(_ a: Float, _ b: Float) -> Float {
    a > b || (a == b && a.sign == .plus) ? a : b
  }
}

/// The sum rounded so that rounding it again, to fewer than half as many digits, rounds the exact
/// sum: where inexact, the neighbour whose last digit is odd.
///
/// Algorithm: Boldo and Melquiond 2008, «Emulation of FMA and correctly rounded sums».
func sumRoundedToOdd(_ a: Double, _ b: Double) -> Double {
  let sum = a + b
  if !sum.isFinite { return sum }
  let part = sum - a
  let error = (a - (sum - part)) + (b - part)
  if error == 0 || sum.bitPattern & 1 == 1 { return sum }
  return (error > 0) == (sum >= 0)
    ? Double(bitPattern: sum.bitPattern + 1)
    : Double(bitPattern: sum.bitPattern - 1)
}
