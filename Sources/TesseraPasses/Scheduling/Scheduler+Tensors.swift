import TesseraIR

/// The operations that make tensors, as loops that store elements.
extension Scheduler {
  // MARK: Compute

  /// Emits a `compute` in the first form that fits, into memory for its results.
  mutating func emitCompute(_ operation: ID<Operation>) {
    let content = source.operations[operation]
    let extents = content.operands.map { value(of: $0) }
    let buffers: [Value]
    if let contraction = Contraction(content, in: source) {
      // It may make rows twice, so what it reads lies elsewhere.
      buffers = content.results.map { memory(for: $0, extents) }
      emitContraction(content, contraction, into: buffers)
    } else {
      buffers = emitLoops(content, extents)
    }
    for (result, buffer) in zip(content.results, buffers) { values.insert(buffer, for: result) }
  }

  /// Emits a `compute` that is no contraction, and returns where its results are.
  private mutating func emitLoops(_ content: Operation, _ extents: [Value]) -> [Value] {
    // What is computed ahead must stand in one loop.
    let mayJoin = !content.results.contains { fixed.determine($0, with: [], in: source) }
    let form = LoopForm(content, source, target, mayJoin: mayJoin, promised: promisedLengths)
    var sweep: RowSweep?
    if case .tiles(let plan) = form, plan.analysis.strides.isEmpty {
      sweep = RowSweep(content, plan, source)
    }
    let own = form.makesOnce && sweep == nil ? ownOperands(content) : []
    let buffers = content.results.map { memory(for: $0, extents, inPlaceOf: own) }
    func destinations(_ scheduler: inout Scheduler) -> [Destination] {
      zip(content.results, buffers).map { scheduler.destination($0, $1, extents) }
    }
    switch form {
    case .tiles(let plan):
      remarkLoops(content, plan, sweep: sweep)
      if let sweep {
        emitSweep(sweep, extents, destinations(&self))
      } else {
        emitTiles(plan, extents, destinations(&self))
      }
    case .transposes(let plan):
      remarkTransposed(content, plan)
      emitTransposed(plan, extents, destinations(&self))
    case .pieces(let pieces):
      remarkLoops(content, pieces.parts[0].plans.last, pieces: pieces.parts.count)
      emitPieces(pieces, content, extents, destinations(&self))
    case .elements:
      remarkLoops(content, nil)
      emitElements(content.regions[0], extents, buffers.map { Destination(buffer: $0) })
    }
    return buffers
  }

  /// Emits loops that compute and store one element after the other, of those whose first indices
  /// are `leading`.
  mutating func emitElements(
    _ region: ID<Region>, _ extents: [Value], _ destinations: [Destination], leading: [Value] = []
  ) {
    let names = source.regions[region].parameters.map { source.values[$0].name }
    let (rest, restNames) = (extents.dropFirst(leading.count), names.dropFirst(leading.count))
    spread(Array(rest), names: Array(restNames), cost: cost(of: region)) { scheduler, indices in
      let elements = scheduler.inline(region, leading + indices)
      scheduler.store(elements, in: destinations, at: leading + indices)
    }
  }

  /// Stores numbers or vectors, one for each destination.
  mutating func store(
    _ elements: [Value], in destinations: [Destination], at indices: [Value]
  ) {
    for (element, destination) in zip(elements, destinations) {
      var isVector = false
      if case .vector = builder.type(of: element) { isVector = true }
      let operands =
        [element, destination.buffer] + destination.leading
        + indices.dropFirst(destination.dropped)
      if isVector, let isPast = destination.isPastCaches {
        builder.emit(.streamStore, operands + [isPast])
      } else {
        builder.emit(isVector ? .vectorStore : .store, operands)
      }
    }
  }

  /// About how many operations the region runs.
  func cost(of region: ID<Region>) -> Int {
    var cost = 1
    for id in source.regions[region].operations {
      let content = source.operations[id]
      let inner = content.regions.reduce(0) { $0 + self.cost(of: $1) }
      cost += 1 + inner * iterations(content)
      // What overflows is large enough in any case.
      cost = min(cost, 1 << 30)
    }
    return cost
  }

  /// How often the regions of an operation run, guessed where it is not known.
  private func iterations(_ content: Operation) -> Int {
    func length(_ upper: Value) -> Int {
      Int(clamping: min(max(source.integerConstant(upper) ?? 64, 1), 1 << 20))
    }
    func box(_ upper: some Sequence<Value>) -> Int {
      upper.reduce(1) { min($0 * length($1), 1 << 20) }
    }
    switch content.opcode {
    case .reduce:
      let rank = source.regions[content.regions[0]].parameters.count
      return box(content.operands[rank..<2 * rank])
    case .compute: return box(content.operands)
    case .for: return length(content.operands[1])
    case .while: return 64
    default: return 1
    }
  }

  // MARK: Scan

  /// Emits a scan as loops along its axis that carry accumulators.
  mutating func emitScan(_ content: Operation) {
    guard case .scan(let combiner, let axis, let reverse, let exclusive) = content.attribute else {
      return
    }
    let (terms, rank) = (content.regions[0], source.type(of: content.results[0]).rank)
    let extents = content.operands[..<rank].map { value(of: $0) }
    let initial = content.operands[rank...].map { value(of: $0) }
    let own = ownOperands(content)
    let buffers = content.results.map { memory(for: $0, extents, inPlaceOf: own) }
    let types = content.results.map { source.type(of: $0).element.type }
    var outer = extents
    outer.remove(at: axis)
    var names = source.regions[terms].parameters.map { source.values[$0].name }
    let name = names.remove(at: axis)
    let cost = cost(of: terms) * 64
    spread(outer, names: names, cost: cost) { scheduler, others in
      let start = initial.isEmpty ? [scheduler.identity(combiner, types[0])] : initial
      let (zero, length) = (scheduler.integer(0), extents[axis])
      _ = scheduler.loop(from: zero, to: length, name: name, carrying: start) {
        scheduler, step, accumulators in
        var place = step
        if reverse {
          let last = scheduler.builder.arithmetic(.subtract, length, scheduler.integer(1))
          place = scheduler.builder.arithmetic(.subtract, last, step)
        }
        var indices = others
        indices.insert(place, at: axis)
        let term = scheduler.inline(terms, indices)
        let next = scheduler.combine(combiner, content.regions.last!, accumulators, term)
        for (element, buffer) in zip(exclusive ? accumulators : next, buffers) {
          scheduler.builder.emit(.store, [element, buffer] + indices)
        }
        return next
      }
    }
    for (result, buffer) in zip(content.results, buffers) { values.insert(buffer, for: result) }
  }

  // MARK: Sort

  /// Emits a sort from one buffer into two: the numbers, and their places.
  mutating func emitSort(_ content: Operation) {
    let tensor = value(of: content.operands[0])
    let extents = bufferExtents(tensor)
    let buffers = content.results.map { memory(for: $0, extents) }
    builder.emit(.sortBuffer, [tensor] + buffers, attribute: content.attribute)
    for (result, buffer) in zip(content.results, buffers) { values.insert(buffer, for: result) }
  }

  // MARK: Launch

  /// Emits the programs of a grid, which share the tensors that they write.
  mutating func emitLaunch(_ operation: ID<Operation>, _ content: Operation) {
    let rank = content.operands.count - content.results.count
    let grid = content.operands[..<rank].map { value(of: $0) }
    let buffers = content.results.indices.map {
      memory(for: content.results[$0], startingAs: content.operands[rank + $0], at: operation)
    }
    let region = content.regions[0]
    let outerShared = sharedBuffers
    sharedBuffers.formUnion(buffers)
    programs(of: grid) { scheduler, point in
      let results = scheduler.inline(region, point + buffers)
      scheduler.copyAll(zip(results, buffers).map { (from: $0, to: $1) })
    }
    sharedBuffers = outerShared
    for (result, buffer) in zip(content.results, buffers) { values.insert(buffer, for: result) }
  }

  /// Runs `body` for each point of a grid, perhaps at the same time.
  private mutating func programs(
    of grid: [Value], _ body: (inout Scheduler, _ point: [Value]) -> Void
  ) {
    let (zero, count) = (integer(0), product(grid))
    guard !isParallel else {
      loop(from: zero, to: count) { scheduler, index in
        body(&scheduler, scheduler.indices(ofRow: index, grid))
      }
      return
    }
    isParallel = true
    let region = region([(nil, .index)]) { scheduler, arguments in
      body(&scheduler, scheduler.indices(ofRow: arguments[0], grid))
      scheduler.builder.emit(.yield)
    }
    isParallel = false
    builder.emit(.parallel, [zero, count], regions: [region])
  }
}
