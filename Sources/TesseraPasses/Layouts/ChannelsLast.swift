import TesseraIR

/// A convolution whose channels lie last, and which transforms would compute if they lay before the
/// image.
///
///     y[n, h, v, o] = epilogue(sum[c, r, s] x(n, h + r, v + s, c) * w(o, c, r, s))
struct ChannelsLast {
  /// The order of the axes of the result by which it is computed by transforms: the two of the image
  /// last.
  let order: AxisOrder
  /// The reads of images, and the order in which their tensors should lie.
  private(set) var images: [(read: ID<Operation>, order: AxisOrder)] = []

  /// Looks at the `compute` called `id`.
  ///
  /// - Returns: `nil` if it is no such convolution, or if transforms would not save what it takes to move
  ///   the image and the results.
  init?(
    _ id: ID<Operation>, in function: inout Function, _ fixed: FixedValues,
    on target: TargetDescription
  ) {
    let content = function.operations[id]
    guard content.results.count == 1, let written = Contraction(content, in: function),
      written.permitsTransforms, written.others.isEmpty, written.rowAxes.count >= 2
    else { return nil }
    let image = written.rowAxes.suffix(2)
    order = AxisOrder(axes: content.operands.indices.filter { !image.contains($0) } + image)
    if order.isWritten { return nil }

    function.reorderAxes(of: id, to: order)
    defer { function.reorderAxes(of: id, to: order.inverse) }
    let reordered = function.operations[id]
    guard let contraction = Contraction(reordered, in: function) else { return nil }
    let isPrepared = fixed.determine(
      contraction.rowFactor, of: contraction, reordered, in: function)
    guard
      let winograd = try? Winograd(
        contraction, reordered, isPrepared: isPrepared, in: function)
    else { return nil }
    let parameters = function.regions[reordered.regions[0]].parameters
    findImages(
      in: contraction.reduction.regions[0], of: reordered.regions[0],
      (parameters[winograd.vertical], parameters[winograd.horizontal]), function)
    guard !images.isEmpty, saves(winograd, reordered, in: function, on: target) else { return nil }
  }

  /// Notes the reads in `terms` of tensors of which one axis is numbered by the first of `indices`, and one
  /// by the second, which are those of `statement`.
  private mutating func findImages(
    in terms: ID<Region>, of statement: ID<Region>, _ indices: (Value, Value), _ function: Function
  ) {
    let up = DependentValues(function, statement, on: indices.0)
    let across = DependentValues(function, statement, on: indices.1)
    function.forEachOperation(in: terms) { id in
      guard function.operations[id].opcode == .read else { return }
      let places = Array(function.operations[id].operands.dropFirst())
      let vertical = places.indices.filter { up.contains(places[$0]) }
      let horizontal = places.indices.filter { across.contains(places[$0]) }
      guard vertical.count == 1, horizontal.count == 1, vertical != horizontal else { return }
      let image = vertical + horizontal
      images.append((id, AxisOrder(axes: places.indices.filter { !image.contains($0) } + image)))
    }
  }

  /// `true` iff transforms save more cycles than it takes to move the images and the results, if nothing
  /// else reads or gives them in that order.
  private func saves(
    _ winograd: Winograd, _ content: Operation, in function: Function,
    on target: TargetDescription
  ) -> Bool {
    var lengths = LengthEstimate(function)
    func count(_ extents: [Value]) -> Double { extents.map { lengths.length($0) }.reduce(1, *) }
    let results = count(content.operands)
    let box = ReductionBox(winograd.contraction.reduction, function)
    let products = results * count(box.upper)
    let size = Double(winograd.tileSize)
    let saved = 1 - Double(winograd.frequencies) / (9 * size * size)
    let channels = count(winograd.channels.map { box.upper[$0] })
    let filters = count(winograd.contraction.rowAxes.map { content.operands[$0] })
    let moved = results * (1 + channels / max(filters, 1))
    return products * saved / (Self.productsOfCycle * Double(target.lanes(of: .f32)))
      > moved * Self.cyclesMoved
  }

  /// The products that a core adds up in a cycle, in each lane.
  private static var productsOfCycle: Double { 2 }
  /// The cycles of an element that is moved across, mostly by way of memory.
  private static var cyclesMoved: Double { 2 }
}
