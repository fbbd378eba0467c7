import TesseraIR

/// How an update that replaces a box of elements is done in vectors.
///
///     y[first + i, j] = …        for i in 0..m, j in 0..n
///
/// Each index of the iteration goes along an axis of its own, the last one along the last axis; so no
/// element is written twice, and neighbours are stored together.
struct UpdatePlan {
  let box: UpdateBox
  let analysis: LaneAnalysis
  /// How many neighbours are computed at once; and where that pays.
  let lanes: Int
  let longRowLanes: Int
  /// The last indices, if more than one is gone through as one.
  let joined: JoinedIndices?
  /// Where an element goes, and the element.
  let place: [Value]
  let element: Value
  /// `true` iff elements may be computed twice: none reads what is updated.
  let mayRepeat: Bool

  /// Plans the `update` that `content` is; `nil` if it is better done element by element.
  init?(_ content: Operation, _ function: Function, _ target: TargetDescription) {
    box = UpdateBox(content, function)
    guard case .update(.replace) = content.attribute, let last = box.indices.last,
      box.steps.allSatisfy({ function.integerConstant($0) == 1 }),
      let end = function.terminator(of: box.region),
      function.operations[end].operands.count > 2
    else { return nil }
    let yielded = function.operations[end].operands
    (place, element) = (yielded.dropLast(2), yielded[yielded.count - 2])
    guard function.integerConstant(yielded.last!) == 1,
      let type = function.type(of: element).scalarType, type != .bool,
      let analysis = LaneAnalysis(function, box.region, lanesOf: last, giving: [element])
    else { return nil }
    self.analysis = analysis
    let register = target.vectorByteCount / analysis.widestByteCount
    guard register > 1 else { return nil }
    lanes = register
    longRowLanes = (TilePlan.hasChain(box.region, function, analysis) ? 4 : 2) * register
    joined = JoinedIndices(function, box, limit: box.indices.count - 1)
    if joined == nil, let lower = function.integerConstant(box.lower.last!),
      let upper = function.integerConstant(box.upper.last!), upper - lower < Int64(register)
    {
      return nil
    }

    let inside = Set(function.regions[box.region].operations)
    func goes(along index: Value, _ place: Value) -> Bool {
      if place == index { return true }
      guard let sum = function.definition(of: place).map({ function.operations[$0] }),
        sum.opcode == .add, sum.operands.contains(index),
        let offset = sum.operands.first(where: { $0 != index })
      else { return false }
      switch function.values[offset].definition {
      case .parameter(let region, _): return region != content.regions[0]
      case .result(let operation, _): return !inside.contains(operation)
      }
    }
    var free = place
    guard goes(along: last, free.removeLast()) else { return nil }
    for index in box.indices.dropLast() {
      guard let axis = free.firstIndex(where: { goes(along: index, $0) }) else { return nil }
      free.remove(at: axis)
    }
    guard free.allSatisfy({ analysis.kind($0) == .uniform }) else { return nil }
    var reads = false
    function.forEachOperation(in: box.region) { id in
      let inner = function.operations[id]
      if inner.opcode == .read, inner.operands[0] == content.operands[0] { reads = true }
    }
    mayRepeat = !reads
  }
}

/// Updates in vectors.
extension Scheduler {
  /// Emits `plan` over `ranges` into `buffer`.
  mutating func updateInVectors(_ plan: UpdatePlan, _ ranges: [IndexRange], _ buffer: Value) {
    guard let joined = plan.joined else { return updateRows(plan, ranges, buffer) }
    let place = self.joined(joined.count, of: buffer)
    joining(joined.count, of: joined.tensors) { scheduler in
      scheduler.updateRows(plan, scheduler.joined(joined.count, of: ranges), place.buffer)
    }
  }

  private mutating func updateRows(_ plan: UpdatePlan, _ ranges: [IndexRange], _ buffer: Value) {
    let lanes = integer(plan.lanes)
    let last = ranges.last!
    let length = builder.arithmetic(.subtract, last.upper, last.lower)
    let cost = cost(of: plan.box.region)
    if ranges.count == 1 {
      let count = builder.arithmetic(.maximum, length, integer(0))
      let vectors = divided(count, by: lanes)
      spread([vectors], names: [last.name], cost: cost * plan.lanes) { scheduler, vector in
        let start = scheduler.product([vector[0], scheduler.integer(plan.lanes)])
        let first = scheduler.builder.arithmetic(.add, last.lower, start)
        scheduler.updateVector(plan, [first], buffer)
      }
      return updateRest(plan, [], from: product([vectors, lanes]), last, buffer)
    }
    let outer = ranges.dropLast().map { range in
      let length = builder.arithmetic(.subtract, range.upper, range.lower)
      return builder.arithmetic(.maximum, length, integer(0))
    }
    spreadRows(
      outer, names: ranges.dropLast().map(\.name),
      of: builder.arithmetic(.maximum, length, integer(0)), cost: cost
    ) { scheduler, offsets in
      let row = zip(offsets, ranges).map { offset, range in
        scheduler.builder.arithmetic(.add, range.lower, offset)
      }
      scheduler.updateRow(plan, row, last, length, buffer)
    }
  }

  /// Emits the elements of one row.
  private mutating func updateRow(
    _ plan: UpdatePlan, _ row: [Value], _ last: IndexRange, _ length: Value, _ buffer: Value
  ) {
    let lanes = integer(plan.lanes)
    if !plan.mayRepeat {
      let vectors = divided(builder.arithmetic(.maximum, length, integer(0)), by: lanes)
      loop(from: integer(0), to: vectors) { scheduler, vector in
        let start = scheduler.product([vector, scheduler.integer(plan.lanes)])
        let first = scheduler.builder.arithmetic(.add, last.lower, start)
        scheduler.updateVector(plan, row + [first], buffer)
      }
      return updateRest(plan, row, from: product([vectors, lanes]), last, buffer)
    }
    var known: [Value: Value] = [:]
    func update(_ scheduler: inout Scheduler, lanes: Int) {
      let vectors = scheduler.blocks(of: length, lanes)
      let width = scheduler.integer(lanes)
      let end = scheduler.builder.arithmetic(.subtract, last.upper, width)
      scheduler.loop(from: scheduler.integer(0), to: vectors) { scheduler, vector in
        let start = scheduler.product([vector, width])
        let first = scheduler.builder.arithmetic(.add, last.lower, start)
        let inside = scheduler.builder.arithmetic(.minimum, first, end)
        scheduler.updateVector(plan, row + [inside], buffer, lanes: lanes, known)
      }
    }
    choose(length, isAtLeast: plan.lanes) { scheduler in
      known = scheduler.emitOnce(plan.box.region, plan.analysis, row)
      scheduler.choose(length, isLongFor: plan.longRowLanes) {
        update(&$0, lanes: plan.longRowLanes)
      } otherwise: {
        update(&$0, lanes: plan.lanes)
      }
    } otherwise: { scheduler in
      scheduler.updateRest(plan, row, from: scheduler.integer(0), last, buffer)
    }
  }

  /// Computes and stores neighbours from the iteration's `indices` on.
  private mutating func updateVector(
    _ plan: UpdatePlan, _ indices: [Value], _ buffer: Value, lanes: Int? = nil,
    _ known: [Value: Value] = [:]
  ) {
    var tile = Tile(plan.analysis, lanes: lanes ?? plan.lanes, points: 1, rows: nil)
    tile.known = known
    tile.insert(indices, for: plan.box.indices, at: [0])
    emitTile(plan.box.region, &tile, at: [0])
    let place = plan.place.map { cell($0, tile, at: 0) }
    let vector = vector(plan.element, tile, at: 0)
    builder.emit(.vectorStore, [vector, buffer] + place)
  }

  /// Computes and stores what is left of a row, of which `start` elements are done.
  private mutating func updateRest(
    _ plan: UpdatePlan, _ row: [Value], from start: Value, _ last: IndexRange, _ buffer: Value
  ) {
    let first = builder.arithmetic(.add, last.lower, start)
    loop(from: first, to: last.upper, name: last.name) { scheduler, index in
      let yielded = scheduler.inline(plan.box.region, row + [index])
      scheduler.write(yielded, into: buffer, .replace)
    }
  }
}
