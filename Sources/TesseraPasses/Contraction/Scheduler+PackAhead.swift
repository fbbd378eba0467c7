import TesseraIR

/// Packing a factor that depends on constant parameters alone: all of it at once, ahead of all loops,
/// so that it can be done once for many calls.
extension Scheduler {
  /// Packs what can be packed ahead.
  mutating func packAhead(_ plan: ContractionPlan) -> PanelsAhead {
    var ahead = PanelsAhead()
    if fixed.isEmpty { return ahead }
    let contraction = plan.contraction
    guard contraction.reduction.operands.allSatisfy({ isFixed($0, [], plan) }) else {
      return ahead
    }
    if isFixed(contraction.rowFactor, contraction.rowAxes, plan) {
      ahead.rows = pack(plan, plan.rowPanels, plan.tileRows, name: "packedRows") {
        scheduler, panels, part in
        scheduler.packRows(plan, ContractionPanels(rows: panels, columns: panels), part)
      }
    }
    if isFixed(contraction.columnFactor, contraction.columnAxes, plan) {
      ahead.columns = pack(plan, plan.columnPanels, plan.tileColumns, name: "packedColumns") {
        scheduler, panels, part in
        scheduler.packColumns(plan, ContractionPanels(rows: panels, columns: panels), part)
      }
    }
    return ahead
  }

  /// The panels of one block of the depth among those that were packed ahead.
  mutating func panels(
    _ packed: Value, _ count: Value, _ tile: Int, _ plan: ContractionPlan, _ block: Value
  ) -> Value {
    let (zero, first) = (integer(0), product([block, count]))
    return builder.emit(
      .view, [packed, first, zero, zero, count, plan.blockDepth, integer(Int64(tile))],
      results: [.buffer(.scalar(plan.contraction.element), [.dynamic, .dynamic, .dynamic])])[0]
  }

  /// `true` iff `factor` depends on constant parameters and on the indices of `axes` and of the sum
  /// alone.
  private func isFixed(_ factor: Value, _ axes: [Int], _ plan: ContractionPlan) -> Bool {
    let indices = axes.map { plan.parameters[$0] } + plan.reducedIndices
    return axes.allSatisfy { fixed.determine(plan.extentSources[$0], with: [], in: source) }
      && fixed.determine(factor, with: Set(indices), in: source)
  }

  /// Packs every block of the depth: the panels of the first block, then those of the next.
  private mutating func pack(
    _ plan: ContractionPlan, _ count: Value, _ tile: Int, name: String,
    _ body: (inout Scheduler, _ panels: Value, _ part: DepthBlock) -> Void
  ) -> Value {
    let packed = allocate(
      .tensor(.scalar(plan.contraction.element), [.dynamic, .dynamic, .constant(tile)]),
      [product([plan.depthBlocks, count]), plan.blockDepth, integer(Int64(tile))], name: name)
    depthBlocks(plan) { scheduler, part in
      body(&scheduler, scheduler.panels(packed, count, tile, plan, part.number), part)
    }
    return packed
  }
}

/// The panels that were packed ahead: [depth block × panel][depth][row or column of the tile].
struct PanelsAhead {
  var rows: Value?
  var columns: Value?
}
