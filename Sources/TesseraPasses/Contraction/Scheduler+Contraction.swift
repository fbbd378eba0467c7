import TesseraIR

/// The contraction engine: register-blocked outer products over packed panels, blocked for caches
/// around that.
///
///     for each block of the reduced indices (depth)
///       pack all columns into panels [depth][columns of a tile]
///       pack all rows into panels, here or by the task that alone needs them
///       for each block of rows × group of column panels, in several threads
///         for each column panel
///           for each row panel
///             accumulate the tile in registers over the depth
///             keep it for the next block, or run the epilogue and store
///
/// Where the depth is small the two inner loops change places: results are then written along rows.
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
    if let windows = Windows(
      contraction, content, lanes: target.lanes(of: contraction.element), in: source)
    {
      return emitWindows(content, windows, into: buffers)
    }
    let plan = contractionPlan(content, contraction)
    remarkPanels(content, plan, blockDepth: greatestBlockDepth)
    let rowsAhead = packRowsAhead(plan)
    let columnsAhead = packColumnsAhead(plan)
    let columns = columnsAhead ?? allocateColumnPanels(plan, plan.columnPanels, name: "columns")
    let sums = allocateSums(plan)
    nestImages(plan) { scheduler in
      scheduler.depthBlocks(plan) { scheduler, part in
        var panels = ContractionPanels(columns: .panels(columns), sums: sums)
        if columnsAhead != nil {
          panels.columns = .panels(scheduler.columnPanels(columns, plan, part))
        } else {
          scheduler.packColumns(plan, columns, part)
        }
        scheduler.takeRows(rowsAhead, plan, part, into: &panels)
        scheduler.multiplyPanels(plan, panels, part, content, buffers)
      }
    }
  }

  /// Runs `body` for all indices of the axes that are neither rows nor columns.
  mutating func nestImages(_ plan: ContractionPlan, _ body: (inout Scheduler) -> Void) {
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
      return body(&self, DepthBlock(number: integer(0), start: integer(0), depth: plan.depth))
    }
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
  mutating func contractionPlan(
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
    let rows = product(contraction.rowAxes.map { extents[$0] })
    let columns = product(contraction.columnAxes.map { extents[$0] })
    let depth = product(counts)
    let depthBlocks = atLeastOne(blocks(of: depth, greatestBlockDepth))
    var tile = RegisterTile(
      contraction.element, rows: builder.function.integerConstant(rows),
      columns: builder.function.integerConstant(columns), on: target)
    if let vectors = choice[.tileVectors] {
      (tile.rows, tile.vectors) = (target.productTileRows(vectors: vectors), vectors)
    }
    // Runs of the depth are whole but for the last one's.
    let runs = blocks(of: quotient(depth, roundedUpBy: depthBlocks), Int64(tile.lanes))
    let isOneBlock = builder.function.integerConstant(depthBlocks) == 1
    return ContractionPlan(
      contraction: contraction, parameters: source.regions[content.regions[0]].parameters,
      reducedIndices: box.indices, extentSources: content.operands, extents: extents,
      ranges: ranges, counts: counts,
      registerTile: tile,
      rows: rows, columns: columns, depth: depth,
      rowPanels: blocks(of: rows, Int64(tile.rows)),
      columnPanels: blocks(of: columns, Int64(tile.columns)),
      depthBlocks: depthBlocks,
      blockDepth: isOneBlock ? depth : product([runs, integer(Int64(tile.lanes))]))
  }

  /// The most reduced indices between two packings: one pass over the results costs more than panels
  /// that come from the second cache.
  private var greatestBlockDepth: Int64 { choice.number(.blockDepth, usually: 1280) }
  /// The most rows of one block, and the most elements of what is kept in the second cache: half of
  /// it.
  private var greatestBlockRows: Int64 { choice.number(.blockRows, usually: 320) }
  private static var greatestBlockElements: Int64 { 1 << 17 }
  /// The column panels that a thread takes at a time, where blocks of rows are fewer than this.
  private var usualGroupPanels: Int64 { choice.number(.groupPanels, usually: 16) }
  private static var manyRowBlocks: Int64 { 12 }
  /// The greatest depth at which results are written along rows.
  private static var greatestShallowDepth: Int64 { 128 }

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
  ) -> Value {
    let element = ElementType.scalar(plan.contraction.element)
    return allocate(
      .tensor(element, [.dynamic, .dynamic, .constant(plan.tileColumns)]),
      [count, plan.blockDepth, integer(Int64(plan.tileColumns))], name: name)
  }

  // MARK: Product

  /// Multiplies all row panels with all column panels over one block of the depth.
  mutating func multiplyPanels(
    _ plan: ContractionPlan, _ panels: ContractionPanels, _ part: DepthBlock,
    _ content: Operation, _ buffers: [Value]
  ) {
    let blocking = blocking(plan)
    var (panels, packsInTasks) = (panels, false)
    if panels.rows == nil {
      let packed = allocateRowPanels(plan, plan.rowPanels, name: "rows")
      panels.rows = packed
      packsInTasks = builder.function.integerConstant(blocking.groups) == 1
      if !packsInTasks { packAllRows(plan, part, into: packed) }
    }
    let cost = taskCost(plan, blocking)
    spread([blocking.rowBlocks, blocking.groups], names: ["rowBlock", "group"], cost: cost) {
      scheduler, task in
      let rows = scheduler.part(task[0], of: plan.rowPanels, each: blocking.blockPanels)
      let columns = scheduler.part(task[1], of: plan.columnPanels, each: blocking.groupPanels)
      if packsInTasks, let packed = panels.rows {
        scheduler.loop(from: rows.first, to: rows.end, name: "rowPanel") { scheduler, row, _ in
          scheduler.packRows(plan, row, part, into: packed, at: row)
          return []
        }
      }
      let isShallow = scheduler.isShallow(plan)
      scheduler.tiles(rows, columns, byRows: isShallow) { scheduler, row, column in
        let soon =
          isShallow
          ? nil
          : scheduler.nextPanel(
            plan, panels.columns, column, part, rows: rows, row: row,
            of: blocking.blockPanels)
        scheduler.multiplyTile(plan, panels, part, row, column, soon: soon) {
          scheduler, accumulators in
          scheduler.finishTile(plan, content, buffers, row, column, accumulators)
        }
      }
    }
  }

  /// Settles what a thread takes at a time.
  private mutating func blocking(_ plan: ContractionPlan) -> Blocking {
    let panelLength = product([atLeastOne(plan.blockDepth), integer(Int64(plan.tileRows))])
    let fitting = divided(integer(Self.greatestBlockElements), by: panelLength)
    let most = integer(max(1, greatestBlockRows / Int64(plan.tileRows)))
    let wanted = atLeastOne(folded(.minimum, fitting, most))
    let rowBlocks = quotient(plan.rowPanels, roundedUpBy: wanted)
    let blockPanels = quotient(plan.rowPanels, roundedUpBy: atLeastOne(rowBlocks))
    var groups = blocks(of: plan.columnPanels, usualGroupPanels)
    if let depth = builder.function.integerConstant(plan.depth), isShallow(plan) {
      let length = max(1, depth * Int64(plan.tileColumns))
      groups = blocks(of: plan.columnPanels, max(1, Self.greatestBlockElements / length))
    } else if let count = builder.function.integerConstant(rowBlocks), count >= Self.manyRowBlocks {
      groups = integer(1)
    }
    return Blocking(
      rowBlocks: rowBlocks, blockPanels: blockPanels, groups: groups,
      groupPanels: quotient(plan.columnPanels, roundedUpBy: atLeastOne(groups)))
  }

  /// About how many operations a task is.
  private func taskCost(_ plan: ContractionPlan, _ blocking: Blocking) -> Int {
    let tileWork = plan.tileRows * plan.registerTile.vectors
    let known = [plan.rowPanels, plan.columnPanels, plan.depth].map {
      builder.function.integerConstant($0)
    }
    let tasks = [blocking.rowBlocks, blocking.groups].map { builder.function.integerConstant($0) }
    guard let rows = known[0], let columns = known[1], let depth = known[2],
      let rowBlocks = tasks[0], let groups = tasks[1], rowBlocks > 0, groups > 0,
      rows < 1 << 16, columns < 1 << 16
    else { return Int(usualGroupPanels) * tileWork * 512 }
    return Int(rows * columns / (rowBlocks * groups)) * tileWork * Int(min(max(depth, 1), 1 << 12))
  }

  /// `true` iff the depth is known to be small.
  private func isShallow(_ plan: ContractionPlan) -> Bool {
    builder.function.integerConstant(plan.depth).map { $0 <= Self.greatestShallowDepth } ?? false
  }

  /// The part numbered `number` of `count` things.
  private mutating func part(
    _ number: Value, of count: Value, each size: Value
  ) -> (first: Value, end: Value) {
    let first = product([number, size])
    return (first, least(builder.arithmetic(.add, first, size), count))
  }

  /// Runs `body` for each row panel and column panel.
  private mutating func tiles(
    _ rows: (first: Value, end: Value), _ columns: (first: Value, end: Value), byRows: Bool,
    _ body: (inout Scheduler, _ row: Value, _ column: Value) -> Void
  ) {
    let row = IndexRange(lower: rows.first, upper: rows.end, step: integer(1), name: "rowPanel")
    let column = IndexRange(
      lower: columns.first, upper: columns.end, step: integer(1), name: "columnPanel")
    _ = nest(byRows ? [row, column] : [column, row]) { scheduler, indices, _ in
      body(&scheduler, byRows ? indices[0] : indices[1], byRows ? indices[1] : indices[0])
      return []
    }
  }
}

/// What a thread takes at a time: a block of row panels and a group of column panels.
private struct Blocking {
  var rowBlocks: Value
  var blockPanels: Value
  var groups: Value
  var groupPanels: Value
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
  /// The tile that is kept in registers.
  var registerTile: RegisterTile
  /// The sizes of the whole product.
  var rows: Value
  var columns: Value
  var depth: Value
  var rowPanels: Value
  var columnPanels: Value
  /// The blocks of the depth, and how deep each is but the last.
  var depthBlocks: Value
  var blockDepth: Value

  /// The rows and columns of a tile, and the lanes of a register.
  var tileRows: Int { registerTile.rows }
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
  /// [row panel][run of the depth][row of the tile, position in the run]; none until they are packed.
  var rows: Value?
  /// `true` iff rows, packed ahead, come from beyond the second cache.
  var rowsAreFar = false
  /// Where columns are read from.
  var columns: ContractionColumns
  /// [row panel][column panel][row][column], where the depth has several blocks.
  var sums: Value?
}

/// Where the columns of a contraction are read from.
enum ContractionColumns {
  /// Panels: [column panel][depth][column of the tile].
  case panels(Value)
  /// A copy of what the windows of a convolution share.
  case windows(WindowCopy)
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
