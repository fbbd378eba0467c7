import TesseraIR
import TesseraNumbers

/// Packing a factor that depends on constant parameters alone: all of it at once, ahead of all loops,
/// so that it can be done once for many calls.
extension Scheduler {
  /// Packs the rows, if that can be done ahead: those of all groups, where there are any, if they are
  /// asked for.
  mutating func packRowsAhead(_ plan: ContractionPlan, ofGroups: Bool = false) -> PackedPanels? {
    let contraction = plan.contraction
    let groups = ofGroups ? contraction.sharedAxes : []
    guard isFixed(contraction.rowFactor, contraction.rowAxes + groups, plan) else { return nil }
    let counts = groups.map { plan.extents[$0] }
    let packed = allocateRowPanels(
      plan, product(counts + [plan.depthBlocks, plan.rowPanels]), name: "packedRows")
    let ranges = counts.map {
      IndexRange(lower: integer(0), upper: $0, step: integer(1), name: "group")
    }
    nest(ranges) { scheduler, indices in
      scheduler.bind(groups, to: indices, plan)
      scheduler.depthBlocks(plan) { scheduler, part in
        let number = scheduler.number(of: part, plan, ofGroups: ofGroups)
        let panels = scheduler.rowPanels(packed, plan, number)
        scheduler.packPanels(plan, part, UnpackedPanels(rows: panels))
      }
    }
    return packed
  }

  /// The number of a block of the depth among those of all groups, if they are asked for: those of the group
  /// that is bound follow those of the groups before it.
  private mutating func number(
    of part: DepthBlock, _ plan: ContractionPlan, ofGroups: Bool
  ) -> Value {
    let groups = plan.contraction.sharedAxes
    guard ofGroups, !groups.isEmpty else { return part.number }
    let indices = groups.map { value(of: plan.parameters[$0]) }
    let group = place(of: indices, in: groups.map { plan.extents[$0] })
    return folded(.add, product([group, plan.depthBlocks]), part.number)
  }

  /// Packs the rows for all of the depth as one block, if that can be done ahead: where blocks are as
  /// deep as the run says.
  mutating func packWholeRowsAhead(_ plan: ContractionPlan) -> WholeRows? {
    var whole = plan
    (whole.depthBlocks, whole.blockDepth) = (integer(1), atLeastOne(plan.depth))
    return packRowsAhead(whole).map { WholeRows(panels: $0, lanes: plan.lanes) }
  }

  /// Lets `panels` have the rows of one block of the depth, if those of all depth were packed ahead.
  mutating func take(
    _ rows: WholeRows?, _ part: DepthBlock, into panels: inout ContractionPanels
  ) {
    guard let rows else { return }
    panels.rows = rows.panels
    panels.firstRun = divided(part.start, by: integer(rows.lanes))
    panels.rowsAreFar = true
  }

  /// Packs the columns, if that can be done ahead.
  mutating func packColumnsAhead(_ plan: ContractionPlan) -> PackedPanels? {
    guard hasFixedColumns(plan) else { return nil }
    let packed = allocateColumnPanels(
      plan, product([plan.depthBlocks, plan.columnPanels]), name: "packedColumns")
    depthBlocks(plan) { scheduler, part in
      let panels = scheduler.columnPanels(packed, plan, part.number)
      scheduler.packPanels(plan, part, UnpackedPanels(columns: panels))
    }
    return packed
  }

  /// Lets `panels` have the rows of one block of the depth, if they were packed ahead: those of the
  /// group that is bound, where those of all groups were.
  mutating func takeRows(
    _ packed: PackedPanels?, _ plan: ContractionPlan, _ part: DepthBlock, ofGroups: Bool = false,
    into panels: inout ContractionPanels
  ) {
    guard let packed else { return }
    panels.rows = rowPanels(packed, plan, number(of: part, plan, ofGroups: ofGroups))
    let sizes = [plan.rows, plan.depth].compactMap { knownNumber($0) }
    let bytes = sizes.reduce(Int64(plan.contraction.element.byteCount)) {
      $0.multipliedReportingOverflow(by: $1).partialValue
    }
    panels.rowsAreFar = sizes.count < 2 || bytes > 2 * target.cacheByteCounts[1]
    panels.rowsMayBeNear = sizes.count < 2 || !panels.rowsAreFar
  }

  /// The row panels numbered `number` where `packed` has those of several blocks of the depth, or
  /// of several images.
  mutating func rowPanels(
    _ packed: PackedPanels, _ plan: ContractionPlan, _ number: Value
  ) -> PackedPanels {
    var own = PackedPanels(
      buffer: panels(
        packed.buffer, plan.rowType, number, [plan.rowPanels] + rowPanelLengths(plan)))
    own.exponents = packed.exponents.map { panels($0, .i32, number, [plan.rowPanels]) }
    return own
  }

  /// The column panels numbered `number` among those of several blocks of the depth, or of several
  /// images.
  mutating func columnPanels(
    _ packed: PackedPanels, _ plan: ContractionPlan, _ number: Value
  ) -> PackedPanels {
    let columns = Int64(plan.panelColumns)
    let length = integer(columns * Int64(plan.termsTogether))
    var own = PackedPanels(
      buffer: panels(
        packed.buffer, plan.columnType, number, [plan.columnPanels, plan.blockDepth, length]))
    own.starts = packed.starts.map {
      panels($0, plan.contraction.element, number, [plan.columnPanels, integer(columns)])
    }
    own.exponents = packed.exponents.map { panels($0, .i32, number, [plan.columnPanels]) }
    return own
  }

  private mutating func panels(
    _ packed: Value, _ type: ScalarType, _ number: Value, _ lengths: [Value]
  ) -> Value {
    let zeros = Array(repeating: integer(0), count: lengths.count - 1)
    let extents = lengths.map { length in
      knownNumber(length).map { Extent.constant(Int($0)) } ?? .dynamic
    }
    return builder.emit(
      .view, [packed, product([number, lengths[0]])] + zeros + lengths,
      results: [.buffer(.scalar(type), extents)])[0]
  }

  /// `true` iff the columns of all sums depend on constant parameters alone.
  func hasFixedColumns(_ plan: ContractionPlan) -> Bool {
    plan.ofEachSum(in: source).allSatisfy {
      isFixed($0.contraction.columnFactor, $0.contraction.columnAxes, $0)
    }
  }

  /// `true` iff `factor` depends on constant parameters and on the indices of `axes` and of the sum
  /// alone.
  func isFixed(_ factor: Value, _ axes: [Int], _ plan: ContractionPlan) -> Bool {
    let indices = axes.map { plan.parameters[$0] } + plan.reducedIndices
    return !fixed.isEmpty
      && plan.contraction.reduction.operands.allSatisfy {
        fixed.determine($0, with: [], in: source)
      }
      && axes.allSatisfy { fixed.determine(plan.extentSources[$0], with: [], in: source) }
      && fixed.determine(factor, with: Set(indices), in: source)
  }
}

/// Rows that were packed ahead for blocks of any depth, of which each begins with a run.
struct WholeRows {
  var panels: PackedPanels
  /// How long a run is.
  var lanes: Int
}

extension ContractionPlan {
  /// Makes the depth of blocks whole runs.
  mutating func blockByRuns(_ scheduler: inout Scheduler) {
    let runs = scheduler.blocks(of: blockDepth, lanes)
    blockDepth = scheduler.product([runs, scheduler.integer(lanes)])
    depthBlocks = scheduler.atLeastOne(
      scheduler.quotient(depth, roundedUpBy: scheduler.atLeastOne(blockDepth)))
  }
}
