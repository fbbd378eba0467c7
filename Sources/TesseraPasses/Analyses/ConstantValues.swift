import TesseraIR
import TesseraNumbers

extension Function {
  /// The number that `value` is known to be: a constant, or a vector whose lanes all are one.
  public func scalarConstant(_ value: Value) -> ScalarValue? {
    guard let definition = definition(of: value) else { return nil }
    switch operations[definition].opcode {
    case .constant:
      guard case .scalar(let type) = type(of: value) else { return nil }
      return ScalarValue(operations[definition].attribute, type)
    case .splat: return scalarConstant(operations[definition].operands[0])
    default: return nil
    }
  }

  /// The whole number that `value` is known to be.
  public func integerConstant(_ value: Value) -> Int64? {
    guard let constant = scalarConstant(value), !constant.type.isFloat else { return nil }
    return constant.integer
  }

  /// The product of whole numbers, if all are known and it is none too large.
  func constantProduct(_ numbers: some Sequence<Value>) -> Int64? {
    numbers.reduce(Int64?.some(1)) { product, value in
      guard let product, let number = integerConstant(value),
        case (let next, false) = product.multipliedReportingOverflow(by: number)
      else { return nil }
      return next
    }
  }

  /// The length of `axis` of a tensor or buffer, if it is known: by its type, or as the constant
  /// from which it was made.
  public func constantExtent(of value: Value, axis: Int) -> Int64? {
    if case .constant(let length) = type(of: value).extents[axis] { return Int64(length) }
    return extentOperand(of: value, axis: axis).flatMap(integerConstant)
  }

  /// The value that gave `axis` of a tensor or buffer its length, where the operation that made
  /// it, or one that it merely updates, was told one.
  public func extentOperand(of value: Value, axis: Int) -> Value? {
    var value = value
    // Ends since each step goes to an operation that stands earlier.
    while case .result(let definition, let index) = values[value].definition {
      let operation = operations[definition]
      switch operation.opcode {
      case .compute, .blank, .allocate, .scan: return operation.operands[axis]
      case .place, .overlay: return operation.operands[2 + axis]
      case .reshape: return operation.operands[1 + axis]
      case .view:
        let rank = type(of: value).rank
        return operation.operands[1 + rank + axis]
      case .update, .sort: value = operation.operands[0]
      case .launch:
        value = operation.operands[operation.operands.count - operation.results.count + index]
      default: return nil
      }
    }
    return nil
  }
}
