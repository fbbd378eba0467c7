import TesseraIR
import TesseraNumbers

/// Products of which one factor is read where it lies, and the other one has a lane for each row or
/// column.
extension Scheduler {
  /// Emits `content` as the first of `products` whose lanes are enough for it, or else as `usual` does.
  mutating func emitNarrow(
    _ products: ArraySlice<NarrowProduct>, _ content: Operation, _ contraction: Contraction,
    into buffers: [Value], usual: (inout Scheduler) -> Void
  ) {
    guard let product = products.first else { return usual(&self) }
    let extents = product.narrow.axes.map { demanded(content.operands[$0]) }
    let count = self.product(extents)
    let range = IndexRange(
      lower: demanded(product.box.lower[0]), upper: demanded(product.box.upper[0]),
      step: integer(1), name: source.values[product.box.indices[0]].name)
    let depth = self.count(of: range)
    let (most, least) = (integer(narrowLanes(contraction)), integer(NarrowProduct.leastDepth))
    let (isNarrow, isDeep) = (isAtMost(count, most), isAtMost(least, depth))
    let fits = both(isNarrow, isDeep)
    if case .known(true) = fits { remarkNarrow(content, contraction, product) }
    choose(fits) { scheduler in
      scheduler.emitNarrow(product, content, contraction, range, depth, into: buffers)
    } otherwise: { scheduler in
      scheduler.emitNarrow(
        products.dropFirst(), content, contraction, into: buffers, usual: usual)
    }
  }

  /// The forms in which `content` may be a narrow product: none if a factor is packed ahead, and none
  /// without vectors.
  func narrowProducts(_ content: Operation, _ contraction: Contraction) -> [NarrowProduct] {
    guard narrowLanes(contraction) > 1, !isPackedAhead(content, contraction) else { return [] }
    return [true, false].compactMap { isOfColumns in
      guard
        let product = NarrowProduct(contraction, content, ofColumns: isOfColumns, in: source)
      else { return nil }
      let count = source.constantProduct(product.narrow.axes.map { content.operands[$0] })
      return count ?? 0 > narrowLanes(contraction) ? nil : product
    }
  }

  /// How many rows or columns a narrow product has at most.
  func narrowLanes(_ contraction: Contraction) -> Int64 {
    Int64(target.lanes(of: contraction.element))
  }

  private mutating func emitNarrow(
    _ product: NarrowProduct, _ content: Operation, _ contraction: Contraction,
    _ range: IndexRange, _ depth: Value, into buffers: [Value]
  ) {
    let tile = RegisterTile(
      element: contraction.element, rows: NarrowProduct.tileRows, vectors: 1,
      lanes: target.lanes(of: contraction.element))
    let panel = allocate(
      .tensor(.scalar(tile.element), [.dynamic, .constant(tile.lanes)]),
      [depth, integer(tile.lanes)], name: "panel")
    let parameters = source.regions[content.regions[0]].parameters
    let extents = content.operands.map { demanded($0) }
    let images = contraction.batchAxes.map { axis in
      IndexRange(
        lower: integer(0), upper: extents[axis], step: integer(1),
        name: source.values[parameters[axis]].name)
    }
    nest(images) { scheduler, indices in
      for (axis, index) in zip(contraction.batchAxes, indices) {
        scheduler.values.insert(index, for: parameters[axis])
      }
      let shape = NarrowShape(
        product: product, content: content, tile: tile, parameters: parameters,
        wide: product.wide.axes.map { extents[$0] },
        narrow: product.narrow.axes.map { extents[$0] }, range: range, depth: depth, panel: panel)
      scheduler.packNarrow(shape)
      let rows = scheduler.product(shape.wide)
      let tiles = scheduler.blocks(of: rows, tile.rows)
      let terms = Int(
        min(max(scheduler.knownNumber(depth) ?? 512, 1), 1 << 12))
      scheduler.spread([tiles], names: [nil], cost: terms * tile.rows) { scheduler, indices in
        let first = scheduler.builder.arithmetic(
          .multiply, indices[0], scheduler.integer(tile.rows))
        let sums = scheduler.multiplyNarrow(shape, rows, from: first)
        scheduler.finishNarrow(shape, rows, from: first, sums, contraction, buffers)
      }
    }
  }

  /// Lets the axes of the source stand for the numbers of a wide, or narrow, index.
  private mutating func bind(
    _ axes: [Int], _ extents: [Value], to number: Value, _ shape: NarrowShape
  ) {
    for (axis, index) in zip(axes, indices(ofRow: number, extents)) {
      values.insert(index, for: shape.parameters[axis])
    }
  }

  /// Packs the narrow factor: [term][lane], with zeros in lanes that it lacks.
  private mutating func packNarrow(_ shape: NarrowShape) {
    let nothing = zeroVector(shape.tile)
    let count = product(shape.narrow)
    let cost = shape.tile.lanes
    spread([shape.depth], names: ["term"], cost: cost) { scheduler, indices in
      let (term, zero) = (indices[0], scheduler.integer(0))
      scheduler.builder.emit(.vectorStore, [nothing, shape.panel, term, zero])
      let index = scheduler.builder.arithmetic(.add, shape.range.lower, term)
      scheduler.values.insert(index, for: shape.product.box.indices[0])
      scheduler.loop(from: zero, to: count, name: "lane") { scheduler, lane in
        let narrow = shape.product.narrow
        scheduler.bind(narrow.axes, shape.narrow, to: lane, shape)
        let factor = scheduler.demanded(narrow.factor)
        scheduler.builder.emit(.store, [factor, shape.panel, term, lane])
      }
    }
  }

  /// The sums of a tile of rows of the wide factor; what lies beyond the last row is that row again.
  private mutating func multiplyNarrow(
    _ shape: NarrowShape, _ count: Value, from first: Value
  ) -> [Value] {
    let tile = shape.tile
    let last = builder.arithmetic(.subtract, count, integer(1))
    let isWhole = isMultiple(count, tile.rows)
    let rows = (0..<tile.rows).map { step in
      let row = builder.arithmetic(.add, first, integer(step))
      return indices(ofRow: isWhole ? row : least(row, last), shape.wide)
    }
    let wide = shape.product.wide
    return loop(
      from: integer(0), to: shape.depth, name: "depth", carrying: zeroAccumulators(tile)
    ) { scheduler, term, sums in
      let lanes = scheduler.builder.emit(
        .vectorLoad, [shape.panel, term, scheduler.integer(0)], results: [tile.vector])[0]
      let index = scheduler.builder.arithmetic(.add, shape.range.lower, term)
      return zip(rows, sums).map { row, sum in
        scheduler.inScope { scheduler in
          for (axis, index) in zip(wide.axes, row) {
            scheduler.values.insert(index, for: shape.parameters[axis])
          }
          scheduler.values.insert(index, for: shape.product.box.indices[0])
          let factor = scheduler.demanded(wide.factor)
          let spread = scheduler.builder.emit(.splat, [factor], results: [tile.vector])[0]
          return scheduler.builder.arithmetic(.multiplyAdd, spread, lanes, sum)
        }
      }
    }
  }

  /// Makes and stores the elements that come of the sums of a tile.
  private mutating func finishNarrow(
    _ shape: NarrowShape, _ count: Value, from first: Value, _ sums: [Value],
    _ contraction: Contraction, _ buffers: [Value]
  ) {
    let tile = shape.tile
    let memory = allocate(
      .tensor(.scalar(tile.element), [.constant(tile.rows), .constant(tile.lanes)]),
      [integer(tile.rows), integer(tile.lanes)], name: "tile")
    for (row, sum) in sums.enumerated() {
      builder.emit(.vectorStore, [sum, memory, integer(row), integer(0)])
    }
    let left = builder.arithmetic(.subtract, count, first)
    let (rowCount, laneCount) = (least(left, integer(tile.rows)), product(shape.narrow))
    let ranges = [rowCount, laneCount].map {
      IndexRange(lower: integer(0), upper: $0, step: integer(1))
    }
    // The last axis of the results goes innermost.
    let isOfColumns = shape.product.isOfColumns
    nest(isOfColumns ? ranges : ranges.reversed()) { scheduler, indices in
      let (row, lane) = isOfColumns ? (indices[0], indices[1]) : (indices[1], indices[0])
      let (wide, narrow) = (shape.product.wide, shape.product.narrow)
      let place = scheduler.builder.arithmetic(.add, first, row)
      scheduler.bind(wide.axes, shape.wide, to: place, shape)
      scheduler.bind(narrow.axes, shape.narrow, to: lane, shape)
      let sum = scheduler.builder.emit(
        .load, [memory, row, lane], results: [.scalar(tile.element)])[0]
      scheduler.values.insert(sum, for: contraction.reduction.results[0])
      let elements = scheduler.yielded(shape.content.regions[0]).map { scheduler.demanded($0) }
      let indices = shape.parameters.map { scheduler.value(of: $0) }
      for (element, buffer) in zip(elements, buffers) {
        scheduler.builder.emit(.store, [element, buffer] + indices)
      }
    }
  }
}

/// What a narrow product is scheduled by; all values are of the scheduled function.
private struct NarrowShape {
  let product: NarrowProduct
  let content: Operation
  let tile: RegisterTile
  /// The indices of the `compute` in the source.
  let parameters: [Value]
  /// The extents of the wide axes and of the narrow ones.
  let wide: [Value]
  let narrow: [Value]
  /// The numbers that are summed over, and how many there are.
  let range: IndexRange
  let depth: Value
  /// The narrow factor.
  let panel: Value
}
