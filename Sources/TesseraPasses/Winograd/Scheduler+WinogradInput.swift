import TesseraIR

/// The way of the convolved tensor to frequencies.
extension Scheduler {
  /// Transforms what `block` needs into panels of columns, [frequency, panel][channel][tile].
  mutating func transformInput(_ plan: WinogradPlan, _ block: TileBlock, into columns: Value) {
    let cost = 1 << 15
    spread([plan.channels], names: ["channel"], cost: cost) { scheduler, channel in
      scheduler.bindChannels(plan, to: channel[0])
      let strip = scheduler.copyStrip(plan, block)
      let half = scheduler.transformRows(plan, block, strip)
      let window = scheduler.integer(plan.winograd.windowSize)
      scheduler.loop(from: scheduler.integer(0), to: window, name: "column") { scheduler, column in
        let lines = scheduler.transformColumn(plan, block, half, column)
        scheduler.packLines(plan, block, lines, column, channel[0], into: columns)
      }
    }
  }

  // MARK: Copying

  /// Copies the elements of one channel that `block` needs, zeros for those that no result needs.
  private mutating func copyStrip(_ plan: WinogradPlan, _ block: TileBlock) -> Value {
    let (zero, size) = (integer(0), integer(plan.winograd.tileSize))
    let two = integer(2)
    let columns = folded(.add, product([plan.rowVectors, integer(plan.vectorWidth)]), size)
    let strip = allocate(
      .tensor(.scalar(.f32), [.dynamic, .dynamic]),
      [plan.stripRows(of: plan.blockRows, &self), columns], name: "strip")
    let first = product([block.firstRow, size])
    let height = folded(.add, plan.height, two)
    let width = folded(.add, plan.width, two)
    let used = plan.stripRows(of: block.rows, &self)
    loop(from: zero, to: used, name: "stripRow") { scheduler, row in
      let place = scheduler.builder.arithmetic(.add, first, row)
      let exists = scheduler.builder.compare(.less, place, height)
      let copied = scheduler.builder.emit(.select, [exists, width, zero], results: [.index])[0]
      scheduler.values.insert(place, for: plan.parameters[plan.winograd.vertical])
      scheduler.values.insert(zero, for: plan.winograd.filterRow)
      scheduler.values.insert(zero, for: plan.winograd.filterColumn)
      scheduler.copyRow(plan, strip, row, copied)
      scheduler.loop(from: copied, to: columns, name: "column") { scheduler, column in
        let nothing = scheduler.builder.constant(0.0, .f32)
        scheduler.builder.emit(.store, [nothing, strip, row, column])
      }
    }
    return strip
  }

  /// Copies the first `count` elements of a row that is bound.
  private mutating func copyRow(
    _ plan: WinogradPlan, _ strip: Value, _ row: Value, _ count: Value
  ) {
    let factor = plan.winograd.contraction.columnFactor
    let index = plan.parameters[plan.winograd.horizontal]
    let copyOne = { (scheduler: inout Scheduler, column: Value) in
      scheduler.values.insert(column, for: index)
      let value = scheduler.demanded(factor)
      scheduler.builder.emit(.store, [value, strip, row, column])
    }
    // The first element, which mostly lies outside, goes alone, so that the runs lie inside.
    let lanes = integer(plan.tile.lanes)
    let one = integer(1)
    let first = least(count, one)
    loop(from: integer(0), to: first, name: "column") { scheduler, column in
      copyOne(&scheduler, column)
    }
    let left = builder.arithmetic(.subtract, count, first)
    let whole = builder.arithmetic(.add, first, product([divided(left, by: lanes), lanes]))
    loop(from: first, to: whole, by: lanes, name: "column") { scheduler, column in
      scheduler.emitRun(of: factor, along: index, lanes: plan.tile.lanes, from: column) {
        scheduler, vector in
        scheduler.builder.emit(.vectorStore, [vector, strip, row, column])
      } single: { scheduler, lane, value in
        let place = scheduler.builder.arithmetic(.add, column, lane)
        scheduler.builder.emit(.store, [value, strip, row, place])
      }
    }
    loop(from: whole, to: count, name: "column") { scheduler, column in
      copyOne(&scheduler, column)
    }
  }

  // MARK: Transforming

  /// Transforms the rows of a strip, which windows one above the other share:
  /// [row][column of a window][tile of a row].
  private mutating func transformRows(
    _ plan: WinogradPlan, _ block: TileBlock, _ strip: Value
  ) -> Value {
    let (zero, window) = (integer(0), plan.winograd.windowSize)
    let lanes = integer(plan.rowLanes)
    let half = allocate(
      .tensor(.scalar(.f32), [.dynamic, .constant(window), .dynamic]),
      [
        plan.stripRows(of: plan.blockRows, &self), integer(window),
        product([plan.rowVectors, lanes]),
      ], name: "half")
    let used = plan.stripRows(of: block.rows, &self)
    loop(from: zero, to: used, name: "stripRow") { scheduler, row in
      scheduler.loop(from: zero, to: plan.rowVectors, name: "vector") { scheduler, vector in
        let elements = scheduler.windowLine(plan, strip, row, vector)
        let results = scheduler.transformed(elements, by: plan.transforms.input)
        let place = scheduler.product([vector, lanes])
        for (column, result) in results.enumerated() {
          scheduler.builder.emit(
            .vectorStore, [result, half, row, scheduler.integer(column), place])
        }
      }
    }
    return half
  }

  /// Transforms a column of the windows: [row of frequencies][tile], with zeros up to the end of the
  /// last panel.
  private mutating func transformColumn(
    _ plan: WinogradPlan, _ block: TileBlock, _ half: Value, _ column: Value
  ) -> Value {
    let (zero, window) = (integer(0), plan.winograd.windowSize)
    let lines = allocate(
      .tensor(.scalar(.f32), [.constant(window), .dynamic]),
      [integer(window), plan.lineLength(&self)], name: "lines")
    loop(from: zero, to: block.rows, name: "tileRow") { scheduler, tileRow in
      let tile = scheduler.product([tileRow, plan.tilesInRow])
      let top = scheduler.product([tileRow, scheduler.integer(plan.winograd.tileSize)])
      scheduler.loop(from: zero, to: plan.rowVectors, name: "vector") { scheduler, vector in
        let step = scheduler.product([vector, scheduler.integer(plan.rowLanes)])
        let place = scheduler.builder.arithmetic(.add, tile, step)
        let values = (0..<window).map { number in
          let row = scheduler.builder.arithmetic(.add, top, scheduler.integer(number))
          return scheduler.builder.emit(
            .vectorLoad, [half, row, column, step], results: [plan.rowVector])[0]
        }
        let results = scheduler.transformed(values, by: plan.transforms.input)
        for (number, result) in results.enumerated() {
          scheduler.builder.emit(
            .vectorStore, [result, lines, scheduler.integer(number), place])
        }
      }
    }
    let end = product([block.panels, integer(plan.tile.columns)])
    loop(from: zero, to: integer(window), name: "line") { scheduler, line in
      scheduler.loop(from: block.tiles, to: end, name: "tile") { scheduler, tile in
        let nothing = scheduler.builder.constant(0.0, .f32)
        scheduler.builder.emit(.store, [nothing, lines, line, tile])
      }
    }
    return lines
  }

  /// A line of the windows of neighbouring tiles.
  private mutating func windowLine(
    _ plan: WinogradPlan, _ strip: Value, _ line: Value, _ vector: Value
  ) -> [Value] {
    let size = plan.winograd.tileSize
    let first = product([vector, integer(plan.vectorWidth)])
    let second = builder.arithmetic(.add, first, integer(size))
    // Windows overlap: their first elements, and those that begin the next window.
    let runs = [first, second].map {
      builder.emit(.vectorLoad, [strip, line, $0], results: [plan.wideVector])[0]
    }
    return (0..<plan.winograd.windowSize).map { column in
      builder.emit(
        .pickLanes, [runs[column / size]], results: [plan.rowVector],
        attribute: .integer(Int64(column % size)))[0]
    }
  }

  /// Copies what a column of one channel's windows has become into the panels.
  private mutating func packLines(
    _ plan: WinogradPlan, _ block: TileBlock, _ lines: Value, _ column: Value, _ channel: Value,
    into columns: Value
  ) {
    let width = integer(plan.tile.columns)
    let window = integer(plan.winograd.windowSize)
    loop(from: integer(0), to: window, name: "line") { scheduler, line in
      let frequency = scheduler.builder.arithmetic(
        .add, scheduler.product([line, window]), column)
      let firstPanel = scheduler.product([frequency, plan.blockPanels])
      let zero = scheduler.integer(0)
      scheduler.loop(from: zero, to: block.panels, name: "panel") { scheduler, panel in
        let tile = scheduler.product([panel, width])
        let place = scheduler.builder.arithmetic(.add, firstPanel, panel)
        for register in 0..<plan.tile.vectors {
          let offset = scheduler.integer(register * plan.tile.lanes)
          let vector = scheduler.builder.emit(
            .vectorLoad, [lines, line, scheduler.builder.arithmetic(.add, tile, offset)],
            results: [plan.tile.vector])
          scheduler.builder.emit(.vectorStore, vector + [columns, place, channel, offset])
        }
      }
    }
  }
}

extension WinogradPlan {
  /// How many rows of elements `tileRows` rows of tiles need.
  fileprivate func stripRows(of tileRows: Value, _ scheduler: inout Scheduler) -> Value {
    let rows = scheduler.product([tileRows, scheduler.integer(winograd.tileSize)])
    return scheduler.folded(.add, rows, scheduler.integer(2))
  }

  /// The length of a line of tiles: whole panels, and what the last vector of a row has too much.
  func lineLength(_ scheduler: inout Scheduler) -> Value {
    let tiles = scheduler.product([blockPanels, scheduler.integer(tile.columns)])
    return scheduler.folded(.add, tiles, scheduler.integer(tile.lanes))
  }
}
