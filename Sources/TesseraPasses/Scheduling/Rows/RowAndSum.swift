import TesseraIR

/// A member of a stream that makes a row whose length is not known, and the next one, a number that
/// takes a sum of what the row is made of: both in one loop, so that the sum need not wait for what
/// was just stored.
///
///     for j: e[j] = exp(x[i, j] - top)          for j: e[j] = exp(x[i, j] - top), sums += e[j]
///     sums = sum of e in lanes            →     the last ones, which overlap those before:
///                                                 e[j] = exp(x[i, j] - top), sums += those that are new
///
/// A vector that lies across two that were stored comes late, and all of the row would wait for it.
/// Sums have the order that `ReductionOrder.lanes` says.
struct RowAndSum {
  /// The statement that makes the row, and the sum.
  let row: Operation
  let sum: Operation
  /// How many accumulators the sum has, how many of them the rest goes to, and how many of them a
  /// register holds.
  let count: Int
  let restCount: Int
  let lanes: Int
  /// What makes a register of the row.
  let analysis: LaneAnalysis
  /// What makes a register of terms of it, or of the two factors of the terms where products are not
  /// rounded: out of what `reads` the row.
  let terms: LaneSlice
  let reads: [Value]

  /// Finds them where `first` and `second` follow each other; `nil` if they are not such.
  init?(
    _ first: Stream.Member, _ second: Stream.Member, of stream: Stream, isKnown: (Value) -> Bool
  ) {
    let function = stream.function
    row = function.operations[first.operation]
    let number = function.operations[second.operation]
    lanes = stream.target.lanes(of: .f32)
    guard lanes > 1, first.divisor == nil, second.divisor == nil, row.results.count == 1,
      row.operands.count == stream.rank + 1, number.operands.count == stream.rank,
      function.integerConstant(row.operands[stream.rank]) == nil,
      let index = function.regions[row.regions[0]].parameters.last,
      let analysis = LaneAnalysis(function, row.regions[0], lanesOf: index),
      analysis.widestByteCount == 4,
      function.regions[row.regions[0]].operations.allSatisfy({
        function.operations[$0].regions.isEmpty
      })
    else { return nil }
    self.analysis = analysis
    let sums = function.regions[number.regions[0]].operations.map { function.operations[$0] }
      .filter { !$0.regions.isEmpty }
    guard sums.count == 1, sums[0].opcode == .reduce,
      case .reduction(.sum, .lanes(let order), _) = sums[0].attribute,
      order.restCount % lanes == 0
    else { return nil }
    (sum, count, restCount) = (sums[0], order.count, order.restCount)
    let box = ReductionBox(sum, function)
    guard box.indices.count == 1, box.initial.isEmpty,
      box.countsFromZero(0, in: function),
      stream.isSame(box.upper[0], row.operands[stream.rank]),
      case .scalar(.f32) = function.type(of: sum.results[0])
    else { return nil }
    let made = row.results[0]
    let readers = function.regions[box.terms].operations.map { function.operations[$0] }
      .filter { $0.operands.contains(made) }
    reads = readers.map { $0.results.first ?? made }
    guard !readers.isEmpty,
      readers.allSatisfy({
        $0.opcode == .read && $0.operands[0] == made && $0.operands.last == box.indices[0]
      }), let end = function.terminator(of: box.terms)
    else { return nil }
    let product = order.isFused ? function.product(of: box.terms, addedBy: .sum) : nil
    guard
      let terms = LaneSlice(
        function, making: (product ?? function.operations[end]).operands,
        alongLanesOf: box.indices[0], varying: reads, isKnown: isKnown)
    else { return nil }
    self.terms = terms
  }
}

extension Scheduler {
  /// Computes what `members` of `stream` make in `row`, and asks for a row that comes `soon`.
  mutating func emitMembers(
    _ members: ArraySlice<Stream.Member>, of stream: Stream, _ row: [Value],
    _ kept: [Value: Destination], soon: PrefetchedRow? = nil
  ) {
    defer { prefetchedRow = nil }
    var rest = members
    // Ends since each turn takes members away.
    while let member = rest.popFirst() {
      prefetchedRow = member.operation == soon?.member ? soon : nil
      if registerRow == nil, let next = rest.first,
        let pair = RowAndSum(member, next, of: stream, isKnown: { values[$0] != nil })
      {
        rest.removeFirst()
        emitRowAndSum(pair, (member, next), of: stream, row, kept)
      } else {
        emitMember(member, of: stream, row, kept)
      }
    }
  }

  /// Computes a row and a number that is made of a sum of it: in one loop if the row has an element
  /// for each accumulator of the rest, else one after the other.
  private mutating func emitRowAndSum(
    _ pair: RowAndSum, _ members: (row: Stream.Member, number: Stream.Member), of stream: Stream,
    _ row: [Value], _ kept: [Value: Destination]
  ) {
    let number = source.operations[members.number.operation]
    let length = demanded(pair.row.operands[stream.rank])
    let types = yielded(number.regions[0]).map { source.type(of: $0) }
    let elements = choose(length, isAtLeast: pair.restCount, types: types) { scheduler in
      for (parameter, index) in zip(scheduler.source.regions[number.regions[0]].parameters, row) {
        scheduler.values.insert(index, for: parameter)
      }
      let result = pair.sum.results[0]
      let destination = scheduler.rowDestination(pair.row.results[0], stream, kept)
      let soon = scheduler.prefetchedRow(of: pair, row, length)
      scheduler.finishedReductions[result] = scheduler.emitLanes(
        pair, row, length, to: destination, asking: soon)
      defer { scheduler.finishedReductions[result] = nil }
      return scheduler.inline(number.regions[0], row)
    } otherwise: { scheduler in
      scheduler.emitMember(members.row, of: stream, row, kept)
      return scheduler.inline(number.regions[0], row)
    }
    hold(elements, of: number, in: stream, row)
  }

  /// What the cache is asked for while the row is computed, where rows are so long that no other pass
  /// asks for the next one; `nil` if they are known not to be.
  private mutating func prefetchedRow(
    of pair: RowAndSum, _ row: [Value], _ length: Value
  ) -> PrefetchedRow? {
    let tensors = TilePlan.readAlong(pair.row.regions[0], source, row.count)
      .filter { rowPlaces[$0] == nil }
    if tensors.isEmpty || bounds[length]?.upperBound ?? .max <= Self.longRow { return nil }
    let step = select(
      ifOrdered: integer(Self.longRow), length, integer(1), otherwise: integer(0))
    return PrefetchedRow(member: nil, tensors: tensors, row: row, rowCount: step)
  }

  /// Computes and stores a row of `length`, `asking` for the next one; returns the sum of its terms.
  private mutating func emitLanes(
    _ pair: RowAndSum, _ row: [Value], _ length: Value, to destination: Destination,
    asking soon: PrefetchedRow?
  ) -> Value {
    let lanes = Int64(pair.lanes)
    let vector = Type.vector(.f32, lanes: pair.lanes)
    let zero = builder.emit(.splat, [builder.constant(0.0, .f32)], results: [vector])[0]
    var sums = Array(repeating: zero, count: pair.count / pair.lanes)
    var end = integer(0)
    // The first registers are for the rest as well.
    let restRegisters = pair.restCount / pair.lanes
    for registers in Set([sums.count, restRegisters]).sorted(by: >) {
      let round = integer(Int64(registers) * lanes)
      let next = product([divided(length, by: round), round])
      sums[..<registers] =
        loop(
          from: end, to: next, by: round, carrying: Array(sums[..<registers])
        ) { scheduler, first, sums in
          for tensor in soon?.tensors ?? [] {
            scheduler.prefetch(
              tensor, soon!.rowCount, after: row, rank: row.count, from: first,
              lanes: registers * pair.lanes)
          }
          return sums.enumerated().map { register, sum in
            let start = scheduler.folded(.add, first, scheduler.integer(Int64(register) * lanes))
            return scheduler.emitPiece(pair, row, at: start, to: destination, adding: sum)
          }
        }[...]
      end = next
    }
    // What is left ends where the last register of a round does.
    let left = builder.arithmetic(.subtract, length, end)
    for register in 0..<restRegisters {
      let behind = Int64(pair.restCount) - Int64(register + 1) * lanes
      let exists = builder.compare(.less, integer(behind), left)
      sums[register] =
        choose(exists, types: [vector]) { scheduler in
          let start = scheduler.builder.arithmetic(
            .subtract, length, scheduler.integer(behind + lanes))
          let next = scheduler.emitPiece(
            pair, row, at: start, to: destination, adding: sums[register])
          let done = scheduler.builder.arithmetic(.subtract, end, start)
          return [scheduler.keeping(done, of: sums[register], else: next)]
        } otherwise: { _ in
          [sums[register]]
        }[0]
    }
    return builder.emit(
      .reduceLanes, [combined(sums, .add)], results: [.scalar(.f32)],
      attribute: .reduction(.sum, .sequential))[0]
  }

  /// Computes and stores the register of a row that begins at `start`; returns `sum` with the terms
  /// of it.
  private mutating func emitPiece(
    _ pair: RowAndSum, _ row: [Value], at start: Value, to destination: Destination,
    adding sum: Value
  ) -> Value {
    inScope { scheduler in
      let region = pair.row.regions[0]
      let place = row + [start]
      var tile = Tile(pair.analysis, lanes: pair.lanes, points: 1, rows: nil)
      tile.insert(place, for: scheduler.source.regions[region].parameters, at: [0])
      scheduler.emitTile(region, &tile, at: [0])
      let vector = scheduler.vector(scheduler.yielded(region)[0], tile, at: 0)
      scheduler.store([vector], in: [destination], at: place)
      let terms = scheduler.emitSlice(
        pair.terms, lanes: pair.lanes, from: start, given: pair.reads.map { ($0, vector) })
      return terms.count == 2
        ? scheduler.builder.arithmetic(.multiplyAdd, terms[0], terms[1], sum)
        : scheduler.builder.arithmetic(.add, sum, terms[0])
    }
  }
}
