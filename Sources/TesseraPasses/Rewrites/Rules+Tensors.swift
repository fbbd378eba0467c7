import TesseraIR
import TesseraNumbers

/// Extents, elements of constants, addresses.
let tensorRules: [Rule] = [
  Rule("the extent of a tensor of known length", .dimension, on: .all) { site in
    guard case .integer(let axis) = site.current.attribute,
      let length = site.function.constantExtent(of: site.left, axis: Int(axis))
    else { return nil }
    return site.number(length)
  },
  Rule("the extent of a tensor is what it was made with", .dimension, on: .all) { site in
    guard case .integer(let axis) = site.current.attribute else { return nil }
    return site.function.extentOperand(of: site.left, axis: Int(axis))
  },
  Rule("the extent of an updated tensor is that of the old one", .dimension, on: .all) { site in
    guard let source = site.function.updatedTensor(of: site.left) else { return nil }
    return site.emit(
      .dimension, [source], .index, attribute: site.current.attribute)
  },
  Rule("an element of a constant", .read, on: .all) { $0.elementOfConstant },
  Rule("an element of a tensor of one number", .read, on: .all) { site in
    site.function.numberOfAll(of: site.left).flatMap { site.number($0) }
  },
  Rule("p + 0 = p", .pointerOffset, on: .all) { $0.isZero($0.right) ? $0.left : nil },
]

extension Rewriter {
  /// The number that a `read` at constant places of a constant tensor gives.
  fileprivate var elementOfConstant: Value? {
    mutating get {
      guard let definition = function.definition(of: left),
        case .dense(let dense) = function.operations[definition].attribute,
        let type = function.type(of: left).scalarType
      else { return nil }
      var position: Int64 = 0
      for (axis, index) in current.operands.dropFirst().enumerated() {
        guard let place = function.integerConstant(index),
          let length = function.constantExtent(of: left, axis: axis), place >= 0, place < length
        else { return nil }
        position = position * length + place
      }
      let start = Int(position) * type.byteCount
      guard start + type.byteCount <= dense.bytes.count else { return nil }
      var bits: UInt64 = 0
      for offset in (0..<type.byteCount).reversed() {
        bits = bits << 8 | UInt64(dense.bytes[start + offset])
      }
      return number(ScalarValue(bits: bits, type))
    }
  }
}

extension Function {
  /// The number that every element of the tensor `value` is, where it is made so.
  fileprivate func numberOfAll(of value: Value) -> ScalarValue? {
    guard let definition = definition(of: value), operations[definition].opcode == .compute,
      operations[definition].results.count == 1,
      let end = terminator(of: operations[definition].regions[0])
    else { return nil }
    return scalarConstant(operations[end].operands[0])
  }

  /// The tensor whose extents those of `value` are, where an operation gave it other elements.
  fileprivate func updatedTensor(of value: Value) -> Value? {
    guard case .result(let definition, let index) = values[value].definition else { return nil }
    let operation = operations[definition]
    switch operation.opcode {
    case .update, .sort: return operation.operands[0]
    case .launch:
      return operation.operands[operation.operands.count - operation.results.count + index]
    default: return nil
    }
  }
}
