import TesseraIR

/// Loops that sweep over rows of terms.
extension Scheduler {
  /// Emits loops that compute and store the elements of `sweep`.
  mutating func emitSweep(_ sweep: RowSweep, _ extents: [Value], _ destinations: [Destination]) {
    guard let joined = sweep.tiles.joined else {
      return emitSweep(sweep, of: extents, destinations)
    }
    let shape = self.joined(joined.count, of: extents)
    let places = destinations.map { destination in
      var place = destination
      place.buffer = self.joined(joined.count, of: destination.buffer).buffer
      return place
    }
    joining(joined.count, of: joined.tensors) { $0.emitSweep(sweep, of: shape, places) }
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
      let most = RowSweep.blockByteCount / (lanes * element.byteCount)
      let vectors = scheduler.ceiling(columns, lanes)
      let blocks = scheduler.ceiling(vectors, most)
      let each = scheduler.quotient(vectors, roundedUpBy: blocks)
      let names = scheduler.source.regions[sweep.tiles.region].parameters.dropLast().map {
        scheduler.source.values[$0].name
      }
      scheduler.spread(
        extents.dropLast() + [blocks], names: names + [nil],
        cost: most * scheduler.cost(of: sweep.tiles.region)
      ) { scheduler, indices in
        let first = scheduler.product([indices.last!, each])
        let end = scheduler.least(scheduler.builder.arithmetic(.add, first, each), vectors)
        let results = scheduler.allocate(
          .tensor(.scalar(element), [.constant(most * lanes)]),
          [scheduler.integer(Int64(most * lanes))])
        let block = RowSweepBlock(
          sweep: sweep, outer: indices.dropLast(), first: first, end: end, columns: columns,
          results: results, combiner: combiner, keyed: keyed,
          type: .vector(element, lanes: lanes))
        scheduler.emitBlock(block, destinations)
      }
    } otherwise: { scheduler in
      scheduler.emitElements(sweep.tiles.region, extents, destinations)
    }
  }

  private mutating func emitBlock(_ block: RowSweepBlock, _ destinations: [Destination]) {
    let sweep = block.sweep
    let indices = source.regions[sweep.tiles.region].parameters
    var tile = Tile(
      sweep.tiles.analysis, lanes: sweep.tiles.registerLanes, points: RowSweep.rowCount,
      rows: sweep.dependents)
    let points = Array(tile.cells.indices)
    for (parameter, index) in zip(indices, block.outer) {
      tile.insert(index, for: parameter, at: points)
    }
    emitTile(sweep.before.shared, &tile, at: points)
    sweepStart(block, tile)

    let box = sweep.box
    let ranges = box.lower.indices.map {
      IndexRange(
        lower: cell(box.lower[$0], tile, at: 0), upper: cell(box.upper[$0], tile, at: 0),
        step: cell(box.steps[$0], tile, at: 0), name: source.values[box.indices[$0]].name)
    }
    let inner = ranges[ranges.count - 1]
    _ = nest(ranges.dropLast()) { scheduler, outer, _ in
      let round = scheduler.product([inner.step, scheduler.integer(Int64(RowSweep.rowCount))])
      let end = scheduler.endOfRounds(inner, round)
      func sweepRows(_ scheduler: inout Scheduler, _ row: Value, _ points: [Int]) {
        var tile = tile
        for point in points {
          let more = scheduler.product([inner.step, scheduler.integer(Int64(point))])
          let index = point == 0 ? row : scheduler.builder.arithmetic(.add, row, more)
          for (parameter, index) in zip(box.indices, outer + [index]) {
            tile.insert(index, for: parameter, at: [point])
          }
        }
        scheduler.sweepRows(block, &tile, at: points)
      }
      scheduler.loop(from: inner.lower, to: end, by: round, name: inner.name) {
        scheduler, row, _ in
        sweepRows(&scheduler, row, points)
        return []
      }
      scheduler.loop(from: end, to: inner.upper, by: inner.step, name: inner.name) {
        scheduler, row, _ in
        sweepRows(&scheduler, row, [0])
        return []
      }
      return []
    }
    sweepEnd(block, destinations)
  }

  /// Lets the results of a block be what they start from.
  private mutating func sweepStart(_ block: RowSweepBlock, _ tile: Tile) {
    let (box, result) = (block.sweep.box, block.sweep.reduction.results[0])
    eachVector(block, of: tile) { scheduler, tile, _, place in
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

  /// Combines rows of terms, one a point, with the results of a block.
  private mutating func sweepRows(_ block: RowSweepBlock, _ tile: inout Tile, at points: [Int]) {
    let sweep = block.sweep
    emitTile(sweep.terms.shared, &tile, at: points)
    eachVector(block, of: tile) { scheduler, tile, _, place in
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
  private mutating func sweepEnd(_ block: RowSweepBlock, _ destinations: [Destination]) {
    let (sweep, indices) = (block.sweep, source.regions[block.sweep.tiles.region].parameters)
    var tile = Tile(
      sweep.tiles.analysis, lanes: sweep.tiles.registerLanes, points: 1, rows: nil)
    for (parameter, index) in zip(indices, block.outer) {
      tile.insert(index, for: parameter, at: [0])
    }
    let result = sweep.reduction.results[0]
    let others = source.regions[sweep.tiles.region].operations.dropLast().filter {
      source.operations[$0].results.first != result
    }
    eachVector(block, of: tile) { scheduler, tile, column, place in
      let last = scheduler.builder.emit(.vectorLoad, place, results: [block.type])[0]
      let sum = block.keyed == nil ? last : scheduler.float(ofKey: last)
      tile.insert(sum, for: result, at: [0])
      scheduler.emitTile(others, &tile, at: [0])
      let elements = scheduler.yielded(sweep.tiles.region).map {
        scheduler.vector($0, tile, at: 0)
      }
      scheduler.store(elements, in: destinations, at: block.outer + [column])
    }
  }

  /// Runs `body` for each vector of columns of a block, with its first column, bound in a copy of
  /// `tile`, and the place of its results.
  ///
  /// Where the columns are no multiple, the last vector overlaps the one before, and has results of its
  /// own.
  private mutating func eachVector(
    _ block: RowSweepBlock, of tile: Tile,
    _ body: (inout Scheduler, inout Tile, _ column: Value, _ place: [Value]) -> Void
  ) {
    let lanes = integer(Int64(tile.lanes))
    let isWhole = isMultiple(block.columns, tile.lanes)
    let last = builder.arithmetic(.subtract, block.columns, lanes)
    let index = source.regions[block.sweep.tiles.region].parameters.last!
    loop(from: block.first, to: block.end) { scheduler, vector, _ in
      var column = scheduler.product([vector, lanes])
      if !isWhole { column = scheduler.least(column, last) }
      var tile = tile
      tile.insert(column, for: index, at: Array(tile.cells.indices))
      let number = scheduler.builder.arithmetic(.subtract, vector, block.first)
      body(&scheduler, &tile, column, [block.results, scheduler.product([number, lanes])])
      return []
    }
  }
}

/// A block of the columns of a sweep.
private struct RowSweepBlock {
  let sweep: RowSweep
  /// The indices before the last one.
  let outer: [Value]
  /// The number of its first vector, and of the one after the last.
  let first: Value
  let end: Value
  /// How many columns all blocks have.
  let columns: Value
  /// Where its results wait: [vector, lane].
  let results: Value
  /// What combines terms, by way of their keys if those are told.
  let combiner: Combiner
  let keyed: Combiner?
  /// A vector of results.
  let type: Type
}
