import TesseraIR

/// Streams of which several rows are computed at once, a lane each.
///
///     for each block of rows
///       pack what is read across the rows: [everything else][row]
///       for each member
///         for each point of its other axes, perhaps several at once
///           compute a vector of one element for each row, and keep it: [point][row]
///       copy out what others read
///
/// Attention is such a stream: the scores of a block of queries stay in the second cache, and the
/// keys and values are read as they lie.
extension Scheduler {
  /// Emits `stream` by `plans`, one for each member; where there are fewer rows than lanes, member
  /// by member.
  mutating func emitColumnStream(_ stream: Stream, _ plans: [ColumnPlan]) {
    let plans = plans.map { $0.computing(choice[.columnPoints]) }
    let rows = stream.extents.map { demanded($0) }
    for member in stream.members {
      let content = source.operations[member.operation]
      let extents = content.operands.map { demanded($0) }
      for result in content.results where stream.kept.contains(result) {
        var (whole, wholeExtents) = (result, extents)
        if let relocation = stream.relocations[result] {
          whole = relocation.tensor
          wholeExtents = source.operations[relocation.operation].operands.map { demanded($0) }
        }
        let buffer = memory(for: whole, wholeExtents)
        values.insert(buffer, for: whole)
        destinations[whole] = buffer
      }
    }
    let columns = ColumnStream(stream, plans, source)
    let flash = FlashStream(columns, source)
    let keys = flash.map { demanded($0.keys) }
    let mayBeColumns =
      !isKnown(rows.last!, toBeLess: columnLanes)
      && !(keys.map { isKnown($0, toBeLess: flash!.leastKeys) } ?? false)
    if mayBeColumns {
      let hasFreeKeys = keys.map { knownNumber($0) == nil } ?? false
      remarkColumns(
        stream, rows: rows.last!, keysAtOnce: flash?.blockLength(source),
        leastKeys: hasFreeKeys ? flash?.leastKeys : nil)
    }
    let emitOtherwise = { (scheduler: inout Scheduler) in
      scheduler.withoutRemarks(if: mayBeColumns) { $0.emitWhole(stream) }
    }
    choose(rows.last!, isAtLeast: columnLanes) { scheduler in
      guard let flash, let keys else { return scheduler.emitBlocks(columns, nil, rows) }
      scheduler.choose(
        keys, isAtLeast: flash.leastKeys, { $0.emitBlocks(columns, flash, rows) },
        otherwise: emitOtherwise)
    } otherwise: {
      emitOtherwise(&$0)
    }
  }

  /// `true` iff `length` is known, and less than `least`.
  func isKnown(_ length: Value, toBeLess least: Int) -> Bool {
    knownNumber(length).map { $0 < least } ?? false
  }

  /// How many rows are computed at once.
  var columnLanes: Int { ColumnPlan.lanes(for: target, vectors: choice[.columnVectors]) }

  /// Emits one member after the other.
  private mutating func emitWhole(_ stream: Stream) {
    inScope { scheduler in
      for member in stream.members {
        scheduler.emitCompute(member.operation)
      }
      for relocation in stream.movers {
        scheduler.emitCompute(relocation.operation)
      }
    }
  }

  private mutating func emitBlocks(
    _ columns: ColumnStream, _ flash: FlashStream?, _ rows: [Value]
  ) {
    let stream = columns.stream
    let lanes = integer(columnLanes)
    let blocks = blocks(of: rows.last!, columnLanes)
    let lastBlock = builder.arithmetic(.subtract, rows.last!, lanes)
    var work = 0
    for member in stream.members {
      let content = source.operations[member.operation]
      work = min(work + rowCost(content, stream) * columnLanes, 1 << 30)
    }
    var memory: FlashMemory?
    // swift-format-ignore: OnlyOneTrailingClosureArgument
    spreadRows(
      Array(rows.dropLast()) + [blocks], names: Array(repeating: nil, count: rows.count),
      of: integer(1), cost: work,
      prepare: { scheduler in
        scheduler.allocatePacked(columns)
        memory = flash.map { scheduler.allocateFlash($0) }
        if flash == nil { scheduler.allocateMembers(columns) }
      }
    ) { scheduler, block in
      let wasParallel = scheduler.isParallel
      scheduler.isParallel = true
      let lanes = scheduler.integer(scheduler.columnLanes)
      let first = scheduler.builder.arithmetic(
        .minimum, scheduler.product([block.last!, lanes]), lastBlock)
      let row = Array(block.dropLast()) + [first]
      for tensor in columns.packed { scheduler.packColumn(tensor, columns, row) }
      if let flash, let memory {
        scheduler.emitFlash(flash, memory, row)
      } else {
        for index in columns.stream.members.indices {
          scheduler.emitColumns(index, of: columns, row)
        }
      }
      scheduler.isParallel = wasParallel
    }
    columnPlaces = [:]
    finishedReductions = [:]
  }

  /// Computes what the rows of a block from `row` on have of the member at `index`.
  mutating func emitColumns(_ index: Int, of columns: ColumnStream, _ row: [Value]) {
    let (plan, rank) = (columns.plans[index], columns.stream.rank)
    let content = source.operations[columns.stream.members[index].operation]
    let span = builder.span
    builder.span = content.span
    defer { builder.span = span }
    if content.operands.count == rank {
      var tile = columnTile(plan, points: 1, row, [[]])
      emitTile(plan.region, &tile, at: [0])
      for (result, element) in zip(content.results, yielded(plan.region)) {
        let vector = vector(element, tile, at: 0)
        columnPlaces[result] = RowPlace(rank: rank, content: .number(vector))
        if columns.stream.kept.contains(result) {
          builder.emit(.vectorStore, [vector, value(of: result)] + row)
        }
      }
      return
    }
    emitColumnLoops(index, of: columns, content, row)
    for result in content.results where columns.stream.kept.contains(result) {
      unpackColumn(result, columns, row)
    }
  }

  /// A tile of `points` points, whose other indices `places` tells.
  func columnTile(
    _ plan: ColumnPlan, points: Int, _ row: [Value], _ places: [[Value]]
  ) -> Tile {
    var tile = Tile(
      plan.analysis, lanes: columnLanes, points: points, rows: plan.points?.dependents)
    tile.fusesProducts = true
    let parameters = source.regions[plan.region].parameters
    for (point, place) in places.enumerated() {
      tile.insert(row + place, for: parameters, at: [point])
    }
    return tile
  }

  /// Loops over the axes of a member beside those of the rows.
  private mutating func emitColumnLoops(
    _ index: Int, of columns: ColumnStream, _ content: Operation, _ row: [Value]
  ) {
    let (plan, rank) = (columns.plans[index], columns.stream.rank)
    let names = source.regions[plan.region].parameters.map { source.values[$0].name }
    let extents = content.operands.map { demanded($0) }
    let ranges = (rank..<extents.count).map { axis in
      let isTiled = axis == plan.points?.axis
      let upper = isTiled ? blocks(of: extents[axis], plan.points!.count) : extents[axis]
      return IndexRange(
        lower: integer(0), upper: upper, step: integer(1), name: isTiled ? nil : names[axis])
    }
    let reductions = columns.reductions[index]
    let start = reductions.map { reduction in
      let number = identity(reduction.combiner, source.type(of: reduction.result))
      return builder.emit(.splat, [number], results: [.vector(.f32, lanes: columnLanes)])[0]
    }
    let sums = nest(ranges, carrying: start) { scheduler, indices, carried in
      let places = scheduler.places(indices, plan, rank, extents)
      var tile = scheduler.columnTile(plan, points: places.count, row, places)
      scheduler.emitTile(plan.region, &tile, at: Array(places.indices))
      var made: [Value: [Value]] = [:]
      for (point, place) in places.enumerated() {
        for (result, element) in zip(content.results, scheduler.yielded(plan.region)) {
          guard case .buffer(let buffer)? = scheduler.columnPlaces[result]?.content else {
            continue
          }
          let vector = scheduler.vector(element, tile, at: point)
          let indices = scheduler.columnIndices(place)
          scheduler.builder.emit(.vectorStore, [vector, buffer] + indices)
          made[result, default: []].append(vector)
        }
      }
      return zip(reductions, carried).map { reduction, accumulator in
        scheduler.combined(
          made[reduction.tensor] ?? [], by: reduction.combiner.opcode!, accumulator)
      }
    }
    for (reduction, sum) in zip(reductions, sums) { finishedReductions[reduction.result] = sum }
  }

  /// The places, beside the row, of the points at `indices`, counted from the point `start`.
  mutating func places(
    _ indices: [Value], _ plan: ColumnPlan, _ rank: Int, _ extents: [Value],
    from start: Int64 = 0
  ) -> [[Value]] {
    guard let points = plan.points else { return [indices] }
    let length = extents[points.axis]
    var first = product([indices[points.axis - rank], integer(points.count)])
    first = folded(.add, first, integer(start))
    // The last tile overlaps the one before it, if it is known that there are enough points for one;
    // else its last point stands for those that are missing.
    let known = knownNumber(length)
    if let known, known >= Int64(points.count), known % Int64(points.count) != 0 {
      first = builder.arithmetic(.minimum, first, integer(known - Int64(points.count)))
    }
    return (0..<points.count).map { step in
      var index = builder.arithmetic(.add, first, integer(step))
      if known ?? 0 < Int64(points.count) {
        let last = builder.arithmetic(.subtract, length, integer(1))
        index = builder.arithmetic(.minimum, index, last)
      }
      var place = indices
      place[points.axis - rank] = index
      return place
    }
  }

  /// The accumulator with what a tile gives: in pairs, so that none waits for all others. Several
  /// points are combined only where their order does not matter.
  private mutating func combined(
    _ vectors: [Value], by opcode: Opcode, _ accumulator: Value
  ) -> Value {
    var vectors = vectors
    while vectors.count > 1 {
      let half = vectors.count / 2
      let pairs = (0..<half).map { builder.arithmetic(opcode, vectors[$0], vectors[$0 + half]) }
      vectors = pairs + vectors[(2 * half)...]
    }
    return vectors.reduce(accumulator) { builder.arithmetic(opcode, $0, $1) }
  }
}
