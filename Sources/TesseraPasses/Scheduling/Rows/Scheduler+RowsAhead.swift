import TesseraIR

/// Rows of which each begins before the one before it is done.
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
  /// With how many members a row begins while the one before it is still at hand: those up to the
  /// first number that waits for all lanes; `nil` where that does not pay.
  func headCount(of stream: Stream, _ registers: RegisterRow?) -> Int? {
    let contents = stream.members.map { source.operations[$0.operation] }
    let reduces = contents.firstIndex { content in
      source.regions[content.regions[0]].operations.contains {
        source.operations[$0].opcode == .reduce
      }
    }
    guard let reduces, reduces < contents.count - 1,
      stream.members[...reduces].allSatisfy({ $0.divisor == nil })
    else { return nil }
    let heldRows = contents[..<reduces].filter { $0.operands.count > stream.rank }
    if let registers {
      // What rows hold of the head waits in registers beside the row before.
      let held = heldRows.reduce(0) { $0 + $1.results.count * registers.starts.count }
      return 4 * held <= target.vectorRegisterCount ? reduces + 1 : nil
    }
    let isShort = contents.allSatisfy { content in
      let lengths = content.operands.dropFirst(stream.rank).map { source.integerConstant($0) }
      return lengths.isEmpty
        || lengths.count == 1 && lengths[0] ?? 0 <= Int64(Self.shortRow)
    }
    return heldRows.isEmpty && contents[reduces].operands.count == stream.rank && isShort
      ? reduces + 1 : nil
  }

  /// How many elements a row has at most that begins early in memory: what waits is a small part of a
  /// longer one, and to have two of those in the nearest cache costs more.
  static var shortRow: Int { 512 }

  /// Emits a stream whose rows begin with `headCount` members, see `emitStream`.
  mutating func emitRowsAhead(
    _ stream: Stream, _ headCount: Int, _ registers: RegisterRow?, _ rows: [Value],
    names: [String?], cost: Int, _ kept: [Value: Destination]
  ) {
    let head = stream.members[..<headCount]
    let tail = stream.members[headCount...]
    func emit(_ members: ArraySlice<Stream.Member>, _ row: [Value], _ scheduler: inout Scheduler) {
      let wasParallel = scheduler.isParallel
      scheduler.isParallel = true
      scheduler.registerRow = registers
      scheduler.emitMembers(members, of: stream, row, kept)
      scheduler.registerRow = nil
      scheduler.isParallel = wasParallel
    }
    // swift-format-ignore: OnlyOneTrailingClosureArgument
    spreadRowsAhead(
      rows, names: names, cost: cost,
      prepare: { if registers == nil { $0.allocateRows(stream) } },
      begin: { scheduler, row in
        emit(head, row, &scheduler)
        return scheduler.held(of: head)
      }
    ) { scheduler, row, begun in
      scheduler.hold(begun, of: head, rank: stream.rank, starts: registers?.starts ?? [])
      emit(tail, row, &scheduler)
    }
  }

  /// Runs over the rows below `extents` as `spreadRows` does, each row begun before the one before it
  /// is finished: `finish` is given what `begin` returned.
  private mutating func spreadRowsAhead(
    _ extents: [Value], names: [String?], cost: Int, prepare: (inout Scheduler) -> Void,
    begin: (inout Scheduler, _ row: [Value]) -> [Value],
    _ finish: (inout Scheduler, _ row: [Value], _ begun: [Value]) -> Void
  ) {
    let name = names.count == 1 ? names[0] : nil
    spreadRanges(extents, cost: cost) { scheduler, lower, upper in
      prepare(&scheduler)
      let one = scheduler.integer(1)
      let last = scheduler.builder.arithmetic(.subtract, upper, one)
      let first = scheduler.inScope { begin(&$0, $0.indices(ofRow: lower, extents)) }
      _ = scheduler.loop(from: lower, to: upper, name: name, carrying: first) {
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
      }
    }
    blocks(of: count, cost: integer(cost), least: Self.leastRows, body)
  }

  // MARK: What a row holds

  /// All that the row at hand holds of what `members` make, in order.
  private func held(of members: ArraySlice<Stream.Member>) -> [Value] {
    tensors(of: members).flatMap { tensor -> [Value] in
      switch rowPlaces[tensor]?.content {
      case .number(let number): [number]
      case .registers(let vectors): vectors.keys.sorted().map { vectors[$0]! }
      case .buffer, nil: preconditionFailure("a row begins with what registers hold")
      }
    }
  }

  /// Makes `values`, as `held(of:)` gave them, what the row at hand holds.
  private mutating func hold(
    _ values: [Value], of members: ArraySlice<Stream.Member>, rank: Int, starts: [Int]
  ) {
    var values = values[...]
    for tensor in tensors(of: members) {
      let content: RowPlace.Content
      if case .number? = rowPlaces[tensor]?.content {
        content = .number(values.removeFirst())
      } else {
        let vectors = values.prefix(starts.count)
        values = values.dropFirst(vectors.count)
        content = .registers(Dictionary(uniqueKeysWithValues: zip(starts, vectors)))
      }
      rowPlaces[tensor] = RowPlace(rank: rank, content: content)
    }
  }

  private func tensors(of members: ArraySlice<Stream.Member>) -> [Value] {
    members.flatMap { source.operations[$0.operation].results }
  }
}
