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

  /// Runs `body`, which is what is done in some cases, and says nothing of it if `isSilent`.
  mutating func withoutRemarks(if isSilent: Bool = true, _ body: (inout Scheduler) -> Void) {
    if !isSilent { return body(&self) }
    let made = remarks
    remarks = nil
    body(&self)
    remarks = made
  }

  /// Says that `content` is computed by packed panels, and what of it is not packed.
  mutating func remarkPanels(
    _ content: Operation, _ plan: ContractionPlan, inPlace: (rows: Bool, columns: Bool),
    notTransformed obstacle: Winograd.Obstacle, besides forms: [String] = []
  ) {
    var notes = forms
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
    if knownNumber(plan.terms).map({ $0 > most }) ?? true {
      notes.append("blocks: at most \(most) terms of each sum at a time")
    }
    remarkPanels(content, plan, notes + reasons(obstacle))
  }

  /// Says that `content` is computed with one factor read where it lies.
  mutating func remarkNarrow(
    _ content: Operation, _ contraction: Contraction, _ product: NarrowProduct
  ) {
    let lanes = narrowLanes(contraction)
    add { lengths in
      let rows = lengths.product(contraction.rowAxes.map { content.operands[$0] })
      let columns = lengths.product(contraction.columnAxes.map { content.operands[$0] })
      let depth = lengths.product(product.box.upper)
      let (few, others) = product.isOfColumns ? ("columns", "rows") : ("rows", "columns")
      var notes = [
        "matrices: \(rows) by \(depth) times \(depth) by \(columns)",
        "register tile: \(NarrowProduct.tileRows) \(others) of a vector of \(lanes) "
          + "\(contraction.element.rawValue)",
        "\(others): read where they lie, for few \(few)",
      ]
      if !contraction.batchAxes.isEmpty {
        let times = lengths.product(contraction.batchAxes.map { content.operands[$0] })
        notes.append("repeated: \(times) times")
      }
      return .computedByPanels(
        notes + StatementWork(content, in: lengths).notes, at: content.span)
    }
  }

  /// Says that `content` is computed out of a copy of what its windows share.
  mutating func remarkWindows(
    _ content: Operation, _ plan: ContractionPlan, _ windows: Windows,
    notTransformed obstacle: Winograd.Obstacle
  ) {
    let condition =
      windows.crossesRows
      ? ", across its rows"
      : windows.hasFreeWidth ? ", where \(plan.lanes) divides their number in a row" : ""
    remarkPanels(
      content, plan,
      ["columns: read from a copy of what the windows share" + condition] + reasons(obstacle))
  }

  /// Why a sum has no transforms, where the program permits them or they would pay.
  private func reasons(_ obstacle: Winograd.Obstacle) -> [String] {
    obstacle == .isNoMatter ? [] : ["transforms: none, since \(obstacle.rawValue)"]
  }

  private mutating func remarkPanels(
    _ content: Operation, _ plan: ContractionPlan, _ more: [String]
  ) {
    add { lengths in
      let contraction = plan.contraction
      let rows = lengths.product(contraction.rowAxes.map { content.operands[$0] })
      let columns = lengths.product(contraction.columnAxes.map { content.operands[$0] })
      let depth = lengths.count(of: contraction.reduction)
      let sums = plan.sumCount == 1 ? "" : "\(plan.sumCount) times "
      let lowerTiles = plan.lowerTiles.map { ", the last \($0.count) of \($0.rows) rows" } ?? ""
      var notes =
        [
          "matrices: \(rows) by \(depth) times \(sums)\(depth) by \(columns)",
          "register tile: \(plan.tileRows) rows of \(plan.registerTile.vectors) vectors of "
            + "\(plan.lanes) \(contraction.element.rawValue)" + lowerTiles,
        ] + more
      let times = lengths.product(contraction.batchAxes.map { content.operands[$0] })
      if times.number != 1 { notes.append("repeated: \(times) times") }
      return .computedByPanels(
        notes + StatementWork(content, in: lengths).notes, at: content.span)
    }
  }

  /// Says that `content` is computed by transforms.
  mutating func remarkTransforms(
    _ content: Operation, _ winograd: Winograd, _ tile: RegisterTile
  ) {
    add { lengths in
      let size = winograd.tileSize
      let work = StatementWork(content, in: lengths)
      return .computedByTransforms(
        [
          "algorithm: F(\(size)×\(size), 3×3), \(winograd.frequencies) products in place of "
            + "\(9 * size * size)",
          "register tile: \(tile.rows) rows of \(tile.vectors) vectors of \(tile.lanes) f32",
        ] + (winograd.keepsTaps ? ["filters: transformed where they are used, for memory"] : [])
          + (winograd.mayBeThin
            ? ["transforms: from \(Winograd.leastChannels) channels and filters on"] : [])
          + ["arithmetic: \(work.operations) operations as written", work.memory],
        at: content.span)
    }
  }

  /// Says in which vectors `content` is computed, or that it is in none; if it is cut into `pieces`,
  /// what lies between them is in none either.
  mutating func remarkLoops(
    _ content: Operation, _ plan: TilePlan?, pieces: Int = 0, sweep: RowSweep? = nil
  ) {
    let stores = streamingNote(content.results)
    let reductions = reductionNotes(content.regions[0])
    let least = target.vectorByteCount
    add { lengths in
      let source = lengths.function
      let work = StatementWork(content, in: lengths).notes
      guard let plan else {
        let why = "why: " + source.reasonAgainstVectors(content, ofBytes: least)
        return .computedOneByOne(
          (reductions.isEmpty ? [why] : reductions) + work, at: content.span)
      }
      let type = content.results.first.map { "\(source.type(of: $0).element)" } ?? "numbers"
      var notes: [String] = []
      if sweep != nil {
        let rows = RowSweep.rowCount
        notes.append("order: \(rows) rows of terms at a time, as they lie; results wait in a cache")
        if sweep?.points != nil {
          notes.append("rows: all at once, which share the terms' vectors")
        }
      } else if plan.lanes > plan.registerLanes {
        notes.append("at once: \(plan.lanes / plan.registerLanes) vectors")
      } else if let most = plan.longRowLanes {
        notes.append("at once: \(most / plan.registerLanes) vectors, where rows are that long")
      }
      if pieces > 1 { notes.append("pieces: \(pieces), between which conditions change") }
      if pieces > 0 { notes.append("borders: one element at a time") }
      if let rows = plan.rows, pieces == 0, sweep == nil {
        notes.append("rows: \(rows.count) at once, which share what a reduction reads")
      }
      if let stores { notes.append(stores) }
      return .computedInVectors("\(plan.registerLanes) \(type)", notes + work, at: content.span)
    }
  }

  /// Says that `content` is computed in blocks that are transposed.
  mutating func remarkTransposed(_ content: Operation, _ plan: TransposePlan) {
    let stores = streamingNote(content.results)
    add { lengths in
      let type = content.results.first.map { "\(lengths.function.type(of: $0).element)" } ?? ""
      let blocks = "blocks: \(plan.lanes) by \(plan.points), transposed in registers"
      return .computedInVectors(
        "\(plan.lanes) \(type)",
        [blocks] + (stores.map { [$0] } ?? []) + StatementWork(content, in: lengths).notes,
        at: content.span)
    }
  }

  /// Says how the reduction `content` of the program, which is part of no tensor, is computed.
  mutating func remarkReduction(_ content: Operation) {
    let form = reductionNote(content) ?? "reduction: one term after the other"
    add { .computedAsReduction([form] + StatementWork(content, in: $0).notes, at: content.span) }
  }

  /// Says that `content` is a scan.
  mutating func remarkScan(_ content: Operation) {
    add { .computedAsScan(StatementWork(content, in: $0).notes, at: content.span) }
  }

  /// Says how the update `content` is done.
  mutating func remarkUpdate(_ content: Operation, _ plan: UpdatePlan?, inTwoSteps: Bool) {
    add { lengths in
      let type = lengths.function.type(of: content.results[0]).element
      var form = plan.map { "elements: in vectors of \($0.lanes) \(type)" }
      form = inTwoSteps ? "elements: all computed before one is written" : form
      return .computedAsUpdate(
        [form ?? "elements: one after the other"] + StatementWork(content, in: lengths).notes,
        at: content.span)
    }
  }

  /// How the reductions are computed that `region` lists, for those that have vectors.
  private func reductionNotes(_ region: ID<Region>) -> [String] {
    var notes: [String] = []
    source.forEachOperation(in: region) { id in
      guard source.operations[id].opcode == .reduce,
        let note = reductionNote(source.operations[id]), !notes.contains(note)
      else { return }
      notes.append(note)
    }
    return notes
  }

  private func placeNote(_ content: Operation) -> String? {
    PlacePlan(ReductionBox(content, source), source, target).map {
      "reduction: in \(SeenTerms.registers) vectors of \($0.lanes) \($0.type.rawValue)"
    }
  }

  private func reductionNote(_ content: Operation) -> String? {
    if case .reduction(.argmax, _, _) = content.attribute { return placeNote(content) }
    if case .reduction(.argmin, _, _) = content.attribute { return placeNote(content) }
    guard case .reduction(_, .lanes(let lanes), _) = content.attribute,
      let plan = LanePlan(ReductionBox(content, source), source)
    else { return nil }
    let width = target.vectorByteCount / plan.analysis.widestByteCount
    let type = source.type(of: content.results[0])
    let count = lanes.count / max(width, 1)
    return "reduction: in \(count) vector\(count == 1 ? "" : "s") of \(width) \(type)"
  }

  /// Says that the members of `stream` are done together, a lane for each row, and of their keys so
  /// many at a time, if not all; from `leastKeys` keys and enough rows on.
  mutating func remarkColumns(
    _ stream: Stream, rows: Value, keysAtOnce: Int? = nil, leastKeys: Int? = nil
  ) {
    var notes = ["at once: \(columnLanes) rows, a lane each"]
    if let keysAtOnce { notes.append("blocks: \(keysAtOnce) keys, with the largest score so far") }
    if knownNumber(rows) == nil || leastKeys != nil {
      let keys = leastKeys.map { " or \($0) keys" } ?? ""
      notes.append("else: statement by statement, for fewer than \(columnLanes) rows\(keys)")
    }
    remarkRows(stream, notes)
  }

  /// Says that the members of `stream` are done together, and in which `form` of rows.
  mutating func remarkRows(_ stream: Stream, _ form: RowForm) {
    var notes = form.registers == nil ? [] : ["a row stays in registers"]
    if form.headCount != nil {
      let most = form.shortLength == nil ? "" : "up to \(Self.shortRow) elements, "
      notes.append(most + "each row begins before the last one is done")
    }
    if form.behind != nil {
      let least = form.longLength == nil ? "" : "past the caches from \(Self.longRow) elements on, "
      notes.append(least + "each row is stored while the next one is computed")
    }
    if form.long != nil {
      notes.append("from \(longRowCount) elements on, a row is computed wherever it is read")
    }
    remarkRows(stream, notes)
  }

  private mutating func remarkRows(_ stream: Stream, _ more: [String]) {
    let contents = stream.members.map { source.operations[$0.operation] }
    let kept = contents.flatMap(\.results).filter { stream.kept.contains($0) }
    let stores = streamingNote(kept)
    let elements = contents.flatMap(\.results).map { source.type(of: $0).element }
    let widest = elements.max { $0.byteCount < $1.byteCount }!
    let lanes = target.vectorByteCount / widest.byteCount
    add { lengths in
      let source = lengths.function
      let rows = lengths.product(stream.extents)
      let names = contents.flatMap(\.results).filter { !stream.kept.contains($0) }
        .compactMap { source.values[$0].name }
      var notes = ["rows: \(rows)", "vectors: \(lanes) \(widest)"]
      if !names.isEmpty { notes.append("never whole: \(names.joined(separator: ", "))") }
      notes += more
      if let stores { notes.append(stores) }
      notes += StatementWork(contents, storing: kept, in: lengths).notes
      let spans = contents.map(\.span)
      var others: [SourceSpan] = []
      for span in spans.dropFirst() where span != spans[0] && !others.contains(span) {
        others.append(span)
      }
      return .computedRowByRow(others, notes, at: spans[0])
    }
  }
}

extension [Diagnostic] {
  /// Leaves out what was said of statements before they became parts of rows: that says more.
  mutating func removeWhatRowsSay(_ made: [Diagnostic]) {
    let rows = made.filter { $0.identifier == "computed-row-by-row" }
    let spans = Set(rows.flatMap { [$0.span] + $0.labels.map(\.span) })
    removeAll { $0.identifier == "computed-before-read" && spans.contains($0.span) }
  }
}

extension Function {
  /// Why there are no vectors of so many bytes, as far as that can be told in a clause.
  fileprivate func reasonAgainstVectors(_ content: Operation, ofBytes byteCount: Int) -> String {
    let region = content.regions[0]
    guard let last = content.operands.last, let index = regions[region].parameters.last else {
      return "there is one element"
    }
    if content.results.contains(where: { type(of: $0).element == .scalar(.bool) }) {
      return "truth values have no vectors in memory"
    }
    let widest = content.results.map { type(of: $0).element.byteCount }.max() ?? 4
    if let length = integerConstant(last), length < byteCount / widest {
      return "the last dimension has only \(length) elements"
    }
    return obstacle(in: region, along: index)
      ?? "neighbours along the last dimension do not do the same"
  }

  /// What in `region` is not the same for neighbours along `index`.
  private func obstacle(in region: ID<Region>, along index: Value) -> String? {
    let dependents = DependentValues(self, region, on: index)
    var (read, division): (String?, String?)
    forEachOperation(in: region) { id in
      let content = operations[id]
      guard content.results.contains(where: { dependents.contains($0) }) else { return }
      switch content.opcode {
      case .read:
        let places = content.operands.dropFirst()
        let isRun =
          places.dropLast().allSatisfy { !dependents.contains($0) }
          && isConsecutive(places.last!, along: index, dependents)
        if isRun || read != nil { return }
        let name = values[content.operands[0]].name.map { "'\($0)'" } ?? "a tensor"
        read = "neighbours read elements of \(name) that are no neighbours"
      case .divide, .remainder, .divideTruncating, .remainderTruncating:
        if type(of: content.results[0]).scalarType?.isFloat == true { return }
        division = "whole numbers are divided one by one"
      default: break
      }
    }
    return read ?? division
  }

  /// `true` iff `place` is `index` and what is the same for all neighbours.
  private func isConsecutive(
    _ place: Value, along index: Value, _ dependents: DependentValues
  ) -> Bool {
    if place == index || !dependents.contains(place) { return true }
    guard let content = definition(of: place).map({ operations[$0] }),
      content.opcode == .add || content.opcode == .subtract
    else { return false }
    let differing = content.operands.filter { dependents.contains($0) }
    return differing.count == 1 && isConsecutive(differing[0], along: index, dependents)
      && (content.opcode == .add || differing[0] == content.operands[0])
  }
}
