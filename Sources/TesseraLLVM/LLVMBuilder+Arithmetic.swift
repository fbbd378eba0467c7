internal import CLLVM

/// Operations on two integers or floats of one type, or on vectors of them.
public enum LLVMBinary {
  case add, subtract, multiply, divideSigned, divideUnsigned, remainderSigned, remainderUnsigned
  case shiftLeft, shiftRightLogical, shiftRightArithmetic, and, or, xor
  case addFloat, subtractFloat, multiplyFloat, divideFloat, remainderFloat

  /// What the C API calls it.
  var opcode: LLVMOpcode {
    switch self {
    case .add: LLVMAdd
    case .subtract: LLVMSub
    case .multiply: LLVMMul
    case .divideSigned: LLVMSDiv
    case .divideUnsigned: LLVMUDiv
    case .remainderSigned: LLVMSRem
    case .remainderUnsigned: LLVMURem
    case .shiftLeft: LLVMShl
    case .shiftRightLogical: LLVMLShr
    case .shiftRightArithmetic: LLVMAShr
    case .and: LLVMAnd
    case .or: LLVMOr
    case .xor: LLVMXor
    case .addFloat: LLVMFAdd
    case .subtractFloat: LLVMFSub
    case .multiplyFloat: LLVMFMul
    case .divideFloat: LLVMFDiv
    case .remainderFloat: LLVMFRem
    }
  }
}

/// Changes of type.
public enum LLVMCast {
  case truncate, zeroExtend, signExtend, truncateFloat, extendFloat, signedToFloat, unsignedToFloat
  case bitcast, pointerToInteger

  /// What the C API calls it.
  var opcode: LLVMOpcode {
    switch self {
    case .truncate: LLVMTrunc
    case .zeroExtend: LLVMZExt
    case .signExtend: LLVMSExt
    case .truncateFloat: LLVMFPTrunc
    case .extendFloat: LLVMFPExt
    case .signedToFloat: LLVMSIToFP
    case .unsignedToFloat: LLVMUIToFP
    case .bitcast: LLVMBitCast
    case .pointerToInteger: LLVMPtrToInt
    }
  }
}

/// Comparisons of integers.
public enum LLVMIntegerPredicate {
  case equal, notEqual, lessSigned, lessOrEqualSigned, lessUnsigned, lessOrEqualUnsigned
  case greaterSigned, greaterOrEqualSigned, greaterUnsigned, greaterOrEqualUnsigned

  /// What the C API calls it.
  var predicate: LLVMIntPredicate {
    switch self {
    case .equal: LLVMIntEQ
    case .notEqual: LLVMIntNE
    case .lessSigned: LLVMIntSLT
    case .lessOrEqualSigned: LLVMIntSLE
    case .lessUnsigned: LLVMIntULT
    case .lessOrEqualUnsigned: LLVMIntULE
    case .greaterSigned: LLVMIntSGT
    case .greaterOrEqualSigned: LLVMIntSGE
    case .greaterUnsigned: LLVMIntUGT
    case .greaterOrEqualUnsigned: LLVMIntUGE
    }
  }
}

/// Comparisons of floats; `false` for NaN but for `notEqual` and `unordered`.
public enum LLVMFloatPredicate {
  case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual, unordered

  /// What the C API calls it.
  var predicate: LLVMRealPredicate {
    switch self {
    case .equal: LLVMRealOEQ
    case .notEqual: LLVMRealUNE
    case .less: LLVMRealOLT
    case .lessOrEqual: LLVMRealOLE
    case .greater: LLVMRealOGT
    case .greaterOrEqual: LLVMRealOGE
    case .unordered: LLVMRealUNO
    }
  }
}

extension LLVMBuilder {
  /// The operation on two numbers or vectors.
  public func binary(_ operation: LLVMBinary, _ a: LLVMValue, _ b: LLVMValue) -> LLVMValue {
    LLVMValue(LLVMBuildBinOp(reference, operation.opcode, a.reference, b.reference, ""))
  }

  /// The sum of integers, which wraps.
  public func add(_ a: LLVMValue, _ b: LLVMValue) -> LLVMValue { binary(.add, a, b) }
  /// The difference of integers, which wraps.
  public func subtract(_ a: LLVMValue, _ b: LLVMValue) -> LLVMValue { binary(.subtract, a, b) }
  /// The product of integers, which wraps.
  public func multiply(_ a: LLVMValue, _ b: LLVMValue) -> LLVMValue { binary(.multiply, a, b) }

  /// The sum of two indices, which never overflows.
  public func addIndices(_ a: LLVMValue, _ b: LLVMValue) -> LLVMValue {
    LLVMValue(LLVMBuildNSWAdd(reference, a.reference, b.reference, ""))
  }

  /// The product of an index and a stride, which never overflows.
  public func multiplyIndices(_ a: LLVMValue, _ b: LLVMValue) -> LLVMValue {
    LLVMValue(LLVMBuildNSWMul(reference, a.reference, b.reference, ""))
  }

  /// The number with the other sign.
  public func negateFloat(_ value: LLVMValue) -> LLVMValue {
    LLVMValue(LLVMBuildFNeg(reference, value.reference, ""))
  }

  /// `value` in another type.
  public func cast(_ cast: LLVMCast, _ value: LLVMValue, to type: LLVMType) -> LLVMValue {
    LLVMValue(LLVMBuildCast(reference, cast.opcode, value.reference, type.reference, ""))
  }

  /// The comparison of integers.
  public func compare(
    _ predicate: LLVMIntegerPredicate, _ a: LLVMValue, _ b: LLVMValue
  ) -> LLVMValue {
    LLVMValue(LLVMBuildICmp(reference, predicate.predicate, a.reference, b.reference, ""))
  }

  /// The comparison of floats.
  public func compareFloats(
    _ predicate: LLVMFloatPredicate, _ a: LLVMValue, _ b: LLVMValue
  ) -> LLVMValue {
    LLVMValue(LLVMBuildFCmp(reference, predicate.predicate, a.reference, b.reference, ""))
  }

  /// `a` where the condition holds, else `b`.
  public func select(_ condition: LLVMValue, _ a: LLVMValue, _ b: LLVMValue) -> LLVMValue {
    LLVMValue(
      LLVMBuildSelect(reference, condition.reference, a.reference, b.reference, ""))
  }

  // MARK: Vectors and structures

  /// The lanes of `a`, then those of `b`, at `positions`.
  public func shuffle(_ a: LLVMValue, _ b: LLVMValue, _ positions: [Int]) -> LLVMValue {
    let mask = constantVector(positions.map { integer(Int64($0), integerType(32)) })
    return LLVMValue(
      LLVMBuildShuffleVector(reference, a.reference, b.reference, mask.reference, ""))
  }

  /// A vector of `count` lanes that all are `value`.
  public func splat(_ value: LLVMValue, _ count: Int) -> LLVMValue {
    let type = vectorType(value.type, count)
    let first = insert(value, into: poison(type), lane: 0)
    return shuffle(first, poison(type), Array(repeating: 0, count: count))
  }

  /// A lane of a vector.
  public func extract(_ vector: LLVMValue, lane: Int) -> LLVMValue {
    LLVMValue(
      LLVMBuildExtractElement(
        reference, vector.reference, integer(Int64(lane), integerType(32)).reference, ""))
  }

  /// The vector with another value in one lane.
  public func insert(_ value: LLVMValue, into vector: LLVMValue, lane: Int) -> LLVMValue {
    LLVMValue(
      LLVMBuildInsertElement(
        reference, vector.reference, value.reference,
        integer(Int64(lane), integerType(32)).reference, ""))
  }

  /// A member of a structure.
  public func extractMember(_ structure: LLVMValue, _ index: Int) -> LLVMValue {
    LLVMValue(LLVMBuildExtractValue(reference, structure.reference, UInt32(index), ""))
  }

  /// The structure with another value in one member.
  public func insertMember(
    _ value: LLVMValue, into structure: LLVMValue, _ index: Int
  ) -> LLVMValue {
    LLVMValue(
      LLVMBuildInsertValue(reference, structure.reference, value.reference, UInt32(index), ""))
  }
}
