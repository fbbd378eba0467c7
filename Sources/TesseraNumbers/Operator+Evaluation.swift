// What each operator gives for numbers. The checker, constant folding and the interpreter all come
// here, so they cannot differ; the code generator is held to it by tests.

extension Operator {
  /// The result for numbers as operands; what an operator does not take is ignored.
  ///
  /// Integers wrap. A NaN made by arithmetic is the one of `Double.nan`, rounded.
  ///
  /// - Returns: `nil` for division of integers by zero, for mathematical functions that are defined
  ///   by their expansion, and for what is no operator on these types.
  public func evaluate(
    _ a: ScalarValue, _ b: ScalarValue = .zero(.bool), _ c: ScalarValue = .zero(.bool)
  ) -> ScalarValue? {
    switch self {
    case .select: a.bool ? b : c
    case .isNaN: ScalarValue(a.isNaN)
    case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual:
      a.type.isFloat ? compareFloats(a.double, b.double) : compareIntegers(a, b)
    case .pointerOffset: nil
    case .add, .subtract, .multiply, .divide, .remainder, .divideTruncating,
      .remainderTruncating, .negate, .multiplyAdd, .minimum, .maximum, .minimumNumber,
      .maximumNumber, .bitAnd, .bitOr, .bitXor, .bitNot, .shiftLeft, .shiftRight, .absolute,
      .floor, .ceil, .round, .truncate, .squareRoot, .reciprocalSquareRoot, .exponential,
      .exponential2, .logarithm, .logarithm2, .sine, .cosine, .tangent, .hyperbolicTangent,
      .errorFunction, .power, .sigmoid:
      switch a.type {
      case .f64:
        evaluateFloats(a.double, b.asDouble, c.asDouble).map { ScalarValue(rounding: $0, .f64) }
      case .f32:
        evaluateFloats(a.asFloat, b.asFloat, c.asFloat)
          .map { ScalarValue(bits: UInt64(($0.isNaN ? .nan : $0).bitPattern), .f32) }
      case .f16, .bf16: evaluateNarrow(a, b, c)
      case .bool, .i8, .i16, .i32, .i64, .u8, .u16, .u32, .u64: evaluateIntegers(a, b, c)
      }
    }
  }

  /// The result for a list of operands; see `evaluate(_:_:_:)`.
  public func evaluate(_ operands: [ScalarValue]) -> ScalarValue? {
    switch operands.count {
    case 1: evaluate(operands[0])
    case 2: evaluate(operands[0], operands[1])
    case 3: evaluate(operands[0], operands[1], operands[2])
    default: nil
    }
  }
}

extension ScalarValue {
  /// The value of a float, or 0 of a missing operand.
  fileprivate var asDouble: Double { type.isFloat ? double : 0 }

  /// The value of an f16 or bf16, or 0 of a missing operand.
  var narrow: Float { type.isFloat ? Float(double) : 0 }

  /// The value of an f32, or 0 of a missing operand.
  fileprivate var asFloat: Float { Float(bitPattern: UInt32(truncatingIfNeeded: bits)) }
}
