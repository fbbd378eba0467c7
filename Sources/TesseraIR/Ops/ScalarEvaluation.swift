import TesseraNumbers

extension Opcode {
  /// The result, of type `result`, for numbers as operands: that of the operator, for those that the
  /// language has, else that of what only the IR does with numbers.
  ///
  /// - Returns: `nil` where the operator has none, for tables, and for what is no scalar operation.
  public func evaluate(
    _ a: ScalarValue, _ b: ScalarValue = .zero(.bool), _ c: ScalarValue = .zero(.bool),
    result: ScalarType
  ) -> ScalarValue? {
    switch self {
    case .convert: a.converted(to: result)
    case .bitcast: ScalarValue(bits: a.bits, result)
    case .scaleByPower, .powerOfEighths: evaluatePower(a, b)
    case .add, .subtract, .multiply, .divide, .remainder, .divideTruncating,
      .remainderTruncating, .negate, .multiplyAdd, .minimum, .maximum, .minimumNumber,
      .maximumNumber, .bitAnd, .bitOr, .bitXor, .bitNot, .shiftLeft, .shiftRight, .equal, .notEqual,
      .less, .lessOrEqual, .greater, .greaterOrEqual, .select, .absolute, .floor, .ceil, .round,
      .truncate, .squareRoot, .reciprocalSquareRoot, .exponential, .exponential2, .logarithm,
      .logarithm2, .sine, .cosine, .tangent, .hyperbolicTangent, .errorFunction, .power, .sigmoid,
      .isNaN:
      scalarOperator?.evaluate(a, b, c)
    case .constant, .dimension, .compute, .blank, .read, .reduce, .scan, .update, .sort, .launch,
      .pointerOffset,
      .pointerLoad, .pointerStore, .atomicUpdate, .atomicCompareExchange, .allocate, .load, .store,
      .place, .overlay, .view, .reshape, .copy, .sortBuffer, .release, .parallel, .vectorLoad,
      .stridedLoad,
      .vectorStore, .streamStore, .prefetch, .splat, .laneIndex, .reduceLanes, .pickLanes,
      .weaveLanes, .transposeLanes, .dotLanes, .lookUp, .if, .for, .while, .condition, .call,
      .tailCall, .yield, .return, .assert, .print:
      nil
    }
  }

  /// The result for a list of operands; see `evaluate(_:_:_:result:)`.
  public func evaluate(_ operands: [ScalarValue], result: ScalarType) -> ScalarValue? {
    switch operands.count {
    case 1: evaluate(operands[0], result: result)
    case 2: evaluate(operands[0], operands[1], result: result)
    case 3: evaluate(operands[0], operands[1], operands[2], result: result)
    default: nil
    }
  }

  private func evaluatePower(_ a: ScalarValue, _ b: ScalarValue) -> ScalarValue? {
    func power<Float: BinaryFloatingPoint>(_ a: Float, _ b: Float) -> Double {
      Double(self == .scaleByPower ? scaledByPower(a, b) : eighthPower(a, b))
    }
    return switch a.type {
    case .f32: ScalarValue(rounding: power(Float(a.double), Float(b.double)), .f32)
    case .f64: ScalarValue(rounding: power(a.double, b.double), .f64)
    default: nil
    }
  }
}

/// `a` times the power of two that `anchored` tells, by two factors of which neither overflows: the
/// second one rounds.
private func scaledByPower<Float: BinaryFloatingPoint>(_ a: Float, _ anchored: Float) -> Float {
  let type: ScalarType = Float.significandBitCount == 52 ? .f64 : .f32
  guard let n = Int(exactly: anchored - Float(type.powerAnchor)) else { return .nan }
  return scaled(a, by: n)
}

/// What `Opcode.powerOfEighths` makes of a number and of eighths that are anchored.
private func eighthPower<Float: BinaryFloatingPoint>(_ a: Float, _ anchored: Float) -> Float {
  let eighths = 8 * (anchored - Float(ScalarType.eighthAnchor))
  guard let n = Int(exactly: eighths) else { return .nan }
  let power = Float(ScalarType.eighthPowers[n & 7])
  return scaled(power.addingProduct(power, a), by: n >> 3)
}

private func scaled<Float: BinaryFloatingPoint>(_ a: Float, by n: Int) -> Float {
  guard abs(n) < 2048 else { return .nan }
  let half = Float.Exponent(Float.significandBitCount == 52 ? 512 : 64)
  let second = n < 0 ? -half : half
  return a * Float(sign: .plus, exponent: Float.Exponent(n) - second, significand: 1)
    * Float(sign: .plus, exponent: second, significand: 1)
}
