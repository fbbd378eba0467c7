import TesseraIR

/// What a row that comes soon reads first, for which the cache can be told while the row at hand is
/// reduced.
struct PrefetchedRow {
  /// The member that reads it, if it is not the one at hand.
  let member: ID<Operation>?
  /// The tensors of the source.
  let tensors: [Value]
  /// The indices of the row at hand, in the function that is made, and how many rows later it comes.
  let row: [Value]
  let rowCount: Value
}

/// Rows that are read ahead.
///
/// A short row comes out of memory in the first pass over it, while the machine has nothing else to
/// do, and in further passes the memory has nothing to do. So the first pass asks for the row after
/// the next one, or for the next one if two rows are much of the nearest cache; where rows are long,
/// the last pass asks.
///
/// What is asked for behind the last row may be anything, or nothing: to ask for the last row instead would
/// take longer each time.
extension Scheduler {
  /// What to ask for; `nil` if no member reduces a row of something that comes from elsewhere, or if
  /// rows are long.
  mutating func prefetchedRow(of stream: Stream, _ row: [Value]) -> PrefetchedRow? {
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
          member: member.operation, tensors: tensors, row: row, rowCount: step)
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

  /// Asks for `lanes` elements of the row that comes soon, from `lane` on.
  mutating func prefetchRow(_ lane: Value, lanes: Int) {
    guard let prefetchedRow else { return }
    for tensor in prefetchedRow.tensors {
      prefetch(
        tensor, prefetchedRow.rowCount, after: prefetchedRow.row, rank: prefetchedRow.row.count,
        from: lane, lanes: lanes)
    }
  }

  /// Asks for the cache lines of `lanes` elements of `tensor` from `lane` on, so many rows after that at
  /// these first indices, of which `rank` tell the row.
  mutating func prefetch(
    _ tensor: Value, _ rowCount: Value, after indices: [Value], rank: Int, from lane: Value,
    lanes: Int
  ) {
    let type = source.type(of: tensor)
    let lengths = (rank..<type.extents.count).map { extent(of: tensor, $0) }
    let later = builder.arithmetic(.add, lane, product([rowCount] + lengths))
    let lines = max(1, lanes * (type.scalarType?.byteCount ?? 1) / 64)
    for line in 0..<lines {
      let place = builder.arithmetic(.add, later, integer(line * lanes / lines))
      builder.emit(.prefetch, self.place(ofRead: tensor, at: indices + [place]))
    }
  }
}
