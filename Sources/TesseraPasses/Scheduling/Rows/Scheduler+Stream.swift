import TesseraIR

/// What a row holds of a tensor that is never whole, see `Stream`.
struct RowPlace {
  /// How many indices tell the row.
  let rank: Int
  /// The index of the source that tells the place in it, if that is not those after the row's.
  var step: Value?
  /// The indices that the buffer has before those after the row's, if it holds several rows.
  var leading: [Value] = []
  /// What there is of it: a number, a buffer of the row's elements, or vectors of them by where they
  /// start.
  let content: Content

  /// How a row is held.
  enum Content {
    case number(Value)
    case buffer(Value)
    case registers([Int: Value])
  }
}

/// How the rows of a stream are done; where nothing is said, one after the other in memory.
struct RowForm {
  /// How a row lies in registers.
  var registers: RegisterRow?
  /// What is done where rows are long; all else is done where they are not.
  var long: Long?
  /// With how many members a row begins early.
  var headCount: Int?
  /// How long rows are, if it takes that to tell whether they begin early.
  var shortLength: Value?
  /// What is done one row late.
  var behind: RowsBehind?
  /// How long rows are, if it is not certain that something is done late.
  var longLength: Value?

  /// What is done where rows have a `length` of `least` elements; always, if there is no least.
  struct Long {
    let rows: LongRows
    let length: Value
    var least: Int?
  }
}

/// Where a `compute` stores its elements.
struct Destination {
  var buffer: Value
  /// How many of the first indices the buffer does without.
  var dropped = 0
  /// The indices that the buffer has in their place.
  var leading: [Value] = []
  /// Whether vectors are stored past the caches; `nil` if they never are.
  var isPastCaches: Value?
  /// `true` iff elements are made of what lies there, each once.
  var isInPlace = false
}

/// Streams as one loop over rows.
extension Scheduler {
  /// Emits `operations` in order, streams among them row by row.
  mutating func emitOperations(_ operations: ArraySlice<ID<Operation>>) {
    var done: Set<ID<Operation>> = []
    for (position, id) in zip(operations.indices, operations) where !done.contains(id) {
      guard source.operations[id].opcode == .compute, target.vectorByteCount > 0 else {
        emit(id)
        continue
      }
      if let stream = Stream.beginning(
        at: position, in: operations, of: source, lastUses.uses, lastUses.tree, for: target,
        contractions: true), !stream.isPackedAhead(by: fixed), let plans = stream.columnPlans()
      {
        for id in stream.before where !done.contains(id) { emit(id) }
        emitColumnStream(stream, plans)
        let own = stream.members.map(\.operation) + stream.movers.map(\.operation)
        for id in own { emitted.insert((), for: id) }
        done.formUnion(stream.before + own)
      } else if let stream = Stream.beginning(
        at: position, in: operations, of: source, lastUses.uses, lastUses.tree, for: target)
      {
        for id in stream.before where !done.contains(id) { emit(id) }
        emitStream(stream)
        let own = stream.members.map(\.operation)
        for id in own { emitted.insert((), for: id) }
        done.formUnion(stream.before + own)
      } else {
        emit(id)
      }
    }
  }

  /// Chooses how the rows of `stream` are done.
  private mutating func rowForm(of stream: Stream) -> RowForm {
    var form = RowForm(registers: RegisterRow(stream))
    if form.registers == nil { form.long = longRows(of: stream) }
    if let long = form.long, long.least == nil { return form }
    form.headCount = headCount(of: stream, form.registers)
    if form.headCount != nil, form.registers == nil { form.shortLength = freeLength(of: stream) }
    if form.registers == nil {
      let streams = stream.kept.map { streaming(to: $0) }
      let isFree = freeLength(of: stream) != nil
      if isFree || (form.long == nil && form.headCount == nil) {
        form.behind = RowsBehind(stream, streamed: streamed(of: stream))
      }
      let isCertain = !isFree && streams.allSatisfy { $0 == .always }
      form.longLength = isCertain ? nil : length(of: stream)
    }
    return form
  }

  private mutating func emitStream(_ stream: Stream) {
    let form = rowForm(of: stream)
    remarkRows(stream, form)
    let rows = stream.extents.map { demanded($0) }
    var cost = 0
    var destinations: [Value: Destination] = [:]
    let own = ownOperands(stream)
    for (position, member) in stream.members.enumerated() {
      let isLast = position == stream.members.count - 1
      let content = source.operations[member.operation]
      let extents = content.operands.map { demanded($0) }
      for result in content.results where stream.kept.contains(result) {
        let buffer = memory(
          for: result, extents, inPlaceOf: isLast ? own : [],
          by: stream.members.map(\.operation))
        values.insert(buffer, for: result)
        destinations[result] = destination(result, buffer, extents)
      }
      cost += rowCost(content, stream)
    }
    defer {
      for member in stream.members {
        for result in source.operations[member.operation].results { rowPlaces[result] = nil }
      }
    }
    emitRows(stream, form, rows, cost: cost, destinations)
  }

  /// Emits the loop over the rows of a stream in its form, or in one of several, as their length says.
  private mutating func emitRows(
    _ stream: Stream, _ form: RowForm, _ rows: [Value], cost: Int,
    _ destinations: [Value: Destination]
  ) {
    if let long = form.long, let least = long.least {
      var (certain, other) = (form, form)
      certain.long?.least = nil
      certain.headCount = nil
      certain.behind = nil
      other.long = nil
      return choose(long.length, isAtLeast: least) {
        $0.emitRows(stream, certain, rows, cost: cost, destinations)
      } otherwise: {
        $0.emitRows(stream, other, rows, cost: cost, destinations)
      }
    }
    if let length = form.shortLength {
      var (short, other) = (form, form)
      short.shortLength = nil
      other.shortLength = nil
      other.headCount = nil
      return choose(length, isAtLeast: Self.shortRow + 1) {
        $0.emitRows(stream, other, rows, cost: cost, destinations)
      } otherwise: {
        $0.emitRows(stream, short, rows, cost: cost, destinations)
      }
    }
    if let behind = form.behind, let length = form.longLength {
      var (late, other) = (form, form)
      late.longLength = nil
      other.behind = nil
      return choose(behind, of: length, destinations) {
        $0.emitRows(stream, late, rows, cost: cost, destinations)
      } otherwise: {
        $0.emitRows(stream, other, rows, cost: cost, destinations)
      }
    }
    let names = source.regions[source.operations[stream.members[0].operation].regions[0]]
      .parameters.prefix(stream.rank).map { source.values[$0].name }
    if let headCount = form.headCount {
      emitRowsAhead(
        stream, headCount, form.registers, rows, names: names, cost: cost, destinations)
    } else if let behind = form.behind {
      emitRowsBehind(stream, behind, rows, names: names, cost: cost, destinations)
    } else {
      emitRowsInOrder(stream, form, rows, names: names, cost: cost, destinations)
    }
  }

  /// Emits the loop over the rows of a stream, of which each is done before the next one begins.
  private mutating func emitRowsInOrder(
    _ stream: Stream, _ form: RowForm, _ rows: [Value], names: [String?], cost: Int,
    _ destinations: [Value: Destination]
  ) {
    let registers = form.registers
    let members = form.long?.rows.members ?? stream.members
    // swift-format-ignore: OnlyOneTrailingClosureArgument
    spreadRows(
      rows, names: names, of: integer(1), cost: cost,
      prepare: { if registers == nil { $0.allocateRows(stream, of: members) } }
    ) { scheduler, row in
      let (wasParallel, outer) = (scheduler.isParallel, scheduler.source)
      scheduler.isParallel = true
      scheduler.registerRow = registers
      let soon =
        registers == nil && form.long == nil ? scheduler.prefetchedRow(of: stream, row) : nil
      if let long = form.long { scheduler.source = long.rows.function }
      scheduler.emitMembers(members[...], of: stream, row, destinations, soon: soon)
      scheduler.source = outer
      scheduler.registerRow = nil
      scheduler.isParallel = wasParallel
    }
  }

  /// The kept tensors of `stream` that go past the caches, as far as is known.
  private func streamed(of stream: Stream) -> Set<Value> {
    stream.kept.filter { streaming(to: $0) != .never }
  }

  /// How many elements a row of `stream` has; `nil` if it makes numbers alone.
  private mutating func length(of stream: Stream) -> Value? {
    let members = stream.members.map { source.operations[$0.operation].operands }
    return members.first { $0.count == stream.rank + 1 }?.last.map { demanded($0) }
  }

  /// How many elements a row of `stream` has, if that is not known.
  private mutating func freeLength(of stream: Stream) -> Value? {
    length(of: stream).flatMap { knownNumber($0) == nil ? $0 : nil }
  }

  /// What to do where rows are long; `nil` if none are.
  private mutating func longRows(of stream: Stream) -> RowForm.Long? {
    guard let length = length(of: stream) else { return nil }
    let known = knownNumber(length)
    if let known, known < Int64(longRowCount) { return nil }
    return LongRows(stream).map {
      RowForm.Long(rows: $0, length: length, least: known == nil ? longRowCount : nil)
    }
  }

  /// How many elements a row has at least that is not stored for others to read: so many that wide
  /// vectors compute it again sooner than it comes out of the next cache but one, and others sooner
  /// than out of memory.
  var longRowCount: Int {
    let caches = target.cacheByteCounts
    let bytes = target.vectorByteCount < 64 ? caches.last : caches.dropFirst().first
    return Int(choice.number(.longRow, usually: Int64((bytes ?? .max) / 4)))
  }

  /// About how many operations a member takes for a row.
  func rowCost(_ content: Operation, _ stream: Stream) -> Int {
    var cost = cost(of: content.regions[0])
    for extent in content.operands.dropFirst(stream.rank) {
      let length = Int(clamping: min(max(source.integerConstant(extent) ?? 64, 1), 1 << 20))
      cost = min(cost * length, 1 << 30)
    }
    return cost
  }

  /// Allocates what a row holds of tensors that are never whole, of all members or of these, for two
  /// rows of those in `twice`.
  mutating func allocateRows(
    _ stream: Stream, of members: [Stream.Member]? = nil, twice: [Value] = []
  ) {
    for member in members ?? stream.members {
      let content = source.operations[member.operation]
      let rank = content.operands.count
      guard rank > stream.rank else { continue }
      for result in content.results where !stream.kept.contains(result) {
        let type = source.type(of: result)
        var extents = content.operands.dropFirst(stream.rank).map { demanded($0) }
        var lengths = Array(type.extents.dropFirst(stream.rank))
        if twice.contains(result) {
          extents.insert(integer(2), at: 0)
          lengths.insert(.constant(2), at: 0)
        }
        let buffer = allocate(
          .tensor(type.element, lengths), extents, name: source.values[result].name)
        rowPlaces[result] = RowPlace(rank: stream.rank, content: .buffer(buffer))
      }
    }
  }

  /// Computes what a member makes in `row`.
  mutating func emitMember(
    _ member: Stream.Member, of stream: Stream, _ row: [Value], _ kept: [Value: Destination]
  ) {
    let content = source.operations[member.operation]
    let span = builder.span
    builder.span = content.span
    defer { builder.span = span }
    if content.operands.count == stream.rank, member.divisor == nil {
      return hold(inline(content.regions[0], row), of: content, in: stream, row)
    }
    if let registerRow { return emitRegisters(content, registerRow, row, kept) }
    let destinations = content.results.map { rowDestination($0, stream, kept) }
    guard let divisor = member.divisor else {
      return emitRest(of: content, row, destinations)
    }
    // The part of the last index of the row that belongs to it.
    let width: Value
    switch divisor {
    case .number(let number): width = integer(number)
    case .value(let value): width = demanded(value)
    }
    let lower = product([row.last!, width])
    let end = builder.arithmetic(.add, lower, width)
    let upper = builder.arithmetic(
      .minimum, end, demanded(content.operands[stream.rank - 1]))
    let name = source.values[source.regions[content.regions[0]].parameters[stream.rank - 1]].name
    loop(from: lower, to: upper, name: name) { scheduler, index in
      scheduler.emitRest(of: content, row.dropLast() + [index], destinations, isPart: true)
    }
  }

  /// Makes `elements` the numbers that `row` has of what the member `content` makes.
  mutating func hold(
    _ elements: [Value], of content: Operation, in stream: Stream, _ row: [Value]
  ) {
    for (result, element) in zip(content.results, elements) {
      rowPlaces[result] = RowPlace(rank: stream.rank, content: .number(element))
      if stream.kept.contains(result) {
        builder.emit(.store, [element, value(of: result)] + row)
      }
    }
  }

  /// Where a member stores a row of `result`.
  func rowDestination(
    _ result: Value, _ stream: Stream, _ kept: [Value: Destination]
  ) -> Destination {
    if let place = rowPlaces[result], case .buffer(let buffer) = place.content {
      return Destination(buffer: buffer, dropped: stream.rank, leading: place.leading)
    }
    return kept[result]!
  }

  /// Computes and stores all elements whose first indices are `leading`, a row or a part of it.
  private mutating func emitRest(
    of content: Operation, _ leading: [Value], _ destinations: [Destination], isPart: Bool = false
  ) {
    let extents = content.operands.map { demanded($0) }
    if extents.count > leading.count,
      var plan = TilePlan(content, source, target, leading: leading.count)
    {
      // What comes after a part of a row was read with the row.
      if isPart { plan.readAlong = [] }
      emitTiles(plan, extents, destinations, leading: leading)
    } else {
      emitElements(content.regions[0], extents, destinations, leading: leading)
    }
  }

  // MARK: Reading

  /// The number that stands for a read of a tensor of which a row holds one; `nil` if it holds more.
  func rowNumber(read tensor: Value) -> Value? {
    guard case .number(let number)? = rowPlaces[tensor]?.content else { return nil }
    return number
  }

  /// The operands of a load that does what a read does: the buffer, then the indices.
  mutating func place(ofRead tensor: Value, at indices: [Value]) -> [Value] {
    let whole: [Value]
    if let row = rowPlaces[tensor], case .buffer(let buffer) = row.content {
      whole = [buffer] + row.leading + indices.dropFirst(row.rank)
    } else {
      whole = [value(of: tensor)] + indices
    }
    return joinedPlaces[tensor].map { place(whole, in: $0) } ?? whole
  }
}
