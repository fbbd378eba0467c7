import TesseraIR

/// The contraction engine: register-blocked outer products over packed panels, blocked for caches
/// around that.
///
///     for each block of the reduced indices (depth)
///       pack all columns into panels [depth][columns of a tile]
///       pack all rows into panels [depth][rows of a tile]
///       for each block of row panels × group of column panels, in several threads
///         for each column panel (stays in the nearest cache)
///           for each row panel (streams from the next one)
///             accumulate the tile in registers over the depth
///             keep it for the next block, or run the epilogue and store
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
    if let winograd = winograd(contraction, content) {
      remarkTransforms(content, winograd)
      return emitWinograd(content, winograd, into: buffers)
    }
    let plan = contractionPlan(content, contraction)
    remarkPanels(content, plan, blockDepth: Self.greatestBlockDepth)
    let parameters = source.regions[content.regions[0]].parameters
    let batch = contraction.batchAxes.map { axis in
      IndexRange(
        lower: integer(0), upper: plan.extents[axis], step: integer(1),
        name: source.values[parameters[axis]].name)
    }
    let ahead = packAhead(plan)
    let own = allocatePanels(plan, ahead)
    _ = nest(batch) { scheduler, indices, _ in
      for (axis, index) in zip(contraction.batchAxes, indices) {
        scheduler.values.insert(index, for: parameters[axis])
      }
      scheduler.depthBlocks(plan) { scheduler, part in
        var panels = own
        if let columns = ahead.columns {
          panels.columns = scheduler.panels(
            columns, plan.columnPanels, plan.tileColumns, plan, part.number)
        } else {
          scheduler.packColumns(plan, panels, part)
        }
        if let rows = ahead.rows {
          panels.rows = scheduler.panels(rows, plan.rowPanels, plan.tileRows, plan, part.number)
        } else {
          scheduler.packRows(plan, panels, part)
        }
        scheduler.multiplyPanels(plan, panels, part, content, buffers)
      }
      return []
    }
  }

  /// Runs `body` for each block of the depth.
  mutating func depthBlocks(
    _ plan: ContractionPlan, _ body: (inout Scheduler, DepthBlock) -> Void
  ) {
    loop(from: integer(0), to: plan.depthBlocks, name: "block") { scheduler, block, _ in
      let start = scheduler.product([block, plan.blockDepth])
      let left = scheduler.builder.arithmetic(.subtract, plan.depth, start)
      let depth = scheduler.builder.arithmetic(.minimum, left, plan.blockDepth)
      body(&scheduler, DepthBlock(number: block, start: start, depth: depth))
      return []
    }
  }

  // MARK: Plan

  /// Settles tiles, panels and blocks.
  private mutating func contractionPlan(
    _ content: Operation, _ contraction: Contraction
  ) -> ContractionPlan {
    let extents = content.operands.map { demanded($0) }
    let box = ReductionBox(contraction.reduction, source)
    let ranges = box.lower.indices.map { axis in
      IndexRange(
        lower: demanded(box.lower[axis]), upper: demanded(box.upper[axis]),
        step: demanded(box.steps[axis]), name: source.values[box.indices[axis]].name)
    }
    let counts = ranges.map { count(of: $0) }
    let tile = target.productTile
    let lanes = target.lanes(of: contraction.element)
    let rows = product(contraction.rowAxes.map { extents[$0] })
    let columns = product(contraction.columnAxes.map { extents[$0] })
    let depth = product(counts)
    let depthBlocks = atLeastOne(blocks(of: depth, Self.greatestBlockDepth))
    return ContractionPlan(
      contraction: contraction, parameters: source.regions[content.regions[0]].parameters,
      reducedIndices: box.indices, extentSources: content.operands, extents: extents,
      ranges: ranges, counts: counts,
      tileRows: tile.rows, tileVectors: tile.vectors, lanes: lanes,
      rows: rows, columns: columns, depth: depth,
      rowPanels: blocks(of: rows, Int64(tile.rows)),
      columnPanels: blocks(of: columns, Int64(tile.vectors * lanes)),
      depthBlocks: depthBlocks, blockDepth: quotient(depth, roundedUpBy: depthBlocks))
  }

  /// The most reduced indices between two packings: a panel of columns then fits the nearest cache.
  /// Part of the order of sums, so a constant of the program and not of the machine.
  private static var greatestBlockDepth: Int64 { 512 }
  /// The most rows of one block: as deep as panels get, they take half of the second cache.
  private static var greatestBlockRows: Int { 240 }
  /// The column panels that a thread takes at a time.
  private static var groupPanels: Int64 { 16 }

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

  /// Memory for both kinds of panels, and for sums that wait for the next block.
  private mutating func allocatePanels(
    _ plan: ContractionPlan, _ ahead: PanelsAhead
  ) -> ContractionPanels {
    let element = ElementType.scalar(plan.contraction.element)
    func tile(_ last: Int) -> Type {
      .tensor(element, [.dynamic, .dynamic, .constant(last)])
    }
    let columns =
      ahead.columns
      ?? allocate(
        tile(plan.tileColumns),
        [plan.columnPanels, plan.blockDepth, integer(Int64(plan.tileColumns))],
        name: "columns")
    let rows =
      ahead.rows
      ?? allocate(
        tile(plan.tileRows), [plan.rowPanels, plan.blockDepth, integer(Int64(plan.tileRows))],
        name: "rows")
    var sums: Value?
    if builder.function.integerConstant(plan.depthBlocks) != 1 {
      // With one block nothing waits.
      let more = builder.arithmetic(.subtract, plan.depthBlocks, integer(1))
      let needed = builder.arithmetic(.minimum, more, integer(1))
      sums = allocate(
        .tensor(
          element,
          [.dynamic, .dynamic, .constant(plan.tileRows), .constant(plan.tileColumns)]),
        [
          product([plan.rowPanels, needed]), plan.columnPanels, integer(Int64(plan.tileRows)),
          integer(Int64(plan.tileColumns)),
        ], name: "sums")
    }
    return ContractionPanels(rows: rows, columns: columns, sums: sums)
  }

  // MARK: Product

  /// Multiplies all row panels with all column panels over one block of the depth.
  private mutating func multiplyPanels(
    _ plan: ContractionPlan, _ panels: ContractionPanels, _ part: DepthBlock,
    _ content: Operation, _ buffers: [Value]
  ) {
    let rowBlocks = blocks(
      of: plan.rowPanels, Int64(max(1, Self.greatestBlockRows / plan.tileRows)))
    let blockPanels = quotient(plan.rowPanels, roundedUpBy: atLeastOne(rowBlocks))
    let groups = blocks(of: plan.columnPanels, Self.groupPanels)
    let tileWork = plan.tileRows * plan.tileVectors * 64
    let taskWork = Int(Self.groupPanels) * tileWork * 8
    spread([rowBlocks, groups], names: ["rowBlock", "group"], cost: taskWork) { scheduler, task in
      let firstRow = scheduler.product([task[0], blockPanels])
      let rowEnd = scheduler.builder.arithmetic(
        .minimum, scheduler.builder.arithmetic(.add, firstRow, blockPanels), plan.rowPanels)
      let group = scheduler.integer(Self.groupPanels)
      let firstColumn = scheduler.product([task[1], group])
      let columnEnd = scheduler.builder.arithmetic(
        .minimum, scheduler.builder.arithmetic(.add, firstColumn, group), plan.columnPanels)
      scheduler.loop(from: firstColumn, to: columnEnd, name: "columnPanel") {
        scheduler, column, _ in
        scheduler.loop(from: firstRow, to: rowEnd, name: "rowPanel") { scheduler, row, _ in
          scheduler.multiplyTile(plan, panels, part, row, column) { scheduler, accumulators in
            scheduler.epilogue(plan, content, buffers, row, column, accumulators)
          }
          return []
        }
        return []
      }
    }
  }
}

/// The numbers that a contraction is scheduled by; all values are of the scheduled function.
struct ContractionPlan {
  var contraction: Contraction
  /// The indices of the `compute`, and of the reduction, in the source.
  var parameters: [Value]
  var reducedIndices: [Value]
  /// The extents of the result, in the source and here.
  var extentSources: [Value]
  var extents: [Value]
  /// The ranges of the reduced indices, and how many numbers each has.
  var ranges: [IndexRange]
  var counts: [Value]
  /// The tile that is kept in registers: rows × (vectors × lanes) columns.
  var tileRows: Int
  var tileVectors: Int
  var lanes: Int
  /// The sizes of the whole product.
  var rows: Value
  var columns: Value
  var depth: Value
  var rowPanels: Value
  var columnPanels: Value
  /// The blocks of the depth, and how deep each is but the last.
  var depthBlocks: Value
  var blockDepth: Value

  /// The columns of a tile.
  var tileColumns: Int { tileVectors * lanes }
  /// The extents of the axes that are rows, and those that are columns.
  var rowExtents: [Value] { contraction.rowAxes.map { extents[$0] } }
  var columnExtents: [Value] { contraction.columnAxes.map { extents[$0] } }
  /// The tile that is kept in registers.
  var registerTile: RegisterTile {
    RegisterTile(
      element: contraction.element, rows: tileRows, vectors: tileVectors, lanes: lanes)
  }
  /// The type of a register.
  var vector: Type { registerTile.vector }
}

/// A tile of sums that is kept in registers: rows × (vectors × lanes) columns.
struct RegisterTile {
  var element: ScalarType
  var rows: Int
  var vectors: Int
  var lanes: Int

  /// The type of a register.
  var vector: Type { .vector(element, lanes: lanes) }
  /// The columns of the tile.
  var columns: Int { vectors * lanes }
  /// Where its registers lie in it, row by row.
  var places: [(row: Int64, column: Int64)] {
    (0..<rows).flatMap { row in (0..<vectors).map { (Int64(row), Int64($0 * lanes)) } }
  }
}

/// The memory of a contraction.
struct ContractionPanels {
  /// [row panel][depth][row of the tile]
  var rows: Value
  /// [column panel][depth][column of the tile]
  var columns: Value
  /// [row panel][column panel][row][column], where the depth has several blocks.
  var sums: Value?
}

/// One block of the depth.
struct DepthBlock {
  /// Which one it is.
  var number: Value
  /// The position of its first reduced indices.
  var start: Value
  /// How many it has.
  var depth: Value
}
