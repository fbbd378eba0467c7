extension ScalarValue {
  /// The number as `convert` gives it in another type.
  public func converted(to target: ScalarType) -> ScalarValue {
    if target == type { return self }
    if target == .bool { return ScalarValue(type.isFloat ? double != 0 : bits != 0) }
    switch (type.isFloat, target.isFloat) {
    case (true, true): return ScalarValue(rounding: double, target)
    case (true, false): return saturated(to: target)
    case (false, true): return rounded(to: target)
    case (false, false): return ScalarValue(integer, target)
    }
  }

  /// A float truncated to an integer; what lies beyond gives the nearest end, and NaN gives 0.
  private func saturated(to target: ScalarType) -> ScalarValue {
    let value = double.rounded(.towardZero)
    if value.isNaN { return .zero(target) }
    let least =
      target.isSigned ? -Double(sign: .plus, exponent: target.bitWidth - 1, significand: 1) : 0
    let end = Double(
      sign: .plus, exponent: target.isSigned ? target.bitWidth - 1 : target.bitWidth, significand: 1
    )
    if value >= end { return .greatest(target) }
    if value <= least { return .least(target) }
    return target.isSigned
      ? ScalarValue(Int64(value), target)
      : ScalarValue(bits: UInt64(value), target)
  }

  /// An integer rounded once to a float.
  private func rounded(to target: ScalarType) -> ScalarValue {
    let isNegative = type.isSigned && integer < 0
    let magnitude = isNegative ? integer.magnitude : bits
    let sign: FloatingPointSign = isNegative ? .minus : .plus
    switch target {
    case .f64:
      return ScalarValue(rounding: isNegative ? -Double(magnitude) : Double(magnitude), .f64)
    case .f32:
      let value = isNegative ? -Float(magnitude) : Float(magnitude)
      return ScalarValue(bits: UInt64(value.bitPattern), .f32)
    default:
      // A double keeps 53 digits; those below only tell whether there is anything at all.
      if magnitude < 1 << 53 {
        return ScalarValue(
          rounding: Double(sign: sign, exponent: 0, significand: Double(magnitude)), target)
      }
      let top = magnitude >> 11 | (magnitude & 0x7FF == 0 ? 0 : 1)
      return ScalarValue(
        rounding: Double(sign: sign, exponent: 11, significand: Double(top)), target)
    }
  }
}
