import TesseraIR

/// Convolution by transforms of tiles, see `Winograd`.
///
///     transform all filters into panels of rows, one matrix a frequency; or leave that to the
///     products, see `Scheduler+WinogradTaps`
///     for each image, and each block of rows of tiles
///       for each channel, in several threads
///         copy the elements that the block needs, zeros outside, and transform them into panels of
///         columns
///       for each block of filters, in several threads
///         multiply, frequency by frequency
///         for each filter: transform the sums back, run the epilogue and store
///
/// Tiles are numbered along their rows without gaps. The sum of a frequency runs over the channels
/// in ascending order with one accumulator, so neither blocks nor threads ever show.
extension Scheduler {
  /// The transform by which `contraction`, which `content` is, should be computed.
  ///
  /// - Throws: why there is none.
  func winograd(
    _ contraction: Contraction, _ content: Operation
  ) throws(Winograd.Obstacle) -> Winograd {
    if choice[.transforms] == 0, contraction.permitsTransforms { throw .isLocked }
    let box = ReductionBox(contraction.reduction, source)
    let parameters = source.regions[content.regions[0]].parameters
    let axes = contraction.rowAxes
    let known = Set(axes.map { parameters[$0] } + box.indices)
    let isPrepared =
      fixed.determine(contraction.rowFactor, with: known, in: source)
      && (axes.map { content.operands[$0] } + contraction.reduction.operands).allSatisfy {
        fixed.determine($0, with: [], in: source)
      }
    var winograd = try Winograd(contraction, content, isPrepared: isPrepared, in: source)
    winograd.keepsTaps = keepsTaps(content, winograd)
    return winograd
  }

  /// Emits `content` by transforms, or `otherwise` if the run says that there are too few channels or
  /// filters.
  mutating func emitWinograd(
    _ content: Operation, _ winograd: Winograd, into buffers: [Value],
    otherwise: (inout Scheduler) -> Void
  ) {
    guard winograd.mayBeThin, choice[.transforms] == nil else {
      return emitWinograd(content, winograd, into: buffers)
    }
    let box = ReductionBox(winograd.contraction.reduction, source)
    let filters = winograd.contraction.rowAxes.map { demanded(content.operands[$0]) }
    let channels = ranges(of: box, winograd.channels) { $0.demanded($1) }.map { count(of: $0) }
    let fewer = folded(.minimum, product(channels), product(filters))
    choose(fewer, isAtLeast: Winograd.leastChannels) { scheduler in
      scheduler.emitWinograd(content, winograd, into: buffers)
    } otherwise: { scheduler in
      scheduler.withoutRemarks(otherwise)
    }
  }

  /// Emits `content` as the convolution that it is, into `buffers`.
  ///
  /// - Requires: there are results.
  mutating func emitWinograd(_ content: Operation, _ winograd: Winograd, into buffers: [Value]) {
    let plan = winogradPlan(content, winograd)
    remarkTransforms(content, winograd, plan.tile)
    let common = winograd.hasOneSetOfFilters ? makeFilters(plan) : nil
    let columns = allocate(
      .tensor(.scalar(.f32), [.dynamic, .dynamic, .constant(plan.tile.columns)]),
      [
        product([integer(winograd.frequencies), plan.blockPanels]), plan.channels,
        integer(plan.tile.columns),
      ], name: "columns")
    let images = winograd.imageAxes.map { axis in
      IndexRange(
        lower: integer(0), upper: plan.extents[axis], step: integer(1),
        name: source.values[plan.parameters[axis]].name)
    }
    nest(images) { scheduler, indices in
      for (axis, index) in zip(winograd.imageAxes, indices) {
        scheduler.values.insert(index, for: plan.parameters[axis])
      }
      let filters = common ?? scheduler.makeFilters(plan)
      scheduler.loop(from: scheduler.integer(0), to: plan.blocks, name: "block") {
        scheduler, number in
        let block = scheduler.tileBlock(plan, number)
        scheduler.transformInput(plan, block, into: columns)
        scheduler.multiplyFrequencies(plan, block, filters, columns, content, buffers)
      }
    }
  }

  /// Settles tiles, panels and blocks.
  private mutating func winogradPlan(_ content: Operation, _ winograd: Winograd) -> WinogradPlan {
    let extents = content.operands.map { demanded($0) }
    let box = ReductionBox(winograd.contraction.reduction, source)
    let channelRanges = ranges(of: box, winograd.channels) { $0.demanded($1) }
    let counts = channelRanges.map { count(of: $0) }
    let tileRows = blocks(of: extents[winograd.vertical], winograd.tileSize)
    let tilesInRow = blocks(of: extents[winograd.horizontal], winograd.tileSize)
    let tiles = product([tileRows, tilesInRow])
    let tile = winogradTile(tiles: tiles)
    let rowLanes = winogradLanes(tile, tilesInRow: tilesInRow)
    let rows = product(winograd.contraction.rowAxes.map { extents[$0] })
    let wanted = atLeastOne(
      divided(integer(choice.number(.transformedTiles, usually: Self.blockTiles)), by: tilesInRow))
    let blockRows = folded(.minimum, wanted, tileRows)
    return WinogradPlan(
      winograd: winograd, transforms: WinogradTransforms(tileSize: winograd.tileSize),
      parameters: source.regions[content.regions[0]].parameters, extents: extents,
      channelIndices: winograd.channels.map { box.indices[$0] }, channelRanges: channelRanges,
      channelCounts: counts, channels: product(counts), tile: tile, rows: rows,
      rowPanels: blocks(of: rows, tile.rows), tileRows: tileRows, tilesInRow: tilesInRow,
      rowLanes: rowLanes, rowVectors: blocks(of: tilesInRow, rowLanes), blockRows: blockRows,
      blockPanels: blocks(of: product([blockRows, tilesInRow]), tile.columns),
      blocks: quotient(tileRows, roundedUpBy: blockRows))
  }

  /// The tile of sums that is kept in registers, one vector wide where there are no more tiles.
  private func winogradTile(tiles: Value) -> RegisterTile {
    let (shape, lanes) = (target.productTile, target.lanes(of: .f32))
    let isNarrow = knownNumber(tiles).map { $0 <= lanes } ?? false
    return RegisterTile(
      element: .f32, rows: shape.rows, vectors: isNarrow ? 1 : shape.vectors, lanes: lanes)
  }

  /// The lanes in which tiles are transformed: those of a register, or fewer where that is enough for a
  /// row of them.
  private func winogradLanes(_ tile: RegisterTile, tilesInRow: Value) -> Int {
    guard let tiles = knownNumber(tilesInRow) else { return tile.lanes }
    return [4, 8].first { $0 >= tiles && $0 < tile.lanes } ?? tile.lanes
  }

  /// About how many tiles are transformed at a time: few enough for their sums, with some filters,
  /// to stay in the second cache, and enough for the filters to be read seldom.
  static var blockTiles: Int64 { 64 }

  /// A block of rows of tiles; the last one may have fewer.
  private mutating func tileBlock(_ plan: WinogradPlan, _ number: Value) -> TileBlock {
    let first = product([number, plan.blockRows])
    let left = builder.arithmetic(.subtract, plan.tileRows, first)
    let rows = builder.arithmetic(.minimum, left, plan.blockRows)
    let tiles = product([rows, plan.tilesInRow])
    return TileBlock(
      firstRow: first, rows: rows, tiles: tiles,
      panels: blocks(of: tiles, plan.tile.columns))
  }

  /// Binds the channels to the indices of the one numbered `channel`.
  mutating func bindChannels(_ plan: WinogradPlan, to channel: Value) {
    for (axis, step) in indices(ofRow: channel, plan.channelCounts).enumerated() {
      let range = plan.channelRanges[axis]
      let index = builder.arithmetic(.add, range.lower, product([step, range.step]))
      values.insert(index, for: plan.channelIndices[axis])
    }
  }

  /// Binds the axes of filters to the indices of the one numbered `row`.
  mutating func bindFilter(_ plan: WinogradPlan, to row: Value) {
    let axes = plan.winograd.contraction.rowAxes
    for (axis, index) in zip(axes, indices(ofRow: row, axes.map { plan.extents[$0] })) {
      values.insert(index, for: plan.parameters[axis])
    }
  }
}

/// The numbers by which a convolution is computed by transforms; all values are of the scheduled
/// function.
struct WinogradPlan {
  var winograd: Winograd
  var transforms: WinogradTransforms
  /// The indices of the `compute`, and the extents of the result.
  var parameters: [Value]
  var extents: [Value]
  /// The channels: their indices in the source, ranges and lengths, and how many there are.
  var channelIndices: [Value]
  var channelRanges: [IndexRange]
  var channelCounts: [Value]
  var channels: Value
  /// The tile of sums that is kept in registers: filters × tiles of the convolution.
  var tile: RegisterTile
  /// The filters, and their panels.
  var rows: Value
  var rowPanels: Value
  /// The rows of tiles, the tiles in a row, and the vectors of tiles in it with their lanes.
  var tileRows: Value
  var tilesInRow: Value
  var rowLanes: Int
  var rowVectors: Value
  /// The rows of tiles in a block, the panels of their columns, and the blocks.
  var blockRows: Value
  var blockPanels: Value
  var blocks: Value

  /// The extents up and down, left and right.
  var height: Value { extents[winograd.vertical] }
  var width: Value { extents[winograd.horizontal] }
  /// The results of the vectors of tiles in a row: a row of them has that many.
  var vectorWidth: Int { winograd.tileSize * rowLanes }
  /// The types of a vector of tiles and of as many results.
  var rowVector: Type { .vector(.f32, lanes: rowLanes) }
  var wideVector: Type { .vector(.f32, lanes: vectorWidth) }
}

/// Some rows of tiles.
struct TileBlock {
  /// The first one, and how many there are.
  var firstRow: Value
  var rows: Value
  /// The tiles in them, and the panels of columns that these take.
  var tiles: Value
  var panels: Value
}
