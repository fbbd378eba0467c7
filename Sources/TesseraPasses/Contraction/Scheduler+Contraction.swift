import TesseraIR
import TesseraNumbers

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
    if let known = builder.function.integerConstant(count), known > 0 {
      return emitNonempty(content, contraction, into: buffers)
    }
    let isNonempty = builder.compare(.less, integer(0), count)
    _ = choose(isNonempty, types: []) { scheduler in
      scheduler.emitNonempty(content, contraction, into: buffers)
      return []
    } else: { _ in
      []
    }
  }

  private mutating func emitNonempty(
    _ content: Operation, _ contraction: Contraction, into buffers: [Value]
  ) {
    do throws(Winograd.Obstacle) {
      let winograd = try winograd(contraction, content)
      remarkTransforms(content, winograd)
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
    guard
      let windows = Windows(
        contraction, content, lanes: target.lanes(of: contraction.element), in: source)
    else {
      return emitPanels(content, contraction, into: buffers, notTransformed: obstacle)
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
  ///   - isRare: whether it is what is left when the run has refused other forms: then it has little code.
  private mutating func emitPanels(
    _ content: Operation, _ contraction: Contraction, into buffers: [Value],
    notTransformed obstacle: Winograd.Obstacle, wholeRows: WholeRows? = nil,
    isRare: Bool = false
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
        content, contraction, columnsInPlace: columnsInPlace != nil, tile: rowsInPlace.tile)
    }
    remarkPanels(
      content, plan, inPlace: (rowsInPlace != nil, columnsInPlace != nil), notTransformed: obstacle)
    if wholeRows != nil { plan.blockByRuns(&self) }
    plan.isRare = isRare
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
    _ = nest(ranges) { scheduler, indices, _ in
      scheduler.bind(axes, to: indices, plan)
      body(&scheduler)
      return []
    }
  }

  /// Runs `body` for each block of the depth.
  mutating func depthBlocks(
    _ plan: ContractionPlan, _ body: (inout Scheduler, DepthBlock) -> Void
  ) {
    if builder.function.integerConstant(plan.depthBlocks) == 1 {
      let zero = integer(0)
      return body(
        &self, DepthBlock(number: zero, start: zero, depth: plan.depth, terms: plan.terms))
    }
    loop(from: integer(0), to: plan.depthBlocks, name: "block") { scheduler, block, _ in
      let start = scheduler.product([block, plan.blockDepth])
      let left = scheduler.builder.arithmetic(.subtract, plan.depth, start)
      let depth = scheduler.builder.arithmetic(.minimum, left, plan.blockDepth)
      let together = scheduler.integer(Int64(plan.termsTogether))
      let terms =
        plan.dot == nil
        ? depth
        : scheduler.least(
          scheduler.builder.arithmetic(
            .subtract, plan.terms, scheduler.product([start, together])),
          scheduler.product([depth, together]))
      body(&scheduler, DepthBlock(number: block, start: start, depth: depth, terms: terms))
      return []
    }
  }

  // MARK: Plan

  /// Settles tiles, panels and blocks.
  mutating func contractionPlan(
    _ content: Operation, _ contraction: Contraction, columnsInPlace: Bool = false,
    tile settled: RegisterTile? = nil, dot: DotForm? = nil
  ) -> ContractionPlan {
    let extents = content.operands.map { demanded($0) }
    let box = ReductionBox(contraction.reduction, source)
    let ranges = box.lower.indices.map { axis in
      IndexRange(
        lower: demanded(box.lower[axis]), upper: demanded(box.upper[axis]),
        step: demanded(box.steps[axis]), name: source.values[box.indices[axis]].name)
    }
    let counts = ranges.map { count(of: $0) }
    let rows = product(contraction.rowAxes.map { extents[$0] })
    let columns = product(contraction.columnAxes.map { extents[$0] })
    let terms = product(counts)
    let depth = dot.map { blocks(of: terms, Int64($0.terms)) } ?? terms
    let far = columnsInPlace ? farBlocking(columns, depth, contraction.element) : nil
    let greatestDepth = choice.number(
      .blockDepth, usually: far?.depth ?? Self.greatestBlockDepth)
    let depthBlocks = atLeastOne(blocks(of: depth, greatestDepth))
    var tile = RegisterTile(
      contraction.element, rows: builder.function.integerConstant(rows),
      columns: builder.function.integerConstant(columns),
      vectors: far?.vectors, on: target)
    if let vectors = choice[.tileVectors] {
      (tile.rows, tile.vectors) = (target.productTileRows(vectors: vectors), vectors)
    }
    if let settled { tile = settled }
    // Runs of the depth are whole but for the last one's.
    let runs = blocks(of: quotient(depth, roundedUpBy: depthBlocks), Int64(tile.lanes))
    let isOneBlock = builder.function.integerConstant(depthBlocks) == 1
    return ContractionPlan(
      contraction: contraction, dot: dot, parameters: source.regions[content.regions[0]].parameters,
      reducedIndices: box.indices, extentSources: content.operands, extents: extents,
      ranges: ranges, counts: counts,
      registerTile: tile, tileRows: tile.rows, rows: rows, columns: columns, terms: terms,
      depth: depth,
      rowPanels: blocks(of: rows, Int64(tile.rows)),
      columnPanels: blocks(of: columns, Int64(tile.columns)),
      greatestDepth: greatestDepth, depthBlocks: depthBlocks,
      blockDepth: isOneBlock ? depth : product([runs, integer(Int64(tile.lanes))]))
  }

  /// The most reduced indices between two packings: one pass over the results costs more than panels
  /// that come from the second cache.
  private static var greatestBlockDepth: Int64 { 1280 }

  /// How many numbers a range has.
  mutating func count(of range: IndexRange) -> Value {
    let length =
      builder.function.integerConstant(range.lower) == 0
      ? range.upper : builder.arithmetic(.subtract, range.upper, range.lower)
    let clamped = builder.arithmetic(.maximum, length, integer(0))
    if builder.function.integerConstant(range.step) == 1 {
      return builder.function.integerConstant(length).map { integer(max($0, 0)) } ?? clamped
    }
    return quotient(clamped, roundedUpBy: range.step)
  }

  /// How many blocks of `size` hold `count` things.
  mutating func blocks(of count: Value, _ size: Int64) -> Value {
    quotient(count, roundedUpBy: integer(size))
  }

  /// The quotient rounded up.
  mutating func quotient(_ number: Value, roundedUpBy divisor: Value) -> Value {
    if let number = builder.function.integerConstant(number),
      let divisor = builder.function.integerConstant(divisor), divisor > 0, number >= 0
    {
      return integer(number / divisor + (number % divisor == 0 ? 0 : 1))
    }
    let less = builder.arithmetic(.subtract, divisor, integer(1))
    return divided(builder.arithmetic(.add, number, less), by: divisor)
  }

  mutating func atLeastOne(_ number: Value) -> Value {
    if let known = builder.function.integerConstant(number) { return integer(max(known, 1)) }
    return builder.arithmetic(.maximum, number, integer(1))
  }

  /// Memory for sums that wait for the next block of the depth; none where there is one.
  mutating func allocateSums(_ plan: ContractionPlan) -> Value? {
    if builder.function.integerConstant(plan.depthBlocks) == 1 { return nil }
    let more = builder.arithmetic(.subtract, plan.depthBlocks, integer(1))
    let needed = builder.arithmetic(.minimum, more, integer(1))
    return allocate(
      .tensor(
        .scalar(plan.contraction.element),
        [.dynamic, .dynamic, .constant(plan.tileRows), .constant(plan.tileColumns)]),
      [
        product([plan.rowPanels, needed]), plan.columnPanels, integer(Int64(plan.tileRows)),
        integer(Int64(plan.tileColumns)),
      ], name: "sums")
  }

  /// Memory for so many column panels.
  mutating func allocateColumnPanels(
    _ plan: ContractionPlan, _ count: Value, name: String
  ) -> PackedPanels {
    let length = plan.tileColumns * plan.termsTogether
    let buffer = allocate(
      .tensor(.scalar(plan.columnType), [.dynamic, .dynamic, .constant(length)]),
      [count, plan.blockDepth, integer(Int64(length))], name: name)
    var panels = PackedPanels(buffer: buffer, exponents: allocateExponents(plan, count))
    if plan.dot.map({ $0.excess != 0 }) ?? false {
      panels.starts = allocate(
        .tensor(.scalar(plan.contraction.element), [.dynamic, .constant(plan.tileColumns)]),
        [count, integer(Int64(plan.tileColumns))], name: "starts")
    }
    return panels
  }
}

/// The numbers that a contraction is scheduled by; all values are of the scheduled function.
struct ContractionPlan {
  var contraction: Contraction
  /// How several terms are taken at a time, if they are.
  var dot: DotForm?
  /// The indices of the `compute`, and of the reduction, in the source.
  var parameters: [Value]
  var reducedIndices: [Value]
  /// The extents of the result, in the source and here.
  var extentSources: [Value]
  var extents: [Value]
  /// The ranges of the reduced indices, and how many numbers each has.
  var ranges: [IndexRange]
  var counts: [Value]
  /// The tile that is kept in registers, and the rows of a panel: those of a tile, but for a lower
  /// one.
  var registerTile: RegisterTile
  var tileRows: Int
  /// `true` iff there is one tile for whatever is left of rows, and one way to finish it.
  var isRare = false
  /// The sizes of the whole product. The depth has a position for each of its terms, or for those that
  /// are taken together.
  var rows: Value
  var columns: Value
  var terms: Value
  var depth: Value
  var rowPanels: Value
  var columnPanels: Value
  /// The most that a block of the depth may have, the blocks, and how deep each is but the last.
  var greatestDepth: Int64
  var depthBlocks: Value
  var blockDepth: Value

  /// The terms of a position of the depth.
  var termsTogether: Int { dot?.terms ?? 1 }
  /// What panels are packed from, and the types that they hold.
  var rowFactor: Value { dot == nil ? contraction.rowFactor : contraction.narrow!.rows }
  var columnFactor: Value { dot == nil ? contraction.columnFactor : contraction.narrow!.columns }
  var rowType: ScalarType { dot?.rowType ?? contraction.element }
  var columnType: ScalarType { dot?.columnType ?? contraction.element }
  /// The terms of a run of the depth, which has as many positions as a register has lanes.
  var runTerms: Int { lanes * termsTogether }
  /// The columns of a tile, and the lanes of a register.
  var tileColumns: Int { registerTile.columns }
  var lanes: Int { registerTile.lanes }
  /// The type of a register.
  var vector: Type { registerTile.vector }
  /// The extents of the axes that are rows, and those that are columns.
  var rowExtents: [Value] { contraction.rowAxes.map { extents[$0] } }
  var columnExtents: [Value] { contraction.columnAxes.map { extents[$0] } }
}

/// The memory of a contraction.
struct ContractionPanels {
  /// None until they are packed.
  var rows: PackedPanels?
  /// The operation that reads the rows where they lie, if they are not packed.
  var rowsInPlace: Operation?
  /// The run of the depth at which a block of them begins, if they are those of all its depth.
  var firstRun: Value?
  /// `true` iff rows, packed ahead, come from beyond the second cache, or may do so; and whether they may
  /// come out of it.
  var rowsAreFar = false
  var rowsMayBeNear = true
  /// Where columns are read from.
  var columns: ContractionColumns
  /// [row panel][column panel][row][column], where the depth has several blocks.
  var sums: Value?
  /// The least sums of exponents in what these were made of, where `PackedPanels` has exponents.
  var tileExponents: Value?
}

/// Where the columns of a contraction are read from.
enum ContractionColumns {
  /// Panels of their own.
  case panels(PackedPanels)
  /// A copy of what the windows of a convolution share.
  case windows(WindowCopy)
  /// Where the program has them.
  case inPlace(LaneSlice)
}

/// Packed panels of columns or rows.
struct PackedPanels {
  /// [column panel][depth][column of the tile, its terms that are taken together], or
  /// [row panel][run of the depth][row of the tile, position in the run, terms].
  var buffer: Value
  /// What sums start from, if not from zero: [column panel][column of the tile].
  var starts: Value?
  /// The least exponent in each panel, where `DotForm` asks for it.
  var exponents: Value?
}

/// One block of the depth.
struct DepthBlock {
  /// Which one it is.
  var number: Value
  /// The position of its first reduced indices.
  var start: Value
  /// How many positions it has, and how many terms.
  var depth: Value
  var terms: Value
}
