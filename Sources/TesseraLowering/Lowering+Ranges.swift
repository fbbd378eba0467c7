import TesseraIR
import TesseraSemantics

/// The ends and steps of an iteration.
struct IndexBox {
  /// Where each index starts.
  var lower: [Value]
  /// Where each stops, not included.
  var upper: [Value]
  /// What is added to each.
  var steps: [Value]

  /// The operands of `reduce` and `update`.
  var operands: [Value] { lower + upper + steps }
}

extension FunctionLowering {
  /// All places in a tensor with the lengths `extents`.
  mutating func box(over extents: [Value]) -> IndexBox {
    IndexBox(
      lower: extents.map { _ in constant(0) }, upper: extents,
      steps: extents.map { _ in constant(1) })
  }

  /// The indices of `ranges` as parameters of a region.
  func parameters(of ranges: [IndexRange]) -> [RegionParameter] {
    ranges.map { .index(source.indices[$0.index].name) }
  }

  /// The ends of `ranges`, computed here.
  mutating func box(_ ranges: [IndexRange]) -> IndexBox {
    var box = IndexBox(lower: [], upper: [], steps: [])
    for range in ranges {
      box.lower.append(lowerIndex(range.lower))
      box.upper.append(lowerIndex(range.upper))
      box.steps.append(range.step.map { lowerIndex($0) } ?? constant(1))
    }
    return box
  }

  /// The indices of `ranges` as a construct binds them.
  mutating func scope(
    _ ranges: [IndexRange], _ box: IndexBox
  ) -> [(index: ID<IndexInfo>, lower: Value?, extent: Value)] {
    ranges.indices.map { position in
      (ranges[position].index, box.lower[position], box.upper[position])
    }
  }

  /// `true` iff an end of a range depends on an index of an earlier one.
  func isTriangular(_ ranges: [IndexRange]) -> Bool {
    var bound: Set<ID<IndexInfo>> = []
    for range in ranges {
      var visitor = Visitor(program)
      for end in [range.lower, range.upper, range.step] { end.map { visitor.visit($0) } }
      if !visitor.usedIndices.isDisjoint(with: bound) { return true }
      bound.insert(range.index)
    }
    return false
  }

  /// Loops over `ranges`, outermost first, whose ends may depend on earlier indices; `body` gives
  /// the next of the carried values.
  mutating func loops(
    over ranges: [IndexRange], carrying values: [Value],
    _ body: (inout FunctionLowering, [Value]) -> [Value]
  ) -> [Value] {
    guard let range = ranges.first else { return body(&self, values) }
    let box = box([range])
    let outer = locals
    let region = region(parameters(of: [range]) + parameters(like: values)) { lowering, inner in
      lowering.indices[range.index] = inner[0]
      return lowering.loops(
        over: Array(ranges.dropFirst()), carrying: Array(inner.dropFirst()), body)
    }
    locals = outer
    return builder.emit(
      .for, [box.lower[0], box.upper[0], box.steps[0]] + values,
      results: values.map { builder.type(of: $0) }, regions: [region])
  }
}
