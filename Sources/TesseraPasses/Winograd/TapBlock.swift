import TesseraIR

/// The filters of some channels of a panel as they are, [9 · channel + tap][row of the panel], where
/// vectors of rows are read.
struct TapBlock {
  /// The first channel, and how many there are.
  let first: Value
  let count: Value
  /// Where they lie, one after the other.
  fileprivate let buffer: Value
  /// How many rows that are not of the panel stand before its first.
  fileprivate let shift: Value

  /// How many channels there are at most: enough to fill lines of the cache, and so few that all of it
  /// stays in the nearest one.
  static var channels: Int64 { 8 }

  /// The operands of a load of the element at `row` and `column` of the filters of all rows of the panel,
  /// for the channel `number` of them.
  func place(
    _ row: Value, _ column: Int, of number: Value, _ plan: WinogradPlan,
    _ scheduler: inout Scheduler
  ) -> [Value] {
    let lanes = plan.filterLanes
    let channel = scheduler.product([number, scheduler.integer(9 * lanes)])
    let line = scheduler.product([row, scheduler.integer(3 * lanes)])
    let first = scheduler.folded(.add, scheduler.folded(.add, shift, channel), line)
    return [buffer, scheduler.folded(.add, first, scheduler.integer(column * lanes))]
  }
}

/// How filters are made that lie in memory one after the other: for neighbours at once.
private struct TapRun {
  /// What makes neighbours in memory, for lanes that count all of them.
  let slice: LaneSlice
  /// The tensors that they are read from.
  let tensors: [Value]

  /// How many are made at once: those of a register's smallest part.
  static var lanes: Int { 4 }

  /// Finds the neighbours; `nil` if filters do not lie so, or there may be too few for a block or a
  /// panel.
  init?(_ plan: WinogradPlan, _ scheduler: Scheduler) {
    let (winograd, source) = (plan.winograd, scheduler.source)
    guard scheduler.target.vectorByteCount > 0, plan.channelIndices.count == 1,
      winograd.contraction.rowAxes.count == 1, plan.hasWholeBlocks(scheduler),
      let range = plan.channelRanges.first, scheduler.knownNumber(range.lower) == 0,
      scheduler.knownNumber(range.step) == 1,
      let slice = LaneSlice(
        source, making: [winograd.contraction.rowFactor], alongLanesOf: winograd.filterColumn,
        isKnown: { scheduler.values[$0] != nil })
    else { return nil }
    let indices = [plan.channelIndices[0], winograd.filterRow, winograd.filterColumn]
    var tensors: [Value] = []
    for operation in slice.operations {
      let content = source.operations[operation]
      guard content.operands.contains(where: indices.contains) else { continue }
      let place = content.operands.dropFirst()
      guard content.opcode == .read, Array(place.suffix(3)) == indices,
        !place.dropLast(3).contains(where: indices.contains)
      else { return nil }
      let tensor = content.operands[0]
      let rank = source.type(of: tensor).rank
      guard (rank - 2..<rank).allSatisfy({ source.constantExtent(of: tensor, axis: $0) == 3 })
      else { return nil }
      tensors.append(tensor)
    }
    self.slice = slice
    self.tensors = tensors
  }
}

extension Scheduler {
  /// Runs `body` for the channels of a panel, some at a time, with their filters.
  ///
  /// The last ones overlap those before, if there are enough: what is made twice is the same.
  mutating func readTaps(
    _ plan: WinogradPlan, _ panel: Value, _ body: (inout Scheduler, TapBlock) -> Void
  ) {
    let lanes = plan.filterLanes
    let (zero, channels) = (integer(0), integer(TapBlock.channels))
    // What comes after the last row is read with it.
    let length = (9 * Int(TapBlock.channels) + 1) * lanes
    let buffer = allocate(
      .tensor(.scalar(.f32), [.constant(length)]), [integer(length)], name: "taps")
    let nothing = builder.emit(
      .splat, [builder.constant(0.0, .f32)], results: [.vector(.f32, lanes: lanes)])
    let run = TapRun(plan, self)
    let clean = integer(run == nil ? 0 : length - lanes)
    loop(from: clean, to: integer(length), by: integer(lanes), name: "element") {
      $0.builder.emit(.vectorStore, nothing + [buffer, $1])
    }
    let firstRow = product([panel, integer(plan.tile.rows)])
    let isWhole = plan.hasWholeBlocks(self)
    loop(from: zero, to: plan.channels, by: channels, name: "channels") { scheduler, start in
      let left = scheduler.folded(.subtract, plan.channels, isWhole ? channels : start)
      let isEven = scheduler.isMultiple(plan.channels, Int(TapBlock.channels))
      let first = isWhole && !isEven ? scheduler.least(start, left) : start
      let count = isWhole ? channels : scheduler.least(left, channels)
      guard let run else {
        let block = TapBlock(first: first, count: count, buffer: buffer, shift: zero)
        scheduler.copyTaps(plan, firstRow, block)
        return body(&scheduler, block)
      }
      let last = scheduler.folded(.subtract, plan.rows, scheduler.integer(plan.tile.rows))
      let row = scheduler.least(firstRow, last)
      let block = TapBlock(
        first: first, count: count, buffer: buffer,
        shift: scheduler.builder.arithmetic(.subtract, firstRow, row))
      scheduler.copyTaps(plan, run, row, block)
      body(&scheduler, block)
    }
  }

  /// Copies filters one by one.
  private mutating func copyTaps(_ plan: WinogradPlan, _ firstRow: Value, _ block: TapBlock) {
    let rows = least(
      builder.arithmetic(.subtract, plan.rows, firstRow), integer(plan.tile.rows))
    loop(from: integer(0), to: block.count, name: "channel") { scheduler, number in
      scheduler.bindChannels(
        plan, to: scheduler.builder.arithmetic(.add, block.first, number))
      scheduler.loop(from: scheduler.integer(0), to: rows, name: "row") { scheduler, row in
        scheduler.bindFilter(plan, to: scheduler.builder.arithmetic(.add, firstRow, row))
        for tap in 0..<9 {
          let factor = scheduler.inScope { scheduler in
            let (row, column) = (scheduler.integer(tap / 3), scheduler.integer(tap % 3))
            scheduler.values.insert(row, for: plan.winograd.filterRow)
            scheduler.values.insert(column, for: plan.winograd.filterColumn)
            return scheduler.demanded(plan.winograd.contraction.rowFactor)
          }
          let place = block.place(
            scheduler.integer(tap / 3), tap % 3, of: number, plan, &scheduler)
          let element = scheduler.builder.arithmetic(.add, place[1], row)
          scheduler.builder.emit(.store, [factor, place[0], element])
        }
      }
    }
  }

  /// Copies neighbours at once, transposed in registers, of as many rows as a panel has.
  private mutating func copyTaps(
    _ plan: WinogradPlan, _ run: TapRun, _ firstRow: Value, _ block: TapBlock
  ) {
    let (lanes, nine) = (plan.filterLanes, integer(9))
    let start = product([block.first, nine])
    let count = product([block.count, nine])
    let (zero, step) = (integer(0), integer(TapRun.lanes))
    let axis = plan.parameters[plan.winograd.contraction.rowAxes[0]]
    joining(3, of: run.tensors) { scheduler in
      scheduler.loop(from: zero, to: count, by: step, name: "tap") { scheduler, tap in
        scheduler.values.insert(zero, for: plan.channelIndices[0])
        scheduler.values.insert(zero, for: plan.winograd.filterRow)
        let place = scheduler.builder.arithmetic(.add, start, tap)
        let rows = (0..<plan.tile.rows).map { row in
          scheduler.inScope { scheduler in
            let index = scheduler.folded(.add, firstRow, scheduler.integer(row))
            scheduler.values.insert(index, for: axis)
            return scheduler.emitSlice(run.slice, lanes: TapRun.lanes, from: place)[0]
          }
        }
        let column = Type.vector(.f32, lanes: lanes)
        let columns = scheduler.builder.emit(
          .transposeLanes, (0..<lanes).map { rows[$0 % rows.count] },
          results: Array(repeating: column, count: TapRun.lanes))
        let target = scheduler.product([tap, scheduler.integer(lanes)])
        for (number, column) in columns.enumerated() {
          let offset = scheduler.folded(.add, target, scheduler.integer(number * lanes))
          scheduler.builder.emit(.vectorStore, [column, block.buffer, offset])
        }
      }
    }
  }
}

extension WinogradPlan {
  /// `true` iff there are known to be channels for a block of them, and filters for a panel, or the run
  /// has asked whether there are.
  fileprivate func hasWholeBlocks(_ scheduler: Scheduler) -> Bool {
    let isAsked = scheduler.choice[.transforms] == nil
    return [(channels, Int(TapBlock.channels)), (rows, tile.rows)].allSatisfy { count, least in
      scheduler.knownNumber(count).map { $0 >= least } ?? isAsked
    }
  }
}
