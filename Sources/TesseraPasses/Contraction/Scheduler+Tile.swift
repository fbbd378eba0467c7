import TesseraIR

/// The tile of a contraction that is kept in registers, and what becomes of it.
extension Scheduler {
  /// Accumulates one tile over a block of the depth. After the last block `finish` is given the
  /// accumulators, row by row; before, they are kept.
  mutating func multiplyTile(
    _ plan: ContractionPlan, _ panels: ContractionPanels, _ part: DepthBlock, _ row: Value,
    _ column: Value, finish: (inout Scheduler, [Value]) -> Void
  ) {
    let zero = integer(0)
    var initial = zeroAccumulators(plan.registerTile)
    if let sums = panels.sums {
      let isFirst = builder.compare(.equal, part.number, zero)
      initial = choose(isFirst, types: initial.map { builder.type(of: $0) }) { scheduler in
        initial
      } else: { scheduler in
        plan.registerTile.places.map { place in
          scheduler.builder.emit(
            .vectorLoad,
            [sums, row, column, scheduler.integer(place.row), scheduler.integer(place.column)],
            results: [plan.vector])[0]
        }
      }
    }
    let accumulators = outerProducts(
      plan.registerTile, rows: (panels.rows, row), columns: (panels.columns, column),
      from: zero, to: part.depth, adding: initial)
    guard let sums = panels.sums else { return finish(&self, accumulators) }
    let last = builder.arithmetic(.subtract, plan.depthBlocks, integer(1))
    let isLast = builder.compare(.equal, part.number, last)
    _ = choose(isLast, types: []) { scheduler in
      finish(&scheduler, accumulators)
      return []
    } else: { scheduler in
      for (place, accumulator) in zip(plan.registerTile.places, accumulators) {
        scheduler.builder.emit(
          .vectorStore,
          [
            accumulator, sums, row, column, scheduler.integer(place.row),
            scheduler.integer(place.column),
          ])
      }
      return []
    }
  }

  /// Adds to the accumulators of a tile, row by row, the products of one panel of rows and one of
  /// columns, for some positions of the depth. Rows are asked for `distance` bytes ahead.
  mutating func outerProducts(
    _ tile: RegisterTile, rows: (buffer: Value, panel: Value),
    columns: (buffer: Value, panel: Value), from start: Value, to end: Value,
    adding initial: [Value], prefetching distance: Int64? = nil
  ) -> [Value] {
    loop(from: start, to: end, name: "depth", carrying: initial) { scheduler, position, carried in
      if let distance {
        let later = distance / Int64(tile.rows * tile.element.byteCount)
        let place = scheduler.builder.arithmetic(.add, position, scheduler.integer(later))
        scheduler.builder.emit(.prefetch, [rows.buffer, rows.panel, place, scheduler.integer(0)])
      }
      let vectors = (0..<tile.vectors).map { vector in
        scheduler.builder.emit(
          .vectorLoad,
          [columns.buffer, columns.panel, position, scheduler.integer(Int64(vector * tile.lanes))],
          results: [tile.vector])[0]
      }
      var next: [Value] = []
      for tileRow in 0..<tile.rows {
        let factor = scheduler.builder.emit(
          .load, [rows.buffer, rows.panel, position, scheduler.integer(Int64(tileRow))],
          results: [.scalar(tile.element)])
        let spread = scheduler.builder.emit(.splat, factor, results: [tile.vector])[0]
        for vector in 0..<tile.vectors {
          next.append(
            scheduler.builder.arithmetic(
              .multiplyAdd, spread, vectors[vector], carried[tileRow * tile.vectors + vector]))
        }
      }
      return next
    }
  }

  /// Accumulators of a tile that are zero.
  mutating func zeroAccumulators(_ tile: RegisterTile) -> [Value] {
    let zero = builder.constant(0.0, tile.element)
    let vector = builder.emit(.splat, [zero], results: [tile.vector])[0]
    return Array(repeating: vector, count: tile.rows * tile.vectors)
  }

  /// Emits an `if` whose branches give values of these types.
  mutating func choose(
    _ condition: Value, types: [Type], then: (inout Scheduler) -> [Value],
    else otherwise: (inout Scheduler) -> [Value]
  ) -> [Value] {
    let first = region { scheduler, _ in
      let values = then(&scheduler)
      scheduler.builder.emit(.yield, values)
    }
    let second = region { scheduler, _ in
      let values = otherwise(&scheduler)
      scheduler.builder.emit(.yield, values)
    }
    return builder.emit(.if, [condition], results: types, regions: [first, second])
  }

  // MARK: Epilogue

  /// Finishes and stores the elements of one tile that exist.
  ///
  /// The sums go through a small buffer, so that whatever the program does with them is an ordinary
  /// loop over neighbours.
  mutating func epilogue(
    _ plan: ContractionPlan, _ content: Operation, _ buffers: [Value], _ rowPanel: Value,
    _ columnPanel: Value, _ accumulators: [Value]
  ) {
    let element = ElementType.scalar(plan.contraction.element)
    let tile = allocate(
      .tensor(element, [.constant(plan.tileRows), .constant(plan.tileColumns)]),
      [integer(Int64(plan.tileRows)), integer(Int64(plan.tileColumns))], name: "tile")
    for (place, accumulator) in zip(plan.registerTile.places, accumulators) {
      builder.emit(
        .vectorStore, [accumulator, tile, integer(place.row), integer(place.column)])
    }
    let firstRow = product([rowPanel, integer(Int64(plan.tileRows))])
    let rowCount = least(
      builder.arithmetic(.subtract, plan.rows, firstRow), integer(Int64(plan.tileRows)))
    loop(from: integer(0), to: rowCount, name: "row") { scheduler, row, _ in
      let place = scheduler.builder.arithmetic(.add, firstRow, row)
      let rows = scheduler.indices(ofRow: place, plan.rowExtents)
      scheduler.bind(plan.contraction.rowAxes, to: rows, plan)
      scheduler.vectorLoop(plan) { scheduler, offset in
        scheduler.finishLanes(plan, content, buffers, tile, row, columnPanel, offset)
      }
      return []
    }
  }

  /// Runs `body` with the first column of each register of a tile's row.
  mutating func vectorLoop(
    _ plan: ContractionPlan, _ body: (inout Scheduler, _ offset: Value) -> Void
  ) {
    let (zero, end) = (integer(0), integer(Int64(plan.tileColumns)))
    loop(from: zero, to: end, by: integer(Int64(plan.lanes)), name: "offset") {
      scheduler, offset, _ in
      body(&scheduler, offset)
      return []
    }
  }

  /// Finishes as many neighbours of a row as a register has: in one run where they lie in one row
  /// of the last axis, else one by one.
  private mutating func finishLanes(
    _ plan: ContractionPlan, _ content: Operation, _ buffers: [Value], _ tile: Value, _ row: Value,
    _ columnPanel: Value, _ offset: Value
  ) {
    columnRun(plan, columnPanel, offset) { scheduler, columns, offset, lanes in
      if scheduler.finishRun(plan, content, buffers, tile, row, offset, columns, lanes) { return }
      let (zero, end) = (scheduler.integer(0), scheduler.integer(Int64(lanes)))
      scheduler.loop(from: zero, to: end, name: "lane") { scheduler, lane, _ in
        var places = columns
        places[places.count - 1] = scheduler.builder.arithmetic(.add, columns.last!, lane)
        let place = scheduler.builder.arithmetic(.add, offset, lane)
        scheduler.finishElement(plan, content, buffers, tile, row, place, places)
        return []
      }
    } single: { scheduler, place, columns in
      scheduler.finishElement(plan, content, buffers, tile, row, place, columns)
    } outside: { _, _ in
    }
  }

  /// Finishes neighbours at once; `false` if that has no form for lanes.
  private mutating func finishRun(
    _ plan: ContractionPlan, _ content: Operation, _ buffers: [Value], _ tile: Value, _ row: Value,
    _ offset: Value, _ columns: [Value], _ lanes: Int
  ) -> Bool {
    let axes = plan.contraction.columnAxes
    let last = plan.parameters[axes.last!]
    bind(axes.dropLast(), to: columns.dropLast(), plan)
    let sum = plan.contraction.reduction.results[0]
    let elements = yielded(content.regions[0])
    let slice = LaneSlice(source, making: elements, alongLanesOf: last, varying: [sum]) {
      values[$0] != nil
    }
    // A register holds as many elements of the results as of the sums, or half of it does.
    guard let slice,
      elements.allSatisfy({
        let type = source.type(of: $0).scalarType
        return type?.isFloat == true && type!.byteCount <= plan.contraction.element.byteCount
      })
    else { return false }
    let vector = Type.vector(plan.contraction.element, lanes: lanes)
    let sums = builder.emit(.vectorLoad, [tile, row, offset], results: [vector])[0]
    let vectors = emitSlice(slice, lanes: lanes, from: columns.last!, given: [(sum, sums)])
    let indices = plan.parameters.dropLast().map { value(of: $0) } + [columns.last!]
    for (vector, buffer) in zip(vectors, buffers) {
      builder.emit(.vectorStore, [vector, buffer] + indices)
    }
    return true
  }

  private mutating func finishElement(
    _ plan: ContractionPlan, _ content: Operation, _ buffers: [Value], _ tile: Value, _ row: Value,
    _ place: Value, _ columns: [Value]
  ) {
    inScope { scheduler in
      scheduler.bind(plan.contraction.columnAxes, to: columns, plan)
      let sum = scheduler.builder.emit(
        .load, [tile, row, place], results: [.scalar(plan.contraction.element)])[0]
      scheduler.values.insert(sum, for: plan.contraction.reduction.results[0])
      let region = content.regions[0]
      let elements = scheduler.yielded(region).map { scheduler.demanded($0) }
      let indices = plan.parameters.map { scheduler.value(of: $0) }
      for (element, buffer) in zip(elements, buffers) {
        scheduler.builder.emit(.store, [element, buffer] + indices)
      }
    }
  }

  // MARK: Columns

  /// Splits the lanes of one register of a column panel, `offset` columns from its first: `run` is
  /// given the indices of the first of some lanes where all lie in one row of the last axis; else
  /// `single` is given the place and the indices of each that exists, and `outside` the place of each
  /// that does not.
  ///
  /// What is no run as a whole is tried in parts of four lanes.
  mutating func columnRun(
    _ plan: ContractionPlan, _ panel: Value, _ offset: Value, lanes: Int? = nil,
    run: (inout Scheduler, _ columns: [Value], _ offset: Value, _ lanes: Int) -> Void,
    single: (inout Scheduler, _ place: Value, _ columns: [Value]) -> Void,
    outside: (inout Scheduler, _ place: Value) -> Void
  ) {
    let count = lanes ?? plan.lanes
    let first = builder.arithmetic(
      .add, product([panel, integer(Int64(plan.tileColumns))]), offset)
    let columns = indices(ofRow: first, plan.columnExtents)
    let length = integer(Int64(count))
    let end = builder.arithmetic(.add, columns.last!, length)
    let isInRow = builder.compare(.lessOrEqual, end, plan.columnExtents.last!)
    let isInside = builder.compare(
      .lessOrEqual, builder.arithmetic(.add, first, length), plan.columns)
    let isRun = builder.emit(.bitAnd, [isInRow, isInside], results: [.bool])[0]
    _ = choose(isRun, types: []) { scheduler in
      run(&scheduler, columns, offset, count)
      return []
    } else: { scheduler in
      let partLanes = 4
      let step = scheduler.integer(count > partLanes ? Int64(partLanes) : 1)
      scheduler.loop(from: scheduler.integer(0), to: length, by: step, name: "lane") {
        scheduler, lane, _ in
        let place = scheduler.builder.arithmetic(.add, offset, lane)
        if count > partLanes {
          scheduler.columnRun(
            plan, panel, place, lanes: partLanes, run: run, single: single, outside: outside)
          return []
        }
        let column = scheduler.builder.arithmetic(.add, first, lane)
        let exists = scheduler.builder.compare(.less, column, plan.columns)
        _ = scheduler.choose(exists, types: []) { scheduler in
          single(&scheduler, place, scheduler.indices(ofRow: column, plan.columnExtents))
          return []
        } else: { scheduler in
          outside(&scheduler, place)
          return []
        }
        return []
      }
      return []
    }
  }

  /// Lets the indices of these axes of the source stand for `indices`.
  mutating func bind(
    _ axes: some Sequence<Int>, to indices: some Sequence<Value>, _ plan: ContractionPlan
  ) {
    for (axis, index) in zip(axes, indices) {
      values.insert(index, for: plan.parameters[axis])
    }
  }

  /// The smaller of two numbers.
  mutating func least(_ a: Value, _ b: Value) -> Value {
    builder.arithmetic(.minimum, a, b)
  }
}
