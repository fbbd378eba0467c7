import TesseraIR

/// Products of few rows with columns that come from far: these are read where they lie, row by row of
/// the terms, and once for all rows of the product.
extension Scheduler {
  /// Emits `content` as a sweep where the run finds few rows, or else as `usual` does.
  mutating func emitFewRows(
    _ content: Operation, _ contraction: Contraction, into buffers: [Value],
    else usual: (inout Scheduler) -> Void
  ) {
    guard let sweep = fewRows(content, contraction) else { return usual(&self) }
    let extents = content.operands.map { demanded($0) }
    let most = integer(narrowLanes(contraction))
    let areFew = builder.compare(.lessOrEqual, extents[contraction.rowAxes[0]], most)
    choose(areFew) { scheduler in
      scheduler.emitSweep(sweep, extents, buffers.map { Destination(buffer: $0) })
    } otherwise: { scheduler in
      usual(&scheduler)
    }
  }

  /// How `content` is swept over, if its rows turn out to be few; `nil` if it is known how many there
  /// are, for panels' tiles then read columns where they lie, if a factor is packed ahead, or if columns
  /// lie differently.
  func fewRows(_ content: Operation, _ contraction: Contraction) -> RowSweep? {
    guard contraction.rowAxes.count == 1, narrowLanes(contraction) > 1, contraction.narrow == nil,
      source.integerConstant(content.operands[contraction.rowAxes[0]]) == nil,
      !isPackedAhead(content, contraction), let plan = TilePlan(content, source, target),
      let sweep = RowSweep(content, plan, source, pointsAreFew: true),
      sweep.points?.axis == contraction.rowAxes[0]
    else { return nil }
    return sweep
  }

  /// `true` iff a factor depends on constant parameters alone.
  func isPackedAhead(_ content: Operation, _ contraction: Contraction) -> Bool {
    !fixed.isEmpty && fixed.determineFactor(of: contraction, content, in: source)
  }
}
