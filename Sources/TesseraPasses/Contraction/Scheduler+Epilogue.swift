import TesseraIR

/// What becomes of the sums of a tile: the rest of the expression, and the store.
extension Scheduler {
  /// Finishes and stores the elements of one tile that exist: out of the registers, if its sums are
  /// there, where all elements do and little is left to be done.
  mutating func finishTile(
    _ plan: ContractionPlan, _ content: Operation, _ buffers: [Value], _ rowPanel: Value,
    _ columnPanel: Value, _ sums: TileSums
  ) {
    let slice = tileSlice(plan, content)
    let firstRow = firstRow(plan, rowPanel)
    let firstColumn = product([columnPanel, integer(plan.tileColumns)])
    let rest: (inout Scheduler) -> Void = { scheduler in
      scheduler.finishFromMemory(
        plan, content, buffers, (firstRow, rowPanel), (firstColumn, columnPanel), sums,
        hasRuns: slice != nil)
    }
    // A lower tile is the last one of its columns.
    guard case .registers(let accumulators) = sums,
      let slice, registerWork(plan, slice) <= Self.mostRegisterWork, !plan.isRare,
      plan.registerTile.rows == plan.tileRows,
      plan.rowExtents.count(where: { knownNumber($0) != 1 }) <= 1
    else { return rest(&self) }
    let columns = indices(ofRow: firstColumn, plan.columnExtents)
    let inRegisters: (inout Scheduler) -> Void = { scheduler in
      scheduler.finishFromRegisters(plan, slice, buffers, firstRow, columns, accumulators)
    }
    guard let isWhole = isWhole(plan, firstRow, firstColumn, columns) else {
      return inRegisters(&self)
    }
    if let width = lastWidth(plan) {
      let atEnd: (inout Scheduler) -> Void = { scheduler in
        scheduler.finishFromRegisters(
          plan, slice, buffers, firstRow, columns, accumulators, width: width)
      }
      if knownNumber(plan.columnPanels) == 1 { return atEnd(&self) }
      choose(isWhole, inRegisters, otherwise: atEnd)
      return
    }
    choose(isWhole, inRegisters, otherwise: rest)
  }

  /// The columns of the last tile of each row, if all tiles have all their rows and these columns are
  /// known to be neighbours and at least a register of them.
  private func lastWidth(_ plan: ContractionPlan) -> Int? {
    let isLine = plan.columnExtents.dropLast().allSatisfy {
      knownNumber($0) == 1
    }
    guard isLine, hasFullTiles(plan),
      let columns = knownNumber(plan.columns)
    else { return nil }
    let width = Int(columns % Int64(plan.tileColumns))
    return width >= plan.lanes ? width : nil
  }

  /// The most operations on each register for which the code is repeated for all of them.
  private static var mostRegisterWork: Int { 4 }

  /// About how many operations on each register make the results: more than are repeated, if numbers
  /// are rounded to bf16, for which there is no instruction that keeps subnormal ones.
  private func registerWork(_ plan: ContractionPlan, _ slice: LaneSlice) -> Int {
    let isRounded = slice.operations.contains {
      source.operations[$0].opcode == .convert
        && source.type(of: source.operations[$0].results[0]).scalarType == .bf16
    }
    return slice.operations.count + (isRounded && isDeep(plan) ? Self.mostRegisterWork : 0)
  }

  /// `true` iff the depth is known to be so great that it hardly shows how a tile is finished.
  func isDeep(_ plan: ContractionPlan) -> Bool {
    (knownNumber(plan.depth) ?? 0) > Self.greatestShallowDepth
  }

  /// What makes the results from a register of sums; `nil` if that has no form for lanes.
  private func tileSlice(_ plan: ContractionPlan, _ content: Operation) -> LaneSlice? {
    let sums = plan.sumResults
    let elements = yielded(content.regions[0])
    let indices = Set(plan.parameters)
    let slice = LaneSlice(
      source, making: elements, alongLanesOf: plan.parameters[plan.contraction.columnAxes.last!],
      varying: sums
    ) { values[$0] != nil && !indices.contains($0) }
    // A register holds as many elements of the results as of the sums, or half of it does.
    let fits = elements.allSatisfy {
      guard let type = source.type(of: $0).scalarType else { return false }
      return type.byteCount <= plan.contraction.element.byteCount
    }
    return fits ? slice : nil
  }

  /// Whether all elements of a tile exist and each of its rows lies in one row of the last axis;
  /// `nil` if that is so for every tile.
  private mutating func isWhole(
    _ plan: ContractionPlan, _ firstRow: Value, _ firstColumn: Value, _ columns: [Value]
  ) -> Value? {
    var conditions: [Value] = []
    func add(_ first: Value, _ size: Int, _ extent: Value) {
      if isMultiple(extent, size) { return }
      let end = builder.arithmetic(.add, first, integer(size))
      conditions.append(builder.compare(.lessOrEqual, end, extent))
    }
    if !hasFullTiles(plan) { add(firstRow, plan.registerTile.rows, plan.rows) }
    add(firstColumn, plan.tileColumns, plan.columns)
    if columns.count > 1 { add(columns.last!, plan.tileColumns, plan.columnExtents.last!) }
    return conditions.dropFirst().reduce(conditions.first) { all, condition in
      builder.emit(.bitAnd, [all!, condition], results: [.bool])[0]
    }
  }

  /// Finishes and stores the elements of a tile, or the first `width` columns of it, register by
  /// register. What is left beside whole registers goes with its neighbours before it once more.
  private mutating func finishFromRegisters(
    _ plan: ContractionPlan, _ slice: LaneSlice, _ buffers: [Value], _ firstRow: Value,
    _ columns: [Value], _ accumulators: [Value], width: Int? = nil
  ) {
    bind(plan.contraction.columnAxes.dropLast(), to: columns.dropLast(), plan)
    let (tile, width) = (plan.registerTile, width ?? plan.tileColumns)
    let whole = width / tile.lanes
    for row in 0..<tile.rows {
      inScope { scheduler in
        let number = scheduler.builder.arithmetic(.add, firstRow, scheduler.integer(row))
        scheduler.bind(
          plan.contraction.rowAxes, to: scheduler.indices(ofRow: number, plan.rowExtents), plan)
        // The registers of each sum.
        let registers = (0..<plan.sumCount).map { sum in
          accumulators.dropFirst(row * tile.vectors + sum * plan.sumVectors).prefix(plan.sumVectors)
        }
        func store(_ registers: [Value], at offset: Int) {
          let column = scheduler.builder.arithmetic(
            .add, columns.last!, scheduler.integer(offset))
          scheduler.storeRun(plan, slice, buffers, registers, plan.lanes, column)
        }
        for vector in 0..<whole {
          store(registers.map { $0[$0.startIndex + vector] }, at: vector * tile.lanes)
        }
        let rest = width % tile.lanes
        if rest == 0 { return }
        let last = registers.map {
          scheduler.joined(Array($0.dropFirst(whole - 1).prefix(2)), tile, from: rest)
        }
        store(last, at: width - tile.lanes)
      }
    }
  }

  /// The register that begins at lane `first` of two neighbours.
  private mutating func joined(_ pair: [Value], _ tile: RegisterTile, from first: Int) -> Value {
    let memory = allocate(
      .tensor(.scalar(tile.element), [.constant(2 * tile.lanes)]),
      [integer(2 * tile.lanes)], name: "pair")
    for (number, register) in pair.enumerated() {
      builder.emit(.vectorStore, [register, memory, integer(number * tile.lanes)])
    }
    return builder.emit(
      .vectorLoad, [memory, integer(first)], results: [tile.vector])[0]
  }

  /// Makes the results from neighbouring sums and stores them, the first one in `column`.
  private mutating func storeRun(
    _ plan: ContractionPlan, _ slice: LaneSlice, _ buffers: [Value], _ sums: [Value], _ lanes: Int,
    _ column: Value
  ) {
    let given = zip(plan.sumResults, sums).map { (value: $0, $1) }
    let vectors = emitSlice(slice, lanes: lanes, from: column, given: given)
    let indices = plan.parameters.dropLast().map { value(of: $0) } + [column]
    for (vector, buffer) in zip(vectors, buffers) {
      builder.emit(.vectorStore, [vector, buffer] + indices)
    }
  }

  // MARK: By way of memory

  /// Finishes and stores the elements of one tile that exist.
  ///
  /// The sums go through a small buffer, so that whatever the program does with them is an ordinary
  /// loop over neighbours.
  private mutating func finishFromMemory(
    _ plan: ContractionPlan, _ content: Operation, _ buffers: [Value],
    _ rows: (first: Value, panel: Value), _ columns: (first: Value, panel: Value),
    _ sums: TileSums, hasRuns: Bool
  ) {
    let tile: Value
    switch sums {
    case .memory(let memory): tile = memory
    case .registers(let registers):
      tile = allocateTile(plan)
      store(registers, of: TileRows(tile: plan.registerTile, first: integer(0)), in: [tile])
    }
    let tileRows = integer(plan.registerTile.rows)
    let rowCount =
      hasFullTiles(plan)
      ? tileRows : least(builder.arithmetic(.subtract, plan.rows, rows.first), tileRows)
    let isLine = plan.columnExtents.dropLast().allSatisfy {
      knownNumber($0) == 1
    }
    loop(from: integer(0), to: rowCount, name: "row") { scheduler, row in
      let place = scheduler.builder.arithmetic(.add, rows.first, row)
      scheduler.bind(
        plan.contraction.rowAxes, to: scheduler.indices(ofRow: place, plan.rowExtents), plan)
      if hasRuns, isLine {
        scheduler.finishLine(
          plan, content, buffers, tile, row, columns.first, lanes: plan.lanes)
      } else {
        scheduler.vectorLoop(plan) { scheduler, offset in
          scheduler.finishLanes(plan, content, buffers, tile, row, columns.panel, offset)
        }
      }
    }
  }

  /// Finishes what exists of a row so many neighbours at a time, of which the last ones may repeat some
  /// of what those before did; where there are too few, fewer at a time.
  private mutating func finishLine(
    _ plan: ContractionPlan, _ content: Operation, _ buffers: [Value], _ tile: Value, _ row: Value,
    _ firstColumn: Value, lanes width: Int
  ) {
    let (tileColumns, lanes) = (Int64(plan.tileColumns), integer(width))
    let left = builder.arithmetic(.subtract, plan.columns, firstColumn)
    let count = least(left, integer(tileColumns))
    let runs: (inout Scheduler) -> Void = { scheduler in
      scheduler.loop(from: scheduler.integer(0), to: count, by: lanes, name: "offset") {
        scheduler, offset in
        let most = scheduler.builder.arithmetic(.subtract, count, lanes)
        let start = scheduler.least(offset, most)
        let column = scheduler.builder.arithmetic(.add, firstColumn, start)
        let columns = scheduler.indices(ofRow: column, plan.columnExtents)
        if width == 1 {
          scheduler.finishElement(plan, content, buffers, tile, row, start, columns)
        } else {
          _ = scheduler.finishRun(plan, content, buffers, tile, row, start, columns, width)
        }
      }
    }
    if let known = knownNumber(plan.columns), known > 0,
      (known - 1) % tileColumns + 1 >= Int64(width)
    {
      return runs(&self)
    }
    if width == 1 { return runs(&self) }
    let isEnough = builder.compare(.lessOrEqual, lanes, count)
    choose(isEnough) { scheduler in
      runs(&scheduler)
    } otherwise: { scheduler in
      scheduler.finishLine(
        plan, content, buffers, tile, row, firstColumn, lanes: width > 4 ? 4 : 1)
    }
  }

  /// Runs `body` with the first column of each register of a tile's row.
  mutating func vectorLoop(
    _ plan: ContractionPlan, _ body: (inout Scheduler, _ offset: Value) -> Void
  ) {
    let (zero, end) = (integer(0), integer(plan.tileColumns))
    loop(from: zero, to: end, by: integer(plan.lanes), name: "offset") {
      scheduler, offset in
      body(&scheduler, offset)
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
      let (zero, end) = (scheduler.integer(0), scheduler.integer(lanes))
      scheduler.loop(from: zero, to: end, name: "lane") { scheduler, lane in
        var places = columns
        places[places.count - 1] = scheduler.builder.arithmetic(.add, columns.last!, lane)
        let place = scheduler.builder.arithmetic(.add, offset, lane)
        scheduler.finishElement(plan, content, buffers, tile, row, place, places)
      }
    } single: { scheduler, place, columns in
      scheduler.finishElement(plan, content, buffers, tile, row, place, columns)
    } outside: { _, _ in
    }
  }

  /// Finishes neighbours at once; `false` if that has no form for lanes.
  mutating func finishRun(
    _ plan: ContractionPlan, _ content: Operation, _ buffers: [Value], _ tile: Value, _ row: Value,
    _ offset: Value, _ columns: [Value], _ lanes: Int
  ) -> Bool {
    bind(plan.contraction.columnAxes.dropLast(), to: columns.dropLast(), plan)
    guard let slice = tileSlice(plan, content) else { return false }
    let vector = Type.vector(plan.contraction.element, lanes: lanes)
    let sums = sumPlaces(plan, offset).map {
      builder.emit(.vectorLoad, [tile, row, $0], results: [vector])[0]
    }
    storeRun(plan, slice, buffers, sums, lanes, columns.last!)
    return true
  }

  /// Finishes one element.
  mutating func finishElement(
    _ plan: ContractionPlan, _ content: Operation, _ buffers: [Value], _ tile: Value, _ row: Value,
    _ place: Value, _ columns: [Value]
  ) {
    inScope { scheduler in
      scheduler.bind(plan.contraction.columnAxes, to: columns, plan)
      for (result, place) in zip(plan.sumResults, scheduler.sumPlaces(plan, place)) {
        let sum = scheduler.builder.emit(
          .load, [tile, row, place], results: [.scalar(plan.contraction.element)])[0]
        scheduler.values.insert(sum, for: result)
      }
      let region = content.regions[0]
      let elements = scheduler.yielded(region).map { scheduler.demanded($0) }
      let indices = plan.parameters.map { scheduler.value(of: $0) }
      for (element, buffer) in zip(elements, buffers) {
        scheduler.builder.emit(.store, [element, buffer] + indices)
      }
    }
  }

  /// Where in a tile's row each sum of the column that is `offset` from its first lies.
  private mutating func sumPlaces(_ plan: ContractionPlan, _ offset: Value) -> [Value] {
    (0..<plan.sumCount).map {
      folded(.add, offset, integer($0 * plan.tileColumns))
    }
  }
}

extension ContractionPlan {
  /// The values in the source that the sums are.
  fileprivate var sumResults: [Value] { contraction.sums.map { $0.reduction.results[0] } }
}
