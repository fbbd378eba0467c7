import TesseraIR

/// What a contraction is scheduled by: its tiles, panels and blocks, and the memory for them.
extension Scheduler {
  /// Settles tiles, panels and blocks; the tiles, and how many columns there are, where they are not
  /// given.
  mutating func contractionPlan(
    _ content: Operation, _ contraction: Contraction, columnsInPlace: Bool = false,
    tiles settled: WholeTiles? = nil, dot: DotForm? = nil, columns given: Value? = nil,
    vectors: Int? = nil
  ) -> ContractionPlan {
    let extents = content.operands.map { demanded($0) }
    let box = ReductionBox(contraction.reduction, source)
    let ranges = ranges(of: box) { $0.demanded($1) }
    let counts = ranges.map { count(of: $0) }
    let rows = product(contraction.rowAxes.map { extents[$0] })
    let columns = given ?? product(contraction.columnAxes.map { extents[$0] })
    let terms = product(counts)
    let depth = dot.map { blocks(of: terms, $0.terms) } ?? terms
    let sums = contraction.sums.count
    var far = columnsInPlace ? farBlocking(columns, depth, contraction.element) : nil
    if let vectors = far?.vectors, !vectors.isMultiple(of: sums) { far = nil }
    let greatestDepth = choice.number(
      .blockDepth, usually: far?.depth ?? Self.greatestBlockDepth)
    let depthBlocks = atLeastOne(blocks(of: depth, greatestDepth))
    var tile = RegisterTile(
      contraction.element, rows: knownNumber(rows),
      columns: knownNumber(columns), sums: sums,
      vectors: vectors ?? far?.vectors, on: target)
    if let vectors = choice[.tileVectors], vectors.isMultiple(of: sums) {
      (tile.rows, tile.vectors) = (target.productTileRows(vectors: vectors), vectors)
    }
    if let settled { tile = settled.tile }
    // Runs of the depth are whole but for the last one's.
    let runs = blocks(of: quotient(depth, roundedUpBy: depthBlocks), tile.lanes)
    let isOneBlock = knownNumber(depthBlocks) == 1
    return ContractionPlan(
      contraction: contraction, sumCount: sums, dot: dot,
      parameters: source.regions[content.regions[0]].parameters,
      reducedIndices: box.indices, extentSources: content.operands, extents: extents,
      ranges: ranges, counts: counts,
      registerTile: tile, tileRows: tile.rows, lowerTiles: settled?.lower,
      rows: rows, columns: columns, terms: terms, depth: depth,
      rowPanels: settled.map { integer($0.count) } ?? blocks(of: rows, tile.rows),
      columnPanels: blocks(of: columns, tile.columns / sums),
      greatestDepth: greatestDepth, depthBlocks: depthBlocks,
      blockDepth: isOneBlock ? depth : product([runs, integer(tile.lanes)]))
  }

  /// The first row of a panel.
  mutating func firstRow(_ plan: ContractionPlan, _ panel: Value) -> Value {
    let first = product([panel, integer(plan.tileRows)])
    guard plan.lastRowsRepeat else { return folded(.add, first, integer(plan.rowOffset)) }
    return least(first, folded(.subtract, plan.rows, integer(plan.tileRows)))
  }

  /// `true` iff every panel of rows is known to be full.
  func hasFullPanels(_ plan: ContractionPlan) -> Bool {
    plan.lastRowsRepeat || isMultiple(plan.rows, plan.tileRows)
  }

  /// `true` iff all rows of every tile are known to exist.
  func hasFullTiles(_ plan: ContractionPlan) -> Bool {
    plan.tileRows == plan.registerTile.rows
      && (plan.lowerTiles != nil || hasFullPanels(plan))
  }

  /// The most reduced indices between two packings: one pass over the results costs more than panels
  /// that come from the second cache.
  private static var greatestBlockDepth: Int64 { 1280 }

  /// Memory for sums that wait for the next block of the depth; none where there is one.
  mutating func allocateSums(_ plan: ContractionPlan) -> Value? {
    if knownNumber(plan.depthBlocks) == 1 { return nil }
    let more = builder.arithmetic(.subtract, plan.depthBlocks, integer(1))
    let needed = builder.arithmetic(.minimum, more, integer(1))
    return allocate(
      .tensor(
        .scalar(plan.contraction.element),
        [.dynamic, .dynamic, .constant(plan.tileRows), .constant(plan.panelColumns)]),
      [
        product([plan.rowPanels, needed]), plan.columnPanels, integer(plan.tileRows),
        integer(plan.panelColumns),
      ], name: "sums")
  }

  /// Memory for so many column panels.
  mutating func allocateColumnPanels(
    _ plan: ContractionPlan, _ count: Value, name: String
  ) -> PackedPanels {
    let length = plan.panelColumns * plan.termsTogether
    let buffer = allocate(
      .tensor(.scalar(plan.columnType), [.dynamic, .dynamic, .constant(length)]),
      [count, plan.blockDepth, integer(length)], name: name)
    var panels = PackedPanels(buffer: buffer, exponents: allocateExponents(plan, count))
    if plan.dot.map({ $0.excess != 0 }) ?? false {
      panels.starts = allocate(
        .tensor(.scalar(plan.contraction.element), [.dynamic, .constant(plan.panelColumns)]),
        [count, integer(plan.panelColumns)], name: "starts")
    }
    return panels
  }
}
