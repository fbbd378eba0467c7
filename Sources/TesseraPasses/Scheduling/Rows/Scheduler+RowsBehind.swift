import TesseraIR
import TesseraNumbers

/// The last statement of a stream, done one row late beside another one of the row that follows.
///
///     for i in 0..<n {                        for i in 0..<n, carrying total {
///       top = max of x[i]                       top = max of x[i]
///       for j: e[j] = exp(x[i, j] - top)        for j: e[i % 2][j] = exp(x[i, j] - top)
///       total = sum of e                 →             y[i - 1, j] = e[(i - 1) % 2][j] / total
///       for j: y[i, j] = e[j] / total           yield sum of e[i % 2]
///     }                                       }
///                                             for j: y[n - 1, j] = e[(n - 1) % 2][j] / total
///
/// What goes past the caches keeps the memory busy and the arithmetic idle, and exponentials do the
/// reverse.
struct RowsBehind {
  /// The member that is done late.
  let late: Stream.Member
  /// Where among the members the one stands beside which it is done.
  let beside: Int
  /// What the late one reads of its row: numbers, and rows, of which two must be at hand.
  let numbers: [Value]
  let rows: [Value]

  /// Finds such statements in `stream`, of which `streamed` may go past the caches; `nil` if there are
  /// none. Rows whose length is not known are taken for long.
  init?(_ stream: Stream, streamed: Set<Value>) {
    let function = stream.function
    // Narrower vectors take longer to compute than the memory to store, one way or the other.
    guard let late = stream.members.last, stream.target.vectorByteCount >= 64 else { return nil }
    func isPlainRow(_ member: Stream.Member) -> Bool {
      let content = function.operations[member.operation]
      guard member.divisor == nil, content.operands.count == stream.rank + 1,
        function.integerConstant(content.operands[stream.rank]) ?? .max >= Scheduler.longRow,
        let plan = TilePlan(content, function, stream.target, leading: stream.rank)
      else { return false }
      return plan.rows == nil && !plan.readAlong.isEmpty
    }
    func results(_ member: Stream.Member) -> [Value] {
      function.operations[member.operation].results
    }
    guard isPlainRow(late), results(late).allSatisfy(streamed.contains),
      let beside = stream.members.dropLast().firstIndex(where: { member in
        isPlainRow(member) && results(member).allSatisfy { !stream.kept.contains($0) }
      })
    else { return nil }
    self.late = late
    self.beside = beside
    var read: [Value] = []
    function.forEachOperation(in: function.operations[late.operation].regions[0]) { id in
      let content = function.operations[id]
      if content.opcode == .read, !read.contains(content.operands[0]) {
        read.append(content.operands[0])
      }
    }
    let made = stream.members.filter { member in results(member).contains(where: read.contains) }
    guard made.allSatisfy({ $0.divisor == nil }) else { return nil }
    func isRow(_ member: Stream.Member) -> Bool {
      function.operations[member.operation].operands.count > stream.rank
    }
    numbers = made.filter { !isRow($0) }.flatMap(results).filter(read.contains)
    rows = made.filter(isRow).flatMap(results)
      .filter { read.contains($0) && !stream.kept.contains($0) }
  }
}

/// A row that is done late: where it is, and what is at hand of it.
struct LateRow {
  let content: Operation
  let indices: [Value]
  let places: [Value: RowPlace]
  let destinations: [Destination]
}

extension Scheduler {
  /// Emits a stream, the last statement one row late; see `emitStream`.
  mutating func emitRowsBehind(
    _ stream: Stream, _ behind: RowsBehind, _ extents: [Value], names: [String?], cost: Int,
    _ kept: [Value: Destination]
  ) {
    let late = source.operations[behind.late.operation]
    let others = stream.members.dropLast()
    let name = names.count == 1 ? names[0] : nil
    spreadRanges(extents, cost: cost) { scheduler, lower, upper in
      let wasParallel = scheduler.isParallel
      scheduler.isParallel = true
      scheduler.allocateRows(stream, twice: behind.rows)
      let two = scheduler.integer(2)
      func place(_ row: Value, _ scheduler: inout Scheduler) {
        let half = scheduler.builder.arithmetic(.remainder, row, two)
        for tensor in behind.rows { scheduler.rowPlaces[tensor]?.leading = [half] }
      }
      func hold(_ numbers: [Value], _ scheduler: inout Scheduler) {
        for (tensor, number) in zip(behind.numbers, numbers) {
          scheduler.rowPlaces[tensor] = RowPlace(rank: stream.rank, content: .number(number))
        }
      }
      // Nothing reads these.
      let none = behind.numbers.map { scheduler.identity(.sum, .scalar(scheduler.scalar(of: $0))) }
      let last = scheduler.loop(from: lower, to: upper, name: name, carrying: none) {
        scheduler, row, carried in
        let indices = scheduler.indices(ofRow: row, extents)
        let one = scheduler.integer(1)
        let before = scheduler.builder.arithmetic(.subtract, row, one)
        place(before, &scheduler)
        hold(carried, &scheduler)
        let lateRow = LateRow(
          content: late, indices: scheduler.indices(ofRow: before, extents),
          places: scheduler.rowPlaces, destinations: late.results.map { kept[$0]! })
        place(row, &scheduler)
        for (position, member) in others.enumerated() {
          guard position == behind.beside else {
            scheduler.emitMember(member, of: stream, indices, kept)
            continue
          }
          let isFirst = scheduler.builder.compare(.equal, row, lower)
          let branches = [nil, lateRow].map { late in
            scheduler.region { scheduler, _ in
              scheduler.lateRow = late
              scheduler.emitMember(member, of: stream, indices, kept)
              scheduler.lateRow = nil
              scheduler.builder.emit(.yield)
            }
          }
          scheduler.builder.emit(.if, [isFirst], regions: branches)
        }
        return behind.numbers.map { scheduler.rowNumber(read: $0)! }
      }
      let end = scheduler.builder.arithmetic(.subtract, upper, scheduler.integer(1))
      place(end, &scheduler)
      hold(last, &scheduler)
      scheduler.emitMember(
        behind.late, of: stream, scheduler.indices(ofRow: end, extents), kept)
      scheduler.isParallel = wasParallel
    }
  }

  /// Emits one branch where rows of `length` are long and the late ones go past the caches, and the
  /// other one where not.
  mutating func choose(
    _ behind: RowsBehind, of length: Value, _ kept: [Value: Destination],
    _ then: (inout Scheduler) -> Void, otherwise: (inout Scheduler) -> Void
  ) {
    if let range = bounds[length], range.upperBound <= Self.longRow { return otherwise(&self) }
    let late = source.operations[behind.late.operation].results
    let isLong = builder.compare(.lessOrEqual, integer(Self.longRow), length)
    let isWanted = late.reduce(isLong) { isWanted, result in
      kept[result]!.isPastCaches.map { builder.arithmetic(.bitAnd, isWanted, $0) } ?? isWanted
    }
    choose(isWanted) {
      $0.knowing(length, isIn: Self.longRow..<(.max), then)
    } otherwise: {
      otherwise(&$0)
    }
  }

  private func scalar(of tensor: Value) -> ScalarType {
    guard let scalar = source.type(of: tensor).scalarType else {
      preconditionFailure("addresses are not combined")
    }
    return scalar
  }

  /// Computes the lanes of the late row at `lane`, if there is one.
  mutating func emitLateLanes(_ lane: Value, _ lanes: Int) {
    guard let late = lateRow,
      let plan = TilePlan(late.content, source, target, leading: late.indices.count)
    else { return }
    let places = rowPlaces
    rowPlaces = late.places
    emitTile(plan, nil, [late.indices + [lane]], late.destinations, lanes: lanes)
    rowPlaces = places
  }
}
