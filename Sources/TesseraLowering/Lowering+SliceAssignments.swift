import TesseraIR
import TesseraSemantics

extension FunctionLowering {
  /// `y[m, ..] = v` and `y[m, ..] += v`: every element of the part is written once.
  mutating func lowerSliceAssignment(
    _ place: Place, _ items: [SliceItem], _ combining: Update.Combining, _ value: TypedExpression
  ) {
    let old = current(place) ?? zero(place.type)
    let lengths = place.type.dimensions
    let part = slicePart(items, lengths, old.values.first, value.type.dimensions)
    let source = elements(of: value)
    let zeros = part.extents.map { _ in constant(0) }
    let ones = part.extents.map { _ in constant(1) }
    let parameters = part.extents.map { _ in (name: String?.none, type: Type.index) }
    var results: [Value] = []
    for (position, tensor) in old.values.enumerated() {
      let region = region(parameters) { lowering, inner in
        let skipped = inner.count - source.extents.count
        let places = source.type.dimensions.enumerated().map { axis, length in
          length.constant == 1 ? lowering.constant(0) : inner[axis + skipped]
        }
        let outer = part.axes.map { axis -> Value in
          guard let own = axis.axis else { return axis.start! }
          return axis.start.map { lowering.sum($0, inner[own]) } ?? inner[own]
        }
        var new = source.at(&lowering, places).values[position]
        if combining != .replace {
          let before = lowering.builder.read(tensor, outer)
          new = lowering.builder.arithmetic(combining.opcode, before, new)
        }
        return outer + [new, lowering.constant(1, .bool)]
      }
      results += builder.emit(
        .update, [tensor] + zeros + part.extents + ones, results: [builder.type(of: tensor)],
        attribute: .update(.replace), regions: [region])
    }
    var rest = results[...]
    assign(place, old.rebuilt(from: &rest))
  }

  /// What each axis of the whole is, and how long the axes of the part are.
  private mutating func slicePart(
    _ items: [SliceItem], _ lengths: [Dimension], _ tensor: Value?, _ given: [Dimension]
  ) -> (axes: [(start: Value?, axis: Int?)], extents: [Value]) {
    let whole = tensor.map { self.extents(lengths, of: $0) } ?? self.extents(lengths)
    var axes: [(start: Value?, axis: Int?)] = []
    var extents: [Value] = []
    var kept = 0
    let count =
      items.count { if case .element = $0 { false } else { true } }
      + lengths.count - items.count
    for item in items {
      switch item {
      case .element(let index):
        axes.append((lowerIndex(index), nil))
        continue
      case .range(let from):
        let start = lowerIndex(from)
        // The value has the shape of the part wherever that cannot be known from the items.
        extents.append(
          given.count == count ? extent(given[kept]) : difference(whole[axes.count], start))
        axes.append((start, kept))
      case .tile(let tile):
        let tile = lower(tile)
        extents.append(tile.component(1).value)
        axes.append((tile.component(0).value, kept))
      case .wholeAxis, .newAxis:
        extents.append(whole[axes.count])
        axes.append((nil, kept))
      }
      kept += 1
    }
    while axes.count < lengths.count {
      extents.append(whole[axes.count])
      axes.append((nil, kept))
      kept += 1
    }
    return (axes, extents)
  }
}
