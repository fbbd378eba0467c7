import TesseraIR

/// The product of packed panels, cut into what threads take at a time.
extension Scheduler {
  /// Multiplies all row panels with all column panels over one block of the depth, for each of the
  /// `images` that are done together; before, packs the columns if they wait for it, and the rows.
  mutating func multiplyPanels(
    _ plan: ContractionPlan, _ panels: ContractionPanels, _ part: DepthBlock, _ images: [Value],
    columnsWait: Bool, _ content: Operation, _ buffers: [Value]
  ) {
    let blocking = blocking(plan, images, columnsWait: columnsWait)
    var waiting = UnpackedPanels()
    if case .panels(let columns) = panels.columns, columnsWait { waiting.columns = columns }
    if panels.rows == nil, panels.rowsInPlace == nil {
      waiting.rows = allocateRowPanels(plan, product(images + [plan.rowPanels]), name: "rows")
    }
    let one = integer(1)
    let rowsBefore = select(
      ifOrdered: blocking.groups, one, integer(0), otherwise: plan.rowPanels)
    var before = waiting
    if blocking.ownColumns != nil { before.columns = nil }
    let cost = taskCost(plan, blocking)
    packPanels(
      plan, part, of: images, before, rowCount: rowsBefore,
      threadsAreNeeded: !isSmall(images + [blocking.rowBlocks, blocking.groups], cost))
    spreadRows(
      images + [blocking.rowBlocks, blocking.groups],
      names: images.map { _ in nil } + ["rowBlock", "group"], of: integer(1), cost: cost
    ) { scheduler, task in
      let own = scheduler.bindImage(plan, images, to: Array(task.dropLast(2)), waiting)
      var panels = panels
      panels.rows = own.rows ?? panels.rows
      panels.columns = own.columns.map { .panels($0) } ?? panels.columns
      let rows = scheduler.part(
        task[images.count], of: plan.rowPanels, each: blocking.blockPanels)
      let columns = scheduler.part(
        task[images.count + 1], of: plan.columnPanels, each: blocking.groupPanels)
      if let packed = own.columns, let together = blocking.ownColumns {
        scheduler.packColumns(
          plan, from: columns.first, to: columns.end, together: together, part, into: packed)
      }
      if let packed = own.rows {
        let end = scheduler.select(
          ifOrdered: blocking.groups, one, rows.end, otherwise: rows.first)
        if end != rows.first {
          scheduler.loop(from: rows.first, to: end, name: "rowPanel") { scheduler, row in
            scheduler.packRows(plan, row, part, into: packed, at: row)
          }
        }
      }
      let alwaysByRows = scheduler.knownNumber(blocking.byRows) == 1
      scheduler.tiles(rows, columns, byRows: blocking.byRows) { scheduler, row, column in
        let soon =
          alwaysByRows
          ? nil
          : scheduler.nextPanel(
            plan, panels.columns, column, part, rows: rows, row: row, of: blocking.blockPanels)
        scheduler.multiplyTile(plan, panels, part, row, column, soon: soon, content, buffers)
      }
    }
  }

  /// Multiplies a row panel with a column panel, in a tile of the height that the rows have, and makes
  /// the results of it.
  private mutating func multiplyTile(
    _ plan: ContractionPlan, _ panels: ContractionPanels, _ part: DepthBlock, _ row: Value,
    _ column: Value, soon: NextPanel?, _ content: Operation, _ buffers: [Value]
  ) {
    chooseTile(plan, row) { scheduler, plan in
      // The tiles of few rows take one column panel after the other, as the machine expects.
      let isLow = plan.registerTile.rows < plan.tileRows
      scheduler.multiplyTile(plan, panels, part, row, column, soon: isLow ? nil : soon) {
        scheduler, sums in
        scheduler.finishTile(plan, content, buffers, row, column, sums)
      }
    }
  }

  /// Runs `body` for a tile of a row panel, with the plan for its height.
  mutating func chooseTile(
    _ plan: ContractionPlan, _ rowPanel: Value,
    _ body: (inout Scheduler, ContractionPlan) -> Void
  ) {
    guard let (lower, isLower) = lowerTile(plan, rowPanel) else { return body(&self, plan) }
    choose(isLower) { scheduler in
      body(&scheduler, lower)
    } otherwise: { scheduler in
      body(&scheduler, plan)
    }
  }

  /// The plan for lower tiles, and whether a panel of rows has one: where the last panels are lower, or
  /// where it is not known how many rows there are, so that the last one may have few. `nil` if no
  /// panel has one.
  private mutating func lowerTile(
    _ plan: ContractionPlan, _ rowPanel: Value
  ) -> (plan: ContractionPlan, isChosen: Value)? {
    if let lower = plan.lowerTiles {
      return (
        plan.of(lower), builder.compare(.lessOrEqual, integer(lower.first), rowPanel)
      )
    }
    guard knownNumber(plan.rows) == nil,
      plan.tileRows > RegisterTile.fewRows, plan.lanes > 1, !plan.isRare
    else { return nil }
    var low = plan
    low.registerTile.rows = RegisterTile.fewRows
    let left = builder.arithmetic(.subtract, plan.rows, firstRow(plan, rowPanel))
    let few = integer(RegisterTile.fewRows)
    return (low, builder.compare(.lessOrEqual, left, few))
  }

  // MARK: Images

  /// The extents of the axes that are neither rows nor columns, if all their elements are done
  /// together: so no thread waits between them. None if their panels would not stay in the last cache.
  mutating func imagesTogether(_ plan: ContractionPlan, columnsWait: Bool) -> [Value] {
    let extents = plan.contraction.batchAxes.map { plan.extents[$0] }
    let packed = columnsWait ? plan.columns : plan.rows
    let sizes = (extents + [packed, plan.depth]).map { knownNumber($0) }
    guard !extents.isEmpty, knownNumber(plan.depthBlocks) == 1 else {
      return []
    }
    var bytes = Int64(plan.contraction.element.byteCount)
    for size in sizes {
      guard let size, size > 0 else { return [] }
      let (product, overflow) = bytes.multipliedReportingOverflow(by: size)
      if overflow { return [] }
      bytes = product
    }
    return bytes <= target.cacheByteCounts.last! / 2 ? extents : []
  }

  /// Binds the axes of `images` to those of one, and returns its own part of all panels.
  mutating func bindImage(
    _ plan: ContractionPlan, _ images: [Value], to indices: [Value], _ panels: UnpackedPanels
  ) -> UnpackedPanels {
    if images.isEmpty { return panels }
    bind(plan.contraction.batchAxes, to: indices, plan)
    let number = place(of: indices, in: images)
    return UnpackedPanels(
      rows: panels.rows.map { rowPanels($0, plan, number) },
      columns: panels.columns.map { columnPanels($0, plan, number) })
  }

  /// The number of an element of a box of `extents`, row by row.
  mutating func place(of indices: [Value], in extents: [Value]) -> Value {
    zip(indices, extents).dropFirst().reduce(indices[0]) { number, axis in
      builder.arithmetic(.add, product([number, axis.1]), axis.0)
    }
  }

  // MARK: Blocks

  /// Settles what a thread takes at a time: all of a product that turns out to be small, for which
  /// dividing it would take as long as the product.
  private mutating func blocking(
    _ plan: ContractionPlan, _ images: [Value], columnsWait: Bool
  ) -> Blocking {
    guard knownNumber(plan.rows) == nil, !plan.isRare else {
      return dividedBlocking(plan, images, columnsWait: columnsWait)
    }
    let volume = product([plan.rows, plan.columns, plan.depth])
    let isSmall = builder.compare(.lessOrEqual, volume, integer(Self.greatestUndividedVolume))
    var blocking = Blocking(
      rowBlocks: integer(1), blockPanels: plan.rowPanels, groups: integer(1),
      groupPanels: plan.columnPanels, byRows: writesAlongRows(plan))
    let sizes = choose(isSmall, types: Array(repeating: .index, count: 4)) { _ in
      blocking.sizes
    } otherwise: { scheduler in
      let divided = scheduler.dividedBlocking(plan, images, columnsWait: columnsWait)
      blocking.ownColumns = divided.ownColumns
      return divided.sizes
    }
    blocking.sizes = sizes
    return blocking
  }

  /// `true` iff the last panel of rows may begin with some that the one before it has, too, so that no
  /// tile lacks any: then these are made twice, alike, and by the same task.
  mutating func lastRowsMayRepeat(_ plan: ContractionPlan, columnsInPlace: Bool) -> Bool {
    guard let rows = knownNumber(plan.rows), rows > plan.tileRows,
      let panels = knownNumber(plan.rowPanels), !isMultiple(plan.rows, plan.tileRows),
      isMultiple(plan.columnExtents.last!, plan.tileColumns)
    else { return false }
    let isFixed = hasFixedColumns(plan)
    let columnsWait = !columnsInPlace && !isFixed
    let images = isFixed ? [] : imagesTogether(plan, columnsWait: columnsWait)
    let blocking = blocking(plan, images, columnsWait: columnsWait)
    guard let size = knownNumber(blocking.blockPanels) else { return false }
    return (panels - 1) % size != 0
  }

  /// 1 if the depth is so small that results are written along rows, else 0.
  private mutating func writesAlongRows(_ plan: ContractionPlan) -> Value {
    select(
      ifOrdered: plan.depth, integer(Self.greatestShallowDepth), integer(1), otherwise: integer(0))
  }

  /// Settles what a thread takes at a time.
  ///
  /// A block of rows fills half of the second cache. There are so many tasks that it hardly shows
  /// which thread ends last: where rows are many their blocks are smaller, else columns are cut.
  private mutating func dividedBlocking(
    _ plan: ContractionPlan, _ images: [Value], columnsWait: Bool
  ) -> Blocking {
    let panelLength = product([atLeastOne(plan.blockDepth), integer(plan.tileRows)])
    let fitting = divided(integer(Self.greatestBlockElements), by: panelLength)
    let most = integer(max(1, greatestBlockRows / Int64(plan.tileRows)))
    let largest = atLeastOne(folded(.minimum, fitting, most))
    let tasks = quotient(integer(Self.usualTasks), roundedUpBy: atLeastOne(product(images)))
    let fine = divided(plan.rowPanels, by: tasks)
    let few = select(
      ifOrdered: product([plan.blockDepth, plan.columns, integer(plan.sumCount)]),
      integer(Self.nearColumnElements),
      integer(2), otherwise: integer(4))
    let wanted = select(
      ifOrdered: few, fine, folded(.minimum, fine, largest), otherwise: largest)
    let rowBlocks = atLeastOne(quotient(plan.rowPanels, roundedUpBy: wanted))
    let cuts = quotient(tasks, roundedUpBy: rowBlocks)
    var groups = select(ifOrdered: few, fine, integer(1), otherwise: cuts)
    if let panels = choice[.groupPanels] { groups = blocks(of: plan.columnPanels, panels) }
    // Written along rows, results meet all columns of a group again and again.
    let shallow = integer(Self.greatestShallowDepth)
    let panelSize = atLeastOne(product([plan.depth, integer(plan.panelColumns)]))
    let kept = atLeastOne(divided(integer(Self.greatestBlockElements), by: panelSize))
    let least = select(
      ifOrdered: plan.depth, shallow, quotient(plan.columnPanels, roundedUpBy: kept),
      otherwise: integer(1))
    groups = atLeastOne(folded(.minimum, folded(.maximum, groups, least), plan.columnPanels))
    var groupPanels = quotient(plan.columnPanels, roundedUpBy: groups)
    var ownColumns: Int64?
    if columnsWait, knownNumber(rowBlocks) == 1 {
      let enough = knownNumber(tasks).map { $0 / 2 }
      let together = columnPanelsAtOnce(plan, tasks: enough ?? Self.usualTasks / 2)
      if together > 1 {
        groupPanels = product([blocks(of: groupPanels, together), integer(together)])
        groups = quotient(plan.columnPanels, roundedUpBy: groupPanels)
      }
      ownColumns = together
    }
    return Blocking(
      rowBlocks: rowBlocks, blockPanels: quotient(plan.rowPanels, roundedUpBy: rowBlocks),
      groups: groups, groupPanels: groupPanels, ownColumns: ownColumns,
      byRows: writesAlongRows(plan))
  }

  /// The most products that are not divided.
  private static var greatestUndividedVolume: Int64 { 1 << 16 }

  /// The most rows of one block, and the most elements of what is kept in the second cache: half of
  /// it.
  private var greatestBlockRows: Int64 { choice.number(.blockRows, usually: 320) }
  private static var greatestBlockElements: Int64 { 1 << 17 }
  /// How many tasks there are where that is possible.
  private static var usualTasks: Int64 { 32 }
  /// The most elements of columns that may be read for two panels of rows, and not for four at least:
  /// they stay in the last cache.
  private static var nearColumnElements: Int64 { 1 << 21 }
  /// The greatest depth at which results are written along rows.
  static var greatestShallowDepth: Int64 { 128 }

  /// About how many operations a task is.
  private func taskCost(_ plan: ContractionPlan, _ blocking: Blocking) -> Int {
    let tileWork = plan.tileRows * plan.registerTile.vectors
    let known = [plan.rowPanels, plan.columnPanels, plan.depth].map {
      knownNumber($0)
    }
    let tasks = [blocking.rowBlocks, blocking.groups].map { knownNumber($0) }
    guard let rows = known[0], let columns = known[1], let depth = known[2],
      let rowBlocks = tasks[0], let groups = tasks[1], rowBlocks > 0, groups > 0,
      rows < 1 << 16, columns < 1 << 16
    else { return 16 * tileWork * 512 }
    return Int(rows * columns / (rowBlocks * groups)) * tileWork * Int(min(max(depth, 1), 1 << 12))
  }

  /// The part numbered `number` of `count` things.
  private mutating func part(
    _ number: Value, of count: Value, each size: Value
  ) -> (first: Value, end: Value) {
    let first = product([number, size])
    return (first, least(builder.arithmetic(.add, first, size), count))
  }

  /// Runs `body` for each row panel and column panel: for all columns of a row if `byRows` is 1, for
  /// all rows of a column if it is 0.
  private mutating func tiles(
    _ rows: (first: Value, end: Value), _ columns: (first: Value, end: Value), byRows: Value,
    _ body: (inout Scheduler, _ row: Value, _ column: Value) -> Void
  ) {
    let one = integer(1)
    func outer(_ scheduler: inout Scheduler, _ a: Value, _ b: Value) -> Value {
      scheduler.select(ifOrdered: one, byRows, a, otherwise: b)
    }
    var names = ["rowPanel", "columnPanel"]
    if knownNumber(byRows) == 0 { names.reverse() }
    let ranges = [
      IndexRange(
        lower: outer(&self, rows.first, columns.first), upper: outer(&self, rows.end, columns.end),
        step: one, name: names[0]),
      IndexRange(
        lower: outer(&self, columns.first, rows.first), upper: outer(&self, columns.end, rows.end),
        step: one, name: names[1]),
    ]
    nest(ranges) { scheduler, indices in
      let row = outer(&scheduler, indices[0], indices[1])
      let column = outer(&scheduler, indices[1], indices[0])
      body(&scheduler, row, column)
    }
  }
}

/// What a thread takes at a time: a block of row panels and a group of column panels.
private struct Blocking {
  var rowBlocks: Value
  var blockPanels: Value
  var groups: Value
  var groupPanels: Value
  /// How many panels of columns a task packs at a time, if it packs its own: where it has all rows,
  /// nobody else needs them.
  var ownColumns: Int64?
  /// Which panels the inner loop goes through: 1 if those of a row's columns, else 0.
  var byRows: Value

  /// How many there are of each, and how long they are.
  var sizes: [Value] {
    get { [rowBlocks, blockPanels, groups, groupPanels] }
    set {
      (rowBlocks, blockPanels) = (newValue[0], newValue[1])
      (groups, groupPanels) = (newValue[2], newValue[3])
    }
  }
}

/// The panels that are to be packed before a product.
struct UnpackedPanels {
  var rows: PackedPanels?
  var columns: PackedPanels?
}
