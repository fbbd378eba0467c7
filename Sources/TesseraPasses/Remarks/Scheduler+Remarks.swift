import TesseraIR
import TesseraSource

/// What the scheduler says of statements, if remarks are wanted.
extension Scheduler {
  /// Adds a remark, unless it was made before or nobody wants any.
  private mutating func add(_ remark: (_ lengths: WrittenLengths) -> Diagnostic) {
    guard remarks != nil else { return }
    let made = remark(writtenLengths)
    if remarks?.contains(made) == false { remarks?.append(made) }
  }

  /// Runs `body`, which is what is done in some cases, and says nothing of it.
  mutating func withoutRemarks(_ body: (inout Scheduler) -> Void) {
    let made = remarks
    remarks = nil
    body(&self)
    remarks = made
  }

  /// Says that `content` is computed by packed panels, and what of it is not packed.
  mutating func remarkPanels(
    _ content: Operation, _ plan: ContractionPlan, inPlace: (rows: Bool, columns: Bool),
    notTransformed obstacle: Winograd.Obstacle
  ) {
    var notes: [String] = []
    if inPlace.rows { notes.append("rows: read where they lie, for few columns and terms") }
    if inPlace.columns {
      let reason = columnsStayNear(plan) ? "few columns and terms" : "few rows"
      notes.append("columns: read where they lie, for \(reason)")
    }
    if let dot = plan.dot {
      let types = "\(dot.rowType.rawValue) times \(dot.columnType.rawValue)"
      notes.append("terms: \(dot.terms) by one instruction, \(types)")
    }
    let most = plan.greatestDepth * Int64(plan.termsTogether)
    notes.append("blocks: at most \(most) terms of each sum at a time")
    remarkPanels(content, plan, notes + reasons(obstacle))
  }

  /// Says that `content` is computed out of a copy of what its windows share.
  mutating func remarkWindows(
    _ content: Operation, _ plan: ContractionPlan, _ windows: Windows,
    notTransformed obstacle: Winograd.Obstacle
  ) {
    let condition =
      windows.hasFreeWidth ? ", where \(plan.lanes) divides their number in a row" : ""
    remarkPanels(
      content, plan,
      ["columns: read from a copy of what the windows share" + condition] + reasons(obstacle))
  }

  /// Why a sum for which the program permits transforms has none.
  private func reasons(_ obstacle: Winograd.Obstacle) -> [String] {
    obstacle == .isNotPermitted ? [] : ["transforms: none, since \(obstacle.rawValue)"]
  }

  private mutating func remarkPanels(
    _ content: Operation, _ plan: ContractionPlan, _ more: [String]
  ) {
    add { lengths in
      let contraction = plan.contraction
      let rows = lengths.product(contraction.rowAxes.map { content.operands[$0] })
      let columns = lengths.product(contraction.columnAxes.map { content.operands[$0] })
      let depth = lengths.product(ReductionBox(contraction.reduction, lengths.function).upper)
      let lowerTiles = plan.lowerTiles.map { ", the last \($0.count) of \($0.rows) rows" } ?? ""
      var notes =
        [
          "matrices: \(rows) by \(depth) times \(depth) by \(columns)",
          "register tile: \(plan.tileRows) rows of \(plan.registerTile.vectors) vectors of "
            + "\(plan.lanes) \(contraction.element.rawValue)" + lowerTiles,
        ] + more
      if !contraction.batchAxes.isEmpty {
        let times = lengths.product(contraction.batchAxes.map { content.operands[$0] })
        notes.append("repeated: \(times) times")
      }
      return .computedByPanels(
        notes + StatementWork(content, in: lengths).notes, at: content.span)
    }
  }

  /// Says that `content` is computed by transforms.
  mutating func remarkTransforms(_ content: Operation, _ winograd: Winograd) {
    add { lengths in
      let size = winograd.tileSize
      return .computedByTransforms(
        [
          "algorithm: F(\(size)×\(size), 3×3), \(winograd.frequencies) products in place of "
            + "\(9 * size * size)"
        ] + (winograd.keepsTaps ? ["filters: transformed where they are used, for memory"] : [])
          + (winograd.mayBeThin
            ? ["transforms: from \(Winograd.leastChannels) channels and filters on"] : [])
          + StatementWork(content, in: lengths).notes, at: content.span)
    }
  }

  /// Says in which vectors `content` is computed, or that it is in none; if it `hasBorders`, they are
  /// none of them.
  mutating func remarkLoops(_ content: Operation, _ plan: TilePlan?, hasBorders: Bool = false) {
    let stores = streamingNote(content.results)
    add { lengths in
      let source = lengths.function
      let work = StatementWork(content, in: lengths).notes
      guard let plan else {
        let reason = source.reasonAgainstVectors(content)
        return .computedOneByOne(["why: " + reason] + work, at: content.span)
      }
      let type = content.results.first.map { "\(source.type(of: $0).element)" } ?? "numbers"
      var notes: [String] = []
      if hasBorders { notes.append("borders: one element at a time") }
      if let rows = plan.rows, !hasBorders {
        notes.append("rows: \(rows.count) at once, which share what a reduction reads")
      }
      if let stores { notes.append(stores) }
      return .computedInVectors("\(plan.lanes) \(type)", notes + work, at: content.span)
    }
  }

  /// Says that the members of `stream` are done together, a lane for each row, and of their keys so
  /// many at a time, if not all.
  mutating func remarkColumns(_ stream: Stream, keysAtOnce: Int? = nil) {
    let keys = keysAtOnce.map { ["blocks: \($0) keys, with the largest score so far"] }
    remarkRows(stream, ["at once: \(columnLanes) rows, a lane each"] + (keys ?? []))
  }

  /// Says that the members of `stream` are done together, and in which `form` of rows.
  mutating func remarkRows(_ stream: Stream, _ form: RowForm) {
    var notes = form.registers == nil ? [] : ["a row stays in registers"]
    if form.headCount != nil {
      let most = form.shortLength == nil ? "" : "up to \(Self.shortRow) elements, "
      notes.append(most + "each row begins before the last one is done")
    }
    if form.behind != nil { notes.append("each row is stored while the next one is computed") }
    if form.long != nil {
      notes.append("from \(longRowCount) elements on, a row is computed wherever it is read")
    }
    remarkRows(stream, notes)
  }

  private mutating func remarkRows(_ stream: Stream, _ more: [String]) {
    let kept = stream.members.flatMap { source.operations[$0.operation].results }
      .filter { stream.kept.contains($0) }
    let stores = streamingNote(kept)
    add { lengths in
      let source = lengths.function
      let members = stream.members.map { source.operations[$0.operation] }
      let rows = lengths.product(stream.extents)
      let names = members.flatMap(\.results).filter { !stream.kept.contains($0) }
        .compactMap { source.values[$0].name }
      var notes = ["rows: \(rows)"]
      if !names.isEmpty { notes.append("never whole: \(names.joined(separator: ", "))") }
      notes += more
      if let stores { notes.append(stores) }
      let operations = members.reduce(Amount(0)) {
        $0 + StatementWork($1, in: lengths).operations
      }
      notes.append("arithmetic: \(operations) operations")
      let spans = members.map(\.span)
      var others: [SourceSpan] = []
      for span in spans.dropFirst() where span != spans[0] && !others.contains(span) {
        others.append(span)
      }
      return .computedRowByRow(others, notes, at: spans[0])
    }
  }
}

extension Function {
  /// Why there are no vectors, as far as that can be told in a clause.
  fileprivate func reasonAgainstVectors(_ content: Operation) -> String {
    guard let last = content.operands.last else { return "there is one element" }
    if content.results.contains(where: { type(of: $0).element == .scalar(.bool) }) {
      return "truth values have no vectors in memory"
    }
    if let length = integerConstant(last), length < 16 {
      return "the last dimension has only \(length) elements"
    }
    return "neighbours along the last dimension do not do the same"
  }
}
