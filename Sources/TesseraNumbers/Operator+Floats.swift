extension Operator {
  /// The result of an operation on floats that the host has too.
  func evaluateFloats<Float: BinaryFloatingPoint>(_ a: Float, _ b: Float, _ c: Float) -> Float? {
    switch self {
    case .add: a + b
    case .subtract: a - b
    case .multiply: a * b
    case .divide: a / b
    case .remainder: floorRemainder(a, b)
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

  /// The result of an operation on `f16` or `bf16`: computed in f32 and rounded to that type.
  func evaluateNarrow(_ a: ScalarValue, _ b: ScalarValue, _ c: ScalarValue) -> ScalarValue? {
    evaluateFloats(a.narrow, b.narrow, c.narrow).map { ScalarValue(rounding: Double($0), a.type) }
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

/// `a - b * floor(a / b)` rounded once.
private func floorRemainder<Float: BinaryFloatingPoint>(_ a: Float, _ b: Float) -> Float {
  let rest = a.truncatingRemainder(dividingBy: b)
  if rest == 0 { return Float(signOf: b, magnitudeOf: 0) }
  return (rest < 0) == (b < 0) ? rest : rest + b
}
