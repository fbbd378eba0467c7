import TesseraIR

/// Loops over tiles.
extension Scheduler {
  /// Emits loops that compute and store the tiles of `plan` whose first indices are `leading`.
  ///
  /// Where the extents are no multiples, the last tile of an axis overlaps the one before it, or
  /// its last row stands for those that are missing: what is computed twice is the same both
  /// times. Where results are made in place, the last one is computed before all others and stored after
  /// them.
  mutating func emitTiles(
    _ plan: TilePlan, _ extents: [Value], _ destinations: [Destination], leading: [Value] = []
  ) {
    joining(plan.joined, extents, destinations) { $0.emitTiles(plan, of: $1, $2, leading) }
  }

  private mutating func emitTiles(
    _ plan: TilePlan, of extents: [Value], _ destinations: [Destination], _ leading: [Value]
  ) {
    guard leading.count > 0 || extents.count > plan.joined?.count ?? 1 else {
      return emitTilesOfOneAxis(plan, extents, destinations)
    }
    let last = extents[extents.count - 1]
    choose(last, isAtLeast: plan.lanes) { scheduler in
      guard let rows = plan.rows else {
        return scheduler.emitTileRows(plan, nil, extents, destinations, leading)
      }
      scheduler.choose(extents[rows.axis], isAtLeast: rows.count / 2) { scheduler in
        scheduler.emitTileRows(plan, rows, extents, destinations, leading)
      } otherwise: { scheduler in
        scheduler.emitTileRows(plan, nil, extents, destinations, leading)
      }
    } otherwise: { scheduler in
      scheduler.emitElements(plan.region, extents, destinations, leading: leading)
    }
  }

  private mutating func emitTileRows(
    _ plan: TilePlan, _ rows: PointAxis?,
    _ extents: [Value], _ destinations: [Destination], _ leading: [Value]
  ) {
    var outer = Array(extents.dropLast())
    let last = extents[extents.count - 1]
    if let rows { outer[rows.axis] = blocks(of: outer[rows.axis], rows.count) }
    outer.removeFirst(leading.count)
    let names = source.regions[plan.region].parameters.map { source.values[$0].name }
    let cost = cost(of: plan.region) * (rows?.count ?? 1)
    let known = emitOnce(plan.region, plan.analysis, leading)
    spreadRows(
      outer, names: Array(names.dropLast().dropFirst(leading.count)), of: last, cost: cost
    ) { scheduler, indices in
      scheduler.emitTileRow(plan, rows, extents, destinations, leading, indices, known)
    }
  }

  /// Emits the vectors of the row, or of the rows of a tile, whose indices after those `leading` are
  /// `indices`; what is `known` is the same in all rows.
  private mutating func emitTileRow(
    _ plan: TilePlan, _ rows: PointAxis?,
    _ extents: [Value], _ destinations: [Destination], _ leading: [Value], _ indices: [Value],
    _ known: [Value: Value]
  ) {
    let last = extents[extents.count - 1]
    let points = points(leading + indices, rows, extents)
    func emitVectors(
      _ scheduler: inout Scheduler, _ destinations: [Destination], lanes: Int, isLong: Bool
    ) {
      let isWhole = scheduler.isMultiple(last, lanes)
      let lastVector = scheduler.builder.arithmetic(.subtract, last, scheduler.integer(lanes))
      func places(_ lane: Value) -> [[Value]] { points.map { $0 + [lane] } }
      var late: [[Value]]?
      if !isWhole, destinations.contains(where: \.isInPlace) {
        late = scheduler.computeTile(
          plan, rows?.dependents, places(lastVector), lanes: lanes, known: known)
      }
      let count = late == nil ? last : lastVector
      // A loop of unknown length counts lanes, which takes an operation less; where lengths are known,
      // machines store a little faster at offsets that were multiplied before.
      let isKnown = scheduler.knownNumber(last) != nil
      let end = isKnown ? scheduler.blocks(of: count, lanes) : count
      let step = scheduler.integer(isKnown ? 1 : lanes)
      scheduler.loop(from: scheduler.integer(0), to: end, by: step) { scheduler, index in
        var lane = isKnown ? scheduler.product([index, scheduler.integer(lanes)]) : index
        if !isWhole, late == nil {
          lane = scheduler.builder.arithmetic(.minimum, lane, lastVector)
        }
        if isLong { scheduler.prefetch(plan, lanes, extents, leading, indices + [lane]) }
        scheduler.emitTile(
          plan, rows?.dependents, places(lane), destinations, lanes: lanes, known: known)
        scheduler.emitLateLanes(lane, lanes)
      }
      if let late { scheduler.store(late, in: destinations, at: places(lastVector)) }
    }
    let length = product(Array(extents.dropFirst(leading.count)))
    let readsAhead = plan.readAlong.contains { rowPlaces[$0] == nil }
    let asks = readsAhead || destinations.contains { $0.isPastCaches != nil }
    // Short rows of unknown length are spared all questions.
    let spares = !leading.isEmpty && knownNumber(length) == nil && asks
    let plain = destinations.map { destination in
      var plain = destination
      if spares { plain.isPastCaches = nil }
      return plain
    }
    if let wide = longRowLanes(of: plan, alongRowsOf: last) {
      choose(last, isLongFor: wide) {
        emitVectors(&$0, destinations, lanes: wide, isLong: true)
      } otherwise: {
        emitVectors(&$0, plain, lanes: plan.lanes, isLong: !spares)
      }
    } else if spares {
      choose(length, isAtLeast: Self.longRow) {
        emitVectors(&$0, destinations, lanes: plan.lanes, isLong: true)
      } otherwise: {
        emitVectors(&$0, plain, lanes: plan.lanes, isLong: false)
      }
    } else {
      emitVectors(&self, destinations, lanes: plan.lanes, isLong: true)
    }
  }

  /// How many lanes are computed at once where a row of `length` has such vectors; `nil` for no more than
  /// else. They are twice as many where nothing else need be emitted, since rows are certainly that
  /// long, and an element takes little: what a turn asks and counts keeps the next row from beginning
  /// while this one is stored.
  private func longRowLanes(of plan: TilePlan, alongRowsOf length: Value) -> Int? {
    guard let usual = plan.longRowLanes, let least = bounds[length]?.lowerBound else {
      return plan.longRowLanes
    }
    let most = 4 * plan.registerLanes
    let varying = source.regions[plan.region].operations.filter { id in
      source.operations[id].results.contains { plan.analysis.kind($0) == .varying }
    }
    let takesLittle = varying.count <= Self.littleWork
    return takesLittle && TilePlan.isLong(from: least, for: most) ? most : usual
  }

  /// How many operations an element takes at most that takes little.
  private static var littleWork: Int { 8 }

  /// Emits one branch where a row of `length` has vectors of so many lanes, see `TilePlan.isLong`, and
  /// the other one where it does not.
  mutating func choose(
    _ length: Value, isLongFor lanes: Int, _ then: (inout Scheduler) -> Void,
    otherwise: (inout Scheduler) -> Void
  ) {
    if let known = knownNumber(length) {
      return TilePlan.isLong(known, for: lanes) ? then(&self) : otherwise(&self)
    }
    if let range = bounds[length], TilePlan.isLong(from: range.lowerBound, for: lanes) {
      return then(&self)
    }
    let width = integer(lanes)
    let rest = builder.arithmetic(.remainder, length, width)
    let missing = builder.arithmetic(.subtract, width, rest)
    let isWhole = builder.compare(.equal, rest, integer(0))
    let isMany = builder.compare(.lessOrEqual, product([missing, integer(8)]), length)
    let isEnough = builder.compare(.lessOrEqual, width, length)
    let fits = builder.arithmetic(.bitOr, isWhole, isMany)
    // One number that rows need but compare: of a truth LLVM would ask again what it is made of.
    let covered = select(
      .value(builder.arithmetic(.bitAnd, isEnough, fits)), length, otherwise: integer(0))
    choose(builder.compare(.less, integer(0), covered), then, otherwise: otherwise)
  }

  /// Emits what in `region` takes nothing but the indices `leading` and what is around, once for all
  /// tiles of a row that has elements, and returns it.
  ///
  /// Of this, LLVM does not know that what the tiles store leaves it alone.
  mutating func emitOnce(
    _ region: ID<Region>, _ analysis: LaneAnalysis, _ leading: [Value]
  ) -> [Value: Value] {
    if leading.isEmpty { return [:] }
    let (parameters, operations) = (
      source.regions[region].parameters, source.regions[region].operations
    )
    var tile = Tile(analysis, lanes: 1, points: 1, rows: nil)
    tile.insert(leading, for: parameters, at: [0])
    var known: [Value: Value] = [:]
    var unknown = Set(parameters.dropFirst(leading.count))
    for id in operations.dropLast() {
      let content = source.operations[id]
      // A quotient may stop the run, which only an element may ask for.
      let isHarmless =
        content.opcode == .read || !content.opcode.info.traits.contains(.mayTrap)
        || source.type(of: content.operands[0]).scalarType?.isFloat == true
      guard isHarmless, content.opcode.isPure, content.regions.isEmpty, content.results.count == 1,
        !content.operands.contains(where: unknown.contains)
      else {
        unknown.formUnion(content.results)
        continue
      }
      emitTileScalar(content, &tile, at: 0, for: [0])
      known[content.results[0]] = cell(content.results[0], tile, at: 0)
    }
    return known
  }

  /// From how many elements on the last pass over a row asks for the next one; of shorter rows the
  /// first pass does, see `PrefetchedRow`.
  static var longRow: Int { 2048 }

  /// Lets the cache take in what the next row reads where this one is at `rest`: the memory would
  /// rest while a row that was read is computed with.
  private mutating func prefetch(
    _ plan: TilePlan, _ lanes: Int, _ extents: [Value], _ leading: [Value], _ rest: [Value]
  ) {
    let tensors = plan.readAlong.filter { rowPlaces[$0] == nil }
    guard !leading.isEmpty, !tensors.isEmpty else { return }
    let length = product(Array(extents.dropFirst(leading.count)))
    choose(length, isAtLeast: Self.longRow) { scheduler in
      for tensor in tensors {
        scheduler.prefetch(
          tensor, scheduler.integer(1), after: leading + rest.dropLast(), rank: leading.count,
          from: rest.last!, lanes: lanes)
      }
    }
  }

  /// The indices of the points of a tile, but for the last axis.
  private mutating func points(
    _ indices: [Value], _ rows: PointAxis?,
    _ extents: [Value]
  ) -> [[Value]] {
    guard let rows else { return [indices] }
    let first = product([indices[rows.axis], integer(rows.count)])
    let last = builder.arithmetic(.subtract, extents[rows.axis], integer(1))
    return (0..<rows.count).map { step in
      var point = indices
      let row = builder.arithmetic(.add, first, integer(step))
      point[rows.axis] = builder.arithmetic(.minimum, row, last)
      return point
    }
  }

  /// Emits a vector along a tensor of one axis after the other, then single registers, then the
  /// elements that are left.
  private mutating func emitTilesOfOneAxis(
    _ plan: TilePlan, _ extents: [Value], _ destinations: [Destination]
  ) {
    let extent = extents[extents.count - 1]
    // What was joined with that axis has no more than one place.
    let first = Array(repeating: integer(0), count: extents.count - 1)
    let vectors = divided(extent, by: integer(plan.lanes))
    let overlap = lastOverlap(plan, extent)
    var late: [[Value]]?
    if let overlap, destinations.contains(where: \.isInPlace) {
      late = computeTile(plan, nil, [first + [integer(overlap.lane)]], lanes: overlap.lanes)
    }
    // An operation takes an instruction for each register.
    let cost = cost(of: plan.region) * max(1, plan.lanes / plan.registerLanes)
    spread([vectors], names: [nil], cost: cost) { scheduler, indices in
      let lane = scheduler.product([indices[0], scheduler.integer(plan.lanes)])
      scheduler.emitTile(plan, nil, [first + [lane]], destinations, lanes: plan.lanes)
    }
    let known = knownNumber(extent)
    if let known, known % Int64(plan.lanes) == 0 { return }
    var end = product([vectors, integer(plan.lanes)])
    if plan.lanes > 2 * plan.registerLanes {
      let register = integer(plan.registerLanes)
      let registers = product([divided(extent, by: register), register])
      loop(from: end, to: registers, by: register) { scheduler, lane in
        scheduler.emitTile(plan, nil, [first + [lane]], destinations, lanes: plan.registerLanes)
      }
      if let known, known % Int64(plan.registerLanes) == 0 { return }
      end = registers
    }
    if let overlap {
      let places = [first + [integer(overlap.lane)]]
      if let late { return store(late, in: destinations, at: places) }
      return emitTile(plan, nil, places, destinations, lanes: overlap.lanes)
    }
    let name = source.values[source.regions[plan.region].parameters.last!].name
    loop(from: end, to: extent, name: name) { scheduler, index in
      let elements = scheduler.inline(plan.region, first + [index])
      scheduler.store(elements, in: destinations, at: first + [index])
    }
  }

  /// The last register, or two, of a tensor of one axis of known length that is no multiple, which overlap
  /// those before: where they begin, and how many lanes they have; `nil` if single elements are left.
  private func lastOverlap(
    _ plan: TilePlan, _ extent: Value
  ) -> (lane: Int64, lanes: Int)? {
    guard let known = knownNumber(extent), known >= Int64(plan.registerLanes) else { return nil }
    let width = plan.lanes > 2 * plan.registerLanes ? plan.registerLanes : plan.lanes
    let left = known % Int64(width)
    if left == 0 { return nil }
    let lanes = left > Int64(plan.registerLanes) ? plan.lanes : plan.registerLanes
    return (known - Int64(lanes), lanes)
  }

  /// Computes and stores one tile of `lanes`, whose points and first lane `points` tells.
  mutating func emitTile(
    _ plan: TilePlan, _ rows: DependentValues?, _ points: [[Value]],
    _ destinations: [Destination], lanes: Int, known: [Value: Value] = [:],
    writesOutTerms: Bool = false
  ) {
    var tile = Tile(plan.analysis, lanes: lanes, points: points.count, rows: rows)
    tile.known = known
    tile.writesOutTerms = writesOutTerms
    emit(&tile, of: plan.region, at: points, destinations)
  }

  /// Computes one tile of `lanes`, whose points and first lane `points` tells, and returns the vectors of
  /// each point, one for each result.
  private mutating func computeTile(
    _ plan: TilePlan, _ rows: DependentValues?, _ points: [[Value]], lanes: Int,
    known: [Value: Value] = [:]
  ) -> [[Value]] {
    var tile = Tile(plan.analysis, lanes: lanes, points: points.count, rows: rows)
    tile.known = known
    return compute(&tile, of: plan.region, at: points)
  }

  /// Computes `tile`, whose points have the indices `places`, and stores what `region` yields there.
  mutating func emit(
    _ tile: inout Tile, of region: ID<Region>, at places: [[Value]], _ destinations: [Destination]
  ) {
    store(compute(&tile, of: region, at: places), in: destinations, at: places)
  }

  /// Computes `tile`, whose points have the indices `places`, and returns what `region` yields for each.
  private mutating func compute(
    _ tile: inout Tile, of region: ID<Region>, at places: [[Value]]
  ) -> [[Value]] {
    let parameters = source.regions[region].parameters
    for (point, place) in places.enumerated() {
      tile.insert(place, for: parameters, at: [point])
    }
    emitTile(region, &tile, at: Array(places.indices))
    return places.indices.map { point in yielded(region).map { vector($0, tile, at: point) } }
  }

  /// Stores the vectors of each point at its place.
  private mutating func store(
    _ elements: [[Value]], in destinations: [Destination], at places: [[Value]]
  ) {
    for (elements, place) in zip(elements, places) {
      store(elements, in: destinations, at: place)
    }
  }
}
