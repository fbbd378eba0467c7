import TesseraIR

/// The way of a convolution's filters to frequencies.
extension Scheduler {
  /// Transforms the filters of `plan`, or packs them to be transformed where they are used.
  mutating func makeFilters(_ plan: WinogradPlan) -> WinogradFilters {
    plan.winograd.keepsTaps ? .taps(packTaps(plan)) : .frequencies(transformFilters(plan))
  }

  /// Transforms all filters into panels [frequency, panel][channel][row].
  ///
  /// A few channels at a time go through a buffer, for the panels of the frequencies lie so far
  /// apart that writing to all of them at once would wait for memory.
  private mutating func transformFilters(_ plan: WinogradPlan) -> Value {
    let frequencies = integer(plan.winograd.frequencies)
    let filters = allocate(
      .tensor(.scalar(.f32), [.dynamic, .dynamic, .constant(plan.tile.rows)]),
      [
        product([frequencies, plan.rowPanels]), plan.channels, integer(plan.tile.rows),
      ], name: "filters")
    let cost = plan.tile.rows * plan.winograd.frequencies * 64
    spread([plan.rowPanels], names: ["rowPanel"], cost: cost) { scheduler, panel in
      let scratch = scheduler.filterScratch(plan)
      let (zero, step) = (scheduler.integer(0), scheduler.integer(Self.channelsAtOnce))
      scheduler.loop(from: zero, to: plan.channels, by: step, name: "channels") {
        scheduler, first in
        let left = scheduler.builder.arithmetic(.subtract, plan.channels, first)
        let count = scheduler.least(left, step)
        scheduler.loop(from: zero, to: count, name: "channel") { scheduler, number in
          let channel = scheduler.builder.arithmetic(.add, first, number)
          scheduler.bindChannels(plan, to: channel)
          scheduler.copyTaps(plan, panel[0]) { scheduler, tap, row in
            [scratch.taps, scheduler.integer(tap), row]
          }
          scheduler.transformTaps(plan) { _, tap in
            [scratch.taps, tap, zero]
          } to: {
            [scratch.part, $1, number, zero]
          }
        }
        scheduler.packFilters(plan, panel[0], (first, count), scratch.part, into: filters)
      }
    }
    return filters
  }

  /// The channels that go through the buffer together: a cache line of each panel and more.
  private static var channelsAtOnce: Int64 { 16 }

  /// Memory for the filters of a panel: one channel's, [3 · row + column][row of the panel], zero
  /// for rows that are missing, and what some channels become, [frequency][channel][row].
  private mutating func filterScratch(_ plan: WinogradPlan) -> (taps: Value, part: Value) {
    let (frequencies, lanes) = (plan.winograd.frequencies, plan.filterLanes)
    let taps = allocate(
      .tensor(.scalar(.f32), [.constant(9), .constant(lanes)]),
      [integer(9), integer(lanes)], name: "taps")
    let part = allocate(
      .tensor(
        .scalar(.f32),
        [.constant(frequencies), .constant(Int(Self.channelsAtOnce)), .constant(lanes)]),
      [integer(frequencies), integer(Self.channelsAtOnce), integer(lanes)],
      name: "part")
    let nothing = builder.emit(
      .splat, [builder.constant(0.0, .f32)], results: [.vector(.f32, lanes: lanes)])
    for tap in 0..<9 {
      builder.emit(.vectorStore, nothing + [taps, integer(tap), integer(0)])
    }
    return (taps, part)
  }

  /// Copies the filters of a panel for the channel that is bound, each element to its `place`.
  mutating func copyTaps(
    _ plan: WinogradPlan, _ panel: Value,
    to place: (inout Scheduler, _ tap: Int, _ row: Value) -> [Value]
  ) {
    let rows = integer(plan.tile.rows)
    let first = product([panel, rows])
    let count = least(builder.arithmetic(.subtract, plan.rows, first), rows)
    loop(from: integer(0), to: count, name: "row") { scheduler, row in
      scheduler.bindFilter(plan, to: scheduler.builder.arithmetic(.add, first, row))
      for tap in 0..<9 {
        let factor = scheduler.inScope { scheduler in
          let (row, column) = (scheduler.integer(tap / 3), scheduler.integer(tap % 3))
          scheduler.values.insert(row, for: plan.winograd.filterRow)
          scheduler.values.insert(column, for: plan.winograd.filterColumn)
          return scheduler.demanded(plan.winograd.contraction.rowFactor)
        }
        scheduler.builder.emit(.store, [factor] + place(&scheduler, tap, row))
      }
    }
  }

  /// Transforms the filters of a panel for one channel: vectors, a lane a row, from the places of
  /// their elements to those of their frequencies.
  ///
  /// Filters of larger tiles have factors that are no powers of two, and are made in double precision.
  mutating func transformTaps(
    _ plan: WinogradPlan, from source: (inout Scheduler, _ tap: Value) -> [Value],
    to destination: (inout Scheduler, _ frequency: Value) -> [Value]
  ) {
    let vector = Type.vector(.f32, lanes: plan.filterLanes)
    if plan.winograd.tileSize == 4 {
      return transform(
        lines: 3, of: .f64, lanes: plan.filterLanes, by: plan.transforms.filter
      ) { scheduler, row in
        let first = scheduler.product([row, scheduler.integer(3)])
        return (0..<3).map { column in
          let offset = scheduler.integer(column)
          let place = source(&scheduler, scheduler.builder.arithmetic(.add, first, offset))
          let tap = scheduler.builder.emit(.vectorLoad, place, results: [vector])[0]
          return scheduler.builder.convert(tap, to: .f64)
        }
      } store: { scheduler, row, column, result in
        let first = scheduler.integer(row * plan.winograd.windowSize)
        let place = destination(&scheduler, scheduler.builder.arithmetic(.add, first, column))
        scheduler.builder.emit(
          .vectorStore, [scheduler.builder.convert(result, to: .f32)] + place)
      }
    }
    let taps = (0..<3).map { row in
      (0..<3).map { column in
        let place = source(&self, integer(3 * row + column))
        return builder.emit(.vectorLoad, place, results: [vector])[0]
      }
    }
    let results = transformed(taps, by: plan.transforms.filter).joined()
    for (frequency, result) in results.enumerated() {
      let place = destination(&self, integer(frequency))
      builder.emit(.vectorStore, [result] + place)
    }
  }

  /// Copies what a panel has become for some channels into the panels of the frequencies.
  private mutating func packFilters(
    _ plan: WinogradPlan, _ panel: Value, _ channels: (first: Value, count: Value),
    _ part: Value, into filters: Value
  ) {
    let zero = integer(0)
    let frequencies = integer(plan.winograd.frequencies)
    loop(from: zero, to: frequencies, name: "frequency") { scheduler, frequency in
      let place = scheduler.builder.arithmetic(
        .add, scheduler.product([frequency, plan.rowPanels]), panel)
      scheduler.loop(from: zero, to: channels.count, name: "channel") { scheduler, number in
        let channel = scheduler.builder.arithmetic(.add, channels.first, number)
        var row = 0
        // Ends since the lanes are a power of two that is no more than what is left.
        while row < plan.tile.rows {
          let lanes = 1 << (Int.bitWidth - 1 - (plan.tile.rows - row).leadingZeroBitCount)
          let first = scheduler.integer(row)
          let vector = scheduler.builder.emit(
            .vectorLoad, [part, frequency, number, first], results: [.vector(.f32, lanes: lanes)])
          scheduler.builder.emit(.vectorStore, vector + [filters, place, channel, first])
          row += lanes
        }
      }
    }
  }
}

extension WinogradPlan {
  /// The lanes in which the filters of a panel are transformed: a power of two.
  var filterLanes: Int {
    1 << (Int.bitWidth - (tile.rows - 1).leadingZeroBitCount)
  }
}

/// The filters of a convolution, ready for its products.
enum WinogradFilters {
  /// Panels of frequencies, [frequency, panel][channel][row].
  case frequencies(Value)
  /// Panels of filters as they are, which `packTaps` describes.
  case taps(Value)
}
