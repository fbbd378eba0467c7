import TesseraIR

/// What the product of a tile fetches meanwhile: some of the column panel that comes next, which would
/// else be waited for.
struct NextPanel {
  var columns: Value
  var panel: Value
  /// The runs of the depth that tiles before this one went through.
  var firstRun: Value
  /// The elements that each run fetches, and those of a cache line.
  var step: Value
  var line: Int64

  /// Fetches what belongs to a run of the depth, unless each of its `positions` fetches a line: then
  /// returns what tells which one.
  func lines(
    during run: Value, positions: Int, _ scheduler: inout Scheduler
  ) -> ((inout Scheduler, _ position: Value) -> [Value])? {
    let first = scheduler.product([scheduler.builder.arithmetic(.add, firstRun, run), step])
    func place(_ element: Value, _ scheduler: inout Scheduler) -> [Value] {
      [columns, panel, scheduler.integer(0), scheduler.builder.arithmetic(.add, first, element)]
    }
    if scheduler.knownNumber(step) == Int64(positions) * line {
      return { scheduler, position in
        place(scheduler.product([position, scheduler.integer(line)]), &scheduler)
      }
    }
    func fetch(_ element: Value, _ scheduler: inout Scheduler) {
      scheduler.builder.emit(.prefetch, place(element, &scheduler))
    }
    if let step = scheduler.knownNumber(step) {
      for place in stride(from: 0, to: step, by: Int(line)) {
        fetch(scheduler.integer(place), &scheduler)
      }
      return nil
    }
    scheduler.loop(from: scheduler.integer(0), to: step, by: scheduler.integer(line)) {
      scheduler, place in
      fetch(place, &scheduler)
    }
    return nil
  }
}

extension Scheduler {
  /// How the tiles of a packed column panel together fetch the next one.
  mutating func nextPanel(
    _ plan: ContractionPlan, _ columns: ContractionColumns, _ column: Value, _ part: DepthBlock,
    rows: (first: Value, end: Value), row: Value, of most: Value
  ) -> NextPanel? {
    guard case .panels(let columns) = columns else { return nil }
    let runs = blocks(of: part.depth, plan.lanes)
    let done = builder.arithmetic(.subtract, row, rows.first)
    let length = integer(plan.runTerms * plan.panelColumns)
    return NextPanel(
      columns: columns.buffer, panel: builder.arithmetic(.add, column, integer(1)),
      firstRun: product([done, runs]), step: quotient(length, roundedUpBy: atLeastOne(most)),
      line: Int64(max(1, 64 / plan.columnType.byteCount)))
  }
}
