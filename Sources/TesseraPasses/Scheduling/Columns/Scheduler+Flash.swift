import TesseraIR

/// What a thread keeps for a `FlashStream`.
struct FlashMemory {
  /// The scores of a block of keys, then their weights: [key][row], after as many keys as a tile has.
  let scores: Value
  /// What the weighted values come to so far, tile by tile: [point][row]; `nil` if all keys are one
  /// block.
  let sums: Value?
  /// How many keys there are in the scores before those of the block.
  let slack: Int
  let blockLength: Int
  let power: WeightPower
}

/// Softmax between two products, block by block of keys, see `FlashStream`.
extension Scheduler {
  /// Allocates what one thread needs.
  mutating func allocateFlash(_ flash: FlashStream) -> FlashMemory {
    let isOneBlock = flash.isOneBlock(source)
    let blockLength = flash.blockLength(source)
    let slack = isOneBlock ? 0 : flash.leastKeys
    func vectors(_ count: Int, _ name: String, _ scheduler: inout Scheduler) -> Value {
      let length = count * scheduler.columnLanes
      return scheduler.allocate(
        .tensor(.scalar(.f32), [.constant(length)]), [scheduler.integer(length)], name: name)
    }
    var sums: Value?
    if !isOneBlock {
      let points = pointRuns(flash).map { product([$0.tiles, integer($0.points)]) }
      let all = points.reduce(integer(0)) { folded(.add, $0, $1) }
      let length = product([all, integer(columnLanes)])
      let known = knownNumber(length)
      sums = allocate(
        .tensor(.scalar(.f32), [known.map { .constant(Int($0)) } ?? .dynamic]), [length],
        name: "sums")
    }
    allocateMember(flash.values, of: flash.columns)
    return FlashMemory(
      scores: vectors(blockLength + slack, "scores", &self), sums: sums, slack: slack,
      blockLength: blockLength, power: weightPower(flash.factor))
  }

  /// Computes what the rows of a block from `row` on have of the last member.
  mutating func emitFlash(_ flash: FlashStream, _ memory: FlashMemory, _ row: [Value]) {
    let columns = flash.columns
    let content = source.operations[columns.stream.members[flash.values].operation]
    let span = builder.span
    builder.span = content.span
    defer { builder.span = span }
    let (zero, keys) = (integer(0), demanded(flash.keys))
    let lowest = column(-Double(Float.greatestFiniteMagnitude))
    let nothing = column(0)
    guard let sums = memory.sums else {
      let top = emitScores(flash, memory, row, from: zero, count: keys, lowest)
      let total = emitWeights(memory, count: keys, below: top)
      let divisor = finishTotal(flash, total, row)
      emitValueTiles(flash, row) { scheduler, tile, places, _ in
        let sums = scheduler.weightedValues(flash, memory, &tile, from: zero, count: keys)
        scheduler.finish(flash, &tile, places, sums, divisor)
      }
      return unpackResults(content, columns, row)
    }

    let step = integer(columnLanes)
    loop(from: zero, to: extents[sums]![0], by: step) { scheduler, place in
      scheduler.builder.emit(.vectorStore, [nothing, sums, place])
    }
    let length = integer(memory.blockLength)
    let last = loop(from: zero, to: keys, by: length, carrying: [lowest, nothing]) {
      scheduler, first, carried in
      let rest = scheduler.builder.arithmetic(.subtract, keys, first)
      let count = scheduler.builder.arithmetic(.minimum, rest, length)
      let top = scheduler.emitScores(flash, memory, row, from: first, count: count, carried[0])
      let keep = scheduler.weight(carried[0], below: top, memory.power)
      // Sums of a block of their own, so that few terms meet a sum much larger than they are.
      let weights = scheduler.emitWeights(memory, count: count, below: top)
      let total = scheduler.builder.arithmetic(.multiplyAdd, carried[1], keep, weights)
      scheduler.emitValueTiles(flash, row) { scheduler, tile, places, slot in
        let more = scheduler.weightedValues(flash, memory, &tile, from: first, count: count)
        for (point, sum) in more.enumerated() {
          let place = scheduler.vectorPlace(slot, plus: point)
          let old = scheduler.loadColumn(sums, place)
          let new = scheduler.builder.arithmetic(.multiplyAdd, old, keep, sum)
          scheduler.builder.emit(.vectorStore, [new, sums, place])
        }
      }
      return [top, total]
    }
    let divisor = finishTotal(flash, last[1], row)
    emitValueTiles(flash, row) { scheduler, tile, places, slot in
      let last = places.indices.map { point in
        scheduler.loadColumn(sums, scheduler.vectorPlace(slot, plus: point))
      }
      scheduler.finish(flash, &tile, places, last, divisor)
    }
    unpackResults(content, columns, row)
  }

  private mutating func unpackResults(
    _ content: Operation, _ columns: ColumnStream, _ row: [Value]
  ) {
    for result in content.results where columns.stream.kept.contains(result) {
      unpackColumn(result, columns, row)
    }
  }

  // MARK: Scores and weights

  /// Makes the scores of `count` keys from `first` on; returns the largest ones, those before among
  /// them.
  ///
  /// A tile that would end after the last key begins earlier, perhaps before the first one, whose
  /// scores are among those before.
  private mutating func emitScores(
    _ flash: FlashStream, _ memory: FlashMemory, _ row: [Value], from first: Value, count: Value,
    _ largest: Value
  ) -> Value {
    let plan = flash.columns.plans[0]
    let points = flash.leastKeys
    let end = builder.arithmetic(.subtract, count, integer(points))
    let tiles = blocks(of: count, points)
    return loop(from: integer(0), to: tiles, carrying: [largest]) { scheduler, index, carried in
      var offset = scheduler.product([index, scheduler.integer(points)])
      offset = scheduler.builder.arithmetic(.minimum, offset, end)
      let key = scheduler.builder.arithmetic(.add, first, offset)
      let places = (0..<points).map { point in
        [scheduler.builder.arithmetic(.add, key, scheduler.integer(point))]
      }
      var tile = scheduler.columnTile(plan, points: points, row, places)
      scheduler.emitTile(plan.region, &tile, at: Array(0..<points))
      let scores = (0..<points).map { scheduler.vector(flash.score, tile, at: $0) }
      for (point, score) in scores.enumerated() {
        let place = scheduler.vectorPlace(offset, plus: point + memory.slack)
        scheduler.builder.emit(.vectorStore, [score, memory.scores, place])
      }
      return [scheduler.largest(scores, carried[0])]
    }[0]
  }

  /// The largest of `vectors` and `before`; where some are NaN, one of them or of the others.
  private mutating func largest(_ vectors: [Value], _ before: Value) -> Value {
    var vectors = vectors + [before]
    while vectors.count > 1 {
      let half = vectors.count / 2
      let pairs = (0..<half).map { index in
        let (a, b) = (vectors[index], vectors[index + half])
        let isGreater = builder.compare(.greater, a, b)
        return builder.emit(.select, [isGreater, a, b], results: [builder.type(of: a)])[0]
      }
      vectors = pairs + vectors[(2 * half)...]
    }
    return vectors[0]
  }

  /// Makes weights of the scores of `count` keys; returns their sum.
  private mutating func emitWeights(
    _ memory: FlashMemory, count: Value, below top: Value
  ) -> Value {
    loop(from: integer(0), to: count, carrying: [column(0)]) { scheduler, index, carried in
      let place = scheduler.vectorPlace(index, plus: memory.slack)
      let score = scheduler.loadColumn(memory.scores, place)
      let weight = scheduler.weight(score, below: top, memory.power)
      scheduler.builder.emit(.vectorStore, [weight, memory.scores, place])
      return [scheduler.builder.arithmetic(.add, carried[0], weight)]
    }[0]
  }

  /// Computes the numbers of the rows from what the weights come to; returns what the sums are still
  /// divided or multiplied by, if by anything.
  private mutating func finishTotal(
    _ flash: FlashStream, _ total: Value, _ row: [Value]
  ) -> Value? {
    finishedReductions[flash.total] = total
    for index in flash.numbers { emitColumns(index, of: flash.columns, row) }
    return flash.normaliser.map { normaliser in
      guard case .number(let vector)? = columnPlaces[normaliser.tensor]?.content else {
        preconditionFailure("a row has one number to normalise by")
      }
      return vector
    }
  }

  // MARK: Values

  /// The tiles of points of the last member.
  private mutating func pointRuns(_ flash: FlashStream) -> [PointRun] {
    let plan = flash.columns.plans[flash.values]
    if let sizes = plan.twoSizes(for: target) {
      return [
        PointRun(first: 0, points: sizes.long.points, tiles: integer(sizes.long.tiles)),
        PointRun(
          first: Int64(sizes.long.points) * sizes.long.tiles, points: sizes.short.points,
          tiles: integer(sizes.short.tiles)),
      ]
    }
    let content = source.operations[flash.columns.stream.members[flash.values].operation]
    let points = plan.points?.count ?? 1
    return [
      PointRun(
        first: 0, points: points, tiles: blocks(of: demanded(content.operands.last!), points))
    ]
  }

  /// Loops over the tiles of the last member; `body` is given where a tile is in the sums.
  private mutating func emitValueTiles(
    _ flash: FlashStream, _ row: [Value],
    _ body: (inout Scheduler, inout Tile, _ places: [[Value]], _ slot: Value) -> Void
  ) {
    let content = source.operations[flash.columns.stream.members[flash.values].operation]
    let extents = content.operands.map { demanded($0) }
    for run in pointRuns(flash) {
      let plan = flash.columns.plans[flash.values].computing(run.points)
      loop(from: integer(0), to: run.tiles) { scheduler, index in
        let places = scheduler.places(
          [index], plan, flash.columns.stream.rank, extents, from: run.first)
        var tile = scheduler.columnTile(plan, points: places.count, row, places)
        let place = scheduler.product([index, scheduler.integer(places.count)])
        let slot = scheduler.folded(.add, place, scheduler.integer(run.first))
        body(&scheduler, &tile, places, slot)
      }
    }
  }

  /// Adds up the values of `count` keys from `first` on, each times its weight.
  private mutating func weightedValues(
    _ flash: FlashStream, _ memory: FlashMemory, _ tile: inout Tile, from first: Value,
    count: Value
  ) -> [Value] {
    let box = ReductionBox(flash.sum, source)
    let range = IndexRange(
      lower: integer(0), upper: count, step: integer(1), name: source.values[box.indices[0]].name)
    let points = Array(tile.cells.indices)
    let start = points.map { _ in column(0) }
    emitTile(flash.beforeSum, &tile, at: points)
    return tileNest([range], [], start, &tile) { scheduler, tile, indices, carried in
      let place = scheduler.vectorPlace(indices[0], plus: memory.slack)
      let weight = scheduler.loadColumn(memory.scores, place)
      let key = scheduler.builder.arithmetic(.add, first, indices[0])
      tile.insert(key, for: box.indices[0], at: points)
      return scheduler.addProducts(
        of: weight, flash.value, made: flash.valueOperations, carried, &tile, at: points)
    }
  }

  /// Computes the points of a tile from their sums.
  private mutating func finish(
    _ flash: FlashStream, _ tile: inout Tile, _ places: [[Value]], _ sums: [Value],
    _ divisor: Value?
  ) {
    let plan = flash.columns.plans[flash.values]
    let content = source.operations[flash.columns.stream.members[flash.values].operation]
    for (point, sum) in sums.enumerated() {
      var sum = sum
      if let divisor, let normaliser = flash.normaliser {
        sum = builder.arithmetic(normaliser.opcode, sum, divisor)
      }
      tile.insert(sum, for: flash.sum.results[0], at: [point])
    }
    emitTile(plan.region, &tile, at: Array(places.indices))
    for (result, element) in zip(content.results, yielded(plan.region)) {
      guard case .buffer(let buffer)? = columnPlaces[result]?.content else { continue }
      for (point, place) in places.enumerated() {
        let vector = vector(element, tile, at: point)
        builder.emit(.vectorStore, [vector, buffer] + columnIndices(place))
      }
    }
  }

  // MARK: Vectors of rows

  private mutating func column(_ number: Double) -> Value {
    builder.emit(
      .splat, [builder.constant(number, .f32)], results: [.vector(.f32, lanes: columnLanes)])[0]
  }

  /// Where the vector so many after `index` begins.
  private mutating func vectorPlace(_ index: Value, plus more: Int) -> Value {
    let sum = more == 0 ? index : builder.arithmetic(.add, index, integer(more))
    return product([sum, integer(columnLanes)])
  }

  private mutating func loadColumn(_ buffer: Value, _ place: Value) -> Value {
    builder.emit(
      .vectorLoad, [buffer, place], results: [.vector(.f32, lanes: columnLanes)])[0]
  }
}

/// Tiles of as many points each, one after the other from a point on.
private struct PointRun {
  let first: Int64
  let points: Int
  let tiles: Value
}
