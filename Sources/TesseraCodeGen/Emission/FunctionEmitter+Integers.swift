import TesseraIR
import TesseraLLVM

extension FunctionEmitter {
  /// What `opcode` makes of the integer `a`, or of each of its lanes.
  func unaryInteger(
    _ opcode: Opcode, _ a: LLVMValue, _ type: LaneType, _ op: Operation
  ) throws(CodeGenError) -> LLVMValue {
    switch opcode {
    case .negate: return builder.subtract(builder.zero(a.type), a)
    case .bitNot:
      let width = type.scalar == .bool ? 1 : type.scalar.bitWidth
      return builder.binary(.xor, a, integer(-1, width, like: type))
    case .absolute where !type.scalar.isSigned: return a
    case .absolute:
      let wraps = builder.integer(0, builder.integerType(1))
      return builder.intrinsic("llvm.abs", [a.type], [a, wraps])
    default: throw malformed(op)
    }
  }

  /// What `opcode` makes of the integers `a` and `b`, lane by lane.
  func binaryInteger(
    _ opcode: Opcode, _ a: LLVMValue, _ b: LLVMValue, _ type: LaneType, _ op: Operation
  ) throws(CodeGenError) -> LLVMValue {
    let isSigned = type.scalar.isSigned
    switch opcode {
    case .add: return builder.add(a, b)
    case .subtract: return builder.subtract(a, b)
    case .multiply: return builder.multiply(a, b)
    case .divide, .remainder: return divideFloor(opcode, a, b, type)
    case .divideTruncating, .remainderTruncating: return divideTruncating(opcode, a, b, type)
    case .minimum, .minimumNumber:
      return isSigned
        ? builder.intrinsic("llvm.smin", [a.type], [a, b])
        : builder.intrinsic("llvm.umin", [a.type], [a, b])
    case .maximum, .maximumNumber:
      return isSigned
        ? builder.intrinsic("llvm.smax", [a.type], [a, b])
        : builder.intrinsic("llvm.umax", [a.type], [a, b])
    case .bitAnd: return builder.binary(.and, a, b)
    case .bitOr: return builder.binary(.or, a, b)
    case .bitXor: return builder.binary(.xor, a, b)
    case .shiftLeft, .shiftRight: return shift(opcode, a, b, type)
    case .equal: return builder.compare(.equal, a, b)
    case .notEqual: return builder.compare(.notEqual, a, b)
    case .less: return builder.compare(isSigned ? .lessSigned : .lessUnsigned, a, b)
    case .lessOrEqual:
      return builder.compare(isSigned ? .lessOrEqualSigned : .lessOrEqualUnsigned, a, b)
    case .greater: return builder.compare(isSigned ? .greaterSigned : .greaterUnsigned, a, b)
    case .greaterOrEqual:
      return builder.compare(isSigned ? .greaterOrEqualSigned : .greaterOrEqualUnsigned, a, b)
    default: throw malformed(op)
    }
  }

  // MARK: Shifts

  private func shift(
    _ opcode: Opcode, _ a: LLVMValue, _ b: LLVMValue, _ type: LaneType
  ) -> LLVMValue {
    // LLVM leaves shifts by the width or more undefined, so none is made.
    let width = integer(Int64(type.scalar.bitWidth), type.scalar.bitWidth, like: type)
    let isShort = builder.compare(.lessUnsigned, b, width)
    if opcode == .shiftRight, type.scalar.isSigned {
      let most = integer(Int64(type.scalar.bitWidth - 1), type.scalar.bitWidth, like: type)
      return builder.binary(.shiftRightArithmetic, a, builder.select(isShort, b, most))
    }
    let zero = builder.zero(a.type)
    let amount = builder.select(isShort, b, zero)
    let shifted = builder.binary(
      opcode == .shiftLeft ? .shiftLeft : .shiftRightLogical, a, amount)
    return builder.select(isShort, shifted, zero)
  }

  // MARK: Division

  /// Fails if a divisor is 0.
  mutating func checkDivisor(_ divisor: LLVMValue, _ type: LaneType, _ op: Operation) {
    if let value = divisor.constantInteger, value != 0 { return }
    var isNonzero = builder.compare(.notEqual, divisor, builder.zero(divisor.type))
    if type.lanes != nil {
      isNonzero = builder.intrinsic("llvm.vector.reduce.and", [isNonzero.type], [isNonzero])
    }
    fail(unless: isNonzero, .divisionByZero, "division by zero", at: op.span)
  }

  /// Division rounded toward zero; the least number by -1 wraps.
  private func divideTruncating(
    _ opcode: Opcode, _ a: LLVMValue, _ b: LLVMValue, _ type: LaneType
  ) -> LLVMValue {
    let isQuotient = opcode == .divide || opcode == .divideTruncating
    guard type.scalar.isSigned else {
      return builder.binary(isQuotient ? .divideUnsigned : .remainderUnsigned, a, b)
    }
    let operation: LLVMBinary = isQuotient ? .divideSigned : .remainderSigned
    if let divisor = b.constantInteger, divisor != -1 { return builder.binary(operation, a, b) }
    // The least number by -1 overflows and would trap, so -1 is kept away from the instruction.
    let width = type.scalar.bitWidth
    let isMinusOne = builder.compare(.equal, b, integer(-1, width, like: type))
    let divisor = builder.select(isMinusOne, integer(1, width, like: type), b)
    let result = builder.binary(operation, a, divisor)
    if !isQuotient { return result }
    return builder.select(isMinusOne, builder.subtract(builder.zero(a.type), a), result)
  }

  /// Division rounded down.
  private func divideFloor(
    _ opcode: Opcode, _ a: LLVMValue, _ b: LLVMValue, _ type: LaneType
  ) -> LLVMValue {
    guard type.scalar.isSigned else { return divideTruncating(opcode, a, b, type) }
    let width = type.scalar.bitWidth
    if let divisor = b.constantInteger, divisor > 0, divisor & (divisor - 1) == 0 {
      // Floor is what shifting and masking give.
      return opcode == .divide
        ? builder.binary(
          .shiftRightArithmetic, a,
          integer(Int64(divisor.trailingZeroBitCount), width, like: type))
        : builder.binary(.and, a, integer(divisor - 1, width, like: type))
    }
    if let divisor = b.constantInteger, divisor > 0 {
      // The complement of a negative number is not negative, and so is that of its quotient.
      let sign = builder.binary(
        .shiftRightArithmetic, a, integer(Int64(width - 1), width, like: type))
      let magnitude = builder.binary(.xor, a, sign)
      let quotient = builder.binary(.xor, builder.binary(.divideUnsigned, magnitude, b), sign)
      return opcode == .divide ? quotient : builder.subtract(a, builder.multiply(quotient, b))
    }
    // Divisions take long, so there is one, and its rest by a product.
    let quotient = divideTruncating(.divideTruncating, a, b, type)
    let rest = builder.subtract(a, builder.multiply(quotient, b))
    let zero = builder.zero(a.type)
    let signsDiffer = builder.compare(.lessSigned, builder.binary(.xor, rest, b), zero)
    let roundsDown = builder.binary(.and, signsDiffer, builder.compare(.notEqual, rest, zero))
    if opcode == .remainder {
      return builder.add(rest, builder.select(roundsDown, b, zero))
    }
    let one = integer(1, width, like: type)
    return builder.subtract(quotient, builder.select(roundsDown, one, zero))
  }
}
