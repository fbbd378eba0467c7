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
    remarkColumns(stream)
    let lanes = Int64(columnLanes)
    if let known = builder.function.integerConstant(rows.last!), known >= lanes {
      return emitBlocks(stream, plans, rows)
    }
    let isEnough = builder.compare(.lessOrEqual, integer(lanes), rows.last!)
    _ = choose(isEnough, types: []) { scheduler in
      scheduler.emitBlocks(stream, plans, rows)
      return []
    } else: { scheduler in
      scheduler.emitWhole(stream)
      return []
    }
  }

  /// `true` iff a factor of one of the sums depends on constant parameters alone: then panels of it
  /// are packed once for all calls, and rows would only read it again and again as it lies.
  func isPackedAhead(_ stream: Stream) -> Bool {
    stream.members.contains { member in
      let content = source.operations[member.operation]
      guard let contraction = Contraction(content, in: source) else { return false }
      let terms = contraction.reduction.regions[0]
      let known = Set(
        source.regions[content.regions[0]].parameters + source.regions[terms].parameters)
      return [contraction.rowFactor, contraction.columnFactor].contains {
        fixed.determine($0, with: known, in: source)
      }
    }
  }

  /// How many rows are computed at once.
  var columnLanes: Int { ColumnPlan.lanes(for: target, vectors: choice[.columnVectors]) }

  /// Emits one member after the other.
  private mutating func emitWhole(_ stream: Stream) {
    inScope { scheduler in
      for member in stream.members {
        scheduler.emitCompute(scheduler.source.operations[member.operation])
      }
      for relocation in stream.movers {
        scheduler.emitCompute(scheduler.source.operations[relocation.operation])
      }
    }
  }

  private mutating func emitBlocks(_ stream: Stream, _ plans: [ColumnPlan], _ rows: [Value]) {
    let lanes = integer(Int64(columnLanes))
    let blocks = ceiling(rows.last!, columnLanes)
    let lastBlock = builder.arithmetic(.subtract, rows.last!, lanes)
    var work = 0
    for member in stream.members {
      let content = source.operations[member.operation]
      work = min(work + rowCost(content, stream) * columnLanes, 1 << 30)
    }
    let columns = ColumnStream(stream, plans, source)
    // swift-format-ignore: OnlyOneTrailingClosureArgument
    spreadRows(
      Array(rows.dropLast()) + [blocks], names: Array(repeating: nil, count: rows.count),
      of: integer(1), cost: work,
      prepare: {
        $0.allocatePacked(columns)
        $0.allocateMembers(columns)
      }
    ) { scheduler, block in
      let wasParallel = scheduler.isParallel
      scheduler.isParallel = true
      let lanes = scheduler.integer(Int64(scheduler.columnLanes))
      let first = scheduler.builder.arithmetic(
        .minimum, scheduler.product([block.last!, lanes]), lastBlock)
      let row = Array(block.dropLast()) + [first]
      for tensor in columns.packed { scheduler.packColumn(tensor, columns, row) }
      for index in columns.stream.members.indices {
        scheduler.emitColumns(index, of: columns, row)
      }
      scheduler.isParallel = wasParallel
    }
    columnPlaces = [:]
    finishedReductions = [:]
  }

  // MARK: Memory

  /// Allocates what a block of rows holds of tensors from outside.
  mutating func allocatePacked(_ columns: ColumnStream) {
    for tensor in columns.packed {
      let rank = columns.rowRank(of: tensor)
      if let slice = columns.slices[tensor] {
        var type = Extent.dynamic
        if let length = source.integerConstant(slice.length) { type = .constant(Int(length)) }
        columnPlaces[tensor] = allocateColumn(
          tensor, rank, [type], extents(ofRow: tensor, columns), step: slice.step)
        continue
      }
      let extents = extents(ofRow: tensor, columns)
      let types = Array(source.type(of: tensor).extents.dropFirst(rank))
      columnPlaces[tensor] = allocateColumn(tensor, rank, types, extents)
    }
  }

  /// Allocates what a block of rows holds of what members make.
  mutating func allocateMembers(_ columns: ColumnStream) {
    let rank = columns.stream.rank
    for (index, member) in columns.stream.members.enumerated() {
      let content = source.operations[member.operation]
      guard content.operands.count > rank else { continue }
      for result in content.results {
        if let old = columns.takeover[index], let place = columnPlaces[old] {
          columnPlaces[result] = place
          continue
        }
        let types = Array(source.type(of: result).extents.dropFirst(rank))
        let extents = content.operands.dropFirst(rank).map { demanded($0) }
        columnPlaces[result] = allocateColumn(result, rank, types, extents)
      }
    }
  }

  /// The extents of what a row has of `tensor`.
  private mutating func extents(ofRow tensor: Value, _ columns: ColumnStream) -> [Value] {
    if let slice = columns.slices[tensor] {
      return [source.integerConstant(slice.length).map { integer($0) } ?? demanded(slice.length)]
    }
    let rank = columns.rowRank(of: tensor)
    return (rank..<source.type(of: tensor).rank).map { extent(of: tensor, $0) }
  }

  /// Allocates what a block holds of `tensor`: the rows lie side by side in the last axis, for each
  /// of its elements.
  mutating func allocateColumn(
    _ tensor: Value, _ rank: Int, _ types: [Extent], _ extents: [Value], step: Value? = nil
  ) -> RowPlace {
    let lanes = integer(Int64(columnLanes))
    var last = Extent.constant(columnLanes)
    if let type = types.last {
      last = .dynamic
      if case .constant(let length) = type { last = .constant(length * columnLanes) }
    }
    let buffer = allocate(
      .tensor(.scalar(.f32), types.dropLast() + [last]),
      extents.dropLast() + [extents.last.map { product([$0, lanes]) } ?? lanes],
      name: source.values[tensor].name)
    return RowPlace(rank: rank, step: step, content: .buffer(buffer))
  }

  /// The place in such a buffer of what all rows have at `indices`, or the row `lane` alone.
  mutating func columnIndices(_ indices: some Collection<Value>, lane: Value? = nil) -> [Value] {
    let indices = Array(indices)
    guard let last = indices.last else { return [lane ?? integer(0)] }
    let first = product([last, integer(Int64(columnLanes))])
    return indices.dropLast() + [lane.map { builder.arithmetic(.add, first, $0) } ?? first]
  }

  // MARK: Moving

  /// How many neighbours of a row are moved at once.
  private static var runLength: Int { 8 }

  /// Copies what the rows of a block hold of `tensor`, which lies row by row, to its buffer.
  mutating func packColumn(_ tensor: Value, _ columns: ColumnStream, _ row: [Value]) {
    guard case .buffer(let buffer)? = columnPlaces[tensor]?.content else { return }
    let whole = value(of: tensor)
    let run = Type.vector(.f32, lanes: Self.runLength)
    moveColumn(tensor, columns) { scheduler, indices in
      let (first, axis) = scheduler.place(of: tensor, columns, row, indices)
      scheduler.prefetchNextBlock(of: tensor, whole, first, axis)
      let rows = (0..<scheduler.columnLanes).map { lane in
        let place = [whole] + scheduler.neighbour(first, axis, lane)
        return scheduler.builder.emit(.vectorLoad, place, results: [run])[0]
      }
      let woven = scheduler.woven(rows[...])
      let place = scheduler.columnIndices(indices)
      scheduler.builder.emit(.vectorStore, [woven, buffer] + place)
    } single: { scheduler, lane, indices in
      var (place, axis) = scheduler.place(of: tensor, columns, row, indices)
      place[axis] = scheduler.builder.arithmetic(.add, place[axis], lane)
      let element = scheduler.builder.emit(.load, [whole] + place, results: [.scalar(.f32)])
      let own = scheduler.columnIndices(indices, lane: lane)
      scheduler.builder.emit(.store, element + [buffer] + own)
    }
  }

  /// The indices in `tensor` of what the row has at `indices`, and which of them is the last one of
  /// the row.
  private mutating func place(
    of tensor: Value, _ columns: ColumnStream, _ row: [Value], _ indices: [Value]
  ) -> (indices: [Value], rowAxis: Int) {
    if let site = columns.sites[tensor] {
      let first = site.offset.map { builder.arithmetic(.add, demanded($0), row.last!) }
      let start = site.prefix.map { demanded($0) } + [first ?? row.last!]
      return (start + indices, site.prefix.count)
    }
    if let slice = columns.slices[tensor] {
      let place = inScope { scheduler in
        for (parameter, index) in zip(scheduler.source.regions[slice.region].parameters, row) {
          scheduler.values.insert(index, for: parameter)
        }
        scheduler.values.insert(indices[0], for: slice.step)
        return slice.indices.map { scheduler.demanded($0) }
      }
      return (place, slice.rowAxis)
    }
    guard let relocation = columns.stream.relocations[tensor] else {
      return (row + indices, row.count - 1)
    }
    let old = row + indices
    var rowAxis = 0
    let place = relocation.sources.enumerated().map { axis, source in
      switch source {
      case .axis(let index):
        if index == row.count - 1 { rowAxis = axis }
        return old[index]
      case .joined(let quotient, let remainder, let divisor):
        let start = product([old[quotient], integer(divisor)])
        return builder.arithmetic(.add, start, old[remainder])
      }
    }
    return (place, rowAxis)
  }

  /// The place of the row so many after that of `place`.
  private mutating func neighbour(_ place: [Value], _ rowAxis: Int, _ lane: Int) -> [Value] {
    var place = place
    place[rowAxis] = builder.arithmetic(.add, place[rowAxis], integer(Int64(lane)))
    return place
  }

  /// Lets the cache take in as much of the rows after the block as is packed at once.
  private mutating func prefetchNextBlock(
    of tensor: Value, _ whole: Value, _ place: [Value], _ rowAxis: Int
  ) {
    guard place.count == rowAxis + 2 else { return }
    let lanes = integer(Int64(columnLanes))
    let last = builder.arithmetic(.subtract, extent(of: tensor, rowAxis), lanes)
    let next = builder.arithmetic(
      .minimum, builder.arithmetic(.add, place[rowAxis], lanes), last)
    var ahead = place
    ahead[rowAxis] = next
    if columnPlaces[tensor]?.step != nil {
      for lane in 0..<columnLanes {
        builder.emit(.prefetch, [whole] + neighbour(ahead, rowAxis, lane))
      }
      return
    }
    // The rows lie one after the other, so the place may be counted from the first one on.
    let first = product([place.last!, lanes])
    for line in stride(from: 0, to: Self.runLength * columnLanes, by: 16) {
      ahead[rowAxis + 1] = builder.arithmetic(.add, first, integer(Int64(line)))
      builder.emit(.prefetch, [whole] + ahead)
    }
  }

  /// Copies what the rows of a block hold of `tensor` from its buffer to the whole.
  mutating func unpackColumn(_ tensor: Value, _ columns: ColumnStream, _ row: [Value]) {
    guard case .buffer(let buffer)? = columnPlaces[tensor]?.content else { return }
    let whole = value(of: columns.stream.relocations[tensor]?.tensor ?? tensor)
    let column = Type.vector(.f32, lanes: columnLanes)
    let run = Type.vector(.f32, lanes: Self.runLength)
    let count = Self.runLength * columnLanes
    moveColumn(tensor, columns) { scheduler, indices in
      let elements = (0..<Self.runLength).map { step in
        let last = scheduler.builder.arithmetic(
          .add, indices.last!, scheduler.integer(Int64(step)))
        let place = scheduler.columnIndices(indices.dropLast() + [last])
        return scheduler.builder.emit(.vectorLoad, [buffer] + place, results: [column])[0]
      }
      let woven = scheduler.woven(elements[...])
      // By way of the nearest cache, since a part of a vector is had from memory alone.
      let rows = scheduler.allocate(
        .tensor(.scalar(.f32), [.constant(count)]), [scheduler.integer(Int64(count))])
      scheduler.builder.emit(.vectorStore, [woven, rows, scheduler.integer(0)])
      let (first, axis) = scheduler.place(of: tensor, columns, row, indices)
      for lane in 0..<scheduler.columnLanes {
        let start = scheduler.integer(Int64(lane * Self.runLength))
        let part = scheduler.builder.emit(.vectorLoad, [rows, start], results: [run])
        let place = scheduler.neighbour(first, axis, lane)
        scheduler.builder.emit(.vectorStore, part + [whole] + place)
      }
    } single: { scheduler, lane, indices in
      let own = scheduler.columnIndices(indices, lane: lane)
      let element = scheduler.builder.emit(.load, [buffer] + own, results: [.scalar(.f32)])
      var (place, axis) = scheduler.place(of: tensor, columns, row, indices)
      place[axis] = scheduler.builder.arithmetic(.add, place[axis], lane)
      scheduler.builder.emit(.store, element + [whole] + place)
    }
  }

  /// The lanes of a power of two of vectors in turn: a matrix of them transposed.
  private mutating func woven(_ vectors: ArraySlice<Value>) -> Value {
    guard vectors.count > 1, case .vector(let scalar, let lanes) = builder.type(of: vectors.first!)
    else { return vectors.first! }
    // Every other vector, so that neighbours meet last.
    let halves = (0..<2).map { first in
      stride(from: first, to: vectors.count, by: 2).map { vectors[vectors.startIndex + $0] }
    }
    let parts = halves.map { woven($0[...]) }
    return builder.emit(
      .weaveLanes, parts, results: [.vector(scalar, lanes: lanes * vectors.count)])[0]
  }

  /// Goes through what a row has of `tensor`: `runs` is given the indices of the first of some
  /// neighbours, where there are that many, else `single` each lane and each place.
  private mutating func moveColumn(
    _ tensor: Value, _ columns: ColumnStream,
    runs: (inout Scheduler, _ indices: [Value]) -> Void,
    single: (inout Scheduler, _ lane: Value, _ indices: [Value]) -> Void
  ) {
    let extents = extents(ofRow: tensor, columns)
    let ranges = extents.map {
      IndexRange(lower: integer(0), upper: $0, step: integer(1), name: nil)
    }
    let lanes = IndexRange(
      lower: integer(0), upper: integer(Int64(columnLanes)), step: integer(1), name: nil)
    guard let last = extents.last else {
      _ = nest([lanes]) { scheduler, indices, _ in
        single(&scheduler, indices[0], [])
        return []
      }
      return
    }
    choose(last, isAtLeast: Self.runLength) { scheduler in
      let width = scheduler.integer(Int64(Self.runLength))
      var steps = ranges
      steps[steps.count - 1].upper = scheduler.ceiling(last, Self.runLength)
      let end = scheduler.builder.arithmetic(.subtract, last, width)
      _ = scheduler.nest(steps) { scheduler, indices, _ in
        let start = scheduler.product([indices.last!, width])
        let first = scheduler.builder.arithmetic(.minimum, start, end)
        runs(&scheduler, indices.dropLast() + [first])
        return []
      }
    } otherwise: { scheduler in
      _ = scheduler.nest([lanes] + ranges) { scheduler, indices, _ in
        single(&scheduler, indices[0], Array(indices.dropFirst()))
        return []
      }
    }
  }

  // MARK: Members

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
  private func columnTile(
    _ plan: ColumnPlan, points: Int, _ row: [Value], _ places: [[Value]]
  ) -> Tile {
    var tile = Tile(
      plan.analysis, lanes: columnLanes, points: points, rows: plan.points?.dependents)
    tile.fusesProducts = true
    let parameters = source.regions[plan.region].parameters
    for (point, place) in places.enumerated() {
      for (parameter, index) in zip(parameters, row + place) {
        tile.insert(index, for: parameter, at: [point])
      }
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
      let upper = isTiled ? ceiling(extents[axis], plan.points!.count) : extents[axis]
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

  /// The places, beside the row, of the points at `indices`.
  private mutating func places(
    _ indices: [Value], _ plan: ColumnPlan, _ rank: Int, _ extents: [Value]
  ) -> [[Value]] {
    guard let points = plan.points else { return [indices] }
    let length = extents[points.axis]
    var first = product([indices[points.axis - rank], integer(Int64(points.count))])
    // The last tile overlaps the one before it, if it is known that there are enough points for one;
    // else its last point stands for those that are missing.
    let known = builder.function.integerConstant(length)
    if let known, known >= Int64(points.count), known % Int64(points.count) != 0 {
      first = builder.arithmetic(.minimum, first, integer(known - Int64(points.count)))
    }
    return (0..<points.count).map { step in
      var index = builder.arithmetic(.add, first, integer(Int64(step)))
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
