import TesseraIR

/// Convolutions of groups that read their windows where they lie, see `Windows`, where a row does
/// not fill registers: these go from one row of an image to the next.
///
///     for each image and group, in several threads
///       copy what the windows of a channel span, zeros outside:
///       [channel][phase of rows][phase of columns][row][column]
///       for each panel of filters
///         for each panel of columns, of which those of a row are as many as the copy has
///           multiply as the contraction engine does, and keep the sums
///         for each row of results
///           finish those sums that windows begin at
///
/// A phase has every a-th row, or every b-th column: so neighbouring windows are neighbours in memory,
/// and those of the next row follow at the length of a row. Windows that begin where a row has no
/// result are computed in vain: two in a row of 3×3.
extension Scheduler {
  /// Emits `content`, the contraction that `windows` are of, into `buffers`.
  mutating func emitPlanes(
    _ content: Operation, _ windows: Windows, into buffers: [Value],
    notTransformed obstacle: Winograd.Obstacle
  ) {
    let (height, width) = (
      demanded(content.operands[windows.vertical]), demanded(content.operands[windows.horizontal])
    )
    let above = folded(.subtract, height, integer(1))
    let columns = folded(.add, product([above, phaseLength(windows, width)]), width)
    let rows = windows.contraction.rowAxes.map { knownNumber(demanded(content.operands[$0])) }
    // Groups have few filters, of which the usual tile would leave rows empty.
    let vectors = rows.contains(nil) && target.productTile.vectors < 3 ? 3 : nil
    var plan = contractionPlan(
      content, windows.contraction, columns: columns, vectors: vectors)
    remarkWindows(content, plan, windows, notTransformed: obstacle)
    let layout = windowLayout(windows, &plan, byRuns: false)
    let ahead = packRowsAhead(plan, ofGroups: true)
    let images = plan.contraction.batchAxes.map { plan.extents[$0] }
    let cuts = quotient(integer(Self.usualImages), roundedUpBy: atLeastOne(product(images)))
    let share = quotient(
      plan.rowPanels, roundedUpBy: atLeastOne(folded(.minimum, cuts, plan.rowPanels)))
    let blocks = quotient(plan.rowPanels, roundedUpBy: atLeastOne(share))
    var memory: PlaneMemory?
    spreadRows(
      images + [blocks], names: images.map { _ in nil } + ["rowBlock"], of: integer(1),
      cost: planeCost(plan, blocks)
    ) { scheduler in
      memory = scheduler.planeMemory(plan, layout, hasRows: ahead != nil)
    } _: { scheduler, task in
      guard let memory else { preconditionFailure("no memory") }
      scheduler.bind(plan.contraction.batchAxes, to: task.dropLast(), plan)
      let first = scheduler.product([task.last!, share])
      let end = scheduler.least(
        scheduler.builder.arithmetic(.add, first, share), plan.rowPanels)
      scheduler.depthBlocks(plan) { scheduler, part in
        scheduler.copyChannels(plan, memory.copy, part)
        var panels = ContractionPanels(
          rows: memory.rows, columns: .windows(memory.copy), sums: memory.sums)
        scheduler.takeRows(ahead, plan, part, ofGroups: true, into: &panels)
        scheduler.loop(from: first, to: end, name: "rowPanel") { scheduler, row in
          if let rows = memory.rows { scheduler.packRows(plan, row, part, into: rows, at: row) }
          scheduler.multiplyPlane(content, plan, panels, part, row, memory, buffers)
        }
      }
    }
  }

  /// How many images there are at least where each is done by one task.
  private static var usualImages: Int64 { 16 }

  /// About how many operations a task is.
  private func planeCost(_ plan: ContractionPlan, _ blocks: Value) -> Int {
    let known = [plan.rows, plan.columns, plan.depth].map { min(knownNumber($0) ?? 64, 1 << 12) }
    return Int(
      known.reduce(1, *) / Int64(plan.lanes) / max(1, knownNumber(blocks) ?? 1))
  }

  /// Makes the memory of a task.
  private mutating func planeMemory(
    _ plan: ContractionPlan, _ layout: WindowLayout, hasRows: Bool
  ) -> PlaneMemory {
    let columns = product([plan.columnPanels, integer(plan.tileColumns)])
    return PlaneMemory(
      copy: allocateCopy(layout, plan),
      rows: hasRows ? nil : allocateRowPanels(plan, plan.rowPanels, name: "rows"),
      sums: allocateSums(plan),
      plane: allocate(
        .tensor(
          .scalar(plan.contraction.element), [.constant(plan.tileRows), .dynamic]),
        [integer(plan.tileRows), columns], name: "plane"))
  }

  /// Multiplies a panel of rows with all columns over a block of the depth, and finishes the results of
  /// it after the last one.
  private mutating func multiplyPlane(
    _ content: Operation, _ plan: ContractionPlan, _ panels: ContractionPanels, _ part: DepthBlock,
    _ row: Value, _ memory: PlaneMemory, _ buffers: [Value]
  ) {
    loop(from: integer(0), to: plan.columnPanels, name: "columnPanel") { scheduler, column in
      let first = scheduler.product([column, scheduler.integer(plan.tileColumns)])
      scheduler.chooseTile(plan, row) { scheduler, plan in
        scheduler.multiplyTile(plan, panels, part, row, column, soon: nil) { scheduler, sums in
          guard case .registers(let registers) = sums else {
            preconditionFailure("sums of f32 and f64 are in registers")
          }
          for (place, sum) in zip(plan.registerTile.places, registers) {
            let column = scheduler.folded(.add, first, scheduler.integer(place.column))
            scheduler.builder.emit(
              .vectorStore, [sum, memory.plane, scheduler.integer(place.row), column])
          }
        }
      }
    }
    if knownNumber(plan.depthBlocks) == 1 {
      return finishPlane(plan, content, buffers, row, memory)
    }
    let last = builder.arithmetic(.subtract, plan.depthBlocks, integer(1))
    choose(builder.compare(.equal, part.number, last)) {
      $0.finishPlane(plan, content, buffers, row, memory)
    }
  }

  /// Finishes and stores the results of a panel of rows.
  private mutating func finishPlane(
    _ plan: ContractionPlan, _ content: Operation, _ buffers: [Value], _ rowPanel: Value,
    _ memory: PlaneMemory
  ) {
    let windows = memory.copy.layout.windows
    let first = firstRow(plan, rowPanel)
    let tileRows = integer(plan.tileRows)
    let count =
      hasFullPanels(plan)
      ? tileRows : least(builder.arithmetic(.subtract, plan.rows, first), tileRows)
    let ranges = [("row", count), ("line", plan.extents[windows.vertical])].map {
      IndexRange(lower: integer(0), upper: $0.1, step: integer(1), name: $0.0)
    }
    nest(ranges) { scheduler, indices in
      let row = scheduler.builder.arithmetic(.add, first, indices[0])
      scheduler.bind(
        plan.contraction.rowAxes, to: scheduler.indices(ofRow: row, plan.rowExtents), plan)
      let start = scheduler.product([indices[1], memory.copy.layout.phaseLength])
      let width = plan.extents[windows.horizontal]
      scheduler.inRuns(of: width, most: plan.lanes) { scheduler, column, lanes in
        scheduler.inScope { scheduler in
          let place = scheduler.sum([start, column])
          let columns = [indices[1], column]
          let isRun =
            lanes > 1
            && scheduler.finishRun(
              plan, content, buffers, memory.plane, indices[0], place, columns, lanes)
          if isRun { return }
          scheduler.loop(from: scheduler.integer(0), to: scheduler.integer(lanes), name: "lane") {
            scheduler, lane in
            scheduler.finishElement(
              plan, content, buffers, memory.plane, indices[0], scheduler.sum([place, lane]),
              [indices[1], scheduler.sum([column, lane])])
          }
        }
      }
    }
  }

  /// Runs `body` for neighbours that cover a row of `length`, the last ones perhaps once more, with the
  /// first of them: `most` at a time, or else as many as the row has.
  private mutating func inRuns(
    of length: Value, most: Int, _ body: (inout Scheduler, _ first: Value, _ lanes: Int) -> Void
  ) {
    if let known = knownNumber(length) {
      return known < most && most > 1
        ? inRuns(of: length, most: most / 2, body) : inRuns(of: length, each: most, body)
    }
    if most == 1 { return inRuns(of: length, each: 1, body) }
    choose(length, isAtLeast: most) {
      $0.inRuns(of: length, each: most, body)
    } otherwise: {
      $0.inRuns(of: length, most: most > 4 ? 4 : 1, body)
    }
  }

  /// The same by so many `lanes`, of which there are at least one run.
  private mutating func inRuns(
    of length: Value, each lanes: Int,
    _ body: (inout Scheduler, _ first: Value, _ lanes: Int) -> Void
  ) {
    let step = Int64(lanes)
    if let known = knownNumber(length), known <= Self.mostWrittenRuns * step {
      for first in stride(from: 0, to: known, by: lanes) {
        body(&self, integer(min(first, known - step)), lanes)
      }
      return
    }
    let last = folded(.subtract, length, integer(step))
    loop(from: integer(0), to: length, by: integer(step), name: "column") { scheduler, first in
      body(&scheduler, lanes == 1 ? first : scheduler.least(first, last), lanes)
    }
  }

  /// Up to how many runs of a row are written out.
  private static var mostWrittenRuns: Int64 { 4 }

  /// Copies a row that is bound. The first and the last element, which mostly lie outside, go alone, so
  /// that runs lie inside.
  mutating func copyShortRow(_ plan: ContractionPlan, _ copy: WindowCopy, to start: Value) {
    let layout = copy.layout
    let (zero, one) = (integer(0), integer(1))
    let last = folded(.subtract, layout.span, one)
    let step = layout.windows.columnStep
    copyOneByOne(plan, copy, from: zero, to: one, at: start)
    let phases = divided(folded(.subtract, last, one), by: integer(step))
    inRuns(of: phases, most: plan.lanes) { scheduler, first, lanes in
      let position = scheduler.sum([one, scheduler.product([first, scheduler.integer(step)])])
      scheduler.copyRun(plan, copy, from: position, lanes: lanes, at: start)
    }
    let rest = folded(.add, product([phases, integer(step)]), one)
    copyOneByOne(plan, copy, from: rest, to: layout.span, at: start)
  }

  /// Loads the registers of a tile's columns, one behind the other.
  mutating func planeVectors(
    _ plan: ContractionPlan, _ copy: WindowCopy, _ columnPanel: Value
  ) -> ColumnVectors {
    let start = product([columnPanel, integer(plan.tileColumns)])
    return { scheduler, position in
      let offset = scheduler.builder.emit(
        .load, [copy.layout.offsets, position], results: [.index])[0]
      let first = scheduler.builder.arithmetic(.add, start, offset)
      return (0..<plan.registerTile.vectors).map { vector in
        let place = scheduler.folded(.add, first, scheduler.integer(vector * plan.lanes))
        return scheduler.builder.emit(
          .vectorLoad, [copy.buffer, place], results: [plan.vector])[0]
      }
    }
  }
}

/// The memory of a task.
private struct PlaneMemory {
  let copy: WindowCopy
  /// The rows, if the task packs them.
  let rows: PackedPanels?
  /// The sums that wait for the next block of the depth.
  let sums: Value?
  /// The sums of a panel of rows: [row][column].
  let plane: Value
}
