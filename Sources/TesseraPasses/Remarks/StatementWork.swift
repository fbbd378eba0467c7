import TesseraIR

/// How much a statement has to do: arithmetic on elements, and memory that must move.
struct StatementWork {
  /// The elements of a result.
  let elements: Amount
  /// The arithmetic operations; of branches, those of the first.
  let operations: Amount
  /// The bytes of all tensors that are read and of the results, each counted once.
  let byteCount: Amount

  /// Weighs `content`, a `compute` of `function`.
  init(_ content: Operation, in function: Function) {
    let region = content.regions[0]
    var elements = Amount(1)
    for extent in content.operands { elements = elements * function.amount(of: extent) }
    self.elements = elements
    operations = elements * function.arithmetic(in: region)
    var tensors: [Value] = []
    function.forEachOperation(in: region) { id in
      let inner = function.operations[id]
      guard inner.opcode == .read, !tensors.contains(inner.operands[0]) else { return }
      tensors.append(inner.operands[0])
    }
    var bytes = Amount(0)
    for tensor in tensors { bytes = bytes + function.byteCount(of: tensor) }
    for result in content.results {
      bytes = bytes + elements * Amount(function.type(of: result).element.byteCount)
    }
    byteCount = bytes
  }

  /// The facts as lines of a remark.
  var notes: [String] {
    ["arithmetic: \(operations) operations", "memory: \(byteCount) bytes, each moved once"]
  }
}

extension Function {
  /// The number that `value` is, in terms of named values.
  func amount(of value: Value) -> Amount {
    if let number = integerConstant(value) { return Amount(Int(number)) }
    if let name = values[value].name { return Amount(symbol: name) }
    guard let content = definition(of: value).map({ operations[$0] }) else {
      return Amount(symbol: "?")
    }
    switch content.opcode {
    case .add: return amount(of: content.operands[0]) + amount(of: content.operands[1])
    case .multiply: return amount(of: content.operands[0]) * amount(of: content.operands[1])
    case .dimension:
      guard case .integer(let axis) = content.attribute,
        let name = values[content.operands[0]].name
      else { return Amount(symbol: "?") }
      return Amount(symbol: "\(name).\(axis)")
    default: return Amount(symbol: "?")
    }
  }

  /// The bytes of the elements of a tensor.
  fileprivate func byteCount(of tensor: Value) -> Amount {
    let type = type(of: tensor)
    let maker = definition(of: tensor).map { operations[$0] }
    var bytes = Amount(type.element.byteCount)
    for (axis, extent) in type.extents.enumerated() {
      if case .constant(let length) = extent {
        bytes = bytes * Amount(length)
      } else if let maker, maker.opcode == .compute {
        bytes = bytes * amount(of: maker.operands[axis])
      } else {
        let name = values[tensor].name ?? "?"
        bytes = bytes * (dimension(tensor, axis).map(amount) ?? Amount(symbol: "\(name).\(axis)"))
      }
    }
    return bytes
  }

  /// The value, if there is one, that is the length of an axis of `tensor`.
  private func dimension(_ tensor: Value, _ axis: Int) -> Value? {
    var found: Value?
    forEachOperation(in: body) { id in
      let content = operations[id]
      guard content.opcode == .dimension, content.operands[0] == tensor,
        content.attribute == .integer(Int64(axis))
      else { return }
      found = found ?? content.results[0]
    }
    return found
  }

  /// The arithmetic that `region` does once.
  fileprivate func arithmetic(in region: ID<Region>) -> Amount {
    var count = Amount(0)
    for id in regions[region].operations {
      let content = operations[id]
      switch content.opcode {
      case .reduce:
        let rank = regions[content.regions[0]].parameters.count
        var terms = Amount(1)
        for axis in 0..<rank {
          terms = terms * length(content.operands[axis], content.operands[rank + axis])
        }
        count = count + terms * (arithmetic(in: content.regions[0]) + Amount(1))
      case .if: count = count + arithmetic(in: content.regions[0])
      case .select, .convert, .bitcast, .constant: break
      default:
        guard content.opcode.info.traits.contains(.elementwise), let result = content.results.first,
          type(of: result) != .index, type(of: result) != .bool
        else { continue }
        count = count + Amount(content.opcode == .multiplyAdd ? 2 : 1)
      }
    }
    return count
  }

  /// How many numbers there are from `lower` to `upper`, if steps are 1.
  private func length(_ lower: Value, _ upper: Value) -> Amount {
    let above = amount(of: upper)
    guard let lower = integerConstant(lower) else { return above }
    return lower == 0 ? above : above + Amount(Int(-lower))
  }
}
