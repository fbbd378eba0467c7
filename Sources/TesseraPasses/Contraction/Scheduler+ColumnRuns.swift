import TesseraIR

/// The neighbours among the columns of a tile: they are handled together where they lie in one row.
extension Scheduler {
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
      .add, product([panel, integer(plan.tileColumns)]), offset)
    let columns = indices(ofRow: first, plan.columnExtents)
    let length = integer(count)
    let end = builder.arithmetic(.add, columns.last!, length)
    let isInRow = builder.compare(.lessOrEqual, end, plan.columnExtents.last!)
    let isInside = builder.compare(
      .lessOrEqual, builder.arithmetic(.add, first, length), plan.columns)
    let isRun = builder.emit(.bitAnd, [isInRow, isInside], results: [.bool])[0]
    choose(isRun) { scheduler in
      run(&scheduler, columns, offset, count)
    } otherwise: { scheduler in
      let partLanes = 4
      let step = scheduler.integer(count > partLanes ? Int64(partLanes) : 1)
      scheduler.loop(from: scheduler.integer(0), to: length, by: step, name: "lane") {
        scheduler, lane in
        let place = scheduler.builder.arithmetic(.add, offset, lane)
        if count > partLanes {
          return scheduler.columnRun(
            plan, panel, place, lanes: partLanes, run: run, single: single, outside: outside)
        }
        let column = scheduler.builder.arithmetic(.add, first, lane)
        let exists = scheduler.builder.compare(.less, column, plan.columns)
        scheduler.choose(exists) { scheduler in
          single(&scheduler, place, scheduler.indices(ofRow: column, plan.columnExtents))
        } otherwise: { scheduler in
          outside(&scheduler, place)
        }
      }
    }
  }
}
