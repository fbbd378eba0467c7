import TesseraIR

/// How a `compute` is cut into tiles: vectors along its last axis, and where a reduction has
/// operands that rows share, several rows at once.
struct TilePlan {
  let region: ID<Region>
  /// How many neighbours along the last axis are computed at once.
  let lanes: Int
  /// How many of them a register holds.
  let registerLanes: Int
  /// How many are computed at once where rows are of a length that is not known and turn out to be
  /// long; `nil` for no more than else.
  let longRowLanes: Int?
  let analysis: LaneAnalysis
  /// The axis along which several points are computed at once, and what differs along it.
  let rows: (axis: Int, dependents: DependentValues, count: Int)?
  /// What is read along the lanes in the row of the leading indices.
  var readAlong: [Value]

  /// Plans tiles for the `compute` that `content` is, of which the `leading` first indices are given;
  /// `nil` if it is better done element by element.
  init?(
    _ content: Operation, _ function: Function, _ target: TargetDescription, leading: Int = 0
  ) {
    region = content.regions[0]
    let indices = function.regions[region].parameters
    guard let last = indices.last, target.vectorByteCount > 0,
      let analysis = LaneAnalysis(function, region, lanesOf: last),
      content.results.allSatisfy({ function.type(of: $0).element != .scalar(.bool) })
    else { return nil }
    self.analysis = analysis
    let register = target.vectorByteCount / analysis.widestByteCount
    guard register > 1 else { return nil }
    let length = function.integerConstant(content.operands[indices.count - 1])
    if let length, length < register { return nil }
    rows = TilePlan.rows(content, function, target, analysis, leading)
    readAlong = TilePlan.readAlong(region, function, leading)
    registerLanes = register
    // Four where an element is the end of a long chain, in which one would wait for itself.
    let hasChain = TilePlan.hasChain(region, function, analysis)
    let widths = rows == nil ? (hasChain ? [4, 2] : [2]).map { $0 * register } : []
    if length == nil, indices.count > 1 {
      lanes = register
      longRowLanes = hasChain ? widths.first : nil
    } else {
      lanes =
        widths.first { lanes in length.map { TilePlan.isLong($0, for: lanes) } ?? true } ?? register
      longRowLanes = nil
    }
  }

  /// `true` iff a row of `length` has vectors of so many lanes: what the last one, which overlaps the
  /// one before it, does once more must not cost much.
  private static func isLong(_ length: Int64, for lanes: Int) -> Bool {
    let rest = length % Int64(lanes)
    return rest == 0 || length >= 8 * (Int64(lanes) - rest)
  }

  /// How long a row is at least that has vectors of so many lanes whatever its rest.
  static func leastLength(for lanes: Int) -> Int { 8 * lanes }

  /// `true` iff a mathematical function is computed in the lanes, and no loop.
  private static func hasChain(
    _ region: ID<Region>, _ function: Function, _ analysis: LaneAnalysis
  ) -> Bool {
    let contents = function.regions[region].operations.map { function.operations[$0] }
    return contents.allSatisfy { $0.regions.isEmpty }
      && contents.contains {
        $0.opcode.isMathematical && analysis.kind($0.results[0]) == .varying
      }
  }

  /// The tensors whose element at all indices of `region` is read, if there are leading ones.
  private static func readAlong(
    _ region: ID<Region>, _ function: Function, _ leading: Int
  ) -> [Value] {
    guard leading > 0 else { return [] }
    var found: [Value] = []
    for id in function.regions[region].operations {
      let content = function.operations[id]
      if content.opcode == .read, !found.contains(content.operands[0]),
        Array(content.operands.dropFirst()) == function.regions[region].parameters
      {
        found.append(content.operands[0])
      }
    }
    return found
  }

  /// The axis, if any, along which the vectors that a reduction reads stay the same, so that each
  /// is read once for several rows.
  private static func rows(
    _ content: Operation, _ function: Function, _ target: TargetDescription,
    _ analysis: LaneAnalysis,
    _ leading: Int
  ) -> (axis: Int, dependents: DependentValues, count: Int)? {
    let region = content.regions[0]
    let reductions = function.regions[region].operations.map { function.operations[$0] }
      .filter { $0.opcode == .reduce && analysis.kind($0.results[0]) == .varying }
    guard reductions.count == 1, let reduction = reductions.first, reduction.results.count == 1
    else { return nil }
    let box = ReductionBox(reduction, function)
    // Half of the registers hold accumulators; the others, the operands on their way.
    let count = target.vectorRegisterCount / 2
    guard count > 1 else { return nil }
    for (axis, index) in function.regions[region].parameters.dropLast().enumerated().reversed()
    where axis >= leading {
      if let length = function.integerConstant(content.operands[axis]), length < count / 2 {
        continue
      }
      let dependents = DependentValues(function, region, on: index)
      let bounds = box.lower + box.upper + box.steps
      if bounds.contains(where: { dependents.contains($0) }) { continue }
      guard dependents.contains(reduction.results[0]) else { continue }
      var sharesVectors = true
      var readsVectors = false
      function.forEachOperation(in: box.terms) { id in
        let inner = function.operations[id]
        guard inner.opcode == .read, analysis.kind(inner.results[0]) == .varying else { return }
        readsVectors = true
        if dependents.contains(inner.results[0]) { sharesVectors = false }
      }
      if readsVectors, sharesVectors { return (axis, dependents, count) }
    }
    return nil
  }
}

/// Loops over tiles.
extension Scheduler {
  /// Emits loops that compute and store the tiles of `plan` whose first indices are `leading`.
  ///
  /// Where the extents are no multiples, the last tile of an axis overlaps the one before it, or
  /// its last row stands for those that are missing: what is computed twice is the same both
  /// times.
  mutating func emitTiles(
    _ plan: TilePlan, _ extents: [Value], _ destinations: [Destination], leading: [Value] = []
  ) {
    guard extents.count > 1 else { return emitTilesOfOneAxis(plan, extents[0], destinations) }
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
    _ plan: TilePlan, _ rows: (axis: Int, dependents: DependentValues, count: Int)?,
    _ extents: [Value], _ destinations: [Destination], _ leading: [Value]
  ) {
    var outer = Array(extents.dropLast())
    let last = extents[extents.count - 1]
    if let rows { outer[rows.axis] = ceiling(outer[rows.axis], rows.count) }
    outer.removeFirst(leading.count)
    let names = source.regions[plan.region].parameters.map { source.values[$0].name }
    let cost = cost(of: plan.region) * (rows?.count ?? 1)
    let known = emitOnce(plan, leading)
    spreadRows(
      outer, names: Array(names.dropLast().dropFirst(leading.count)), of: last, cost: cost
    ) { scheduler, indices in
      let points = scheduler.points(leading + indices, rows, extents)
      func emitVectors(
        _ scheduler: inout Scheduler, _ destinations: [Destination], lanes: Int, isLong: Bool
      ) {
        let isWhole =
          scheduler.builder.function.integerConstant(last).map { $0 % Int64(lanes) == 0 } ?? false
        let lastVector = scheduler.builder.arithmetic(
          .subtract, last, scheduler.integer(Int64(lanes)))
        let vectors = scheduler.ceiling(last, lanes)
        scheduler.loop(from: scheduler.integer(0), to: vectors) { scheduler, vector, _ in
          var lane = scheduler.product([vector, scheduler.integer(Int64(lanes))])
          if !isWhole { lane = scheduler.builder.arithmetic(.minimum, lane, lastVector) }
          if isLong { scheduler.prefetch(plan, lanes, extents, leading, indices + [lane]) }
          let places = points.map { $0 + [lane] }
          scheduler.emitTile(
            plan, rows?.dependents, places, destinations, lanes: lanes, known: known)
          scheduler.emitLateLanes(lane, lanes)
          return []
        }
      }
      let length = scheduler.product(Array(extents.dropFirst(leading.count)))
      let isKnown = scheduler.builder.function.integerConstant(length) != nil
      let readsAhead = plan.readAlong.contains { scheduler.rowPlaces[$0] == nil }
      let asks = readsAhead || destinations.contains { $0.isPastCaches != nil }
      if leading.isEmpty || isKnown || !asks {
        guard let wide = plan.longRowLanes else {
          return emitVectors(&scheduler, destinations, lanes: plan.lanes, isLong: true)
        }
        return scheduler.choose(last, isAtLeast: TilePlan.leastLength(for: wide)) {
          emitVectors(&$0, destinations, lanes: wide, isLong: true)
        } otherwise: {
          emitVectors(&$0, destinations, lanes: plan.lanes, isLong: true)
        }
      }
      // Short rows of unknown length are spared all questions.
      let plain = destinations.map { destination in
        var plain = destination
        plain.isPastCaches = nil
        return plain
      }
      let wide = extents.count == leading.count + 1 ? plan.longRowLanes : nil
      let least = max(Self.longRow, wide.map { TilePlan.leastLength(for: $0) } ?? 0)
      scheduler.choose(length, isAtLeast: least) {
        emitVectors(&$0, destinations, lanes: wide ?? plan.lanes, isLong: true)
      } otherwise: {
        emitVectors(&$0, plain, lanes: plan.lanes, isLong: false)
      }
    }
  }

  /// Emits what takes nothing but the indices `leading` and what is around, once for all tiles, and
  /// returns it.
  ///
  /// Of this, LLVM does not know that what the tiles store leaves it alone.
  private mutating func emitOnce(_ plan: TilePlan, _ leading: [Value]) -> [Value: Value] {
    if leading.isEmpty { return [:] }
    let (parameters, operations) = (
      source.regions[plan.region].parameters, source.regions[plan.region].operations
    )
    var tile = Tile(plan.analysis, lanes: plan.lanes, points: 1, rows: nil)
    for (parameter, index) in zip(parameters, leading) {
      tile.insert(index, for: parameter, at: [0])
    }
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
  /// first pass does, see `NextRow`.
  static var longRow: Int { 2048 }

  /// Lets the cache take in what the next row reads where this one is at `rest`: the memory would
  /// rest while a row that was read is computed with.
  private mutating func prefetch(
    _ plan: TilePlan, _ lanes: Int, _ extents: [Value], _ leading: [Value], _ rest: [Value]
  ) {
    let tensors = plan.readAlong.filter { rowPlaces[$0] == nil }
    guard let row = leading.last, !tensors.isEmpty else { return }
    let length = product(Array(extents.dropFirst(leading.count)))
    choose(length, isAtLeast: Self.longRow) { scheduler in
      let one = scheduler.integer(1)
      let next = scheduler.builder.arithmetic(.add, row, one)
      let last = scheduler.builder.arithmetic(.subtract, extents[leading.count - 1], one)
      let place: [Value] =
        leading.dropLast() + [scheduler.builder.arithmetic(.minimum, next, last)]
        + rest.dropLast()
      for tensor in tensors {
        scheduler.prefetch(tensor, at: place, from: rest.last!, lanes: lanes)
      }
    } otherwise: { _ in
    }
  }

  /// The indices of the points of a tile, but for the last axis.
  private mutating func points(
    _ indices: [Value], _ rows: (axis: Int, dependents: DependentValues, count: Int)?,
    _ extents: [Value]
  ) -> [[Value]] {
    guard let rows else { return [indices] }
    let first = product([indices[rows.axis], integer(Int64(rows.count))])
    let last = builder.arithmetic(.subtract, extents[rows.axis], integer(1))
    return (0..<rows.count).map { step in
      var point = indices
      let row = builder.arithmetic(.add, first, integer(Int64(step)))
      point[rows.axis] = builder.arithmetic(.minimum, row, last)
      return point
    }
  }

  /// Emits a vector along a tensor of one axis after the other, then single registers, then the
  /// elements that are left.
  private mutating func emitTilesOfOneAxis(
    _ plan: TilePlan, _ extent: Value, _ destinations: [Destination]
  ) {
    let vectors = divided(extent, by: integer(Int64(plan.lanes)))
    // An operation takes an instruction for each register.
    let cost = cost(of: plan.region) * max(1, plan.lanes / plan.registerLanes)
    spread([vectors], names: [nil], cost: cost) { scheduler, indices in
      let lane = scheduler.product([indices[0], scheduler.integer(Int64(plan.lanes))])
      scheduler.emitTile(plan, nil, [[lane]], destinations, lanes: plan.lanes)
    }
    let known = builder.function.integerConstant(extent)
    if let known, known % Int64(plan.lanes) == 0 { return }
    var end = product([vectors, integer(Int64(plan.lanes))])
    if plan.lanes > 2 * plan.registerLanes {
      let register = integer(Int64(plan.registerLanes))
      let registers = product([divided(extent, by: register), register])
      loop(from: end, to: registers, by: register) { scheduler, lane, _ in
        scheduler.emitTile(plan, nil, [[lane]], destinations, lanes: plan.registerLanes)
        return []
      }
      if let known, known % Int64(plan.registerLanes) == 0 { return }
      end = registers
    }
    let name = source.values[source.regions[plan.region].parameters[0]].name
    loop(from: end, to: extent, name: name) { scheduler, index, _ in
      let elements = scheduler.inline(plan.region, [index])
      scheduler.store(elements, in: destinations, at: [index])
      return []
    }
  }

  /// Computes and stores one tile of `lanes`, whose points and first lane `points` tells.
  mutating func emitTile(
    _ plan: TilePlan, _ rows: DependentValues?, _ points: [[Value]],
    _ destinations: [Destination], lanes: Int, known: [Value: Value] = [:]
  ) {
    var tile = Tile(plan.analysis, lanes: lanes, points: points.count, rows: rows)
    tile.known = known
    let parameters = source.regions[plan.region].parameters
    for (point, indices) in points.enumerated() {
      for (parameter, index) in zip(parameters, indices) {
        tile.insert(index, for: parameter, at: [point])
      }
    }
    emitTile(plan.region, &tile, at: Array(points.indices))
    for (point, indices) in points.enumerated() {
      let elements = yielded(plan.region).map { vector($0, tile, at: point) }
      store(elements, in: destinations, at: indices)
    }
  }

  /// `number / divisor`, rounded up.
  mutating func ceiling(_ number: Value, _ divisor: Int) -> Value {
    if let known = builder.function.integerConstant(number) {
      return integer((known + Int64(divisor) - 1) / Int64(divisor))
    }
    let more = builder.arithmetic(.add, number, integer(Int64(divisor - 1)))
    return divided(more, by: integer(Int64(divisor)))
  }
}
