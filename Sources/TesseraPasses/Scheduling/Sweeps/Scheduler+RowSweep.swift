import TesseraIR
import TesseraNumbers

/// Loops that sweep over rows of terms.
extension Scheduler {
  /// Emits loops that compute and store the elements of `sweep`.
  mutating func emitSweep(_ sweep: RowSweep, _ extents: [Value], _ destinations: [Destination]) {
    joining(sweep.tiles.joined, extents, destinations) { $0.emitSweep(sweep, of: $1, $2) }
  }

  private mutating func emitSweep(
    _ sweep: RowSweep, of extents: [Value], _ destinations: [Destination]
  ) {
    let columns = extents[extents.count - 1]
    if sweep.opcode != nil {
      return choose(columns, isAtLeast: sweep.lanes) {
        $0.emitBlocks(sweep, of: extents, destinations)
      } otherwise: {
        $0.emitElements(sweep.tiles.region, extents, destinations)
      }
    }
    choose(isSwept(sweep, columns)) { scheduler in
      scheduler.knowing(columns, isIn: sweep.lanes..<(.max)) {
        $0.emitBlocks(sweep, of: extents, destinations)
      }
    } otherwise: { scheduler in
      scheduler.emitElements(sweep.tiles.region, extents, destinations)
    }
  }

  /// Emits the blocks of columns of which there is at least a vector.
  private mutating func emitBlocks(
    _ sweep: RowSweep, of extents: [Value], _ destinations: [Destination]
  ) {
    let (columns, lanes) = (extents[extents.count - 1], sweep.lanes)
    guard case .reduction(let combiner, _, _) = sweep.reduction.attribute,
      case .scalar(let scalar) = source.type(of: sweep.reduction.results[0])
    else { preconditionFailure("a sweep reduces numbers") }
    let keyed = goesByKeys(combiner, scalar) ? combiner : nil
    let element = keyed == nil ? scalar : .i32
    let pointCount = sweep.points.map { extents[$0.axis] }
    var (outer, names) = (
      Array(extents.dropLast()),
      source.regions[sweep.tiles.region].parameters.dropLast().map { source.values[$0].name }
    )
    if let axis = sweep.points?.axis {
      outer.remove(at: axis)
      names.remove(at: axis)
    }
    let vectors = blocks(of: columns, lanes)
    let most = mostVectors(sweep, pointCount, element)
    let blocks = quotient(vectors, roundedUpBy: most.each)
    let each = quotient(vectors, roundedUpBy: blocks)
    let vectorCount = RowSweep.blockByteCount / (lanes * element.byteCount)
    spread(
      outer + [blocks], names: names + [nil], cost: vectorCount * cost(of: sweep.tiles.region)
    ) { scheduler, indices in
      let first = scheduler.product([indices.last!, each])
      let end = scheduler.least(scheduler.builder.arithmetic(.add, first, each), vectors)
      let results = scheduler.allocate(
        .tensor(.scalar(element), [.constant(most.all * lanes)]),
        [scheduler.integer(most.all * lanes)])
      let places =
        sweep.opcode != nil
        ? nil
        : scheduler.allocate(
          .tensor(.scalar(.i32), [.constant(most.all * lanes)]),
          [scheduler.integer(most.all * lanes)])
      let block = RowSweepBlock(
        sweep: sweep, outer: indices.dropLast(), pointCount: pointCount, first: first, end: end,
        length: each, columns: columns, results: results, places: places, combiner: combiner,
        keyed: keyed, type: .vector(element, lanes: lanes))
      scheduler.emitBlock(block, destinations)
    }
  }

  /// Whether there is a vector of `columns`, and a place in each, that 32 bits count.
  private mutating func isSwept(_ sweep: RowSweep, _ columns: Value) -> Truth {
    let count = demanded(sweep.box.upper[0])
    let isSome = both(isAtMost(integer(1), count), isAtMost(count, integer(Int64(Int32.max))))
    return both(isAtMost(integer(Int64(sweep.lanes)), columns), isSome)
  }

  /// The most vectors of results of a point that wait, and of those of all points.
  private mutating func mostVectors(
    _ sweep: RowSweep, _ pointCount: Value?, _ element: ScalarType
  ) -> (each: Value, all: Int) {
    let vectorByteCount = sweep.lanes * element.byteCount
    let own = RowSweep.blockByteCount / vectorByteCount
    guard let pointCount else { return (integer(own), own) }
    let all = RowSweep.totalByteCount / vectorByteCount
    let shared = divided(integer(all), by: atLeastOne(pointCount))
    return (atLeastOne(folded(.minimum, shared, integer(own))), all)
  }

  private mutating func emitBlock(_ block: RowSweepBlock, _ destinations: [Destination]) {
    let sweep = block.sweep
    eachPoint(block) { $0.sweepStart(block, at: $1) }

    // The ends are the same for all points.
    let tile = tile(block, rows: 1, at: sweep.points == nil ? nil : integer(0))
    let ranges = ranges(of: sweep.box) { $0.cell($1, tile, at: 0) }
    let inner = ranges[ranges.count - 1]
    nest(ranges.dropLast()) { scheduler, outer in
      let round = scheduler.product([inner.step, scheduler.integer(RowSweep.rowCount)])
      let end = scheduler.endOfRounds(inner, round)
      func sweepRows(_ scheduler: inout Scheduler, _ row: Value, count: Int) {
        let rows = (0..<count).map { number in
          let more = scheduler.product([inner.step, scheduler.integer(number)])
          return outer + [number == 0 ? row : scheduler.builder.arithmetic(.add, row, more)]
        }
        scheduler.eachPoint(block) { $0.sweepRows(block, rows, at: $1) }
      }
      scheduler.loop(from: inner.lower, to: end, by: round, name: inner.name) {
        scheduler, row in
        sweepRows(&scheduler, row, count: RowSweep.rowCount)
      }
      scheduler.loop(from: end, to: inner.upper, by: inner.step, name: inner.name) {
        scheduler, row in
        sweepRows(&scheduler, row, count: 1)
      }
    }
    eachPoint(block) { $0.sweepEnd(block, at: $1, destinations) }
  }

  /// A tile of as many rows of terms, with all that they share.
  private mutating func tile(_ block: RowSweepBlock, rows: Int, at point: Value?) -> Tile {
    let sweep = block.sweep
    var tile = Tile(
      sweep.tiles.analysis, lanes: sweep.lanes, points: rows,
      rows: rows > 1 ? sweep.dependents : nil)
    let parameters = source.regions[sweep.tiles.region].parameters
    tile.insert(block.outer(at: point), for: parameters, at: Array(0..<rows))
    emitTile(sweep.before.shared, &tile, at: Array(0..<rows))
    return tile
  }

  /// Lets the results of a block be what they start from.
  private mutating func sweepStart(_ block: RowSweepBlock, at point: Value?) {
    let (box, result) = (block.sweep.box, block.sweep.reduction.results[0])
    if block.places != nil { return sweepFirst(block, at: point) }
    let tile = tile(block, rows: 1, at: point)
    eachVector(block, of: tile, at: point) { scheduler, tile, _, place in
      var start: Value
      if let initial = box.initial.first {
        scheduler.emitTile(block.sweep.before.own, &tile, at: [0])
        start = scheduler.vector(initial, tile, at: 0)
      } else {
        let number = scheduler.identity(block.combiner, scheduler.source.type(of: result))
        start =
          scheduler.builder.emit(
            .splat, [number], results: [scheduler.tileType(result, tile)])[0]
      }
      start = block.keyed.map { scheduler.keys(start, $0) } ?? start
      scheduler.builder.emit(.vectorStore, [start] + place)
    }
  }

  /// Lets the terms of the first row of a block be the best of it.
  private mutating func sweepFirst(_ block: RowSweepBlock, at point: Value?) {
    let sweep = block.sweep
    let zero = integer(0)
    var tile = tile(block, rows: 1, at: point)
    tile.insert([zero], for: sweep.box.indices, at: [0])
    emitTile(sweep.terms.shared, &tile, at: [0])
    eachVector(block, of: tile, at: point) { scheduler, tile, _, place in
      scheduler.emitTile(sweep.before.own + sweep.terms.own, &tile, at: [0])
      let terms = scheduler.vector(scheduler.yielded(sweep.box.terms)[0], tile, at: 0)
      let start = scheduler.splatPlace(zero, block)
      scheduler.store(SeenTerms(best: terms, start: start), block, place)
    }
  }

  /// The place of a row, for each lane.
  private mutating func splatPlace(_ row: Value, _ block: RowSweepBlock) -> Value {
    let narrow = builder.convert(row, to: .i32)
    return builder.emit(
      .splat, [narrow], results: [.vector(.i32, lanes: block.sweep.lanes)])[0]
  }

  /// The best terms, and where they stand, that wait at `place`.
  private mutating func seenTerms(_ block: RowSweepBlock, _ place: [Value]) -> SeenTerms {
    let best = builder.emit(.vectorLoad, place, results: [block.type])[0]
    let start = builder.emit(
      .vectorLoad, [block.places!, place[1]],
      results: [.vector(.i32, lanes: block.sweep.lanes)])[0]
    return SeenTerms(best: best, start: start)
  }

  /// Lets best terms, and where they stand, wait at `place`.
  private mutating func store(_ seen: SeenTerms, _ block: RowSweepBlock, _ place: [Value]) {
    builder.emit(.vectorStore, [seen.best] + place)
    builder.emit(.vectorStore, [seen.start, block.places!, place[1]])
  }

  /// Combines rows of terms, told by the indices of each, with the results of a block.
  private mutating func sweepRows(
    _ block: RowSweepBlock, _ rows: [[Value]], at point: Value?
  ) {
    let sweep = block.sweep
    var tile = tile(block, rows: rows.count, at: point)
    let points = Array(rows.indices)
    for (point, row) in rows.enumerated() {
      tile.insert(row, for: sweep.box.indices, at: [point])
    }
    emitTile(sweep.terms.shared, &tile, at: points)
    eachVector(block, of: tile, at: point) { scheduler, tile, _, place in
      scheduler.emitTile(sweep.before.own, &tile, at: points)
      scheduler.emitTile(
        sweep.terms.own.filter {
          scheduler.source.operations[$0].results != sweep.product?.results
        }, &tile, at: points)
      guard let opcode = sweep.opcode else {
        var seen = scheduler.seenTerms(block, place)
        for (point, row) in rows.enumerated() {
          let terms = scheduler.vector(scheduler.yielded(sweep.box.terms)[0], tile, at: point)
          let start = scheduler.splatPlace(row[0], block)
          seen = scheduler.taking(terms, from: start, into: seen, block.combiner)
        }
        return scheduler.store(seen, block, place)
      }
      var sum = scheduler.builder.emit(.vectorLoad, place, results: [block.type])[0]
      for point in points {
        if let product = sweep.product {
          let factors = product.operands.map { scheduler.vector($0, tile, at: point) }
          sum = scheduler.builder.arithmetic(.multiplyAdd, factors[0], factors[1], sum)
        } else {
          let number = scheduler.vector(scheduler.yielded(sweep.box.terms)[0], tile, at: point)
          let term = block.keyed.map { scheduler.keys(number, $0) } ?? number
          sum = scheduler.builder.arithmetic(opcode, sum, term)
        }
      }
      scheduler.builder.emit(.vectorStore, [sum] + place)
    }
  }

  /// Stores what becomes of the results of a block.
  private mutating func sweepEnd(
    _ block: RowSweepBlock, at point: Value?, _ destinations: [Destination]
  ) {
    let sweep = block.sweep
    let result = sweep.reduction.results[0]
    let others = source.regions[sweep.tiles.region].operations.dropLast().filter {
      source.operations[$0].results.first != result && !sweep.before.shared.contains($0)
    }
    let tile = tile(block, rows: 1, at: point)
    eachVector(block, of: tile, at: point) { scheduler, tile, column, place in
      let last = scheduler.builder.emit(.vectorLoad, place, results: [block.type])[0]
      let sum = block.keyed == nil ? last : scheduler.float(ofKey: last)
      tile.insert(sum, for: result, at: [0])
      if block.places != nil {
        let start = scheduler.seenTerms(block, place).start
        let number = scheduler.builder.convert(start, to: .i64)
        tile.insert(number, for: sweep.reduction.results[1], at: [0])
      }
      scheduler.emitTile(others, &tile, at: [0])
      let elements = scheduler.yielded(sweep.tiles.region).map {
        scheduler.vector($0, tile, at: 0)
      }
      scheduler.store(elements, in: destinations, at: block.outer(at: point) + [column])
    }
  }

  /// Runs `body` for each point that shares vectors of terms, or once if none do.
  private mutating func eachPoint(
    _ block: RowSweepBlock, _ body: (inout Scheduler, _ point: Value?) -> Void
  ) {
    guard let count = block.pointCount else { return body(&self, nil) }
    loop(from: integer(0), to: count, name: "point") { scheduler, point in
      body(&scheduler, point)
    }
  }

  /// Runs `body` for each vector of columns of a block, with its first column, bound in a copy of
  /// `tile`, and the place of its results.
  ///
  /// Where the columns are no multiple, the last vector overlaps the one before, and has results of its
  /// own.
  private mutating func eachVector(
    _ block: RowSweepBlock, of tile: Tile, at point: Value?,
    _ body: (inout Scheduler, inout Tile, _ column: Value, _ place: [Value]) -> Void
  ) {
    let lanes = integer(tile.lanes)
    let isWhole = isMultiple(block.columns, tile.lanes)
    let last = builder.arithmetic(.subtract, block.columns, lanes)
    let index = source.regions[block.sweep.tiles.region].parameters.last!
    let (first, end) = (product([block.first, lanes]), product([block.end, lanes]))
    var start = first
    if let point {
      start = builder.arithmetic(.subtract, start, product([point, block.length, lanes]))
    }
    loop(from: first, to: end, by: lanes) { scheduler, lane in
      let column = isWhole ? lane : scheduler.least(lane, last)
      var tile = tile
      tile.insert(column, for: index, at: Array(tile.cells.indices))
      let number = scheduler.builder.arithmetic(.subtract, lane, start)
      body(&scheduler, &tile, column, [block.results, number])
    }
  }
}

/// A block of the columns of a sweep.
private struct RowSweepBlock {
  let sweep: RowSweep
  /// The indices before the last one, but for that of points.
  let outer: [Value]
  /// How many points share vectors of terms.
  let pointCount: Value?
  /// The number of its first vector, and of the one after the last, and how many a block has at most.
  let first: Value
  let end: Value
  let length: Value
  /// How many columns all blocks have.
  let columns: Value
  /// Where its results wait, and their places, if those are found: [point, vector, lane].
  let results: Value
  let places: Value?
  /// What combines terms, by way of their keys if those are told.
  let combiner: Combiner
  let keyed: Combiner?
  /// A vector of results.
  let type: Type

  /// The indices before the last one.
  func outer(at point: Value?) -> [Value] {
    guard let point, let axis = sweep.points?.axis else { return outer }
    return Array(outer[..<axis]) + [point] + outer[axis...]
  }
}
