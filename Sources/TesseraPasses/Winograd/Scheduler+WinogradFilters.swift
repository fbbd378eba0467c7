import TesseraIR

/// The way of a convolution's filters to frequencies.
extension Scheduler {
  /// Transforms the filters of `plan`, or packs them to be transformed where they are used.
  mutating func makeFilters(_ plan: WinogradPlan) -> WinogradFilters {
    plan.winograd.keepsTaps ? .taps(packTaps(plan)) : .frequencies(transformFilters(plan))
  }

  /// Transforms all filters into panels [frequency, panel][channel][row].
  ///
  /// Some channels at a time go through a buffer, for the panels of the frequencies lie so far apart
  /// that writing to all of them at once would wait for memory. It has what they become as the panels
  /// have it, so that whole vectors are copied.
  private mutating func transformFilters(_ plan: WinogradPlan) -> Value {
    let frequencies = integer(plan.winograd.frequencies)
    let filters = allocate(
      .tensor(.scalar(.f32), [.dynamic, .dynamic, .constant(plan.tile.rows)]),
      [
        product([frequencies, plan.rowPanels]), plan.channels, integer(plan.tile.rows),
      ], name: "filters")
    let panels = Destination(
      buffer: joined(2, of: filters).buffer,
      isPastCaches: plan.winograd.isPrepared ? preparedIsPastCaches(filters) : nil)
    let cost = plan.tile.rows * plan.winograd.frequencies * 64
    spread([plan.rowPanels], names: ["rowPanel"], cost: cost) { scheduler, panel in
      let part = scheduler.filterScratch(plan)
      scheduler.readTaps(plan, panel[0]) { scheduler, taps in
        let zero = scheduler.integer(0)
        let rows = scheduler.integer(plan.tile.rows)
        scheduler.loop(from: zero, to: taps.count, name: "channel") { scheduler, channel in
          let first = scheduler.product([channel, rows])
          scheduler.transformTaps(plan) { scheduler, row, column in
            taps.place(row, column, of: channel, plan, &scheduler)
          } to: {
            [part, $1, first]
          }
        }
        scheduler.packFilters(plan, panel[0], taps, part, into: panels)
      }
    }
    return filters
  }

  /// Memory for what some channels of a panel become, [frequency][channel, row], and what the last
  /// vector has too much.
  private mutating func filterScratch(_ plan: WinogradPlan) -> Value {
    let frequencies = plan.winograd.frequencies
    let length = Int(TapBlock.channels) * plan.tile.rows + plan.filterLanes
    return allocate(
      .tensor(.scalar(.f32), [.constant(frequencies), .constant(length)]),
      [integer(frequencies), integer(length)], name: "part")
  }

  /// Transforms the filters of a panel for one channel: vectors, a lane a row, from the places of
  /// their elements to those of their frequencies.
  mutating func transformTaps(
    _ plan: WinogradPlan,
    from source: (inout Scheduler, _ row: Value, _ column: Int) -> [Value],
    to destination: (inout Scheduler, _ frequency: Value) -> [Value]
  ) {
    if plan.winograd.tileSize == 4 {
      return transformPreciseTaps(plan, from: source, to: destination)
    }
    let vector = Type.vector(.f32, lanes: plan.filterLanes)
    let taps = (0..<3).map { row in
      (0..<3).map { column in
        let place = source(&self, integer(row), column)
        return builder.emit(.vectorLoad, place, results: [vector])[0]
      }
    }
    let results = transformed(taps, by: plan.transforms.filter).joined()
    for (frequency, result) in results.enumerated() {
      let place = destination(&self, integer(frequency))
      builder.emit(.vectorStore, [result] + place)
    }
  }

  /// Transforms filters whose factors are no powers of two, as those of larger tiles are: in double
  /// precision, of which a register has only some of the rows.
  private mutating func transformPreciseTaps(
    _ plan: WinogradPlan,
    from source: (inout Scheduler, _ row: Value, _ column: Int) -> [Value],
    to destination: (inout Scheduler, _ frequency: Value) -> [Value]
  ) {
    let lanes = min(plan.filterLanes, target.lanes(of: .f64))
    let (zero, end) = (integer(0), integer(plan.filterLanes))
    loop(from: zero, to: end, by: integer(lanes), name: "lane") { scheduler, lane in
      func shifted(_ place: [Value], _ scheduler: inout Scheduler) -> [Value] {
        place.dropLast() + [scheduler.folded(.add, place.last!, lane)]
      }
      scheduler.transform(lines: 3, of: .f64, lanes: lanes, by: plan.transforms.filter) {
        scheduler, row in
        (0..<3).map { column in
          let place = shifted(source(&scheduler, row, column), &scheduler)
          let tap = scheduler.builder.emit(
            .vectorLoad, place, results: [.vector(.f32, lanes: lanes)])[0]
          return scheduler.builder.convert(tap, to: .f64)
        }
      } store: { scheduler, column, results in
        for (row, result) in results.enumerated() {
          let first = scheduler.integer(row * plan.winograd.windowSize)
          let frequency = scheduler.builder.arithmetic(.add, first, column)
          let place = shifted(destination(&scheduler, frequency), &scheduler)
          scheduler.builder.emit(
            .vectorStore, [scheduler.builder.convert(result, to: .f32)] + place)
        }
      }
    }
  }

  /// Copies what a panel has become for some channels into the `panels` of the frequencies, of which
  /// each is a row.
  private mutating func packFilters(
    _ plan: WinogradPlan, _ panel: Value, _ taps: TapBlock, _ part: Value,
    into panels: Destination
  ) {
    let (zero, lanes) = (integer(0), plan.tile.lanes)
    let rows = integer(plan.tile.rows)
    let start = product([taps.first, rows])
    let count = product([taps.count, rows])
    let whole = product([divided(count, by: integer(lanes)), integer(lanes)])
    loop(from: zero, to: integer(plan.winograd.frequencies), name: "frequency") {
      scheduler, frequency in
      let place = scheduler.builder.arithmetic(
        .add, scheduler.product([frequency, plan.rowPanels]), panel)
      func copy(_ number: Value, _ type: Type, _ scheduler: inout Scheduler) {
        let element = scheduler.builder.emit(
          type == .scalar(.f32) ? .load : .vectorLoad, [part, frequency, number],
          results: [type])[0]
        let target = scheduler.builder.arithmetic(.add, start, number)
        scheduler.store([element], in: [panels], at: [place, zero, target])
      }
      scheduler.loop(from: zero, to: whole, by: scheduler.integer(lanes), name: "element") {
        copy($1, plan.tile.vector, &$0)
      }
      if scheduler.isMultiple(count, lanes) { return }
      scheduler.loop(from: whole, to: count, name: "element") { copy($1, .scalar(.f32), &$0) }
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
