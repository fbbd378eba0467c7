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
    let (columns, lanes) = (extents[extents.count - 1], sweep.tiles.registerLanes)
    choose(columns, isAtLeast: lanes) { scheduler in
      guard case .reduction(let combiner, _, _) = sweep.reduction.attribute,
        case .scalar(let scalar) = scheduler.source.type(of: sweep.reduction.results[0])
      else { preconditionFailure("a sweep reduces numbers") }
      let keyed = scheduler.goesByKeys(combiner, scalar) ? combiner : nil
      let element = keyed == nil ? scalar : .i32
      let pointCount = sweep.points.map { extents[$0.axis] }
      var (outer, names) = (
        Array(extents.dropLast()),
        scheduler.source.regions[sweep.tiles.region].parameters.dropLast().map {
          scheduler.source.values[$0].name
        }
      )
      if let axis = sweep.points?.axis {
        outer.remove(at: axis)
        names.remove(at: axis)
      }
      let vectors = scheduler.blocks(of: columns, lanes)
      let most = scheduler.mostVectors(sweep, pointCount, element)
      let blocks = scheduler.quotient(vectors, roundedUpBy: most.each)
      let each = scheduler.quotient(vectors, roundedUpBy: blocks)
      let cost = RowSweep.blockByteCount / (lanes * element.byteCount)
      scheduler.spread(
        outer + [blocks], names: names + [nil],
        cost: cost * scheduler.cost(of: sweep.tiles.region)
      ) { scheduler, indices in
        let first = scheduler.product([indices.last!, each])
        let end = scheduler.least(scheduler.builder.arithmetic(.add, first, each), vectors)
        let results = scheduler.allocate(
          .tensor(.scalar(element), [.constant(most.all * lanes)]),
          [scheduler.integer(most.all * lanes)])
        let block = RowSweepBlock(
          sweep: sweep, outer: indices.dropLast(), pointCount: pointCount, first: first, end: end,
          length: each, columns: columns, results: results, combiner: combiner, keyed: keyed,
          type: .vector(element, lanes: lanes))
        scheduler.emitBlock(block, destinations)
      }
    } otherwise: { scheduler in
      scheduler.emitElements(sweep.tiles.region, extents, destinations)
    }
  }

  /// The most vectors of results of a point that wait, and of those of all points.
  private mutating func mostVectors(
    _ sweep: RowSweep, _ pointCount: Value?, _ element: ScalarType
  ) -> (each: Value, all: Int) {
    let vectorByteCount = sweep.tiles.registerLanes * element.byteCount
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
      sweep.tiles.analysis, lanes: sweep.tiles.registerLanes, points: rows,
      rows: rows > 1 ? sweep.dependents : nil)
    let parameters = source.regions[sweep.tiles.region].parameters
    tile.insert(block.outer(at: point), for: parameters, at: Array(0..<rows))
    emitTile(sweep.before.shared, &tile, at: Array(0..<rows))
    return tile
  }

  /// Lets the results of a block be what they start from.
  private mutating func sweepStart(_ block: RowSweepBlock, at point: Value?) {
    let (box, result) = (block.sweep.box, block.sweep.reduction.results[0])
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
      var sum = scheduler.builder.emit(.vectorLoad, place, results: [block.type])[0]
      for point in points {
        if let product = sweep.product {
          let factors = product.operands.map { scheduler.vector($0, tile, at: point) }
          sum = scheduler.builder.arithmetic(.multiplyAdd, factors[0], factors[1], sum)
        } else {
          let number = scheduler.vector(scheduler.yielded(sweep.box.terms)[0], tile, at: point)
          let term = block.keyed.map { scheduler.keys(number, $0) } ?? number
          sum = scheduler.builder.arithmetic(sweep.opcode, sum, term)
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
  /// Where its results wait: [point, vector, lane].
  let results: Value
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
