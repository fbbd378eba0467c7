import TesseraIR

/// Elements of a `compute` that are computed at once: some points, each of some lanes.
///
/// The lanes are neighbours along the last axis. The points differ in one more index, the row; what
/// does not depend on the row is computed once for all points.
struct Tile {
  /// How values look in the lanes.
  let analysis: LaneAnalysis
  /// How many lanes there are.
  let lanes: Int
  /// What differs from point to point; `nil` if there is one point.
  let rows: DependentValues?
  /// `true` iff sums round a product and the sum once.
  var fusesProducts = false
  /// `true` iff reductions of a few plain terms have no loops.
  var writesOutTerms = false
  /// What is read by columns of the points, see `TransposePlan`.
  let across: Set<Value>
  /// What stands for values that are the same in all tiles, and were computed before.
  var known: [Value: Value] = [:]
  /// What stands for each value of the source, a table for each point: a vector where the value
  /// varies, the number of the first lane where it is consecutive, or the number.
  var cells: [ScopedTable<Value, Value>]

  /// A tile of so many lanes and points of which nothing is known; `across` are values read across
  /// its rows.
  init(
    _ analysis: LaneAnalysis, lanes: Int, points: Int, rows: DependentValues?,
    across: Set<Value> = []
  ) {
    self.analysis = analysis
    self.across = across
    self.lanes = lanes
    self.rows = rows
    cells = Array(repeating: ScopedTable(), count: points)
  }

  /// `true` iff the points have different values for `value`.
  func isByRow(_ value: Value) -> Bool { rows?.contains(value) ?? false }

  /// Makes `result` stand for `value` at `points`.
  mutating func insert(_ result: Value, for value: Value, at points: [Int]) {
    for point in points { cells[point].insert(result, for: value) }
  }

  /// Makes each of `results` stand for that of `values` beside it, at `points`; what has none beside it
  /// is left out.
  mutating func insert(
    _ results: some Sequence<Value>, for values: some Sequence<Value>, at points: [Int]
  ) {
    for (result, value) in zip(results, values) { insert(result, for: value, at: points) }
  }
}

/// Emits tiles.
extension Scheduler {
  /// Emits the operations of `region` for `points`, but for the terminator.
  mutating func emitTile(_ region: ID<Region>, _ tile: inout Tile, at points: [Int]) {
    let listed = Array(source.regions[region].operations.dropLast())
    emitTile(tile.fusesProducts ? reductionsFirst(listed) : listed, &tile, at: points)
  }

  /// Emits `operations` for `points`, each after what it needs.
  mutating func emitTile(_ operations: [ID<Operation>], _ tile: inout Tile, at points: [Int]) {
    for id in operations {
      let content = source.operations[id]
      if content.results.contains(where: { tile.known[$0] != nil }) { continue }
      let span = builder.span
      builder.span = content.span
      switch content.opcode {
      case .reduce: emitTileReduce(content, &tile, at: points)
      case .for: emitTileFor(content, &tile, at: points)
      case .if: emitTileIf(content, &tile, at: points)
      case .read where tile.across.contains(content.results[0]):
        emitReadAcross(content, &tile, at: points)
      default:
        if content.results.contains(where: { tile.isByRow($0) }) {
          for point in points { emitTileScalar(content, &tile, at: point, for: [point]) }
        } else {
          emitTileScalar(content, &tile, at: points[0], for: points)
        }
      }
      builder.span = span
    }
  }

  /// The operations with those last that no reduction needs, so that what they give waits in no
  /// register while a reduction fills all of them.
  private func reductionsFirst(_ operations: [ID<Operation>]) -> [ID<Operation>] {
    var needed: Set<Value> = []
    var first: Set<ID<Operation>> = []
    for id in operations.reversed() {
      let content = source.operations[id]
      guard content.opcode == .reduce || content.results.contains(where: needed.contains) else {
        continue
      }
      first.insert(id)
      needed.formUnion(content.operands)
      for region in content.regions {
        source.forEachOperation(in: region) { needed.formUnion(source.operations[$0].operands) }
      }
    }
    return operations.filter { first.contains($0) } + operations.filter { !first.contains($0) }
  }

  /// What stands for `value` at `point`, as it is: a number or a vector.
  func cell(_ value: Value, _ tile: Tile, at point: Int) -> Value {
    tile.cells[point][value] ?? tile.known[value] ?? self.value(of: value)
  }

  /// What stands for `value` at `point`, as a vector.
  mutating func vector(_ value: Value, _ tile: Tile, at point: Int) -> Value {
    let cell = cell(value, tile, at: point)
    guard case .scalar(let scalar) = builder.type(of: cell) else { return cell }
    if case .repeated(let count) = tile.analysis.kind(value) {
      return repeatedNumbers(value, count, tile, at: point)
    }
    let type = Type.vector(scalar, lanes: tile.lanes)
    let splat = builder.emit(.splat, [cell], results: [type])[0]
    guard let step = tile.analysis.kind(value).step, step != 0 else { return splat }
    var steps = builder.emit(.laneIndex, results: [type])[0]
    if step != 1 {
      let number = builder.constant(Int64(step), scalar)
      let factor = builder.emit(.splat, [number], results: [type])[0]
      steps = builder.arithmetic(.multiply, steps, factor)
    }
    return builder.arithmetic(.add, splat, steps)
  }

  /// What stands for `value` in the form that its `kind` asks for.
  mutating func formed(
    _ value: Value, like pattern: Value, _ tile: Tile, at point: Int
  ) -> Value {
    tile.analysis.kind(pattern) == .varying
      ? vector(value, tile, at: point) : cell(value, tile, at: point)
  }

  /// The type of `value` in a tile.
  func tileType(_ value: Value, _ tile: Tile) -> Type {
    let type = source.type(of: value)
    guard tile.analysis.kind(value) == .varying, let scalar = type.scalarType else { return type }
    return .vector(scalar, lanes: tile.lanes)
  }

  /// Emits an operation without regions at `point`, and lets its result stand at `points`.
  mutating func emitTileScalar(
    _ content: Operation, _ tile: inout Tile, at point: Int, for points: [Int]
  ) {
    let result = content.results[0]
    switch (content.opcode, tile.analysis.kind(result)) {
    case (.dimension, _):
      guard case .integer(let axis) = content.attribute else { return }
      tile.insert(extent(of: content.operands[0], Int(axis)), for: result, at: points)
    case (.read, _):
      tile.insert(tileElement(ofRead: content, tile, at: point), for: result, at: points)
    case (_, .varying):
      let operands = content.operands.map { vector($0, tile, at: point) }
      let value = builder.emit(
        content.opcode, operands, results: [tileType(result, tile)], attribute: content.attribute)
      tile.insert(value[0], for: result, at: points)
    case (_, .uniform), (_, .consecutive), (_, .strided), (_, .repeated):
      let operands = content.operands.map { cell($0, tile, at: point) }
      let value = builder.emit(
        content.opcode, operands, results: [source.type(of: result)],
        attribute: content.attribute)
      tile.insert(value[0], for: result, at: points)
    }
  }

  /// What `content` reads at `point`: from what a row or a block of rows holds, or from memory.
  private mutating func tileElement(
    ofRead content: Operation, _ tile: Tile, at point: Int
  ) -> Value {
    let (tensor, result) = (content.operands[0], content.results[0])
    let indices = content.operands.dropFirst().map { cell($0, tile, at: point) }
    let type = tileType(result, tile)
    let isVarying = tile.analysis.kind(result) == .varying
    if isVarying, let place = columnPlaces[tensor] {
      let own =
        place.step.map { [cell($0, tile, at: point)] } ?? Array(indices.dropFirst(place.rank))
      return columnElement(place, own, type)
    }
    if isVarying, case .registers(let vectors)? = rowPlaces[tensor]?.content {
      return vectors[Int(knownNumber(indices.last!)!)]!
    }
    if let stride = tile.analysis.strides[result] {
      return loadApart(content, indices, stride, type)
    }
    if let count = tile.analysis.repeats[result] {
      return loadRepeated(content, indices, count, tile, at: point)
    }
    if let number = rowNumber(read: tensor) { return number }
    return builder.emit(
      isVarying ? .vectorLoad : .load, place(ofRead: tensor, at: indices), results: [type])[0]
  }

  /// The elements of a block of rows at `indices`, which come after those of the row.
  private mutating func columnElement(
    _ place: RowPlace, _ indices: [Value], _ type: Type
  ) -> Value {
    switch place.content {
    case .number(let vector): return vector
    case .registers: preconditionFailure("rows in registers are no blocks of rows")
    case .buffer(let buffer):
      let operands = [buffer] + columnIndices(indices)
      return builder.emit(.vectorLoad, operands, results: [type])[0]
    }
  }

  /// The elements that a read takes for the lanes from `indices` on, a stride apart.
  private mutating func loadApart(
    _ content: Operation, _ indices: [Value], _ stride: LaneAnalysis.Stride, _ type: Type
  ) -> Value {
    let place = place(ofRead: content.operands[0], at: indices)
    // Leading axes may be left out of the place.
    let axis = place.count - 1 - (indices.count - stride.axis)
    return builder.emit(
      .stridedLoad, place + [integer(stride.step)], results: [type],
      attribute: .integer(Int64(axis)))[0]
  }

  // MARK: Regions

  /// Runs `body`, after which the cells that it made are forgotten.
  mutating func inTileScope<Result>(
    _ tile: inout Tile, _ body: (inout Scheduler, inout Tile) -> Result
  ) -> Result {
    for point in tile.cells.indices { tile.cells[point].push() }
    let result = body(&self, &tile)
    for point in tile.cells.indices { tile.cells[point].pop() }
    return result
  }

  private mutating func emitTileIf(_ content: Operation, _ tile: inout Tile, at points: [Int]) {
    let condition = content.operands[0]
    if tile.isByRow(condition), points.count > 1 {
      for point in points { emitTileIf(content, &tile, at: [point]) }
      return
    }
    if tile.analysis.kind(condition) != .uniform {
      for region in content.regions { emitTile(region, &tile, at: points) }
      let branches = content.regions.map { yielded($0) }
      for (index, result) in content.results.enumerated() {
        for (point, targets) in groups(of: [result], tile, points) {
          let operands =
            [vector(condition, tile, at: point)]
            + branches.map { vector($0[index], tile, at: point) }
          let value = builder.emit(.select, operands, results: [tileType(result, tile)])[0]
          tile.insert(value, for: result, at: targets)
        }
      }
      return
    }
    let slots = content.results.flatMap { result in
      groups(of: [result], tile, points).map { (result: result, point: $0.point, for: $0.for) }
    }
    let holds = cell(condition, tile, at: points[0])
    var regions: [ID<Region>] = []
    for branch in content.regions {
      let values = yielded(branch)
      regions.append(
        tileRegion([], &tile) { scheduler, tile, _ in
          scheduler.emitTile(branch, &tile, at: points)
          return slots.map { slot in
            let index = content.results.firstIndex(of: slot.result)!
            return scheduler.formed(values[index], like: slot.result, tile, at: slot.point)
          }
        })
    }
    let results = builder.emit(
      .if, [holds], results: slots.map { tileType($0.result, tile) }, regions: regions)
    for (slot, value) in zip(slots, results) { tile.insert(value, for: slot.result, at: slot.for) }
  }

  /// The points that compute `values` themselves, each with those that take them over.
  func groups(
    of values: [Value], _ tile: Tile, _ points: [Int]
  ) -> [(point: Int, for: [Int])] {
    values.contains { tile.isByRow($0) }
      ? points.map { ($0, [$0]) } : [(points[0], points)]
  }

  /// Builds a region in which `body` emits and returns what is yielded.
  private mutating func tileRegion(
    _ parameters: [(name: String?, type: Type)], _ tile: inout Tile,
    _ body: (inout Scheduler, inout Tile, [Value]) -> [Value]
  ) -> ID<Region> {
    region(parameters) { scheduler, arguments in
      scheduler.inTileScope(&tile) { scheduler, tile in
        let results = body(&scheduler, &tile, arguments)
        scheduler.builder.emit(.yield, results)
      }
    }
  }

  /// Loops, the last one innermost, that carry `initial` through all of them.
  mutating func tileNest(
    _ ranges: ArraySlice<IndexRange>, _ indices: [Value], _ initial: [Value], _ tile: inout Tile,
    _ body: (inout Scheduler, inout Tile, [Value], [Value]) -> [Value]
  ) -> [Value] {
    guard let range = ranges.first else { return body(&self, &tile, indices, initial) }
    let types = initial.map { builder.type(of: $0) }
    let region = tileRegion([(range.name, .index)] + types.map { (nil, $0) }, &tile) {
      scheduler, tile, arguments in
      scheduler.tileNest(
        ranges.dropFirst(), indices + [arguments[0]], Array(arguments.dropFirst()), &tile, body)
    }
    return builder.emit(
      .for, [range.lower, range.upper, range.step] + initial, results: types, regions: [region])
  }

  private mutating func emitTileFor(_ content: Operation, _ tile: inout Tile, at points: [Int]) {
    let bounds = content.operands[..<3]
    if bounds.contains(where: { tile.isByRow($0) }), points.count > 1 {
      for point in points { emitTileFor(content, &tile, at: [point]) }
      return
    }
    let body = content.regions[0]
    let parameters = source.regions[body].parameters
    let groups = groups(of: content.results, tile, points)
    let count = content.results.count
    let initial = groups.flatMap { group in
      zip(content.operands[3...], content.results).map { operand, result in
        formed(operand, like: result, tile, at: group.point)
      }
    }
    let range = IndexRange(
      lower: cell(content.operands[0], tile, at: points[0]),
      upper: cell(content.operands[1], tile, at: points[0]),
      step: cell(content.operands[2], tile, at: points[0]), name: source.values[parameters[0]].name)
    let results = tileNest([range], [], initial, &tile) { scheduler, tile, indices, carried in
      tile.insert(indices[0], for: parameters[0], at: points)
      for (position, group) in groups.enumerated() {
        for (index, parameter) in parameters.dropFirst().enumerated() {
          tile.insert(carried[position * count + index], for: parameter, at: group.for)
        }
      }
      scheduler.emitTile(body, &tile, at: groups.map(\.point))
      return groups.flatMap { group in
        zip(scheduler.yielded(body), content.results).map { value, result in
          scheduler.formed(value, like: result, tile, at: group.point)
        }
      }
    }
    for (position, group) in groups.enumerated() {
      for (index, result) in content.results.enumerated() {
        tile.insert(results[position * count + index], for: result, at: group.for)
      }
    }
  }
}
