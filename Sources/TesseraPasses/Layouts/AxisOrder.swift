import TesseraIR

/// An order of the axes of a tensor, or of the indices of the `compute` that makes it.
struct AxisOrder: Hashable {
  /// The axes, outermost first, by their places in the program's order.
  let axes: [Int]

  /// The program's order of `rank` axes.
  static func written(_ rank: Int) -> AxisOrder { AxisOrder(axes: Array(0..<rank)) }

  /// `true` iff it is the program's.
  var isWritten: Bool { axes.elementsEqual(axes.indices) }

  /// The order that leads back to the program's.
  var inverse: AxisOrder { AxisOrder(axes: axes.indices.map { place(of: $0) }) }

  /// Where the axis lies that the program has at `axis`.
  func place(of axis: Int) -> Int { axes.firstIndex(of: axis)! }

  /// The axes by their names, or else numbers, in this order.
  func description(of names: [String?]) -> String {
    axes.map { names[$0] ?? "\($0)" }.joined(separator: ", ")
  }

  /// What the program lists axis by axis, in this order.
  func callAsFunction<Element>(_ list: some Collection<Element>) -> [Element] {
    let list = Array(list)
    return axes.map { list[$0] }
  }
}

extension Function {
  /// Lets the `compute` called `id`, which has one result, go over its indices, and store, in `order`.
  ///
  /// What uses its result is left as it was.
  mutating func reorderAxes(of id: ID<Operation>, to order: AxisOrder) {
    let content = operations[id]
    operations[id].operands = order(content.operands)
    reorderParameters(of: content.regions[0], to: order)
    let result = content.results[0]
    let type = values[result].type
    values[result].type = .tensor(type.element, order(type.extents))
  }

  /// Lets `read` take its element from `tensor`, whose axes lie in `order`.
  mutating func reorderPlaces(of read: ID<Operation>, to order: AxisOrder, of tensor: Value) {
    operations[read].operands = [tensor] + order(operations[read].operands.dropFirst())
  }

  /// Lets `reduction`, whose order is free, go over its indices as `read` has them in its places.
  mutating func reorderIndices(of reduction: ID<Operation>, as read: ID<Operation>) {
    let box = ReductionBox(operations[reduction], self)
    var affine = AffineValues()
    let places = operations[read].operands.dropFirst().map {
      affine.expression(of: $0, in: self)
    }
    let last = box.indices.map { index in places.lastIndex { $0.depends(on: index) } ?? -1 }
    let order = AxisOrder(
      axes: last.indices.sorted { (last[$0], $0) < (last[$1], $1) })
    operations[reduction].operands =
      order(box.lower) + order(box.upper) + order(box.steps) + box.initial
    reorderParameters(of: box.terms, to: order)
  }

  /// Lists the parameters of `region` in `order`.
  private mutating func reorderParameters(of region: ID<Region>, to order: AxisOrder) {
    regions[region].parameters = order(regions[region].parameters)
    for (index, parameter) in regions[region].parameters.enumerated() {
      values[parameter].definition = .parameter(of: region, index: index)
    }
  }

  /// The axes of the tensor that `read` reads in the order of the indices of `statement` by which they
  /// are numbered, which lie in `order`; `nil` if they are not numbered by one index each.
  func axisOrder(
    of read: ID<Operation>, by statement: Operation, in order: AxisOrder
  ) -> AxisOrder? {
    let indices = order(regions[statement.regions[0]].parameters)
    let places = operations[read].operands.dropFirst().map { indices.firstIndex(of: $0) }
    guard Set(places).count == places.count, !places.contains(nil) else { return nil }
    return AxisOrder(axes: places.indices.sorted { places[$0]! < places[$1]! })
  }
}
