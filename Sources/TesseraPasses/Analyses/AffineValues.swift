import TesseraIR

/// The values of a function as polynomials over those that are none themselves.
///
/// Remembers what it found; the function must not change in between.
public struct AffineValues: Sendable {
  private var known: [Value: AffineExpression] = [:]

  // Longer chains and sums are taken as values of their own, so that time stays linear.
  private static let depthLimit = 64
  private static let termLimit = 24

  /// Creates an analysis that knows nothing yet.
  public init() {}

  /// The polynomial of `value`, an `i64` of `function`.
  public mutating func expression(of value: Value, in function: Function) -> AffineExpression {
    expression(of: value, in: function, depth: 0)
  }

  private mutating func expression(
    of value: Value, in function: Function, depth: Int
  ) -> AffineExpression {
    if let known = known[value] { return known }
    guard let definition = function.definition(of: value), depth < AffineValues.depthLimit,
      function.type(of: value) == .index
    else { return AffineExpression(value) }
    var result = evaluate(function.operations[definition], value, in: function, depth: depth + 1)
    if result.terms.count > AffineValues.termLimit { result = AffineExpression(value) }
    known[value] = result
    return result
  }

  private mutating func evaluate(
    _ operation: Operation, _ value: Value, in function: Function, depth: Int
  ) -> AffineExpression {
    switch operation.opcode {
    case .constant:
      return function.integerConstant(value).map { AffineExpression($0) } ?? AffineExpression(value)
    case .add, .subtract, .multiply, .negate, .divide, .remainder:
      let parts = operation.operands.map { expression(of: $0, in: function, depth: depth) }
      return combined(operation.opcode, parts) ?? AffineExpression(value)
    case .dimension:
      return extent(of: operation, value, in: function, depth: depth)
    default:
      return AffineExpression(value)
    }
  }

  private func combined(_ opcode: Opcode, _ parts: [AffineExpression]) -> AffineExpression? {
    switch opcode {
    case .add: parts[0] + parts[1]
    case .subtract: parts[0] - parts[1]
    case .multiply: parts[0] * parts[1]
    case .negate: -parts[0]
    case .divide: parts[1].constantValue == 0 ? nil : parts[0].quotient(by: parts[1])
    case .remainder: parts[1].constantValue == 0 ? nil : parts[0].remainder(by: parts[1])
    default: nil
    }
  }

  private mutating func extent(
    of operation: Operation, _ value: Value, in function: Function, depth: Int
  ) -> AffineExpression {
    guard case .integer(let axis) = operation.attribute else { return AffineExpression(value) }
    return extent(of: operation.operands[0], axis: Int(axis), in: function, depth: depth)
  }

  /// The length of `axis` of a tensor or buffer, by way of what it was made with.
  public mutating func extent(
    of tensor: Value, axis: Int, in function: Function
  ) -> AffineExpression {
    extent(of: tensor, axis: axis, in: function, depth: 0)
  }

  private mutating func extent(
    of tensor: Value, axis: Int, in function: Function, depth: Int
  ) -> AffineExpression {
    if let length = function.constantExtent(of: tensor, axis: axis) {
      return AffineExpression(length)
    }
    if let operand = function.extentOperand(of: tensor, axis: axis) {
      return expression(of: operand, in: function, depth: depth)
    }
    return AffineExpression(.extent(of: tensor, axis: axis))
  }
}

extension Function {
  /// `true` iff it is known that the lengths of the axes of `tensor` are `extents`.
  func isKnown(_ tensor: Value, toHave extents: [Value]) -> Bool {
    var affine = AffineValues()
    return extents.enumerated().allSatisfy { axis, extent in
      affine.expression(of: extent, in: self) == affine.extent(of: tensor, axis: axis, in: self)
    }
  }
}
