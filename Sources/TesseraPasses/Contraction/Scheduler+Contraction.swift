import TesseraIR

/// The contraction engine: register-blocked outer products over packed panels, blocked for caches
/// around that.
///
///     for each block of the reduced indices (depth)
///       pack all columns into panels [depth][columns of a tile], and all rows, in several threads;
///       where there are many rows, a task packs those that it alone needs, where few, the columns
///       for each block of rows × group of column panels, in several threads
///         for each column panel
///           for each row panel
///             accumulate the tile in registers over the depth
///             keep it for the next block, or run the epilogue and store
///
/// Where the depth is small the two inner loops change places: results are then written along rows.
/// Where the target sums up several products of narrow numbers at once, a position of the depth has
/// several terms, see `DotForm`.
/// Where rows are few, columns are not packed but read where they lie; where columns and terms are few,
/// both are.
///
/// The sum of an element runs over the reduced indices in ascending order with one accumulator and
/// fused multiply-add, whatever the blocks of rows and columns; so threads and caches never show.
///
/// Algorithm: Goto and van de Geijn 2008, with the two operands' packing generated from their
/// expressions.
extension Scheduler {
  /// Emits `content` as the contraction that it is, into `buffers`.
  ///
  /// Without elements nothing of it runs, for what stands in a statement may rely on every index
  /// to have a number.
  mutating func emitContraction(
    _ content: Operation, _ contraction: Contraction, into buffers: [Value]
  ) {
    let count = product(content.operands.map { demanded($0) })
    if let known = knownNumber(count), known > 0 {
      return emitNonempty(content, contraction, into: buffers)
    }
    let isNonempty = builder.compare(.less, integer(0), count)
    choose(isNonempty) { scheduler in
      scheduler.emitNonempty(content, contraction, into: buffers)
    }
  }

  private mutating func emitNonempty(
    _ content: Operation, _ contraction: Contraction, into buffers: [Value]
  ) {
    do throws(Winograd.Obstacle) {
      let winograd = try winograd(contraction, content)
      emitWinograd(content, winograd, into: buffers) { scheduler in
        scheduler.emitProducts(content, contraction, into: buffers, notTransformed: .isThin)
      }
    } catch {
      emitProducts(content, contraction, into: buffers, notTransformed: error)
    }
  }

  /// Emits `content` by products of the factors as they are.
  private mutating func emitProducts(
    _ content: Operation, _ contraction: Contraction, into buffers: [Value],
    notTransformed obstacle: Winograd.Obstacle
  ) {
    let narrow = narrowProducts(content, contraction)
    let others = narrow.map(\.isOfColumns).map { $0 ? ("columns", "rows") : ("rows", "columns") }
    var forms = others.map {
      "up to \(narrowLanes(contraction)) \($0): the \($1) are read where they lie"
    }
    if fewRows(content, contraction) != nil {
      forms.append("up to \(narrowLanes(contraction)) rows: as a sweep over columns where they lie")
    }
    emitNarrow(narrow[...], content, contraction, into: buffers) { scheduler in
      scheduler.emitFewRows(content, contraction, into: buffers) { scheduler in
        scheduler.emitWideProducts(
          content, contraction, into: buffers, notTransformed: obstacle, besides: forms)
      }
    }
  }

  /// Emits `content` by products of the factors as they are, if neither is narrow; remarks tell what
  /// else the run may choose.
  private mutating func emitWideProducts(
    _ content: Operation, _ contraction: Contraction, into buffers: [Value],
    notTransformed obstacle: Winograd.Obstacle, besides forms: [String]
  ) {
    guard
      let windows = Windows(
        contraction, content, lanes: target.lanes(of: contraction.element), in: source)
    else {
      return emitPanels(
        content, contraction, into: buffers, notTransformed: obstacle, besides: forms)
    }
    emitWindows(content, windows, into: buffers, notTransformed: obstacle) { scheduler, rows in
      scheduler.emitPanels(
        content, windows.contraction, into: buffers, notTransformed: obstacle, wholeRows: rows,
        isRare: true)
    }
  }

  /// Emits `content` as products of panels.
  ///
  /// - Parameters:
  ///   - wholeRows: the rows, if they were packed ahead for blocks of any depth.
  ///   - forms: what the run may choose in the place of panels.
  ///   - isRare: whether it is what is left when the run has refused other forms: then it has little code.
  private mutating func emitPanels(
    _ content: Operation, _ contraction: Contraction, into buffers: [Value],
    notTransformed obstacle: Winograd.Obstacle, wholeRows: WholeRows? = nil,
    isRare: Bool = false, besides forms: [String] = []
  ) {
    var plan = contractionPlan(content, contraction)
    plan.dot = dotForm(plan)
    let columnsInPlace = plan.dot == nil ? columnsInPlace(plan) : nil
    if columnsInPlace != nil { plan = contractionPlan(content, contraction, columnsInPlace: true) }
    if let dot = plan.dot { plan = contractionPlan(content, contraction, dot: dot) }
    let rowsInPlace =
      plan.dot == nil ? rowsInPlace(plan, hasColumns: columnsInPlace != nil) : nil
    if let rowsInPlace {
      plan = contractionPlan(
        content, contraction, columnsInPlace: columnsInPlace != nil, tiles: rowsInPlace.tiles)
    }
    remarkPanels(
      content, plan, inPlace: (rowsInPlace != nil, columnsInPlace != nil), notTransformed: obstacle,
      besides: forms)
    if wholeRows != nil { plan.blockByRuns(&self) }
    plan.isRare = isRare
    if wholeRows == nil, rowsInPlace == nil {
      plan.lastRowsRepeat = lastRowsMayRepeat(plan, columnsInPlace: columnsInPlace != nil)
    }
    let rowsAhead = wholeRows == nil ? packRowsAhead(plan) : nil
    let columnsAhead = packColumnsAhead(plan)
    let columnsWait = columnsAhead == nil && columnsInPlace == nil
    let images = columnsAhead == nil ? imagesTogether(plan, columnsWait: columnsWait) : []
    let columns =
      columnsInPlace.map { .inPlace($0) }
      ?? ContractionColumns.panels(
        columnsAhead
          ?? allocateColumnPanels(plan, product(images + [plan.columnPanels]), name: "columns"))
    let (sums, tileExponents) = (allocateSums(plan), allocateTileExponents(plan))
    nestImages(plan, isDone: !images.isEmpty) { scheduler in
      scheduler.depthBlocks(plan) { scheduler, part in
        var panels = ContractionPanels(
          rowsInPlace: rowsInPlace?.read, columns: columns, sums: sums,
          tileExponents: tileExponents)
        if let columnsAhead {
          panels.columns = .panels(scheduler.columnPanels(columnsAhead, plan, part.number))
        }
        scheduler.takeRows(rowsAhead, plan, part, into: &panels)
        scheduler.take(wholeRows, part, into: &panels)
        scheduler.multiplyPanels(
          plan, panels, part, images, columnsWait: columnsWait, content, buffers)
      }
    }
  }

  /// Runs `body` for all indices of the axes that are neither rows nor columns.
  ///
  /// Where that `isDone` by what `body` emits, it runs once.
  mutating func nestImages(
    _ plan: ContractionPlan, isDone: Bool = false, _ body: (inout Scheduler) -> Void
  ) {
    if isDone { return body(&self) }
    let axes = plan.contraction.batchAxes
    let ranges = axes.map { axis in
      IndexRange(
        lower: integer(0), upper: plan.extents[axis], step: integer(1),
        name: source.values[plan.parameters[axis]].name)
    }
    nest(ranges) { scheduler, indices in
      scheduler.bind(axes, to: indices, plan)
      body(&scheduler)
    }
  }

  /// Runs `body` for each block of the depth.
  mutating func depthBlocks(
    _ plan: ContractionPlan, _ body: (inout Scheduler, DepthBlock) -> Void
  ) {
    if knownNumber(plan.depthBlocks) == 1 {
      let zero = integer(0)
      return body(
        &self, DepthBlock(number: zero, start: zero, depth: plan.depth, terms: plan.terms))
    }
    loop(from: integer(0), to: plan.depthBlocks, name: "block") { scheduler, block in
      let start = scheduler.product([block, plan.blockDepth])
      let left = scheduler.builder.arithmetic(.subtract, plan.depth, start)
      let depth = scheduler.builder.arithmetic(.minimum, left, plan.blockDepth)
      let together = scheduler.integer(plan.termsTogether)
      let terms =
        plan.dot == nil
        ? depth
        : scheduler.least(
          scheduler.builder.arithmetic(
            .subtract, plan.terms, scheduler.product([start, together])),
          scheduler.product([depth, together]))
      body(&scheduler, DepthBlock(number: block, start: start, depth: depth, terms: terms))
    }
  }
}
