import TesseraIR

/// Packing the factors of a contraction into panels, by evaluating their expressions: both at once,
/// and columns.
///
/// What lies beyond the last row or column is zero, so tiles need no masks.
extension Scheduler {
  /// Packs one block of the depth of all columns and rows for which there is memory, in several
  /// threads, but of `rowCount` panels of rows alone if that is given; the panels of `images` that are
  /// done together lie one after the other.
  ///
  /// Where `threadsAreNeeded` right after, less work is worth calling them.
  mutating func packPanels(
    _ plan: ContractionPlan, _ part: DepthBlock, of images: [Value] = [],
    _ unpacked: UnpackedPanels, rowCount: Value? = nil, threadsAreNeeded: Bool = false
  ) {
    let rowCount = unpacked.rows == nil ? integer(0) : rowCount ?? plan.rowPanels
    let panelsAtOnce = columnPanelsAtOnce(plan)
    let columnCount =
      unpacked.columns == nil ? integer(0) : blocks(of: plan.columnPanels, panelsAtOnce)
    let count = folded(.add, columnCount, rowCount)
    if knownNumber(count) == 0 { return }
    let names: [String?] = images.map { _ in nil } + ["panel"]
    let cost = packingCost(plan) * (threadsAreNeeded ? 16 : 1)
    spreadRows(images + [count], names: names, of: integer(1), cost: cost) { scheduler, place in
      let own = scheduler.bindImage(plan, images, to: Array(place.dropLast()), unpacked)
      let panel = place.last!
      guard let columns = own.columns else {
        return scheduler.packRows(plan, panel, part, into: own.rows!, at: panel)
      }
      guard let rows = own.rows, scheduler.knownNumber(rowCount) != 0 else {
        return scheduler.packColumns(plan, panel, panelsAtOnce, part, into: columns)
      }
      let isColumn = scheduler.builder.compare(.less, panel, columnCount)
      scheduler.choose(isColumn) { scheduler in
        scheduler.packColumns(plan, panel, panelsAtOnce, part, into: columns)
      } otherwise: { scheduler in
        let row = scheduler.builder.arithmetic(.subtract, panel, columnCount)
        scheduler.packRows(plan, row, part, into: rows, at: row)
      }
    }
  }

  /// Packs one block of the depth of the columns of the panels from `first` to `end`, of which so many
  /// are packed together.
  mutating func packColumns(
    _ plan: ContractionPlan, from first: Value, to end: Value, together count: Int64,
    _ part: DepthBlock, into panels: PackedPanels
  ) {
    let size = integer(count)
    let last = plan.sumCount > 1 ? blocks(of: end, count) : divided(end, by: size)
    loop(from: divided(first, by: size), to: last, name: "panel") {
      scheduler, panel in
      scheduler.packColumns(plan, panel, count, part, into: panels)
    }
  }

  /// About how many operations packing a panel of columns is; two elements count as one.
  private func packingCost(_ plan: ContractionPlan) -> Int {
    let depth = knownNumber(plan.blockDepth) ?? 256
    return plan.panelColumns * plan.termsTogether * Int(min(max(depth, 4), 1 << 12)) / 2
  }

  /// How many panels of columns are packed together: for each position of the depth all their columns
  /// are read before those of the next one, which may lie pages away. Fewer where there have to be so
  /// many `tasks`. Of several sums, whose panels have fewer columns of each, two in any case.
  func columnPanelsAtOnce(_ plan: ContractionPlan, tasks: Int64 = 1) -> Int64 {
    guard let work = runWork(plan) else { return 1 }
    let panels = knownNumber(plan.columnPanels) ?? .max
    return (work <= Self.littleWork ? [4, 2] : work <= Self.someWork ? [2] : []).first { count in
      isMultiple(plan.columnExtents.last!, Int(count) * plan.tileColumns)
        && panels / count >= tasks
    } ?? (plan.sumCount > 1 && plan.dot == nil ? 2 : 1)
  }

  /// Packs one block of the depth of the columns of the `number`-th panel, or of `count` panels, of which
  /// the last ones may not exist.
  private mutating func packColumns(
    _ plan: ContractionPlan, _ number: Value, _ count: Int64, _ part: DepthBlock,
    into panels: PackedPanels
  ) {
    let firstPanel = product([number, integer(count)])
    packColumns(plan, from: firstPanel, count, part, into: panels.buffer)
    if panels.starts == nil, panels.exponents == nil { return }
    loop(from: integer(0), to: integer(count), name: "panel") { scheduler, number in
      let panel = scheduler.folded(.add, firstPanel, number)
      scheduler.makeStarts(plan, part, panel, in: panels)
      scheduler.noteExponent(
        plan, panel, in: panels, part.depth, length: plan.panelColumns * plan.termsTogether)
    }
  }

  private mutating func packColumns(
    _ plan: ContractionPlan, from firstPanel: Value, _ count: Int64, _ part: DepthBlock,
    into buffer: Value
  ) {
    let sums = plan.ofEachSum(in: source)
    guard runWork(plan) != nil else {
      for sum in sums { packRegisters(sum, firstPanel, part, into: buffer) }
      return
    }
    let first = product([firstPanel, integer(plan.tileColumns)])
    let columns = indices(ofRow: first, plan.columnExtents)
    let whole: (inout Scheduler) -> Void = { scheduler in
      scheduler.depthLoop(plan, part) { scheduler, position, terms in
        for sum in sums {
          for vector in 0..<Int(count) * plan.sumVectors {
            scheduler.inScope { scheduler in
              let (panel, register) = vector.quotientAndRemainder(dividingBy: plan.sumVectors)
              let place = scheduler.folded(.add, firstPanel, scheduler.integer(panel))
              let offset = scheduler.integer(sum.firstPanelColumn + register * plan.lanes)
              var columns = columns
              let step = scheduler.integer(vector * plan.lanes)
              columns.append(scheduler.folded(.add, columns.removeLast(), step))
              scheduler.packRun(
                sum, [buffer, place, position], offset, terms, columns, plan.lanes)
            }
          }
        }
      }
    }
    let together = Int(count) * plan.tileColumns
    if isMultiple(plan.columnExtents.last!, together) { return whole(&self) }
    let end = builder.arithmetic(.add, columns.last!, integer(together))
    let isWhole = builder.compare(.lessOrEqual, end, plan.columnExtents.last!)
    choose(isWhole) { scheduler in
      whole(&scheduler)
    } otherwise: { scheduler in
      guard count > 1 else {
        for sum in sums { scheduler.packRegisters(sum, firstPanel, part, into: buffer) }
        return
      }
      let end = scheduler.builder.arithmetic(.add, firstPanel, scheduler.integer(count))
      scheduler.loop(
        from: firstPanel, to: scheduler.least(end, plan.columnPanels), name: "panel"
      ) { scheduler, panel in
        scheduler.packColumns(plan, from: panel, 1, part, into: buffer)
      }
    }
  }

  /// About how many operations make a register of neighbouring columns; `nil` if they are many, or some
  /// have no form for lanes: panels are then packed register by register.
  private func runWork(_ plan: ContractionPlan) -> Int? {
    if plan.lanes == 1 { return nil }
    var most = 0
    for plan in plan.ofEachSum(in: source) {
      let indices = Set(plan.parameters + plan.reducedIndices)
      let work = runWork(
        plan.columnFactor, along: plan.parameters[plan.contraction.columnAxes.last!],
        branches: plan.dot == nil
      ) { values[$0] != nil && !indices.contains($0) }
      guard let work, work <= Self.mostWork else { return nil }
      most = max(most, work)
    }
    return most
  }

  /// About how many operations make a register of neighbours of `value` along `index`, of the longer one
  /// of `branches` where a condition is the same for all of them; `nil` where they have no form for
  /// lanes.
  private func runWork(
    _ value: Value, along index: Value, branches: Bool, isKnown: (Value) -> Bool
  ) -> Int? {
    if let slice = LaneSlice(source, making: [value], alongLanesOf: index, isKnown: isKnown) {
      return slice.operations.reduce(0) { work, operation in
        let content = source.operations[operation]
        if slice.analysis.kind(content.results[0]) != .varying { return work }
        return work + (content.opcode.isMathematical ? 4 : 1)
      }
    }
    guard branches, let guarded = GuardedFactor(value, along: index, in: source), guarded.isSettled
    else { return nil }
    var most = 0
    for region in [guarded.inside, guarded.outside] {
      guard
        let work = runWork(
          yielded(region)[0], along: index, branches: true, isKnown: isKnown)
      else { return nil }
      most = max(most, work)
    }
    return most + 1
  }

  /// The most operations on registers with which several panels are packed together, two, and one.
  private static var littleWork: Int { 4 }
  private static var someWork: Int { 8 }
  private static var mostWork: Int { 12 }

  /// Packs the columns of a panel register by register.
  private mutating func packRegisters(
    _ plan: ContractionPlan, _ panel: Value, _ part: DepthBlock, into buffer: Value
  ) {
    let start = integer(plan.firstPanelColumn)
    vectorLoop(plan) { scheduler, offset in
      scheduler.columnRun(plan, panel, offset) { scheduler, columns, offset, lanes in
        let place = scheduler.folded(.add, offset, start)
        scheduler.depthLoop(plan, part) { scheduler, position, terms in
          scheduler.packRun(plan, [buffer, panel, position], place, terms, columns, lanes)
        }
      } single: { scheduler, offset, columns in
        scheduler.bind(plan.contraction.columnAxes, to: columns, plan)
        let place = scheduler.folded(.add, offset, start)
        let first = scheduler.product([place, scheduler.integer(plan.termsTogether)])
        scheduler.depthLoop(plan, part) { scheduler, position, terms in
          scheduler.storeTerms(plan, terms, into: [buffer, panel, position], at: first)
        }
      } outside: { scheduler, offset in
        let zero = scheduler.zeroNumber(plan.columnType)
        let place = scheduler.folded(.add, offset, start)
        let first = scheduler.product([place, scheduler.integer(plan.termsTogether)])
        scheduler.loop(from: scheduler.integer(0), to: part.depth) { scheduler, position in
          for term in 0..<plan.termsTogether {
            let element = scheduler.folded(.add, first, scheduler.integer(term))
            scheduler.builder.emit(.store, [zero, buffer, panel, position, element])
          }
        }
      }
    }
  }

  // MARK: Depth

  /// Runs `body` for each position of a block of the depth; it is given the terms there.
  ///
  /// The indices are counted up like the digits of a number, since dividing would cost more than
  /// what is packed.
  mutating func depthLoop(
    _ plan: ContractionPlan, _ part: DepthBlock,
    _ body: (inout Scheduler, _ position: Value, _ terms: [DepthTerm]) -> Void
  ) {
    // Where a range is empty there is no depth, and nothing may be divided by it.
    let counts = plan.counts.map { atLeastOne($0) }
    let together = integer(plan.termsTogether)
    let steps = indices(ofRow: product([part.start, together]), counts)
    let first = zip(steps, plan.ranges).map { step, range in
      builder.arithmetic(.add, range.lower, product([step, range.step]))
    }
    let isWhole = isMultiple(plan.terms, plan.termsTogether)
    let whole = isWhole ? part.depth : divided(part.terms, by: together)
    let last = loop(from: integer(0), to: whole, name: "depth", carrying: first) {
      scheduler, position, indices in
      var (terms, next): ([DepthTerm], [Value]) = ([], indices)
      for _ in 0..<plan.termsTogether {
        terms.append(DepthTerm(indices: next))
        next = scheduler.successor(of: next, plan.ranges)
      }
      body(&scheduler, position, terms)
      return next
    }
    if isWhole { return }
    let rest = builder.arithmetic(.subtract, part.terms, product([whole, together]))
    choose(builder.compare(.less, integer(0), rest)) { scheduler in
      var (terms, next) = ([DepthTerm(indices: last)], last)
      for number in 1..<plan.termsTogether {
        next = scheduler.successor(of: next, plan.ranges)
        let exists = scheduler.builder.compare(.less, scheduler.integer(number), rest)
        terms.append(DepthTerm(indices: next, exists: exists))
      }
      body(&scheduler, whole, terms)
    }
  }

  /// The indices that follow in row-major order; those of the last element are not needed.
  private mutating func successor(of indices: [Value], _ ranges: [IndexRange]) -> [Value] {
    var next = indices
    var carry: Value?
    for axis in indices.indices.reversed() {
      let stepped = builder.arithmetic(.add, indices[axis], ranges[axis].step)
      let moved =
        carry.map { builder.emit(.select, [$0, stepped, indices[axis]], results: [.index])[0] }
        ?? stepped
      if axis == 0 {
        next[axis] = moved
        break
      }
      let wraps = builder.compare(.greaterOrEqual, moved, ranges[axis].upper)
      next[axis] = builder.emit(.select, [wraps, ranges[axis].lower, moved], results: [.index])[0]
      carry = wraps
    }
    return next
  }

  // MARK: Runs

  /// Packs the factors of neighbouring columns, of which `columns` is the first, for the terms of a
  /// position.
  private mutating func packRun(
    _ plan: ContractionPlan, _ place: [Value], _ offset: Value, _ terms: [DepthTerm],
    _ columns: [Value], _ lanes: Int
  ) {
    if let dot = plan.dot {
      return packTerms(plan, dot, terms, columns, lanes, into: place, at: offset)
    }
    let axes = plan.contraction.columnAxes
    bind(terms[0], plan)
    bind(axes.dropLast(), to: columns.dropLast(), plan)
    emitRun(
      of: plan.contraction.columnFactor, along: plan.parameters[axes.last!], lanes: lanes,
      from: columns.last!
    ) { scheduler, vector in
      scheduler.builder.emit(.vectorStore, [vector] + place + [offset])
    } single: { scheduler, lane, value in
      let column = scheduler.builder.arithmetic(.add, offset, lane)
      scheduler.builder.emit(.store, [value] + place + [column])
    }
  }
}
