import TesseraIR

/// What a row reads of a tensor in which it is no whole row: neighbours from some place on, as those
/// of one head of many.
///
///     read %q, %b, %i, %h * 40 + %d        for the row (%b, %h, %i) and %d below 40
struct ColumnSlice {
  /// The region of the member that reads, and the indices of the tensor as they stand there.
  let region: ID<Region>
  let indices: [Value]
  /// Which of them is the last index of the row, the same number whichever tensor it is.
  let rowAxis: Int
  /// The index that goes along the neighbours from 0 on, and how many there are.
  let step: Value
  let length: Value

  /// Reads `read`, in the member with `region`, as a slice of rows of `rank` indices; `nil` if it is
  /// none.
  init?(_ read: Operation, in region: ID<Region>, rank: Int, _ function: Function) {
    let row = function.regions[region].parameters.prefix(rank)
    indices = Array(read.operands.dropFirst())
    self.region = region
    guard let last = indices.last, let rowAxis = indices.dropLast().firstIndex(of: row.last!),
      indices.count(where: { $0 == row.last! }) == 1
    else { return nil }
    self.rowAxis = rowAxis
    func isOfRow(_ value: Value) -> Bool {
      switch function.values[value].definition {
      case .parameter(let home, _):
        return home == function.body || row.dropLast().contains(value)
      case .result(let operation, _):
        let content = function.operations[operation]
        if function.regions[function.body].operations.contains(operation) { return true }
        return content.opcode == .constant
          || content.opcode.info.traits.contains(.elementwise)
            && !content.opcode.info.traits.contains(.mayTrap)
            && content.operands.allSatisfy(isOfRow)
      }
    }
    var others = indices.dropLast()
    others.remove(at: rowAxis)
    guard others.allSatisfy(isOfRow) else { return nil }

    var candidates = [last]
    if let definition = function.definition(of: last),
      function.operations[definition].opcode == .add
    {
      let parts = function.operations[definition].operands
      candidates = zip(parts, parts.reversed()).filter { isOfRow($0.1) }.map(\.0)
    }
    for id in function.regions[region].operations {
      let reduction = function.operations[id]
      guard reduction.opcode == .reduce else { continue }
      let box = ReductionBox(reduction, function)
      for (axis, index) in box.indices.enumerated()
      where candidates.contains(index) && box.countsFromZero(axis, in: function)
        && (function.isOutside(box.upper[axis]) || function.integerConstant(box.upper[axis]) != nil)
      {
        step = index
        length = box.upper[axis]
        return
      }
    }
    return nil
  }
}

extension Function {
  /// `true` iff the body itself gives `value`, or the function is given it.
  fileprivate func isOutside(_ value: Value) -> Bool {
    switch values[value].definition {
    case .parameter(let home, _): home == body
    case .result(let operation, _): regions[body].operations.contains(operation)
    }
  }
}
