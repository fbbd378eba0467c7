extension Operator {
  /// The result of an operation on integers or bools of one type.
  func evaluateIntegers(_ a: ScalarValue, _ b: ScalarValue, _ c: ScalarValue) -> ScalarValue? {
    func wrapped(_ bits: UInt64) -> ScalarValue { ScalarValue(bits: bits, a.type) }
    let width = UInt64(a.type == .bool ? 1 : a.type.bitWidth)
    switch self {
    case .add: return wrapped(a.bits &+ b.bits)
    case .subtract: return wrapped(a.bits &- b.bits)
    case .multiply: return wrapped(a.bits &* b.bits)
    case .multiplyAdd: return wrapped(a.bits &* b.bits &+ c.bits)
    case .negate: return wrapped(0 &- a.bits)
    case .divide, .remainder, .divideTruncating, .remainderTruncating:
      if b.bits == 0 { return nil }
      if !a.type.isSigned {
        return wrapped(isQuotient ? a.bits / b.bits : a.bits % b.bits)
      }
      return ScalarValue(divideSigned(a.integer, b.integer), a.type)
    case .minimum, .minimumNumber: return integerIsLess(b, a) ? b : a
    case .maximum, .maximumNumber: return integerIsLess(a, b) ? b : a
    case .bitAnd: return wrapped(a.bits & b.bits)
    case .bitOr: return wrapped(a.bits | b.bits)
    case .bitXor: return wrapped(a.bits ^ b.bits)
    case .bitNot: return wrapped(~a.bits)
    // A negative amount is as far as the width or more, since its bits are.
    case .shiftLeft: return wrapped(b.bits >= width ? 0 : a.bits << b.bits)
    case .shiftRight:
      if a.type.isSigned { return ScalarValue(a.integer >> Int64(min(b.bits, width - 1)), a.type) }
      return wrapped(b.bits >= width ? 0 : a.bits >> b.bits)
    case .power:
      return wrapped(power(a.bits, b.type.isSigned ? max(0, b.integer).magnitude : b.bits))
    case .absolute: return a.type.isSigned && a.integer < 0 ? wrapped(0 &- a.bits) : a
    default: return nil
    }
  }

  /// The result of a comparison of integers or bools.
  func compareIntegers(_ a: ScalarValue, _ b: ScalarValue) -> ScalarValue? {
    switch self {
    case .equal: ScalarValue(a.bits == b.bits)
    case .notEqual: ScalarValue(a.bits != b.bits)
    case .less: ScalarValue(integerIsLess(a, b))
    case .lessOrEqual: ScalarValue(!integerIsLess(b, a))
    case .greater: ScalarValue(integerIsLess(b, a))
    case .greaterOrEqual: ScalarValue(!integerIsLess(a, b))
    default: nil
    }
  }

  private func integerIsLess(_ a: ScalarValue, _ b: ScalarValue) -> Bool {
    a.type.isSigned ? a.integer < b.integer : a.bits < b.bits
  }

  private var isQuotient: Bool { self == .divide || self == .divideTruncating }

  /// Division of signed numbers; the least number divided by -1 wraps to itself and leaves 0.
  private func divideSigned(_ a: Int64, _ b: Int64) -> Int64 {
    if b == -1 { return isQuotient ? 0 &- a : 0 }
    let (quotient, remainder) = a.quotientAndRemainder(dividingBy: b)
    let roundsDown = remainder != 0 && (remainder < 0) != (b < 0)
    switch self {
    case .divide: return roundsDown ? quotient - 1 : quotient
    case .remainder: return roundsDown ? remainder + b : remainder
    default: return isQuotient ? quotient : remainder
    }
  }

  /// A power by repeated multiplication, which wraps.
  private func power(_ base: UInt64, _ exponent: UInt64) -> UInt64 {
    var (result, base, exponent) = (UInt64(1), base, exponent)
    while exponent > 0 {
      if exponent & 1 == 1 { result = result &* base }
      base = base &* base
      exponent >>= 1
    }
    return result
  }
}
