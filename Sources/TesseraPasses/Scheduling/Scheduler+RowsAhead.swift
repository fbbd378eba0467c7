import TesseraIR

/// Rows in registers of which each begins before the one before it is done.
///
///     for i in 0..<n {                        top = max of x[0]
///       top = max of x[i]                     for i in 0..<n, carrying top {
///       y[i] = … exp(x[i] - top) …       →      next = max of x[min(i + 1, n - 1)]
///     }                                         y[i] = … exp(x[i] - top) …
///                                               yield next
///                                             }
///
/// The lanes of a vector make one number in several steps, of which each waits for the one before;
/// then all that follows in the row waits for the number. A processor that looks a row or two ahead
/// finds little else to do, unless the row before stands beside it.
extension Scheduler {
  /// Emits a stream whose rows lie in `registers`, see `emitStream`.
  mutating func emitRowsAhead(
    _ stream: Stream, _ registers: RegisterRow, _ rows: [Value], names: [String?], cost: Int,
    _ kept: [Value: Destination]
  ) {
    let head = stream.members[..<registers.headCount]
    let tail = stream.members[registers.headCount...]
    func emit(_ members: ArraySlice<Stream.Member>, _ row: [Value], _ scheduler: inout Scheduler) {
      let wasParallel = scheduler.isParallel
      scheduler.isParallel = true
      scheduler.registerRow = registers
      for member in members { scheduler.emitMember(member, of: stream, row, kept) }
      scheduler.registerRow = nil
      scheduler.isParallel = wasParallel
    }
    // swift-format-ignore: OnlyOneTrailingClosureArgument
    spreadRowsAhead(
      rows, names: names, cost: cost,
      begin: { scheduler, row in
        emit(head, row, &scheduler)
        return scheduler.held(of: head)
      }
    ) { scheduler, row, begun in
      scheduler.hold(begun, of: head, rank: stream.rank, registers)
      emit(tail, row, &scheduler)
    }
  }

  /// Runs over the rows below `extents` as `spreadRows` does, each row begun before the one before it
  /// is finished: `finish` is given what `begin` returned.
  private mutating func spreadRowsAhead(
    _ extents: [Value], names: [String?], cost: Int,
    begin: (inout Scheduler, _ row: [Value]) -> [Value],
    _ finish: (inout Scheduler, _ row: [Value], _ begun: [Value]) -> Void
  ) {
    let name = names.count == 1 ? names[0] : nil
    spreadRanges(extents, cost: cost) { scheduler, lower, upper in
      let one = scheduler.integer(1)
      let last = scheduler.builder.arithmetic(.subtract, upper, one)
      let first = scheduler.inScope { begin(&$0, $0.indices(ofRow: lower, extents)) }
      scheduler.loop(from: lower, to: upper, name: name, carrying: first) {
        scheduler, row, begun in
        let following = scheduler.builder.arithmetic(.add, row, one)
        let next = scheduler.builder.arithmetic(.minimum, following, last)
        let ahead = scheduler.inScope { begin(&$0, $0.indices(ofRow: next, extents)) }
        finish(&scheduler, scheduler.indices(ofRow: row, extents), begun)
        return ahead
      }
    }
  }

  /// How many rows are done one after the other at least: the first and the last of them wait.
  private static var leastRows: Int { 16 }

  /// Runs `body` for ranges that together are the rows below `extents`, in several threads where that
  /// pays; a row costs about `cost` operations. No range is empty.
  mutating func spreadRanges(
    _ extents: [Value], cost: Int,
    _ body: (inout Scheduler, _ lower: Value, _ upper: Value) -> Void
  ) {
    let count = product(extents)
    guard !isParallel, !isSmall(extents, cost) else {
      return choose(count, isAtLeast: 1) {
        body(&$0, $0.integer(0), count)
      } otherwise: { _ in
      }
    }
    blocks(of: count, cost: integer(Int64(cost)), least: Self.leastRows, body)
  }

  // MARK: What a row holds

  /// All that the row at hand holds of what `members` make, in order.
  private func held(of members: ArraySlice<Stream.Member>) -> [Value] {
    tensors(of: members).flatMap { tensor -> [Value] in
      switch rowPlaces[tensor]?.content {
      case .number(let number): [number]
      case .registers(let vectors): vectors.keys.sorted().map { vectors[$0]! }
      case .buffer, nil: preconditionFailure("a row in registers has no memory")
      }
    }
  }

  /// Makes `values`, as `held(of:)` gave them, what the row at hand holds.
  private mutating func hold(
    _ values: [Value], of members: ArraySlice<Stream.Member>, rank: Int, _ registers: RegisterRow
  ) {
    var values = values[...]
    for tensor in tensors(of: members) {
      let content: RowPlace.Content
      if case .number? = rowPlaces[tensor]?.content {
        content = .number(values.removeFirst())
      } else {
        let vectors = values.prefix(registers.starts.count)
        values = values.dropFirst(vectors.count)
        content = .registers(Dictionary(uniqueKeysWithValues: zip(registers.starts, vectors)))
      }
      rowPlaces[tensor] = RowPlace(rank: rank, content: content)
    }
  }

  private func tensors(of members: ArraySlice<Stream.Member>) -> [Value] {
    members.flatMap { source.operations[$0.operation].results }
  }
}
