import TesseraNumbers

extension Operator {
  /// What the operator gives for constants.
  func evaluate(_ operands: [ConstantValue]) throws(Evaluator.Stop) -> ConstantValue {
    if self == .select, operands.count == 3, case .integer(let condition, _) = operands[0] {
      return operands[condition != 0 ? 1 : 2]
    }
    let numbers = operands.compactMap(\.number)
    guard numbers.count == operands.count else { throw .notConstant }
    if let result = evaluate(numbers) { return ConstantValue(result) }
    if isDivision, numbers.last?.bits == 0 { throw .failure("it divides by zero") }
    // The rest is vector mathematics, which the interpreter computes as the machine does.
    throw .notConstant
  }

  private var isDivision: Bool {
    switch self {
    case .divide, .remainder, .divideTruncating, .remainderTruncating: true
    default: false
    }
  }
}

extension ConstantValue {
  /// The constant `number`.
  package init(_ number: ScalarValue) {
    self =
      number.type.isFloat
      ? .float(number.double, number.type) : .integer(number.integer, number.type)
  }

  /// The number, or `nil` if the value is none.
  package var number: ScalarValue? {
    switch self {
    case .integer(let value, let type): ScalarValue(value, type)
    case .float(let value, let type): ScalarValue(rounding: value, type)
    case .tensor, .aggregate, .string: nil
    }
  }

  /// The number converted to `type`.
  func converted(to type: ScalarType) throws(Evaluator.Stop) -> ConstantValue {
    guard let number else { throw .notConstant }
    return ConstantValue(number.converted(to: type))
  }
}
