import TesseraIR
import TesseraNumbers

/// The tile of a contraction that is kept in registers, and what becomes of it.
extension Scheduler {
  /// Accumulates one tile over a block of the depth. After the last block `finish` is given its sums;
  /// before, they are kept.
  mutating func multiplyTile(
    _ plan: ContractionPlan, _ panels: ContractionPanels, _ part: DepthBlock,
    _ row: Value, _ column: Value, soon: NextPanel?,
    finish: (inout Scheduler, TileSums) -> Void
  ) {
    let make: (inout Scheduler, TileRows, NextPanel?, Bool) -> [Value] = {
      scheduler, rows, soon, isWidened in
      let initial = scheduler.initialSums(plan, panels, part, row, column, rows)
      return scheduler.accumulate(
        plan, panels, part, row, column, rows, soon: soon, adding: initial, isWidened: isWidened)
    }
    let all = TileRows(tile: plan.registerTile, first: integer(0))
    guard let staysNormal = staysNormal(panels, part, row, column) else {
      let sums = make(&self, all, soon, false)
      return finishOrKeep(plan, panels, part, row, column, .registers(sums), finish)
    }
    guard isDeep(plan) else {
      let types = Array(repeating: plan.vector, count: plan.registerTile.places.count)
      let sums = choose(staysNormal, types: types) {
        make(&$0, all, soon, false)
      } otherwise: {
        make(&$0, all, soon, true)
      }
      return finishOrKeep(plan, panels, part, row, column, .registers(sums), finish)
    }
    let memory = allocateTile(plan)
    choose(staysNormal) { scheduler in
      let sums = make(&scheduler, all, soon, false)
      scheduler.store(sums, of: all, in: [memory])
    } otherwise: { scheduler in
      // Rarely run: little code, and few enough sums for what they are made of to be in registers, too.
      var tile = plan.registerTile
      tile.rows = tile.fewerRows
      let (end, step) = (scheduler.integer(plan.registerTile.rows), scheduler.integer(tile.rows))
      scheduler.loop(from: all.first, to: end, by: step, name: "row") { scheduler, first in
        let rows = TileRows(tile: tile, first: first)
        let sums = make(&scheduler, rows, nil, true)
        scheduler.store(sums, of: rows, in: [memory])
      }
    }
    finishOrKeep(plan, panels, part, row, column, .memory(memory), finish)
  }

  /// Memory for the sums of a tile.
  mutating func allocateTile(_ plan: ContractionPlan) -> Value {
    let (rows, columns) = (plan.registerTile.rows, plan.panelColumns)
    return allocate(
      .tensor(.scalar(plan.contraction.element), [.constant(rows), .constant(columns)]),
      [integer(rows), integer(columns)], name: "tile")
  }

  /// Stores the sums of a tile in `memory`, which names the whole tile.
  private mutating func keep(_ plan: ContractionPlan, _ sums: TileSums, in memory: [Value]) {
    let all = TileRows(tile: plan.registerTile, first: integer(0))
    switch sums {
    case .registers(let registers): store(registers, of: all, in: memory)
    case .memory(let tile):
      var line = plan.registerTile
      line.rows = 1
      loop(from: all.first, to: integer(all.tile.rows), name: "row") { scheduler, row in
        let registers = line.places.map { place in
          scheduler.builder.emit(
            .vectorLoad, [tile, row, scheduler.integer(place.column)], results: [line.vector])[0]
        }
        scheduler.store(registers, of: TileRows(tile: line, first: row), in: memory)
      }
    }
  }

  /// Stores sums of a tile's rows in `memory`, which names the whole tile.
  mutating func store(_ sums: [Value], of rows: TileRows, in memory: [Value]) {
    for (place, sum) in zip(rows.tile.places, sums) {
      let row = folded(.add, rows.first, integer(place.row))
      builder.emit(.vectorStore, [sum] + memory + [row, integer(place.column)])
    }
  }

  /// What the sums of a tile's rows are before a block of the depth.
  private mutating func initialSums(
    _ plan: ContractionPlan, _ panels: ContractionPanels, _ part: DepthBlock, _ row: Value,
    _ column: Value, _ rows: TileRows
  ) -> [Value] {
    let starts = starts(rows.tile, panels.columns, column)
    guard let sums = panels.sums else { return starts }
    let isFirst = builder.compare(.equal, part.number, integer(0))
    return choose(isFirst, types: starts.map { builder.type(of: $0) }) { scheduler in
      starts
    } otherwise: { scheduler in
      zip(rows.tile.places, starts).map { place, start in
        let tileRow = scheduler.folded(.add, rows.first, scheduler.integer(place.row))
        let sum = scheduler.builder.emit(
          .vectorLoad, [sums, row, column, tileRow, scheduler.integer(place.column)],
          results: [plan.vector])[0]
        return (plan.dot?.excess ?? 0) == 0
          ? sum : scheduler.builder.arithmetic(.add, sum, start)
      }
    }
  }

  /// What the accumulators of a tile start from.
  private mutating func starts(
    _ tile: RegisterTile, _ columns: ContractionColumns, _ column: Value
  ) -> [Value] {
    guard case .panels(let panels) = columns, let starts = panels.starts else {
      return zeroAccumulators(tile)
    }
    let row = (0..<tile.vectors).map { vector in
      builder.emit(
        .vectorLoad, [starts, column, integer(vector * tile.lanes)],
        results: [tile.vector])[0]
    }
    return (0..<tile.rows).flatMap { _ in row }
  }

  /// Adds the products of a block of the depth to the accumulators of a tile's rows; where that
  /// `isWidened`, one by one also of terms that belong together.
  private mutating func accumulate(
    _ plan: ContractionPlan, _ panels: ContractionPanels, _ part: DepthBlock,
    _ row: Value, _ column: Value, _ tileRows: TileRows, soon: NextPanel?,
    adding initial: [Value], isWidened: Bool
  ) -> [Value] {
    let zero = integer(0)
    let columnVectors = columnVectors(plan, panels.columns, column, part)
    if let read = panels.rowsInPlace {
      return outerProducts(
        plan.registerTile, from: zero, to: part.depth, adding: initial, columns: columnVectors,
        rowPlace: inPlaceRows(plan, read, row, part))
    }
    guard let rows = panels.rows?.buffer else { preconditionFailure("rows are not packed") }
    let next = panels.rowsMayBeNear ? soon : nil
    let rowsAreFar = panels.rowsAreFar && tileRows.tile.rows == plan.tileRows
    return loop(
      from: zero, to: blocks(of: part.depth, plan.lanes), name: "run", carrying: initial
    ) { scheduler, run, carried in
      let lines = next?.lines(during: run, positions: plan.lanes, &scheduler)
      let lanes = scheduler.integer(plan.lanes)
      let start = scheduler.product([run, lanes])
      let left = scheduler.builder.arithmetic(.subtract, part.depth, start)
      let length = scheduler.hasWholeRuns(plan) ? lanes : scheduler.least(left, lanes)
      let (rowStart, rowRun) =
        panels.firstRun.map { first in
          (
            scheduler.builder.arithmetic(.add, start, part.start),
            scheduler.builder.arithmetic(.add, run, first)
          )
        } ?? (start, run)
      return scheduler.outerProducts(
        tileRows.tile, plan.dot, isWidened: isWidened, from: zero, to: length, adding: carried,
        soon: { scheduler, lane in
          var places: [[Value]] = []
          if let lines { places.append(lines(&scheduler, lane)) }
          if rowsAreFar {
            let position = scheduler.builder.arithmetic(.add, rowStart, lane)
            places.append(scheduler.rowsSoon(plan, rows, row, position))
          }
          return places
        },
        columns: { scheduler, lane in
          columnVectors(&scheduler, scheduler.builder.arithmetic(.add, start, lane))
        },
        rowPlace: { _, lane in
          { scheduler, tileRow in
            let together = scheduler.integer(plan.termsTogether)
            let number = scheduler.folded(.add, tileRows.first, tileRow)
            let first = scheduler.product([number, lanes, together])
            let term = scheduler.product([lane, together])
            return [rows, row, rowRun, scheduler.builder.arithmetic(.add, term, first)]
          }
        })
    }
  }

  /// Gives the sums of a tile to `finish` after the last block of the depth, and keeps them before.
  private mutating func finishOrKeep(
    _ plan: ContractionPlan, _ panels: ContractionPanels, _ part: DepthBlock,
    _ row: Value, _ column: Value, _ sums: TileSums, _ finish: (inout Scheduler, TileSums) -> Void
  ) {
    guard let kept = panels.sums else { return finish(&self, sums) }
    let last = builder.arithmetic(.subtract, plan.depthBlocks, integer(1))
    let isLast = builder.compare(.equal, part.number, last)
    choose(isLast) { scheduler in
      finish(&scheduler, sums)
    } otherwise: { scheduler in
      scheduler.keep(plan, sums, in: [kept, row, column])
    }
  }

  /// Adds to the accumulators of a tile, row by row, the products of one panel of rows and one of
  /// columns, for some positions of the depth; `columns` gives the registers of columns, `rowPlace`
  /// tells where the factor of a row is, and `soon` an element that is to be fetched meanwhile. Terms
  /// are taken together as `dot` says, if at all, or one by one out of panels that are packed for it.
  mutating func outerProducts(
    _ tile: RegisterTile, _ dot: DotForm? = nil, isWidened: Bool = false, from start: Value,
    to end: Value,
    adding initial: [Value],
    soon: ((inout Scheduler, _ position: Value) -> [[Value]])? = nil, columns: ColumnVectors,
    rowPlace: (inout Scheduler, _ position: Value) -> (inout Scheduler, _ row: Value) -> [Value]
  ) -> [Value] {
    loop(from: start, to: end, name: "depth", carrying: initial) { scheduler, position, carried in
      for place in soon?(&scheduler, position) ?? [] { scheduler.builder.emit(.prefetch, place) }
      let vectors = columns(&scheduler, position)
      let place = rowPlace(&scheduler, position)
      if let dot, isWidened {
        return scheduler.widenedProducts(tile, dot, vectors, place, adding: carried)
      }
      var next: [Value] = []
      for tileRow in 0..<tile.rows {
        let factor = scheduler.builder.emit(
          dot == nil ? .load : .vectorLoad,
          place(&scheduler, scheduler.integer(tileRow)),
          results: [dot.map { .vector($0.rowType, lanes: $0.terms) } ?? .scalar(tile.element)])
        let wide = dot.map { Type.vector($0.rowType, lanes: tile.lanes * $0.terms) }
        let spread = scheduler.builder.emit(.splat, factor, results: [wide ?? tile.vector])[0]
        for vector in 0..<tile.vectors {
          next += scheduler.builder.emit(
            dot == nil ? .multiplyAdd : .dotLanes,
            [spread, vectors[vector], carried[tileRow * tile.vectors + vector]],
            results: [tile.vector])
        }
      }
      return next
    }
  }

  /// The accumulators with products of terms that belong together, each by itself in its order.
  private mutating func widenedProducts(
    _ tile: RegisterTile, _ dot: DotForm, _ columns: [Value],
    _ rowPlace: (inout Scheduler, _ row: Value) -> [Value], adding initial: [Value]
  ) -> [Value] {
    var sums = initial
    for term in 0..<dot.terms {
      let first = Int64(dot.place(of: term))
      let vectors = columns.map { vector in
        let picked = builder.emit(
          .pickLanes, [vector], results: [.vector(dot.columnType, lanes: tile.lanes)],
          attribute: .integer(first))[0]
        return builder.convert(picked, to: tile.element)
      }
      for row in 0..<tile.rows {
        var place = rowPlace(&self, integer(row))
        place.append(folded(.add, place.removeLast(), integer(first)))
        let factor = builder.emit(.load, place, results: [.scalar(dot.rowType)])[0]
        let spread = builder.emit(
          .splat, [builder.convert(factor, to: tile.element)], results: [tile.vector])[0]
        for (number, vector) in vectors.enumerated() {
          let place = row * tile.vectors + number
          sums[place] = builder.arithmetic(.multiplyAdd, spread, vector, sums[place])
        }
      }
    }
    return sums
  }

  /// Makes the registers of a tile's columns.
  private mutating func columnVectors(
    _ plan: ContractionPlan, _ columns: ContractionColumns, _ panel: Value, _ part: DepthBlock
  ) -> ColumnVectors {
    switch columns {
    case .panels(let panels): panelVectors(plan, panels.buffer, panel)
    case .windows(let copy): windowVectors(plan, copy, panel)
    case .inPlace(let slices): inPlaceVectors(plan, slices, panel, part)
    }
  }

  /// Loads the registers of a packed panel of columns.
  func panelVectors(
    _ plan: ContractionPlan, _ buffer: Value, _ panel: Value
  ) -> ColumnVectors {
    panelVectors(
      plan.registerTile, buffer, panel, as: .vector(plan.columnType, lanes: plan.runTerms))
  }

  /// Loads the registers of a tile from a packed panel of columns; of this type, if not the tile's.
  func panelVectors(
    _ tile: RegisterTile, _ buffer: Value, _ panel: Value, as type: Type? = nil
  ) -> ColumnVectors {
    let type = type ?? tile.vector
    guard case .vector(_, let lanes) = type else { preconditionFailure("no vector: \(type)") }
    return { scheduler, position in
      (0..<tile.vectors).map { vector in
        let place = [buffer, panel, position, scheduler.integer(vector * lanes)]
        return scheduler.builder.emit(.vectorLoad, place, results: [type])[0]
      }
    }
  }

  /// Accumulators of a tile that are zero.
  mutating func zeroAccumulators(_ tile: RegisterTile) -> [Value] {
    Array(repeating: zeroVector(tile), count: tile.rows * tile.vectors)
  }

  /// A register of a tile that is zero.
  mutating func zeroVector(_ tile: RegisterTile) -> Value {
    builder.emit(.splat, [zeroNumber(tile.element)], results: [tile.vector])[0]
  }

  /// Zero as a number of this type.
  mutating func zeroNumber(_ element: ScalarType) -> Value {
    element.isFloat ? builder.constant(0.0, element) : builder.constant(Int64(0), element)
  }

  /// Lets the indices of these axes of the source stand for `indices`.
  mutating func bind(
    _ axes: some Sequence<Int>, to indices: some Sequence<Value>, _ plan: ContractionPlan
  ) {
    for (axis, index) in zip(axes, indices) {
      values.insert(index, for: plan.parameters[axis])
    }
  }
}

/// The registers of columns for a position of the depth.
typealias ColumnVectors = (inout Scheduler, _ position: Value) -> [Value]

/// The sums of a tile.
enum TileSums {
  /// In registers, row by row.
  case registers([Value])
  /// In a buffer of their own, row by row.
  case memory(Value)
}

/// Neighbouring rows of a tile: a tile of so many, and the first of them.
struct TileRows {
  var tile: RegisterTile
  var first: Value
}
