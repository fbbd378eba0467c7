import TesseraNumbers

/// Arithmetic of single numbers with the semantics of the language.
enum Arithmetic {
  typealias Stop = Evaluator.Stop

  /// `operation` on `operands`, giving a number of type `type`.
  static func apply(
    _ operation: Operator, _ operands: [ConstantValue], as type: ScalarType
  ) throws(Stop) -> ConstantValue {
    switch operands.first {
    case .integer(let a, let operandType):
      if operation == .select, operands.count == 3 { return operands[a != 0 ? 1 : 2] }
      if operands.count == 1 { return try unary(operation, a, type) }
      guard operands.count == 2, case .integer(let b, _) = operands[1] else { throw .notConstant }
      return try binary(operation, a, b, operandType)
    case .float(let a, _):
      if operands.count == 1 { return try unary(operation, a, type) }
      guard operands.count == 2, case .float(let b, _) = operands[1] else { throw .notConstant }
      return try binary(operation, a, b, type)
    default: throw .notConstant
    }
  }

  private static func unary(
    _ operation: Operator, _ a: Int64, _ type: ScalarType
  ) throws(Stop) -> ConstantValue {
    switch operation {
    case .negate: .integer(type.wrapped(0 &- a), type)
    case .bitNot: .integer(type == .bool ? 1 - a : type.wrapped(~a), type)
    case .absolute: .integer(type.wrapped(a < 0 && type.isSigned ? 0 &- a : a), type)
    default: throw .notConstant
    }
  }

  private static func binary(
    _ operation: Operator, _ a: Int64, _ b: Int64, _ type: ScalarType
  ) throws(Stop) -> ConstantValue {
    func number(_ value: Int64) -> ConstantValue { .integer(type.wrapped(value), type) }
    func truth(_ value: Bool) -> ConstantValue { .integer(value ? 1 : 0, .bool) }
    let isUnsignedWord = type == .u64
    func isLess(_ a: Int64, _ b: Int64) -> Bool {
      isUnsignedWord ? UInt64(bitPattern: a) < UInt64(bitPattern: b) : a < b
    }
    switch operation {
    case .add: return number(a &+ b)
    case .subtract: return number(a &- b)
    case .multiply: return number(a &* b)
    case .divide, .remainder, .divideTruncating, .remainderTruncating:
      if b == 0 { throw .failure("it divides by zero") }
      return number(divide(operation, a, b, isUnsignedWord: isUnsignedWord))
    case .minimum, .minimumNumber: return number(isLess(b, a) ? b : a)
    case .maximum, .maximumNumber: return number(isLess(a, b) ? b : a)
    case .bitAnd: return number(a & b)
    case .bitOr: return number(a | b)
    case .bitXor: return number(a ^ b)
    case .shiftLeft: return number(b < 0 || b >= Int64(type.bitWidth) ? 0 : a << b)
    case .shiftRight:
      if b < 0 || b >= Int64(type.bitWidth) { return number(type.isSigned && a < 0 ? -1 : 0) }
      return number(
        isUnsignedWord ? Int64(bitPattern: UInt64(bitPattern: a) >> UInt64(b)) : a >> b)
    case .equal: return truth(a == b)
    case .notEqual: return truth(a != b)
    case .less: return truth(isLess(a, b))
    case .lessOrEqual: return truth(!isLess(b, a))
    case .greater: return truth(isLess(b, a))
    case .greaterOrEqual: return truth(!isLess(a, b))
    case .power:
      if b < 0 { throw .notConstant }
      var (result, base, exponent) = (Int64(1), a, b)
      while exponent > 0 {
        if exponent & 1 == 1 { result = result &* base }
        base = base &* base
        exponent >>= 1
      }
      return number(result)
    default: throw .notConstant
    }
  }

  private static func divide(
    _ operation: Operator, _ a: Int64, _ b: Int64, isUnsignedWord: Bool
  ) -> Int64 {
    let wantsQuotient = operation == .divide || operation == .divideTruncating
    if isUnsignedWord {
      let (q, r) = UInt64(bitPattern: a).quotientAndRemainder(dividingBy: UInt64(bitPattern: b))
      return Int64(bitPattern: wantsQuotient ? q : r)
    }
    // The least integer divided by -1 wraps.
    if b == -1 { return wantsQuotient ? 0 &- a : 0 }
    var (q, r) = a.quotientAndRemainder(dividingBy: b)
    if operation == .divide || operation == .remainder, r != 0, (r < 0) != (b < 0) {
      q -= 1
      r += b
    }
    return wantsQuotient ? q : r
  }

  private static func unary(
    _ operation: Operator, _ a: Double, _ type: ScalarType
  ) throws(Stop) -> ConstantValue {
    let value: Double
    switch operation {
    case .negate: value = -a
    case .absolute: value = a.magnitude
    case .floor: value = a.rounded(.down)
    case .ceil: value = a.rounded(.up)
    case .round: value = a.rounded(.toNearestOrEven)
    case .truncate: value = a.rounded(.towardZero)
    case .squareRoot: value = a.squareRoot()
    case .isNaN: return .integer(a.isNaN ? 1 : 0, .bool)
    // The rest is vector mathematics, which the interpreter computes as the machine does.
    default: throw .notConstant
    }
    return .float(type.rounded(value), type)
  }

  private static func binary(
    _ operation: Operator, _ a: Double, _ b: Double, _ type: ScalarType
  ) throws(Stop) -> ConstantValue {
    func truth(_ value: Bool) -> ConstantValue { .integer(value ? 1 : 0, .bool) }
    let value: Double
    switch operation {
    // Rounding a double's result to a narrower type is rounding once: doubles have more than
    // twice the digits.
    case .add: value = a + b
    case .subtract: value = a - b
    case .multiply: value = a * b
    case .divide: value = a / b
    case .minimum:
      value = a.isNaN || b.isNaN ? .nan : a == b ? (a.sign == .minus ? a : b) : min(a, b)
    case .maximum:
      value = a.isNaN || b.isNaN ? .nan : a == b ? (a.sign == .plus ? a : b) : max(a, b)
    case .equal: return truth(a == b)
    case .notEqual: return truth(a != b)
    case .less: return truth(a < b)
    case .lessOrEqual: return truth(a <= b)
    case .greater: return truth(a > b)
    case .greaterOrEqual: return truth(a >= b)
    default: throw .notConstant
    }
    return .float(type.rounded(value), type)
  }

  /// `value` converted to `type`.
  static func convert(_ value: ConstantValue, to type: ScalarType) throws(Stop) -> ConstantValue {
    switch value {
    case .integer(let bits, let from):
      if type == .bool { return .integer(bits != 0 ? 1 : 0, .bool) }
      guard type.isFloat else { return .integer(type.wrapped(bits), type) }
      if type == .f32 {
        return .float(Double(from == .u64 ? Float(UInt64(bitPattern: bits)) : Float(bits)), type)
      }
      return .float(
        type.rounded(from == .u64 ? Double(UInt64(bitPattern: bits)) : Double(bits)), type)
    case .float(let number, _):
      if type.isFloat { return .float(type.rounded(number), type) }
      if type == .bool { return .integer(number != 0 ? 1 : 0, .bool) }
      if number.isNaN { return .integer(0, type) }
      let whole = number.rounded(.towardZero)
      if type == .u64 {
        let bits = whole <= 0 ? 0 : whole >= 0x1p64 ? UInt64.max : UInt64(whole)
        return .integer(Int64(bitPattern: bits), type)
      }
      let top = Double(
        sign: .plus, exponent: type.isSigned ? type.bitWidth - 1 : type.bitWidth, significand: 1)
      if whole >= top {
        let width = Int64(type.isSigned ? type.bitWidth - 1 : type.bitWidth)
        return .integer(width == 63 ? .max : (1 << width) - 1, type)
      }
      if !type.isSigned, whole < 0 { return .integer(0, type) }
      if type.isSigned, whole < -top {
        return .integer(type.wrapped(Int64.min >> Int64(64 - type.bitWidth)), type)
      }
      return .integer(Int64(whole), type)
    default: throw .notConstant
    }
  }
}
