import TesseraIR
import TesseraSemantics

extension FunctionLowering {
  /// `y[m, ..] = v` and `y[m, ..] += v`: every element of the part is written once.
  mutating func lowerSliceAssignment(
    _ place: Place, _ items: [SliceItem], _ combining: Update.Combining, _ value: TypedExpression
  ) {
    let old = current(place) ?? zero(place.type)
    let lengths = place.type.dimensions
    let whole = old.values.first.map { extents(lengths, of: $0) } ?? extents(lengths)
    let given = value.type.dimensions
    let rank =
      lengths.count - items.count { if case .element = $0 { true } else { false } }
    let part = slicePart(items, of: whole) { lowering, axis, position, start in
      // The value has the shape of the part wherever that cannot be known from the items.
      given.count == rank
        ? lowering.extent(given[position]) : lowering.difference(whole[axis], start)
    }
    let source = elements(of: value)
    let box = box(over: part.extents)
    var results: [Value] = []
    for (leaf, tensor) in old.values.enumerated() {
      let region = region(part.extents.map { _ in .index() }) { lowering, inner in
        let skipped = inner.count - source.extents.count
        let places = source.type.dimensions.enumerated().map { axis, length in
          length.constant == 1 ? lowering.constant(0) : inner[axis + skipped]
        }
        let outer = part.place(inner, &lowering)
        var new = source.at(&lowering, places).values[leaf]
        if combining != .replace {
          let before = lowering.builder.read(tensor, outer)
          new = lowering.builder.arithmetic(combining.opcode, before, new)
        }
        return outer + [new, lowering.constant(1, .bool)]
      }
      results += builder.emit(
        .update, [tensor] + box.operands, results: [builder.type(of: tensor)],
        attribute: .update(.replace), regions: [region])
    }
    assign(place, old.rebuilt(from: results))
  }
}
