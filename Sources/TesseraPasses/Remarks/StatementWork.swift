import TesseraIR

/// How much a statement has to do: arithmetic on elements, and memory that must move.
struct StatementWork {
  /// The elements of a result.
  let elements: Amount
  /// The arithmetic operations; of branches, those of the first.
  let operations: Amount
  /// The bytes of all tensors that are read and of the results, each counted once.
  let byteCount: Amount

  /// Weighs `content`, a `compute` of the function whose lengths these are.
  init(_ content: Operation, in lengths: WrittenLengths) {
    let function = lengths.function
    let region = content.regions[0]
    let elements = lengths.product(content.operands)
    self.elements = elements
    operations = elements * lengths.arithmetic(in: region)
    var tensors: [Value] = []
    function.forEachOperation(in: region) { id in
      let inner = function.operations[id]
      guard inner.opcode == .read, !tensors.contains(inner.operands[0]) else { return }
      tensors.append(inner.operands[0])
    }
    var bytes = Amount(0)
    for tensor in tensors { bytes = bytes + lengths.byteCount(of: tensor) }
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

extension WrittenLengths {
  /// The bytes of the elements of a tensor.
  fileprivate func byteCount(of tensor: Value) -> Amount {
    let type = function.type(of: tensor)
    var bytes = Amount(type.element.byteCount)
    for axis in type.extents.indices { bytes = bytes * length(of: tensor, axis) }
    return bytes
  }

  /// The arithmetic that `region` does once.
  fileprivate func arithmetic(in region: ID<Region>) -> Amount {
    var count = Amount(0)
    for id in function.regions[region].operations {
      let content = function.operations[id]
      switch content.opcode {
      case .reduce:
        let rank = function.regions[content.regions[0]].parameters.count
        var terms = Amount(1)
        for axis in 0..<rank {
          terms =
            terms * self.count(from: content.operands[axis], to: content.operands[rank + axis])
        }
        count = count + terms * (arithmetic(in: content.regions[0]) + Amount(1))
      case .if: count = count + arithmetic(in: content.regions[0])
      case .select, .convert, .bitcast, .constant: break
      default:
        guard content.opcode.info.traits.contains(.elementwise), let result = content.results.first,
          function.type(of: result) != .index, function.type(of: result) != .bool
        else { continue }
        count = count + Amount(content.opcode == .multiplyAdd ? 2 : 1)
      }
    }
    return count
  }

  /// How many numbers there are from `lower` to `upper`, if steps are 1.
  private func count(from lower: Value, to upper: Value) -> Amount {
    let above = amount(of: upper)
    guard let lower = function.integerConstant(lower) else { return above }
    return lower == 0 ? above : above + Amount(Int(-lower))
  }
}
