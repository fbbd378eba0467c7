import TesseraIR

/// Convolutions that read their windows where they lie, see `Windows`.
///
///     for each image
///       for each block of channels
///         copy what the windows of a channel span, zeros outside, in several threads:
///         [channel][row][phase][column], a phase being every b-th element of a row
///         multiply as the contraction engine does, with columns read from the copy
///
/// A block's copy stays in the second cache. The registers of a tile begin where their first windows
/// do, and a table tells how far from there the element of a term lies.
extension Scheduler {
  /// Emits `content`, the contraction that `windows` are of, into `buffers`; or `otherwise` where a row
  /// of results turns out not to fill registers: it is given the rows that were packed ahead for both.
  mutating func emitWindows(
    _ content: Operation, _ windows: Windows, into buffers: [Value],
    notTransformed obstacle: Winograd.Obstacle,
    otherwise: (inout Scheduler, WholeRows?) -> Void
  ) {
    if windows.crossesRows {
      return emitPlanes(content, windows, into: buffers, notTransformed: obstacle)
    }
    let plan = contractionPlan(content, windows.contraction)
    remarkWindows(content, plan, windows, notTransformed: obstacle)
    guard windows.hasFreeWidth else {
      return emitWindows(content, windows, plan, wholeRows: nil, into: buffers)
    }
    let rows = packWholeRowsAhead(plan)
    let lanes = integer(plan.lanes)
    let rest = builder.arithmetic(.remainder, plan.extents[windows.horizontal], lanes)
    choose(builder.compare(.equal, rest, integer(0))) { scheduler in
      scheduler.emitWindows(content, windows, plan, wholeRows: rows, into: buffers)
    } otherwise: { scheduler in
      scheduler.withoutRemarks { otherwise(&$0, rows) }
    }
  }

  private mutating func emitWindows(
    _ content: Operation, _ windows: Windows, _ plan: ContractionPlan, wholeRows: WholeRows?,
    into buffers: [Value]
  ) {
    var plan = plan
    let layout = windowLayout(windows, &plan, byRuns: wholeRows != nil)
    let copy = allocateCopy(layout, plan)
    let ahead = wholeRows == nil ? packRowsAhead(plan, ofGroups: true) : nil
    let sums = allocateSums(plan)
    nestImages(plan) { scheduler in
      scheduler.depthBlocks(plan) { scheduler, part in
        scheduler.copyChannels(plan, copy, part)
        var panels = ContractionPanels(columns: .windows(copy), sums: sums)
        scheduler.takeRows(ahead, plan, part, ofGroups: true, into: &panels)
        scheduler.take(wholeRows, part, into: &panels)
        scheduler.multiplyPanels(plan, panels, part, [], columnsWait: false, content, buffers)
      }
    }
  }

  /// Settles how many channels are copied at a time, and makes the table for them.
  ///
  /// - Parameter byRuns: whether each block of the depth begins with a run of rows.
  mutating func windowLayout(
    _ windows: Windows, _ plan: inout ContractionPlan, byRuns: Bool
  ) -> WindowLayout {
    let columnStep = integer(windows.columnStep)
    let width = plan.extents[windows.horizontal]
    let span = folded(
      .add, product([columnStep, folded(.subtract, width, integer(1))]),
      integer(windows.columnCount))
    let phaseLength = phaseLength(windows, width)
    let rowLength = product([columnStep, phaseLength])
    let channelCounts = Array(plan.counts.dropLast(2))
    let channels = product(channelCounts)
    let height = plan.extents[windows.vertical]
    let step = integer(windows.step)
    let planeRows = folded(.add, height, integer((windows.rowCount - 1) / windows.step))
    let more = integer(windows.rowCount - windows.step)
    let rows = folded(.add, product([height, step]), more)
    let channelLength = product([
      windows.crossesRows ? product([planeRows, step]) : rows, rowLength,
    ])
    let bytes = Int64(target.cacheByteCounts[1] / 2)
    let elements = integer(bytes / Int64(plan.contraction.element.byteCount))
    var most = atLeastOne(divided(elements, by: atLeastOne(channelLength)))
    // Blocks of as many channels as a run has terms begin with a run.
    let run = integer(plan.lanes)
    if byRuns { most = product([atLeastOne(divided(most, by: run)), run]) }
    plan.depthBlocks = atLeastOne(quotient(channels, roundedUpBy: most))
    var blockChannels = quotient(channels, roundedUpBy: plan.depthBlocks)
    if byRuns {
      let runs = quotient(blockChannels, roundedUpBy: run)
      blockChannels = folded(.minimum, product([runs, run]), channels)
    }
    plan.blockDepth = product([blockChannels, integer(windows.windowSize)])
    let plane = product([planeRows, phaseLength])
    let layout = WindowLayout(
      windows: windows, channelCounts: channelCounts, span: span, phaseLength: phaseLength,
      columnPhase: windows.crossesRows ? plane : phaseLength,
      rowPhase: windows.crossesRows ? product([columnStep, plane]) : rowLength,
      rowLength: rowLength, blockChannels: blockChannels, rows: rows,
      channelLength: channelLength,
      offsets: allocate(.tensor(.scalar(.i64), [.dynamic]), [plan.blockDepth], name: "offsets"))
    fillOffsets(plan, layout)
    return layout
  }

  /// How many elements of a row a phase has.
  mutating func phaseLength(_ windows: Windows, _ width: Value) -> Value {
    folded(.add, width, integer((windows.columnCount - 1) / windows.columnStep))
  }

  /// Memory for a copy, and for what registers that cross rows read behind the last one.
  mutating func allocateCopy(_ layout: WindowLayout, _ plan: ContractionPlan) -> WindowCopy {
    let channels = product([layout.blockChannels, layout.channelLength])
    let length =
      layout.windows.crossesRows ? folded(.add, channels, integer(plan.tileColumns)) : channels
    let buffer = allocate(
      .tensor(.scalar(plan.contraction.element), [.dynamic]), [length], name: "windows")
    return WindowCopy(layout: layout, buffer: buffer)
  }

  /// Fills the table of where the element of each term of a block lies.
  private mutating func fillOffsets(_ plan: ContractionPlan, _ layout: WindowLayout) {
    let windows = layout.windows
    let counts = [windows.rowCount, windows.columnCount]
    let ordered = windows.columnIsLast ? counts : counts.reversed()
    let lengths = [layout.blockChannels] + ordered.map { integer($0) }
    loop(from: integer(0), to: plan.blockDepth, name: "depth") { scheduler, position in
      let indices = scheduler.indices(ofRow: position, lengths)
      let (row, column) = windows.columnIsLast ? (indices[1], indices[2]) : (indices[2], indices[1])
      let place = scheduler.sum([
        scheduler.product([indices[0], layout.channelLength]),
        scheduler.place(layout, ofRow: row),
        scheduler.place(layout, column),
      ])
      scheduler.builder.emit(.store, [place, layout.offsets, position])
    }
  }

  /// Where in a channel of the copy a row begins.
  private mutating func place(_ layout: WindowLayout, ofRow row: Value) -> Value {
    let windows = layout.windows
    if !windows.crossesRows { return product([row, layout.rowLength]) }
    if windows.step == 1 { return product([row, layout.phaseLength]) }
    let step = integer(windows.step)
    let phase = builder.arithmetic(.remainder, row, step)
    return sum([
      product([phase, layout.rowPhase]), product([divided(row, by: step), layout.phaseLength]),
    ])
  }

  /// Where in a row of the copy an element is.
  private mutating func place(_ layout: WindowLayout, _ position: Value) -> Value {
    if layout.windows.columnStep == 1 { return position }
    let step = integer(layout.windows.columnStep)
    let phase = builder.arithmetic(.remainder, position, step)
    return sum([product([phase, layout.columnPhase]), divided(position, by: step)])
  }

  mutating func sum(_ terms: [Value]) -> Value {
    terms.dropFirst().reduce(terms[0]) { folded(.add, $0, $1) }
  }

  // MARK: Copying

  /// Copies the channels of a block.
  mutating func copyChannels(
    _ plan: ContractionPlan, _ copy: WindowCopy, _ part: DepthBlock
  ) {
    let layout = copy.layout
    let windows = layout.windows
    let first = product([part.number, layout.blockChannels])
    let count = divided(part.depth, by: integer(windows.windowSize))
    spread([count], names: ["channel"], cost: 1 << 14) { scheduler, place in
      let channel = scheduler.builder.arithmetic(.add, first, place[0])
      scheduler.bindChannels(plan, layout, to: channel)
      let start = scheduler.product([place[0], layout.channelLength])
      scheduler.loop(from: scheduler.integer(0), to: layout.rows, name: "windowRow") {
        scheduler, row in
        let step = scheduler.integer(windows.step)
        scheduler.values.insert(
          scheduler.divided(row, by: step), for: plan.parameters[windows.vertical])
        scheduler.values.insert(
          windows.step == 1
            ? scheduler.integer(0) : scheduler.builder.arithmetic(.remainder, row, step),
          for: windows.row)
        scheduler.values.insert(scheduler.integer(0), for: plan.parameters[windows.horizontal])
        let rowStart = scheduler.place(layout, ofRow: row)
        scheduler.copyRow(
          plan, copy, to: scheduler.builder.arithmetic(.add, start, rowStart))
      }
    }
  }

  /// Binds the reduced indices but a window's to those of a channel.
  private mutating func bindChannels(
    _ plan: ContractionPlan, _ layout: WindowLayout, to channel: Value
  ) {
    let steps = indices(ofRow: channel, layout.channelCounts)
    for (axis, step) in steps.enumerated() {
      let range = plan.ranges[axis]
      let index = builder.arithmetic(.add, range.lower, product([step, range.step]))
      values.insert(index, for: plan.reducedIndices[axis])
    }
  }

  /// Copies a row that is bound; the first window's columns number its elements.
  ///
  /// The first element, which mostly lies outside, goes alone, so that runs lie inside.
  private mutating func copyRow(_ plan: ContractionPlan, _ copy: WindowCopy, to start: Value) {
    let (layout, windows) = (copy.layout, copy.layout.windows)
    let run = windows.columnStep * Int64(plan.lanes)
    let (zero, lead) = (integer(0), integer(1))
    if windows.crossesRows { return copyShortRow(plan, copy, to: start) }
    let runs = divided(folded(.subtract, layout.span, lead), by: integer(run))
    let end = folded(.add, lead, product([runs, integer(run)]))
    copyOneByOne(plan, copy, from: zero, to: lead, at: start)
    loop(from: lead, to: end, by: integer(run), name: "column") { scheduler, first in
      scheduler.copyRun(plan, copy, from: first, lanes: plan.lanes, at: start)
    }
    copyOneByOne(plan, copy, from: end, to: layout.span, at: start)
    clearEnd(plan, copy, at: start)
  }

  /// Clears what no window spans: it is read with others, and used for nothing.
  private mutating func clearEnd(_ plan: ContractionPlan, _ copy: WindowCopy, at start: Value) {
    let layout = copy.layout
    loop(from: layout.span, to: layout.rowLength, name: "column") {
      scheduler, position in
      let place = scheduler.sum([start, scheduler.place(copy.layout, position)])
      let zero = scheduler.zeroNumber(plan.contraction.element)
      scheduler.builder.emit(.store, [zero, copy.buffer, place])
    }
  }

  /// Copies so many `lanes` of each phase from the position `first` of a row on.
  mutating func copyRun(
    _ plan: ContractionPlan, _ copy: WindowCopy, from first: Value, lanes: Int, at start: Value
  ) {
    let windows = copy.layout.windows
    let run = windows.columnStep * Int64(lanes)
    emitRun(
      of: plan.contraction.columnFactor, along: windows.column, lanes: Int(run), from: first
    ) { scheduler, vector in
      for phase in 0..<windows.columnStep {
        let part =
          windows.columnStep == 1
          ? vector
          : scheduler.builder.emit(
            .pickLanes, [vector], results: [.vector(plan.contraction.element, lanes: lanes)],
            attribute: .integer(phase))[0]
        let position = scheduler.folded(.add, first, scheduler.integer(phase))
        let place = scheduler.sum([start, scheduler.place(copy.layout, position)])
        scheduler.builder.emit(.vectorStore, [part, copy.buffer, place])
      }
    } single: { scheduler, lane, value in
      let position = scheduler.builder.arithmetic(.add, first, lane)
      let place = scheduler.sum([start, scheduler.place(copy.layout, position)])
      scheduler.builder.emit(.store, [value, copy.buffer, place])
    }
  }

  mutating func copyOneByOne(
    _ plan: ContractionPlan, _ copy: WindowCopy, from lower: Value, to upper: Value,
    at start: Value
  ) {
    if lower == upper { return }
    loop(from: lower, to: upper, name: "column") { scheduler, position in
      scheduler.values.insert(position, for: copy.layout.windows.column)
      let value = scheduler.demanded(plan.contraction.columnFactor)
      let place = scheduler.sum([start, scheduler.place(copy.layout, position)])
      scheduler.builder.emit(.store, [value, copy.buffer, place])
    }
  }

  // MARK: Reading

  /// Loads the registers of a tile's columns.
  mutating func windowVectors(
    _ plan: ContractionPlan, _ copy: WindowCopy, _ columnPanel: Value
  ) -> ColumnVectors {
    let windows = copy.layout.windows
    if windows.crossesRows { return planeVectors(plan, copy, columnPanel) }
    let rowVectors = divided(plan.extents[windows.horizontal], by: integer(plan.lanes))
    let last = builder.arithmetic(
      .subtract, product([plan.extents[windows.vertical], rowVectors]), integer(1))
    let count = integer(plan.registerTile.vectors)
    let starts = (0..<plan.registerTile.vectors).map { vector -> Value in
      let number = sum([product([columnPanel, count]), integer(vector)])
      // Registers beyond the last window repeat it.
      let indices = indices(ofRow: least(number, last), [last, rowVectors])
      return sum([
        product([indices[0], integer(windows.step), copy.layout.rowLength]),
        product([indices[1], integer(plan.lanes)]),
      ])
    }
    return { scheduler, position in
      let offset = scheduler.builder.emit(
        .load, [copy.layout.offsets, position], results: [.index])[0]
      return starts.map { start in
        let place = [copy.buffer, scheduler.builder.arithmetic(.add, start, offset)]
        return scheduler.builder.emit(.vectorLoad, place, results: [plan.vector])[0]
      }
    }
  }
}

/// How what the windows of some channels span is copied.
struct WindowLayout {
  var windows: Windows
  /// The lengths of the reduced indices that number channels.
  var channelCounts: [Value]
  /// How many elements of a row the windows span, and the length of the part of a row that holds every
  /// `columnStep`-th element.
  var span: Value
  var phaseLength: Value
  /// How far it is from one phase of a row to the next, and, where registers cross rows, from the rows
  /// of a phase, of which each is a `phaseLength` behind the one before it, to those of the next.
  var columnPhase: Value
  var rowPhase: Value
  /// The length of all phases of a row.
  var rowLength: Value
  /// The channels that are copied at a time, the rows that their windows span, and the length of one; where
  /// registers cross rows, all phases have as many.
  var blockChannels: Value
  var rows: Value
  var channelLength: Value
  /// The places of a window's terms.
  var offsets: Value
}

/// A copy of what the windows of some channels span.
struct WindowCopy {
  let layout: WindowLayout
  let buffer: Value
}
