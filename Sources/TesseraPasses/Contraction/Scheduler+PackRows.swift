import TesseraIR

/// Packing the factor that is laid out by rows, in runs of the depth as long as a register: one that
/// lies along the depth in memory is copied, and nothing is transposed, since the product reads its
/// elements one by one.
///
/// Panels are [panel][run of the depth][row of the tile, position in the run]. Rows beyond the last are
/// zero; what a run has beyond the depth is never read.
extension Scheduler {
  /// Memory for so many row panels.
  mutating func allocateRowPanels(
    _ plan: ContractionPlan, _ count: Value, name: String
  ) -> PackedPanels {
    let buffer = allocate(
      .tensor(
        .scalar(plan.rowType), [.dynamic, .dynamic, .constant(plan.tileRows * plan.runTerms)]),
      [count] + rowPanelLengths(plan), name: name)
    return PackedPanels(buffer: buffer, exponents: allocateExponents(plan, count))
  }

  /// The lengths of a row panel.
  mutating func rowPanelLengths(_ plan: ContractionPlan) -> [Value] {
    [blocks(of: plan.blockDepth, plan.lanes), integer(plan.tileRows * plan.runTerms)]
  }

  /// Packs one block of the depth of the rows of a panel, as the panel `place` of `buffer`.
  mutating func packRows(
    _ plan: ContractionPlan, _ panel: Value, _ part: DepthBlock, into panels: PackedPanels,
    at place: Value
  ) {
    clearLastRun(plan, part, panels.buffer, place)
    packRows(plan, panel, part, into: panels.buffer, at: place)
    let runs = blocks(of: part.depth, plan.lanes)
    noteExponent(plan, place, in: panels, runs, length: plan.tileRows * plan.runTerms)
  }

  private mutating func packRows(
    _ plan: ContractionPlan, _ panel: Value, _ part: DepthBlock, into buffer: Value, at place: Value
  ) {
    let first = firstRow(plan, panel)
    let target = RowPanel(buffer: buffer, place: place, firstRow: first)
    if rowsAreRuns(plan) { return packRuns(plan, part, target) }
    if hasFullPanels(plan) { return packFullPanel(plan, part, target) }
    let end = builder.arithmetic(.add, first, integer(plan.tileRows))
    let isFull = builder.compare(.lessOrEqual, end, plan.rows)
    choose(isFull) { scheduler in
      scheduler.packFullPanel(plan, part, target)
    } otherwise: { scheduler in
      scheduler.packRowsOneByOne(plan, part, target)
    }
  }

  /// The operands of a load or store of one element of a row panel: `row` of the tile at a term of a
  /// block.
  private mutating func rowPlace(
    _ plan: ContractionPlan, _ buffer: Value, _ panel: Value, _ term: Value
  ) -> (inout Scheduler, _ row: Value) -> [Value] {
    let (run, lane) = runPlace(place(of: term, plan), of: plan.runTerms)
    return { scheduler, row in
      let first = scheduler.product([row, scheduler.integer(plan.runTerms)])
      return [buffer, panel, run, scheduler.builder.arithmetic(.add, lane, first)]
    }
  }

  /// The place of a term of a block among all.
  private mutating func place(of term: Value, _ plan: ContractionPlan) -> Value {
    guard let dot = plan.dot, dot.isFlushing else { return term }
    return builder.arithmetic(.bitXor, term, integer(dot.terms - 1))
  }

  /// An element of a row panel that is read some 8 KB after those of a position, which takes longer
  /// than fetching it from memory; positions in turn name all lines.
  mutating func rowsSoon(
    _ plan: ContractionPlan, _ buffer: Value, _ panel: Value, _ position: Value
  ) -> [Value] {
    let (run, lane) = runPlace(position, of: plan.lanes)
    let runBytes = plan.tileRows * plan.runTerms * plan.rowType.byteCount
    let later = integer(8192 / runBytes + 1)
    let line = product([lane, integer(plan.runTerms)])
    return [buffer, panel, builder.arithmetic(.add, run, later), line]
  }

  /// The run of so many positions, or terms, that one is in, and its place there.
  private mutating func runPlace(
    _ position: Value, of length: Int
  ) -> (run: Value, lane: Value) {
    if length == 1 { return (position, integer(0)) }
    let shift = integer(length.trailingZeroBitCount)
    return (
      builder.arithmetic(.shiftRight, position, shift),
      builder.arithmetic(.bitAnd, position, integer(length - 1))
    )
  }

  // MARK: Runs

  /// `true` iff every block of the depth is known to have whole runs.
  func hasWholeRuns(_ plan: ContractionPlan) -> Bool {
    isMultiple(plan.depth, plan.lanes) && isMultiple(plan.blockDepth, plan.lanes)
  }

  /// `true` iff the row factor can be made for neighbours along the only reduced index.
  private func rowsAreRuns(_ plan: ContractionPlan) -> Bool {
    guard plan.lanes > 1, plan.reducedIndices.count == 1,
      knownNumber(plan.ranges[0].step) == 1
    else { return false }
    return hasRuns(plan.rowFactor, along: plan.reducedIndices[0]) { values[$0] != nil }
  }

  /// Packs a panel row by row, each by runs.
  private mutating func packRuns(_ plan: ContractionPlan, _ part: DepthBlock, _ panel: RowPanel) {
    let (zero, tileRows) = (integer(0), integer(plan.tileRows))
    let runTerms = integer(plan.runTerms)
    let isFull = hasFullPanels(plan)
    let count =
      isFull ? tileRows : least(builder.arithmetic(.subtract, plan.rows, panel.firstRow), tileRows)
    let start = builder.arithmetic(
      .add, plan.ranges[0].lower, product([part.start, integer(plan.termsTogether)]))
    loop(from: zero, to: count, name: "row") { scheduler, place in
      let row = scheduler.builder.arithmetic(.add, panel.firstRow, place)
      scheduler.bind(
        plan.contraction.rowAxes, to: scheduler.indices(ofRow: row, plan.rowExtents), plan)
      scheduler.packRow(plan, part, panel, place, from: start)
    }
    if isFull { return }
    let runs = blocks(of: part.depth, plan.lanes)
    loop(from: count, to: tileRows, name: "row") { scheduler, place in
      let nothing = scheduler.zero(.vector(plan.rowType, lanes: plan.runTerms))
      scheduler.loop(from: zero, to: runs, name: "run") { scheduler, run in
        scheduler.builder.emit(
          .vectorStore,
          [nothing, panel.buffer, panel.place, run, scheduler.product([place, runTerms])])
      }
    }
  }

  /// Packs the row that is bound, whose place in the panel is `row`.
  private mutating func packRow(
    _ plan: ContractionPlan, _ part: DepthBlock, _ panel: RowPanel, _ row: Value, from start: Value
  ) {
    let (zero, runTerms) = (integer(0), integer(plan.runTerms))
    let rest = builder.arithmetic(.bitAnd, part.terms, integer(plan.runTerms - 1))
    let end = builder.arithmetic(.subtract, part.terms, rest)
    loop(from: zero, to: end, by: runTerms, name: "depth") { scheduler, term in
      let first = scheduler.builder.arithmetic(.add, start, term)
      let (run, _) = scheduler.runPlace(term, of: plan.runTerms)
      let place = [panel.buffer, panel.place, run]
      let rowStart = scheduler.product([row, runTerms])
      scheduler.prefetchRow(plan, panel, row, from: first)
      scheduler.emitRun(
        of: plan.rowFactor, along: plan.reducedIndices[0], lanes: plan.runTerms, from: first
      ) { scheduler, vector in
        let packed = scheduler.packedRow(plan, vector)
        scheduler.builder.emit(.vectorStore, [packed] + place + [rowStart])
      } single: { scheduler, lane, value in
        let element = scheduler.builder.arithmetic(
          .add, rowStart, scheduler.place(of: lane, plan))
        let packed = scheduler.packedRow(plan, value)
        scheduler.builder.emit(.store, [packed] + place + [element])
      }
    }
    if hasWholeRuns(plan), isMultiple(plan.terms, plan.termsTogether) { return }
    let packed = packPartRuns(plan, part, panel, row, from: start, after: end)
    loop(from: packed, to: part.terms, name: "depth") { scheduler, term in
      let index = scheduler.builder.arithmetic(.add, start, term)
      let bound = DepthTerm(indices: [index])
      scheduler.storeFactor(plan, panel, row, bound, at: term)
    }
    if isMultiple(plan.terms, plan.termsTogether) { return }
    let positions = product([part.depth, integer(plan.termsTogether)])
    loop(from: part.terms, to: positions, name: "depth") { scheduler, term in
      let place = scheduler.rowPlace(plan, panel.buffer, panel.place, term)
      let zero = scheduler.zeroNumber(plan.rowType)
      scheduler.builder.emit(.store, [zero] + place(&scheduler, row))
    }
  }

  /// Asks for the row that has this place in the next panel, for the run that begins with `term`, where
  /// runs are cache lines: short rows are packed faster than memory sends them. Long ones it sends ahead
  /// by itself.
  private mutating func prefetchRow(
    _ plan: ContractionPlan, _ panel: RowPanel, _ row: Value, from term: Value
  ) {
    let mostTerms: Int64 = 128
    let index = plan.reducedIndices[0]
    let slice = LaneSlice(source, making: [plan.rowFactor], alongLanesOf: index) {
      values[$0] != nil
    }
    guard (knownNumber(plan.depth) ?? 0) <= mostTerms, let slice,
      plan.runTerms * plan.rowType.byteCount == 64,
      plan.rowExtents.count(where: { knownNumber($0) != 1 }) == 1
    else { return }
    let ahead = integer(plan.tileRows)
    let next = builder.arithmetic(.add, panel.firstRow, builder.arithmetic(.add, row, ahead))
    for operation in slice.operations {
      let read = source.operations[operation]
      guard read.opcode == .read, slice.analysis.kind(read.results[0]) == .varying else { continue }
      inScope { scheduler in
        scheduler.bind(
          plan.contraction.rowAxes, to: scheduler.indices(ofRow: next, plan.rowExtents), plan)
        scheduler.values.insert(term, for: index)
        let indices = read.operands.dropFirst().map { scheduler.demanded($0) }
        let place = scheduler.place(ofRead: read.operands[0], at: indices)
        scheduler.builder.emit(.prefetch, place)
      }
    }
  }

  /// Packs what comes after the runs of the row that is bound four terms at a time, if terms are
  /// packed as they are; returns where it stops.
  private mutating func packPartRuns(
    _ plan: ContractionPlan, _ part: DepthBlock, _ panel: RowPanel, _ row: Value, from start: Value,
    after end: Value
  ) -> Value {
    let width = 4
    guard plan.dot == nil, plan.runTerms > width else { return end }
    let rest = builder.arithmetic(.bitAnd, part.terms, integer(width - 1))
    let last = builder.arithmetic(.subtract, part.terms, rest)
    loop(from: end, to: last, by: integer(width), name: "depth") { scheduler, term in
      let first = scheduler.builder.arithmetic(.add, start, term)
      let place = scheduler.rowPlace(plan, panel.buffer, panel.place, term)(&scheduler, row)
      scheduler.emitRun(
        of: plan.rowFactor, along: plan.reducedIndices[0], lanes: width, from: first
      ) { scheduler, vector in
        scheduler.builder.emit(.vectorStore, [vector] + place)
      } single: { scheduler, lane, value in
        let element = scheduler.builder.arithmetic(.add, place.last!, lane)
        scheduler.builder.emit(.store, [value] + place.dropLast() + [element])
      }
    }
    return last
  }

  // MARK: One by one

  /// Stores a term of the row that is bound, the one numbered `number` of a block.
  private mutating func storeFactor(
    _ plan: ContractionPlan, _ panel: RowPanel, _ row: Value, _ term: DepthTerm, at number: Value
  ) {
    let packed = factor(plan, term, .scalar(plan.rowType)) { scheduler in
      scheduler.packedRow(plan, scheduler.demanded(plan.rowFactor))
    }
    let place = rowPlace(plan, panel.buffer, panel.place, number)
    builder.emit(.store, [packed] + place(&self, row))
  }

  /// The number that the first term at a position of a block's depth has there, and those that follow.
  private mutating func termNumbers(_ plan: ContractionPlan, _ position: Value) -> [Value] {
    let first = product([position, integer(plan.termsTogether)])
    return (0..<plan.termsTogether).map { folded(.add, first, integer($0)) }
  }

  /// Packs a panel of which all rows exist, all rows of a position together: so the reduced indices
  /// are counted once for them, and neighbours are stored.
  private mutating func packFullPanel(
    _ plan: ContractionPlan, _ part: DepthBlock, _ panel: RowPanel
  ) {
    let rows = (0..<plan.tileRows).map { step in
      indices(
        ofRow: builder.arithmetic(.add, panel.firstRow, integer(step)), plan.rowExtents)
    }
    depthLoop(plan, part) { scheduler, position, terms in
      for (term, number) in zip(terms, scheduler.termNumbers(plan, position)) {
        for (step, row) in rows.enumerated() {
          scheduler.inScope { scheduler in
            scheduler.bind(plan.contraction.rowAxes, to: row, plan)
            scheduler.storeFactor(
              plan, panel, scheduler.integer(step), term, at: number)
          }
        }
      }
    }
  }

  /// Packs the last panel, with zeros for the rows that it lacks.
  private mutating func packRowsOneByOne(
    _ plan: ContractionPlan, _ part: DepthBlock, _ panel: RowPanel
  ) {
    loop(from: integer(0), to: integer(plan.tileRows), name: "row") { scheduler, place in
      let row = scheduler.builder.arithmetic(.add, panel.firstRow, place)
      let exists = scheduler.builder.compare(.less, row, plan.rows)
      scheduler.choose(exists) { scheduler in
        let rows = scheduler.indices(ofRow: row, plan.rowExtents)
        scheduler.bind(plan.contraction.rowAxes, to: rows, plan)
        scheduler.depthLoop(plan, part) { scheduler, position, terms in
          for (term, number) in zip(terms, scheduler.termNumbers(plan, position)) {
            scheduler.storeFactor(plan, panel, place, term, at: number)
          }
        }
      } otherwise: { scheduler in
        let zero = scheduler.zeroNumber(plan.rowType)
        let together = scheduler.integer(plan.termsTogether)
        let end = scheduler.product([part.depth, together])
        scheduler.loop(from: scheduler.integer(0), to: end) { scheduler, term in
          let target = scheduler.rowPlace(plan, panel.buffer, panel.place, term)
          scheduler.builder.emit(.store, [zero] + target(&scheduler, place))
        }
      }
    }
  }
}

/// Where a panel of rows is packed.
private struct RowPanel {
  var buffer: Value
  /// Which panel of the buffer it is.
  var place: Value
  /// The row of the product that is its first.
  var firstRow: Value
}
