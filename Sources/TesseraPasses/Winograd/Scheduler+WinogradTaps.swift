import TesseraIR

/// Filters that are transformed where they are used, some channels of a panel at a time.
///
/// They take 9 numbers of memory in place of 16. Where all tiles are one block, each is used once a
/// call, and to transform it takes a small part of what its products take.
extension Scheduler {
  /// Whether the filters of `content` are kept as they are, and transformed where they are used: where
  /// that takes little time, if the function has so many constants that their memory counts. (With
  /// 1280 channels a convolution took a tenth longer at 16×16, and two fifths at 8×8.)
  func keepsTaps(_ content: Operation, _ winograd: Winograd) -> Bool {
    guard winograd.isPrepared, winograd.hasOneSetOfFilters, winograd.tileSize == 2 else {
      return false
    }
    if let isAhead = choice[.filtersAhead] { return isAhead == 0 }
    let lengths = [winograd.vertical, winograd.horizontal].map {
      source.integerConstant(content.operands[$0])
    }
    guard let height = lengths[0], let width = lengths[1], max(height, width) <= 1 << 16 else {
      return false
    }
    return (height + 1) / 2 * ((width + 1) / 2) <= Self.blockTiles
      && source.constantByteCount >= 1 << 30
  }

  /// Packs all filters into panels [panel][channel][9 · rows and some], element by element of a filter
  /// those of all rows.
  mutating func packTaps(_ plan: WinogradPlan) -> Value {
    let length = integer(plan.tapLength)
    let filters = allocate(
      .tensor(.scalar(.f32), [.dynamic, .dynamic, .constant(plan.tapLength)]),
      [plan.rowPanels, plan.channels, length], name: "kept")
    let cost = plan.tile.rows * 9 * 64
    spread([plan.rowPanels], names: ["rowPanel"], cost: cost) { scheduler, panel in
      scheduler.readTaps(plan, panel[0]) { scheduler, taps in
        scheduler.loop(from: scheduler.integer(0), to: taps.count, name: "channel") {
          scheduler, number in
          let channel = scheduler.builder.arithmetic(.add, taps.first, number)
          for tap in 0..<9 {
            let place = taps.place(
              scheduler.integer(tap / 3), tap % 3, of: number, plan, &scheduler)
            let vector = scheduler.builder.emit(
              .vectorLoad, place, results: [.vector(.f32, lanes: plan.filterLanes)])
            let offset = scheduler.integer(plan.tapOffset(tap))
            scheduler.builder.emit(.vectorStore, vector + [filters, panel[0], channel, offset])
          }
        }
      }
    }
    return filters
  }

  /// Memory for what some channels of a panel become: [frequency][channel][row].
  mutating func tapScratch(_ plan: WinogradPlan) -> Value {
    let frequencies = plan.winograd.frequencies
    // One channel is not used: with it frequencies lie so that the nearest cache holds all of them.
    let channels = plan.transformedChannels + 1
    return allocate(
      .tensor(
        .scalar(.f32),
        [.constant(frequencies), .constant(Int(channels)), .constant(plan.filterLanes)]),
      [integer(frequencies), integer(channels), integer(plan.filterLanes)],
      name: "part")
  }

  /// Transforms the channels from `start` to `end` of a panel.
  mutating func transformTaps(
    _ plan: WinogradPlan, _ taps: Value, _ panel: Value, from start: Value, to end: Value,
    into part: Value
  ) {
    loop(from: start, to: end, name: "channel") { scheduler, channel in
      let place = scheduler.builder.arithmetic(.subtract, channel, start)
      let zero = scheduler.integer(0)
      scheduler.transformTaps(plan) { scheduler, row, column in
        let line = scheduler.product([row, scheduler.integer(plan.tapOffset(3))])
        let offset = scheduler.integer(plan.tapOffset(column))
        return [taps, panel, channel, scheduler.folded(.add, line, offset)]
      } to: {
        [part, $1, place, zero]
      }
    }
  }

  /// Where to find a piece of the filters that are transformed next, while those before are multiplied:
  /// the frequencies of a channel together ask for all of it.
  mutating func nextTaps(
    _ plan: WinogradPlan, _ taps: Value, _ panel: Value, _ frequency: Value, _ channel: Value
  ) -> [Value] {
    let pieces = Int64(plan.winograd.frequencies)
    let length = (Int64(plan.tapLength) + pieces - 1) / pieces
    let later = builder.arithmetic(.add, channel, integer(plan.transformedChannels))
    return [taps, panel, later, product([frequency, integer(length)])]
  }

  /// Where to find the columns that are multiplied after those of `panel`: the runs of a panel are so
  /// short that unasked they come late.
  mutating func nextColumns(
    _ plan: WinogradPlan, _ columns: Value, _ panel: Value, _ channel: Value
  ) -> [[Value]] {
    let next = builder.arithmetic(.add, panel, integer(1))
    return (0..<plan.tile.vectors).map {
      [columns, next, channel, integer($0 * plan.tile.lanes)]
    }
  }
}

extension Function {
  /// The bytes of its constant parameters, as far as their lengths are known.
  fileprivate var constantByteCount: Int {
    var total = 0
    for (parameter, role) in zip(parameters, roles) where role == .constant {
      let type = type(of: parameter)
      guard type.isTensor || type.isBuffer, case .scalar(let element) = type.element else {
        continue
      }
      let lengths = type.extents.map { extent -> Int in
        if case .constant(let length) = extent { length } else { 0 }
      }
      // Sums and products of lengths that memory has do not overflow; others count as nothing.
      let bytes = lengths.reduce(element.byteCount) { $0.multipliedReportingOverflow(by: $1).0 }
      total = total.addingReportingOverflow(max(0, bytes)).0
    }
    return total
  }
}

extension WinogradPlan {
  /// The channels that are transformed at a time: what they become stays in the second cache together
  /// with the columns that it is multiplied with.
  var transformedChannels: Int64 { tile.vectors == 1 ? 32 : 64 }

  /// The numbers that a channel of a panel of filters takes: elements lie `tile.rows` apart, and the
  /// last one is a whole vector.
  var tapLength: Int { 8 * tile.rows + filterLanes }

  /// Where the element `tap` of a channel's filters lies.
  func tapOffset(_ tap: Int) -> Int64 { Int64(tap * tile.rows) }
}
