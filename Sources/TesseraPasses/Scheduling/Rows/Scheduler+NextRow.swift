import TesseraIR

/// What the next row of a stream reads first, for which the cache can be told while the row at hand
/// is reduced.
struct NextRow {
  /// The member that reads it, if it is not the one at hand.
  let member: ID<Operation>?
  /// The tensors of the source.
  let tensors: [Value]
  /// The indices of the row, in the function that is made.
  let row: [Value]
}

/// Rows that are read ahead.
///
/// A short row comes out of memory in the first pass over it, while the machine has nothing else to
/// do, and in further passes the memory has nothing to do. So the first pass asks for the next row;
/// where rows are long, the last pass does.
extension Scheduler {
  /// What to ask for; `nil` if no member reduces a row of something that comes from elsewhere, or if
  /// rows are long.
  mutating func nextRow(of stream: Stream, _ row: [Value], _ extents: [Value]) -> NextRow? {
    for member in stream.members where member.divisor == nil {
      let content = source.operations[member.operation]
      for id in source.regions[content.regions[0]].operations {
        let reduction = source.operations[id]
        guard reduction.opcode == .reduce else { continue }
        let box = ReductionBox(reduction, source)
        let tensors = rowsRead(by: box, of: content, stream)
        guard let first = tensors.first else { return nil }
        let length = extent(of: first, stream.rank)
        let known = knownNumber(length)
        if let known, known >= Int64(Self.longRow) { return nil }
        let isShort =
          known == nil ? builder.compare(.less, length, integer(Self.longRow)) : nil
        return NextRow(
          member: member.operation, tensors: tensors, row: next(row, extents, if: isShort))
      }
    }
    return nil
  }

  /// The tensors of which the terms of a sum over one index read the row that `content` computes for.
  private func rowsRead(by box: ReductionBox, of content: Operation, _ stream: Stream) -> [Value] {
    let place = source.regions[content.regions[0]].parameters + box.indices
    guard box.indices.count == 1, place.count == stream.rank + 1 else { return [] }
    return source.regions[box.terms].operations.compactMap { id in
      let inner = source.operations[id]
      guard inner.opcode == .read, Array(inner.operands.dropFirst()) == place,
        !stream.makes(inner.operands[0])
      else { return nil }
      return inner.operands[0]
    }
  }

  /// The row after `row`; after the last one, and where one `isWanted` only sometimes, the same.
  mutating func next(_ row: [Value], _ extents: [Value], if isWanted: Value?) -> [Value] {
    var step = integer(1)
    if let isWanted {
      step = builder.emit(.select, [isWanted, step, integer(0)], results: [.index])[0]
    }
    let after = builder.arithmetic(.add, row.last!, step)
    let last = builder.arithmetic(.subtract, extents.last!, integer(1))
    return row.dropLast() + [builder.arithmetic(.minimum, after, last)]
  }

  /// Asks for `lanes` elements of the next row, from `lane` on.
  mutating func prefetchNextRow(_ lane: Value, lanes: Int) {
    guard let nextRow else { return }
    for tensor in nextRow.tensors { prefetch(tensor, at: nextRow.row, from: lane, lanes: lanes) }
  }

  /// Asks for the cache lines of `lanes` elements of `tensor` at these first indices, from `lane` on.
  mutating func prefetch(_ tensor: Value, at row: [Value], from lane: Value, lanes: Int) {
    let byteCount = source.type(of: tensor).scalarType?.byteCount ?? 1
    let lines = max(1, lanes * byteCount / 64)
    for line in 0..<lines {
      let step = integer(line * lanes / lines)
      let place = builder.arithmetic(.add, lane, step)
      builder.emit(.prefetch, self.place(ofRead: tensor, at: row + [place]))
    }
  }
}
