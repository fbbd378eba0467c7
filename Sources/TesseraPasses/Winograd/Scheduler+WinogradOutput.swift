import TesseraIR

/// The products of a convolution's frequencies, and the way back to its results.
extension Scheduler {
  /// Multiplies panels of filters with panels of columns and stores the results of `block`.
  mutating func multiplyFrequencies(
    _ plan: WinogradPlan, _ block: TileBlock, _ filters: WinogradFilters, _ columns: Value,
    _ content: Operation, _ buffers: [Value]
  ) {
    let panelsAtOnce = Self.panelsAtOnce
    let rowBlocks = blocks(of: plan.rowPanels, panelsAtOnce)
    let share = quotient(plan.rowPanels, roundedUpBy: rowBlocks)
    let cost = Int(panelsAtOnce) * plan.tile.rows * 1 << 16
    spread([rowBlocks], names: ["rowBlock"], cost: cost) { scheduler, rowBlock in
      let first = scheduler.product([rowBlock[0], share])
      let left = scheduler.builder.arithmetic(.subtract, plan.rowPanels, first)
      let count = scheduler.least(left, share)
      let sums = scheduler.allocate(
        .tensor(
          .scalar(.f32),
          [
            .constant(plan.winograd.frequencies), .constant(Int(panelsAtOnce) * plan.tile.rows),
            .dynamic,
          ]),
        [
          scheduler.integer(plan.winograd.frequencies),
          scheduler.integer(panelsAtOnce * Int64(plan.tile.rows)), plan.lineLength(&scheduler),
        ], name: "sums")
      scheduler.multiply(plan, block, filters, columns, (first, count), into: sums)
      scheduler.transformBack(plan, block, sums, (first, count), content, buffers)
    }
  }

  /// The panels of filters of one task: few enough for their sums to stay in the second cache, and
  /// enough for a panel of columns to be used often.
  private static var panelsAtOnce: Int64 { 4 }

  /// How far ahead filters are asked for, in bytes: using so many takes longer than fetching them
  /// from memory. They lie one after the other, but unasked they come late at each new page.
  private static var filterDistance: Int64 { 8192 }

  // MARK: Product

  /// Multiplies some panels of filters with all panels of columns, frequency by frequency.
  private mutating func multiply(
    _ plan: WinogradPlan, _ block: TileBlock, _ filters: WinogradFilters, _ columns: Value,
    _ rows: (first: Value, count: Value), into sums: Value
  ) {
    switch filters {
    case .frequencies(let filters):
      multiplyByFrequencies(plan, block, filters, columns, rows, into: sums)
    case .taps(let taps): multiplyByTaps(plan, block, taps, columns, rows, into: sums)
    }
  }

  /// Multiplies filters that are transformed before.
  private mutating func multiplyByFrequencies(
    _ plan: WinogradPlan, _ block: TileBlock, _ filters: Value, _ columns: Value,
    _ rows: (first: Value, count: Value), into sums: Value
  ) {
    let (zero, frequencies) = (integer(0), integer(plan.winograd.frequencies))
    loop(from: zero, to: frequencies, name: "frequency") { scheduler, frequency in
      let first = scheduler.builder.arithmetic(
        .add, scheduler.product([frequency, plan.rowPanels]), rows.first)
      scheduler.depthBlocks(plan, atMost: Self.greatestDepth) { scheduler, part in
        scheduler.loop(from: zero, to: block.panels, name: "columnPanel") { scheduler, panel in
          scheduler.loop(from: zero, to: rows.count, name: "rowPanel") { scheduler, number in
            let row = scheduler.builder.arithmetic(.add, first, number)
            let filters = FilterPanel(
              element: { _, position, place in [filters, row, position, place] },
              soon: { scheduler, position in
                let later = Self.filterDistance / Int64(plan.tile.rows * 4)
                let place = scheduler.builder.arithmetic(.add, position, scheduler.integer(later))
                return [[filters, row, place, zero]]
              })
            scheduler.multiply(
              plan, block, filters, number, columns, panel, frequency, part, into: sums)
          }
        }
      }
    }
  }

  /// Multiplies filters that are transformed just before, some channels at a time.
  private mutating func multiplyByTaps(
    _ plan: WinogradPlan, _ block: TileBlock, _ taps: Value, _ columns: Value,
    _ rows: (first: Value, count: Value), into sums: Value
  ) {
    let (zero, frequencies) = (integer(0), integer(plan.winograd.frequencies))
    let scratch = tapScratch(plan)
    depthBlocks(plan, atMost: plan.transformedChannels) { scheduler, part in
      scheduler.loop(from: zero, to: rows.count, name: "rowPanel") { scheduler, number in
        let row = scheduler.builder.arithmetic(.add, rows.first, number)
        scheduler.transformTaps(plan, taps, row, from: part.start, to: part.end, into: scratch)
        scheduler.loop(from: zero, to: frequencies, name: "frequency") { scheduler, frequency in
          let firstColumn = scheduler.product([frequency, plan.blockPanels])
          scheduler.loop(from: zero, to: block.panels, name: "columnPanel") { scheduler, panel in
            let column = scheduler.builder.arithmetic(.add, firstColumn, panel)
            let filters = FilterPanel(
              element: { scheduler, position, place in
                let channel = scheduler.builder.arithmetic(.subtract, position, part.start)
                return [scratch, frequency, channel, place]
              },
              soon: { scheduler, position in
                [scheduler.nextTaps(plan, taps, row, frequency, position)]
                  + scheduler.nextColumns(plan, columns, column, position)
              })
            scheduler.multiply(
              plan, block, filters, number, columns, panel, frequency, part, into: sums)
          }
        }
      }
    }
  }

  /// Runs `body` for blocks of channels, of equal length but the last.
  private mutating func depthBlocks(
    _ plan: WinogradPlan, atMost greatest: Int64,
    _ body: (inout Scheduler, ChannelBlock) -> Void
  ) {
    let count = atLeastOne(blocks(of: plan.channels, greatest))
    let depth = quotient(plan.channels, roundedUpBy: count)
    loop(from: integer(0), to: count, name: "depthBlock") { scheduler, number in
      let start = scheduler.product([number, depth])
      let end = scheduler.least(scheduler.builder.arithmetic(.add, start, depth), plan.channels)
      body(&scheduler, ChannelBlock(number: number, count: count, start: start, end: end))
    }
  }

  /// Multiplies a panel of filters, the one called `number` in `sums`, with a panel of columns, for
  /// one frequency and some channels. Where it is not known how many tiles there are, a last panel whose
  /// tiles fill one register is multiplied as such.
  private mutating func multiply(
    _ plan: WinogradPlan, _ block: TileBlock, _ filters: FilterPanel, _ number: Value,
    _ columns: Value, _ columnPanel: Value, _ frequency: Value, _ part: ChannelBlock,
    into sums: Value
  ) {
    guard hasNarrowEnd(plan) else {
      return multiply(
        plan, plan.tile, filters, number, columns, columnPanel, frequency, part, into: sums)
    }
    let first = product([columnPanel, integer(plan.tile.columns)])
    let left = builder.arithmetic(.subtract, block.tiles, first)
    var narrow = plan.tile
    narrow.vectors = 1
    choose(left, isAtLeast: plan.tile.lanes + 1) { scheduler in
      scheduler.multiply(
        plan, plan.tile, filters, number, columns, columnPanel, frequency, part, into: sums)
    } otherwise: { scheduler in
      scheduler.multiply(
        plan, narrow, filters, number, columns, columnPanel, frequency, part, into: sums)
    }
  }

  /// `true` iff a panel of columns may turn out to have tiles for one of its two registers alone.
  private func hasNarrowEnd(_ plan: WinogradPlan) -> Bool {
    plan.tile.vectors == 2
      && [plan.tileRows, plan.tilesInRow].contains { knownNumber($0) == nil }
  }

  /// Multiplies as many columns of a panel as `tile` has.
  private mutating func multiply(
    _ plan: WinogradPlan, _ tile: RegisterTile, _ filters: FilterPanel, _ number: Value,
    _ columns: Value, _ columnPanel: Value, _ frequency: Value, _ part: ChannelBlock,
    into sums: Value
  ) {
    let column = builder.arithmetic(.add, product([frequency, plan.blockPanels]), columnPanel)
    let offset = product([columnPanel, integer(plan.tile.columns)])
    let line = product([number, integer(plan.tile.rows)])
    let places = tile.places.map { place in
      [
        sums, frequency, builder.arithmetic(.add, line, integer(place.row)),
        builder.arithmetic(.add, offset, integer(place.column)),
      ]
    }
    let initial = startedSums(tile, places, part)
    let results = outerProducts(
      tile, from: part.start, to: part.end, adding: initial, soon: filters.soon,
      columns: panelVectors(tile, columns, column),
      rowPlace: { _, position in { filters.element(&$0, position, $1) } })
    for (place, result) in zip(places, results) {
      builder.emit(.vectorStore, [result] + place)
    }
  }

  /// The most channels that are summed up between two visits of a tile: so many of a panel of
  /// columns stay in the second cache. (Fewer, for the nearest one, were a tenth slower.)
  private static var greatestDepth: Int64 { 2048 }

  /// What a tile's sums are before the channels of `part`.
  private mutating func startedSums(
    _ tile: RegisterTile, _ places: [[Value]], _ part: ChannelBlock
  ) -> [Value] {
    let zeros = zeroAccumulators(tile)
    if knownNumber(part.count) == 1 { return zeros }
    let isFirst = builder.compare(.equal, part.number, integer(0))
    return choose(isFirst, types: zeros.map { builder.type(of: $0) }) { _ in
      zeros
    } otherwise: { scheduler in
      places.map { scheduler.builder.emit(.vectorLoad, $0, results: [tile.vector])[0] }
    }
  }

  // MARK: Results

  /// Transforms the sums of some filters back, and finishes and stores their results.
  private mutating func transformBack(
    _ plan: WinogradPlan, _ block: TileBlock, _ sums: Value,
    _ panels: (first: Value, count: Value), _ content: Operation, _ buffers: [Value]
  ) {
    let tileRows = integer(plan.tile.rows)
    let first = product([panels.first, tileRows])
    let left = builder.arithmetic(.subtract, plan.rows, first)
    let rows = least(left, product([panels.count, tileRows]))
    let (zero, size) = (integer(0), integer(plan.winograd.tileSize))
    let width = product([plan.rowVectors, integer(plan.vectorWidth)])
    loop(from: zero, to: rows, name: "row") { scheduler, row in
      scheduler.bindFilter(plan, to: scheduler.builder.arithmetic(.add, first, row))
      scheduler.clearEnd(plan, block, sums, row)
      let strip = scheduler.allocate(
        .tensor(.scalar(.f32), [.constant(plan.winograd.tileSize), .dynamic]), [size, width],
        name: "strip")
      scheduler.loop(from: zero, to: block.rows, name: "tileRow") { scheduler, tileRow in
        scheduler.transformRow(plan, sums, row, tileRow, into: strip)
        let number = scheduler.builder.arithmetic(.add, block.firstRow, tileRow)
        let top = scheduler.product([number, size])
        let bottom = scheduler.builder.arithmetic(.subtract, plan.height, top)
        let count = scheduler.least(bottom, size)
        scheduler.loop(from: zero, to: count, name: "stripRow") { scheduler, line in
          let place = scheduler.builder.arithmetic(.add, top, line)
          scheduler.values.insert(place, for: plan.parameters[plan.winograd.vertical])
          scheduler.finishRow(plan, content, buffers, strip, line)
        }
      }
    }
  }

  /// Gives the sums that the last vector of a row of tiles has too much a value.
  private mutating func clearEnd(
    _ plan: WinogradPlan, _ block: TileBlock, _ sums: Value, _ row: Value
  ) {
    if isMultiple(plan.tilesInRow, plan.rowLanes) { return }
    let lanes = Int64(plan.tile.lanes)
    let end =
      hasNarrowEnd(plan)
      ? product([blocks(of: block.tiles, lanes), integer(lanes)])
      : product([block.panels, integer(plan.tile.columns)])
    let frequencies = integer(plan.winograd.frequencies)
    loop(from: integer(0), to: frequencies, name: "frequency") { scheduler, frequency in
      let nothing = scheduler.builder.constant(0.0, .f32)
      let vector = scheduler.builder.emit(.splat, [nothing], results: [plan.tile.vector])
      scheduler.builder.emit(.vectorStore, vector + [sums, frequency, row, end])
    }
  }

  /// Transforms a row of tiles back, into as many rows of a strip as a tile has.
  private mutating func transformRow(
    _ plan: WinogradPlan, _ sums: Value, _ row: Value, _ tileRow: Value, into strip: Value
  ) {
    let window = plan.winograd.windowSize
    let first = product([tileRow, plan.tilesInRow])
    loop(from: integer(0), to: plan.rowVectors, name: "vector") { scheduler, vector in
      let step = scheduler.product([vector, scheduler.integer(plan.rowLanes)])
      let tile = scheduler.builder.arithmetic(.add, first, step)
      let place = scheduler.product([vector, scheduler.integer(plan.vectorWidth)])
      func frequency(_ number: Value, _ scheduler: inout Scheduler) -> Value {
        scheduler.builder.emit(
          .vectorLoad, [sums, number, row, tile], results: [plan.rowVector])[0]
      }
      func store(_ vectors: [Value], _ line: Value, _ scheduler: inout Scheduler) {
        let run = scheduler.builder.emit(.weaveLanes, vectors, results: [plan.wideVector])
        scheduler.builder.emit(.vectorStore, run + [strip, line, place])
      }
      if plan.winograd.tileSize == 4 {
        // Column by column, then row by row, of which each is stored at once.
        return scheduler.transform(
          lines: window, of: .f32, lanes: plan.rowLanes, by: plan.transforms.inverse
        ) { scheduler, column in
          (0..<window).map { line in
            let first = scheduler.integer(line * window)
            return frequency(scheduler.builder.arithmetic(.add, first, column), &scheduler)
          }
        } store: { scheduler, line, results in
          store(results, line, &scheduler)
        }
      }
      let grid = (0..<window).map { line in
        (0..<window).map { frequency(scheduler.integer(line * window + $0), &scheduler) }
      }
      let results = scheduler.transformed(grid, by: plan.transforms.inverse)
      for (line, vectors) in results.enumerated() {
        store(vectors, scheduler.integer(line), &scheduler)
      }
    }
  }

  /// Runs the epilogue on a row of results, whose sums are in row `line` of a strip, and stores it.
  private mutating func finishRow(
    _ plan: WinogradPlan, _ content: Operation, _ buffers: [Value], _ strip: Value, _ line: Value
  ) {
    let index = plan.parameters[plan.winograd.horizontal]
    let sum = plan.winograd.contraction.reduction.results[0]
    let elements = yielded(content.regions[0])
    let slice = LaneSlice(source, making: elements, alongLanesOf: index, varying: [sum]) {
      values[$0] != nil
    }
    var done = integer(0)
    // Registers hold as many elements of the results as of the sums.
    if let slice, elements.allSatisfy({ source.type(of: $0) == .scalar(.f32) }) {
      let lanes = integer(plan.tile.lanes)
      done = product([divided(plan.width, by: lanes), lanes])
      loop(from: integer(0), to: done, by: lanes, name: "column") { scheduler, column in
        let sums = scheduler.builder.emit(
          .vectorLoad, [strip, line, column], results: [plan.tile.vector])[0]
        let vectors = scheduler.emitSlice(
          slice, lanes: plan.tile.lanes, from: column, given: [(sum, sums)])
        scheduler.values.insert(column, for: index)
        let indices = plan.parameters.map { scheduler.value(of: $0) }
        for (vector, buffer) in zip(vectors, buffers) {
          scheduler.builder.emit(.vectorStore, [vector, buffer] + indices)
        }
      }
    }
    loop(from: done, to: plan.width, name: "column") { scheduler, column in
      scheduler.values.insert(column, for: index)
      let value = scheduler.builder.emit(
        .load, [strip, line, column], results: [.scalar(.f32)])[0]
      scheduler.values.insert(value, for: sum)
      let elements = elements.map { scheduler.demanded($0) }
      let indices = plan.parameters.map { scheduler.value(of: $0) }
      for (element, buffer) in zip(elements, buffers) {
        scheduler.builder.emit(.store, [element, buffer] + indices)
      }
    }
  }
}

/// A block of channels: its number, how many there are, and its channels.
private struct ChannelBlock {
  var number: Value
  var count: Value
  var start: Value
  var end: Value
}

/// Where a panel of filters has the element of a channel and row, and what to fetch beside.
private struct FilterPanel {
  var element: (inout Scheduler, _ channel: Value, _ row: Value) -> [Value]
  var soon: (inout Scheduler, _ channel: Value) -> [[Value]]
}
