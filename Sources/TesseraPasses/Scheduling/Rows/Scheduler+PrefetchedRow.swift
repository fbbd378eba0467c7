import TesseraIR

/// What a row that comes soon reads first, for which the cache can be told while the row at hand is
/// reduced.
struct PrefetchedRow {
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
/// do, and in further passes the memory has nothing to do. So the first pass asks for the row after
/// the next one, or for the next one if two rows are much of the nearest cache; where rows are long,
/// the last pass asks.
extension Scheduler {
  /// What to ask for; `nil` if no member reduces a row of something that comes from elsewhere, or if
  /// rows are long.
  mutating func prefetchedRow(
    of stream: Stream, _ row: [Value], _ extents: [Value]
  ) -> PrefetchedRow? {
    for member in stream.members where member.divisor == nil {
      let content = source.operations[member.operation]
      for id in source.regions[content.regions[0]].operations {
        let reduction = source.operations[id]
        guard reduction.opcode == .reduce else { continue }
        let box = ReductionBox(reduction, source)
        let tensors = rowsRead(by: box, of: content, stream)
        guard let first = tensors.first else { return nil }
        let length = extent(of: first, stream.rank)
        if let known = knownNumber(length), known >= Int64(Self.longRow) { return nil }
        let one = select(
          ifOrdered: length, integer(Self.longRow - 1), integer(1), otherwise: integer(0))
        let step = select(ifOrdered: length, integer(Self.secondRow), integer(2), otherwise: one)
        return PrefetchedRow(
          member: member.operation, tensors: tensors, row: self.row(step, after: row, extents))
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

  /// How many elements a row has at most of which the cache is asked for the second one ahead.
  private static var secondRow: Int { 1536 }

  /// The row that is `step` rows after `row`; the last one where there are not so many.
  mutating func row(_ step: Value, after row: [Value], _ extents: [Value]) -> [Value] {
    let later = builder.arithmetic(.add, row.last!, step)
    let last = builder.arithmetic(.subtract, extents.last!, integer(1))
    return row.dropLast() + [builder.arithmetic(.minimum, later, last)]
  }

  /// Asks for `lanes` elements of the row that comes soon, from `lane` on.
  mutating func prefetchRow(_ lane: Value, lanes: Int) {
    guard let prefetchedRow else { return }
    for tensor in prefetchedRow.tensors {
      prefetch(tensor, at: prefetchedRow.row, from: lane, lanes: lanes)
    }
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
