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
    let copy = windowCopy(windows, &plan, byRuns: wholeRows != nil)
    let ahead = wholeRows == nil ? packRowsAhead(plan) : nil
    let sums = allocateSums(plan)
    nestImages(plan) { scheduler in
      scheduler.depthBlocks(plan) { scheduler, part in
        scheduler.copyChannels(plan, copy, part)
        var panels = ContractionPanels(columns: .windows(copy), sums: sums)
        scheduler.takeRows(ahead, plan, part, into: &panels)
        scheduler.take(wholeRows, part, into: &panels)
        scheduler.multiplyPanels(plan, panels, part, [], columnsWait: false, content, buffers)
      }
    }
  }

  /// Settles how many channels are copied at a time, and makes the memory and the table for them.
  ///
  /// - Parameter byRuns: whether each block of the depth begins with a run of rows.
  private mutating func windowCopy(
    _ windows: Windows, _ plan: inout ContractionPlan, byRuns: Bool
  ) -> WindowCopy {
    let columnStep = integer(windows.columnStep)
    let width = plan.extents[windows.horizontal]
    let span = folded(
      .add, product([columnStep, folded(.subtract, width, integer(1))]),
      integer(windows.columnCount))
    let phaseLength = folded(
      .add, width, integer((windows.columnCount - 1) / windows.columnStep))
    let rowLength = product([columnStep, phaseLength])
    let channelCounts = Array(plan.counts.dropLast(2))
    let channels = product(channelCounts)
    let height = plan.extents[windows.vertical]
    let more = integer(windows.rowCount - windows.step)
    let rows = folded(.add, product([height, integer(windows.step)]), more)
    let channelLength = product([rows, rowLength])
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
    let element = ElementType.scalar(plan.contraction.element)
    let buffer = allocate(
      .tensor(element, [.dynamic]), [product([blockChannels, channelLength])], name: "windows")
    let copy = WindowCopy(
      windows: windows, channelCounts: channelCounts, span: span, phaseLength: phaseLength,
      rowLength: rowLength, blockChannels: blockChannels, rows: rows,
      channelLength: channelLength, buffer: buffer,
      offsets: allocate(.tensor(.scalar(.i64), [.dynamic]), [plan.blockDepth], name: "offsets"))
    fillOffsets(plan, copy)
    return copy
  }

  /// Fills the table of where the element of each term of a block lies.
  private mutating func fillOffsets(_ plan: ContractionPlan, _ copy: WindowCopy) {
    let windows = copy.windows
    let counts = [windows.rowCount, windows.columnCount]
    let lengths =
      [copy.blockChannels] + (windows.columnIsLast ? counts : counts.reversed()).map { integer($0) }
    loop(from: integer(0), to: plan.blockDepth, name: "depth") { scheduler, position in
      let indices = scheduler.indices(ofRow: position, lengths)
      let (row, column) = windows.columnIsLast ? (indices[1], indices[2]) : (indices[2], indices[1])
      let place = scheduler.sum([
        scheduler.product([indices[0], copy.channelLength]),
        scheduler.product([row, copy.rowLength]),
        scheduler.place(copy, column),
      ])
      scheduler.builder.emit(.store, [place, copy.offsets, position])
    }
  }

  /// Where in a row of the copy an element is.
  private mutating func place(_ copy: WindowCopy, _ position: Value) -> Value {
    if copy.windows.columnStep == 1 { return position }
    let step = integer(copy.windows.columnStep)
    let phase = builder.arithmetic(.remainder, position, step)
    return sum([product([phase, copy.phaseLength]), divided(position, by: step)])
  }

  private mutating func sum(_ terms: [Value]) -> Value {
    terms.dropFirst().reduce(terms[0]) { folded(.add, $0, $1) }
  }

  // MARK: Copying

  /// Copies the channels of a block.
  private mutating func copyChannels(
    _ plan: ContractionPlan, _ copy: WindowCopy, _ part: DepthBlock
  ) {
    let windows = copy.windows
    let first = product([part.number, copy.blockChannels])
    let count = divided(part.depth, by: integer(windows.windowSize))
    spread([count], names: ["channel"], cost: 1 << 14) { scheduler, place in
      let channel = scheduler.builder.arithmetic(.add, first, place[0])
      scheduler.bindChannels(plan, copy, to: channel)
      let start = scheduler.product([place[0], copy.channelLength])
      scheduler.loop(from: scheduler.integer(0), to: copy.rows, name: "windowRow") {
        scheduler, row in
        let step = scheduler.integer(windows.step)
        scheduler.values.insert(
          scheduler.divided(row, by: step), for: plan.parameters[windows.vertical])
        scheduler.values.insert(
          windows.step == 1
            ? scheduler.integer(0) : scheduler.builder.arithmetic(.remainder, row, step),
          for: windows.row)
        scheduler.values.insert(scheduler.integer(0), for: plan.parameters[windows.horizontal])
        let rowStart = scheduler.product([row, copy.rowLength])
        scheduler.copyRow(
          plan, copy, to: scheduler.builder.arithmetic(.add, start, rowStart))
      }
    }
  }

  /// Binds the reduced indices but a window's to those of a channel.
  private mutating func bindChannels(
    _ plan: ContractionPlan, _ copy: WindowCopy, to channel: Value
  ) {
    let steps = indices(ofRow: channel, copy.channelCounts)
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
    let windows = copy.windows
    let run = windows.columnStep * Int64(plan.lanes)
    let (zero, lead) = (integer(0), integer(1))
    let runs = divided(folded(.subtract, copy.span, lead), by: integer(run))
    let end = folded(.add, lead, product([runs, integer(run)]))
    copyOneByOne(plan, copy, from: zero, to: lead, at: start)
    loop(from: lead, to: end, by: integer(run), name: "column") {
      scheduler, first in
      scheduler.emitRun(
        of: plan.contraction.columnFactor, along: windows.column, lanes: Int(run), from: first
      ) { scheduler, vector in
        for phase in 0..<windows.columnStep {
          let lanes =
            run == plan.lanes
            ? vector
            : scheduler.builder.emit(
              .pickLanes, [vector], results: [plan.vector], attribute: .integer(phase))[0]
          let position = scheduler.folded(.add, first, scheduler.integer(phase))
          let place = scheduler.sum([start, scheduler.place(copy, position)])
          scheduler.builder.emit(.vectorStore, [lanes, copy.buffer, place])
        }
      } single: { scheduler, lane, value in
        let position = scheduler.builder.arithmetic(.add, first, lane)
        let place = scheduler.sum([start, scheduler.place(copy, position)])
        scheduler.builder.emit(.store, [value, copy.buffer, place])
      }
    }
    copyOneByOne(plan, copy, from: end, to: copy.span, at: start)
    // What no window spans is read with others, and used for nothing.
    loop(from: copy.span, to: copy.rowLength, name: "column") {
      scheduler, position in
      let place = scheduler.sum([start, scheduler.place(copy, position)])
      let zero = scheduler.zeroNumber(plan.contraction.element)
      scheduler.builder.emit(.store, [zero, copy.buffer, place])
    }
  }

  private mutating func copyOneByOne(
    _ plan: ContractionPlan, _ copy: WindowCopy, from lower: Value, to upper: Value,
    at start: Value
  ) {
    if lower == upper { return }
    loop(from: lower, to: upper, name: "column") { scheduler, position in
      scheduler.values.insert(position, for: copy.windows.column)
      let value = scheduler.demanded(plan.contraction.columnFactor)
      let place = scheduler.sum([start, scheduler.place(copy, position)])
      scheduler.builder.emit(.store, [value, copy.buffer, place])
    }
  }

  // MARK: Reading

  /// Loads the registers of a tile's columns.
  mutating func windowVectors(
    _ plan: ContractionPlan, _ copy: WindowCopy, _ columnPanel: Value
  ) -> ColumnVectors {
    let windows = copy.windows
    let rowVectors = divided(plan.extents[windows.horizontal], by: integer(plan.lanes))
    let last = builder.arithmetic(
      .subtract, product([plan.extents[windows.vertical], rowVectors]), integer(1))
    let count = integer(plan.registerTile.vectors)
    let starts = (0..<plan.registerTile.vectors).map { vector -> Value in
      let number = sum([product([columnPanel, count]), integer(vector)])
      // Registers beyond the last window repeat it.
      let indices = indices(ofRow: least(number, last), [last, rowVectors])
      return sum([
        product([indices[0], integer(windows.step), copy.rowLength]),
        product([indices[1], integer(plan.lanes)]),
      ])
    }
    return { scheduler, position in
      let offset = scheduler.builder.emit(
        .load, [copy.offsets, position], results: [.index])[0]
      return starts.map { start in
        let place = [copy.buffer, scheduler.builder.arithmetic(.add, start, offset)]
        return scheduler.builder.emit(.vectorLoad, place, results: [plan.vector])[0]
      }
    }
  }
}

/// A copy of what the windows of some channels span.
struct WindowCopy {
  var windows: Windows
  /// The lengths of the reduced indices that number channels.
  var channelCounts: [Value]
  /// How many elements of a row the windows span, the length of the part of a row that holds every
  /// `columnStep`-th element, and the length of a row.
  var span: Value
  var phaseLength: Value
  var rowLength: Value
  /// The channels that are copied at a time, the rows of each, and its length.
  var blockChannels: Value
  var rows: Value
  var channelLength: Value
  /// The memory, and the places of a window's terms in it.
  var buffer: Value
  var offsets: Value
}
