import TesseraIR

/// Loops over blocks whose reads are transposed in registers.
extension Scheduler {
  /// Emits loops that compute and store the blocks of `plan`.
  ///
  /// Where the extents are no multiples, the last block of an axis overlaps the one before it: what is
  /// computed twice is the same both times.
  mutating func emitTransposed(
    _ plan: TransposePlan, _ extents: [Value], _ destinations: [Destination]
  ) {
    choose(extents[extents.count - 1], isAtLeast: plan.lanes) { scheduler in
      scheduler.choose(extents[plan.rowAxis], isAtLeast: plan.points) { scheduler in
        scheduler.emitBlocks(plan, extents, destinations)
      } otherwise: { scheduler in
        scheduler.emitElements(plan.region, extents, destinations)
      }
    } otherwise: { scheduler in
      scheduler.emitElements(plan.region, extents, destinations)
    }
  }

  /// How many elements a block of blocks has along either axis: so many lines of the cache, and so many
  /// pages of memory, are near at one time.
  private static var nearby: Int { 128 }

  private mutating func emitBlocks(
    _ plan: TransposePlan, _ extents: [Value], _ destinations: [Destination]
  ) {
    let rows = BlockAxis(&self, extents[plan.rowAxis], plan.points, together: Self.nearby)
    let lanes = BlockAxis(&self, extents[extents.count - 1], plan.lanes, together: Self.nearby)
    var outer = extents
    var names = source.regions[plan.region].parameters.map { source.values[$0].name }
    for axis in [extents.count - 1, plan.rowAxis] {
      outer.remove(at: axis)
      names.remove(at: axis)
    }
    // What goes past the caches should fill its lines at once; else what is read should.
    let goesDown = destinations.contains { $0.isPastCaches.flatMap(knownNumber) == 1 }
    let groups = rows.groups(&self)
    let cost = cost(of: plan.region) * rows.together * plan.points
    spreadRows(outer + [groups], names: names + [nil], of: lanes.extent, cost: cost) {
      scheduler, indices in
      let rowRange = rows.range(indices.last!, &scheduler)
      let laneGroups = lanes.groups(&scheduler)
      func emit(_ row: Value, _ lane: Value, _ scheduler: inout Scheduler) {
        var place = Array(indices.dropLast())
        place.insert(rows.start(row, &scheduler), at: plan.rowAxis)
        scheduler.emitBlock(plan, place + [lanes.start(lane, &scheduler)], destinations)
      }
      scheduler.loop(from: scheduler.integer(0), to: laneGroups) { scheduler, group in
        let laneRange = lanes.range(group, &scheduler)
        if goesDown {
          scheduler.nest([laneRange, rowRange]) { scheduler, blocks in
            emit(blocks[1], blocks[0], &scheduler)
          }
        } else {
          scheduler.emitStrips(of: rowRange, across: laneRange, plan.rowsOfLine, emit)
        }
      }
    }
  }

  /// Goes along `lanes` for one of `rows` after the other, or for so many of them, which share what is
  /// read, at once.
  private mutating func emitStrips(
    of rows: IndexRange, across lanes: IndexRange, _ count: Int,
    _ body: (_ row: Value, _ lane: Value, _ scheduler: inout Scheduler) -> Void
  ) {
    let height = integer(count)
    loop(from: rows.lower, to: rows.upper, by: height) { scheduler, strip in
      let end = scheduler.folded(
        .minimum, scheduler.folded(.add, strip, height), rows.upper)
      scheduler.loop(from: lanes.lower, to: lanes.upper) { scheduler, lane in
        if count == 1 { return body(strip, lane, &scheduler) }
        scheduler.loop(from: strip, to: end) { scheduler, row in
          body(row, lane, &scheduler)
        }
      }
    }
  }

  // MARK: Blocks

  /// Computes and stores the block whose first element lies at `place`.
  private mutating func emitBlock(
    _ plan: TransposePlan, _ place: [Value], _ destinations: [Destination]
  ) {
    let places = (0..<plan.points).map { point in
      var own = place
      own[plan.rowAxis] = folded(.add, place[plan.rowAxis], integer(point))
      return own
    }
    var tile = Tile(
      plan.analysis, lanes: plan.lanes, points: plan.points, rows: plan.rows, across: plan.reads)
    emit(&tile, of: plan.region, at: places, destinations)
  }

  /// Reads runs of `content` along its last axis, one for each lane, and lets their columns stand at
  /// `points`.
  mutating func emitReadAcross(_ content: Operation, _ tile: inout Tile, at points: [Int]) {
    let result = content.results[0]
    guard let scalar = source.type(of: result).scalarType,
      let axis = content.operands.dropFirst().firstIndex(where: {
        tile.analysis.kind($0) == .consecutive
      })
    else { preconditionFailure("what is read across are numbers") }
    let indices = content.operands.dropFirst().map { cell($0, tile, at: points[0]) }
    let runs = (0..<tile.lanes).map { lane in
      var own = indices
      own[axis - 1] = folded(.add, own[axis - 1], integer(lane))
      return builder.emit(
        .vectorLoad, place(ofRead: content.operands[0], at: own),
        results: [.vector(scalar, lanes: points.count)])[0]
    }
    let column = Type.vector(scalar, lanes: tile.lanes)
    let columns = builder.emit(
      .transposeLanes, runs, results: Array(repeating: column, count: points.count))
    for (point, column) in zip(points, columns) { tile.insert(column, for: result, at: [point]) }
  }
}

/// An axis that is cut into blocks, and these into groups.
private struct BlockAxis {
  let extent: Value
  /// How many elements a block has.
  let length: Int
  /// How many blocks a group has at most.
  let together: Int
  /// How many blocks there are.
  let count: Value

  /// Cuts an axis of `extent` into blocks of `length`, and groups of about so many `elements`.
  init(_ scheduler: inout Scheduler, _ extent: Value, _ length: Int, together elements: Int) {
    self.extent = extent
    self.length = length
    together = max(1, elements / length)
    count = scheduler.blocks(of: extent, length)
  }

  /// How many groups there are.
  func groups(_ scheduler: inout Scheduler) -> Value { scheduler.blocks(of: count, together) }

  /// The blocks of a group.
  func range(_ group: Value, _ scheduler: inout Scheduler) -> IndexRange {
    let first = scheduler.product([group, scheduler.integer(together)])
    let end = scheduler.folded(.add, first, scheduler.integer(together))
    let isWhole =
      scheduler.isMultiple(count, together)
    return IndexRange(
      lower: first, upper: isWhole ? end : scheduler.folded(.minimum, end, count),
      step: scheduler.integer(1), name: nil)
  }

  /// Where a block begins.
  func start(_ block: Value, _ scheduler: inout Scheduler) -> Value {
    let size = scheduler.integer(length)
    let start = scheduler.product([block, size])
    if let known = scheduler.knownNumber(extent), known % Int64(length) == 0 {
      return start
    }
    return scheduler.folded(.minimum, start, scheduler.folded(.subtract, extent, size))
  }
}
