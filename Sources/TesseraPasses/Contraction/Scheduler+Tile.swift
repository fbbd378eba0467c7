import TesseraIR
import TesseraNumbers

/// The tile of a contraction that is kept in registers, and what becomes of it.
extension Scheduler {
  /// Accumulates one tile over a block of the depth. After the last block `finish` is given the
  /// accumulators, row by row; before, they are kept.
  mutating func multiplyTile(
    _ plan: ContractionPlan, _ panels: ContractionPanels, _ part: DepthBlock,
    _ row: Value, _ column: Value, soon: NextPanel?,
    finish: (inout Scheduler, [Value]) -> Void
  ) {
    let zero = integer(0)
    let starts = starts(plan, panels.columns, column)
    var initial = starts
    if let sums = panels.sums {
      let isFirst = builder.compare(.equal, part.number, zero)
      initial = choose(isFirst, types: initial.map { builder.type(of: $0) }) { scheduler in
        starts
      } otherwise: { scheduler in
        zip(plan.registerTile.places, starts).map { place, start in
          let sum = scheduler.builder.emit(
            .vectorLoad,
            [sums, row, column, scheduler.integer(place.row), scheduler.integer(place.column)],
            results: [plan.vector])[0]
          return (plan.dot?.excess ?? 0) == 0
            ? sum : scheduler.builder.arithmetic(.add, sum, start)
        }
      }
    }
    let make: (inout Scheduler, Bool) -> [Value] = { scheduler, isWidened in
      scheduler.accumulate(
        plan, panels, part, row, column, soon: soon, adding: initial, isWidened: isWidened)
    }
    var accumulators: [Value]
    if let staysNormal = staysNormal(panels, part, row, column) {
      accumulators = choose(staysNormal, types: initial.map { builder.type(of: $0) }) {
        make(&$0, false)
      } otherwise: {
        make(&$0, true)
      }
    } else {
      accumulators = make(&self, false)
    }
    finishOrKeep(plan, panels, part, row, column, accumulators, finish)
  }

  /// What the accumulators of a tile start from.
  private mutating func starts(
    _ plan: ContractionPlan, _ columns: ContractionColumns, _ column: Value
  ) -> [Value] {
    let tile = plan.registerTile
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

  /// Adds the products of a block of the depth to the accumulators of a tile; where that `isWidened`,
  /// one by one also of terms that belong together.
  private mutating func accumulate(
    _ plan: ContractionPlan, _ panels: ContractionPanels, _ part: DepthBlock,
    _ row: Value, _ column: Value, soon: NextPanel?, adding initial: [Value], isWidened: Bool
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
    let rowsAreFar = panels.rowsAreFar && plan.registerTile.rows == plan.tileRows
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
        plan.registerTile, plan.dot, isWidened: isWidened, from: zero, to: length, adding: carried,
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
            let first = scheduler.product([tileRow, lanes, together])
            let term = scheduler.product([lane, together])
            return [rows, row, rowRun, scheduler.builder.arithmetic(.add, term, first)]
          }
        })
    }
  }

  /// Gives the accumulators to `finish` after the last block of the depth, and keeps them before.
  private mutating func finishOrKeep(
    _ plan: ContractionPlan, _ panels: ContractionPanels, _ part: DepthBlock,
    _ row: Value, _ column: Value, _ accumulators: [Value],
    _ finish: (inout Scheduler, [Value]) -> Void
  ) {
    guard let sums = panels.sums else { return finish(&self, accumulators) }
    let last = builder.arithmetic(.subtract, plan.depthBlocks, integer(1))
    let isLast = builder.compare(.equal, part.number, last)
    choose(isLast) { scheduler in
      finish(&scheduler, accumulators)
    } otherwise: { scheduler in
      for (place, accumulator) in zip(plan.registerTile.places, accumulators) {
        scheduler.builder.emit(
          .vectorStore,
          [
            accumulator, sums, row, column, scheduler.integer(place.row),
            scheduler.integer(place.column),
          ])
      }
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
