import TesseraIR
import TesseraSemantics

extension FunctionLowering {
  /// A reduction over a prefix or suffix of a free index: computed for all values of the index at
  /// once, in front of the construct that binds it, and read here. `nil` if the reduction is none.
  ///
  /// With `y[i] = sum[k in a..i + c] e` the terms are numbered from `a`, and row `i` reads the
  /// running sum of the first `i + c - a`; a suffix is the same from the other end.
  mutating func lowerScan(_ reduction: TypedReduction, type: ValueType) -> Lowered? {
    guard let index = reduction.scanIndex, reduction.ranges.count == 1,
      reduction.ranges[0].step == nil, reduction.condition == nil,
      let level = indexScopes.indices.last(where: { level in
        indexScopes[level].indices.contains { $0.index == index }
      }),
      let current = indices[index]
    else { return nil }
    switch reduction.kind {
    case .mean, .fold: return nil
    default: break
    }
    let range = reduction.ranges[0]
    let isReversed = uses(range.lower, index)
    if isReversed == uses(range.upper, index) { return nil }

    var visitor = Visitor(program)
    visitor.visit(reduction.body)
    for capture in reduction.kind.captures { visitor.visit(capture) }
    let scope = indexScopes[level]
    // The body may depend on indices of this construct, which become axes, and on outer ones.
    let inner = indexScopes[(level + 1)...].flatMap { $0.indices.map(\.index) }
    guard visitor.freeIndices.isDisjoint(with: inner), !visitor.usedIndices.contains(index),
      visitor.freeLocals.allSatisfy({ scope.locals[$0] != nil })
    else { return nil }
    let others = scope.indices.filter { visitor.freeIndices.contains($0.index) }
    if others.contains(where: { $0.lower != nil }) { return nil }
    guard let own = scope.indices.first(where: { $0.index == index }), own.lower == nil else {
      return nil
    }

    let scan = hoisting(to: level) { lowering in
      lowering.emitScan(
        reduction, index, extent: own.extent,
        others: others.map { ($0.index, $0.extent) }, isReversed: isReversed, type: type)
    }
    return readScan(
      scan, at: others.map { indices[$0.index]! }, current, isReversed: isReversed)
  }

  /// What a scan gave, and where row `i` finds its own.
  private struct Scan {
    var accumulation: Accumulation
    /// The running reductions, the scanned axis last.
    var tensors: [Value]
    /// How many terms there are.
    var count: Value
    /// The number of terms of row `i` less `i`, for a prefix.
    var offset: Value
    /// `true` iff there are as many terms as rows.
    var isWhole: Bool
  }

  private mutating func emitScan(
    _ reduction: TypedReduction, _ index: ID<IndexInfo>, extent: Value,
    others: [(index: ID<IndexInfo>, extent: Value)], isReversed: Bool, type: ValueType
  ) -> Scan {
    let range = reduction.ranges[0]
    let outer = indices
    indices[index] = constant(0)
    let lower = lowerIndex(range.lower)
    let upper = lowerIndex(range.upper)
    indices = outer
    // Terms are numbered from `lower`; the last row of a prefix has extent - 1 more than row 0.
    let first = difference(upper, lower)
    let count: Value
    if isReversed {
      count = first == extent ? extent : builder.arithmetic(.maximum, first, constant(0))
    } else {
      let last = sum(difference(extent, constant(1)), first)
      count = last == extent ? extent : builder.arithmetic(.maximum, last, constant(0))
    }
    let accumulation = accumulation(
      reduction.kind, element: reduction.body.type, type: type, indexCount: 1)
    let extents = others.map(\.extent) + [count]
    let indexNames = (others.map(\.index) + [range.index]).map { source.indices[$0].name }
    let terms = region(indexNames.map { .index($0) }) { lowering, values in
      for (other, value) in zip(others, values) { lowering.indices[other.index] = value }
      let term = lowering.sum(values[values.count - 1], lower)
      lowering.indices[range.index] = term
      let body = lowering.lower(reduction.body)
      return accumulation.term(&lowering, body, [term])
    }
    indices = outer
    let types = accumulation.types.map { type in
      Type.tensor(type.element, extents.map { constantExtent($0) })
    }
    var regions = [terms]
    if accumulation.hasRegion {
      regions.append(combineRegion(accumulation, terms, isReversed: isReversed))
    }
    let tensors = builder.emit(
      .scan, extents + accumulation.initial, results: types,
      attribute: .scan(
        accumulation.combiner, axis: others.count, reverse: isReversed, exclusive: false),
      regions: regions)
    return Scan(
      accumulation: accumulation, tensors: tensors, count: count, offset: first,
      isWhole: count == extent)
  }

  private mutating func readScan(
    _ scan: Scan, at others: [Value], _ index: Value, isReversed: Bool
  ) -> Lowered {
    let place: Value
    var isPresent: Value?
    if isReversed {
      place = index
      // Row i has terms iff it is one of them.
      if !scan.isWhole { isPresent = builder.compare(.less, index, scan.count) }
    } else {
      place = difference(sum(index, scan.offset), constant(1))
      if place != index { isPresent = builder.compare(.lessOrEqual, constant(0), place) }
    }
    let read = { (lowering: inout FunctionLowering) -> Lowered in
      .leaves(scan.tensors.map { lowering.builder.read($0, others + [place]) })
    }
    guard let isPresent else {
      let values = read(&self).values
      return scan.accumulation.finish(&self, values)
    }
    let values = branch(
      on: isPresent, then: read, else: { .leaves(scan.accumulation.identity(&$0)) }
    ).values
    return scan.accumulation.finish(&self, values)
  }

  // MARK: Along an axis

  /// A scan of a tensor along an axis; from its end, the combine function is given what it made so
  /// far before the next element, as if the tensor were turned round.
  mutating func lowerScanAxis(
    _ kind: ReductionKind, _ operand: TypedExpression, axis: Int, isReversed: Bool, type: ValueType
  ) -> Lowered {
    let source = elements(of: operand)
    let accumulation = accumulation(
      kind, element: source.type.elementType, type: type.elementType, indexCount: 1)
    let terms = region(source.extents.map { _ in .index() }) { lowering, place in
      let element = source.at(&lowering, place)
      return accumulation.term(&lowering, element, [place[axis]])
    }
    var regions = [terms]
    if accumulation.hasRegion { regions.append(combineRegion(accumulation, terms)) }
    let extents = type.dimensions.map(\.extent)
    let tensors = builder.emit(
      .scan, source.extents + accumulation.initial,
      results: accumulation.types.map { .tensor($0.element, extents) },
      attribute: .scan(
        accumulation.combiner, axis: axis, reverse: isReversed, exclusive: false),
      regions: regions)
    let wanted = leaves(of: type).map(\.type)
    if tensors.map({ builder.type(of: $0) }) == wanted { return lowered(type, tensors) }
    let results = compute(source.extents, wanted) { lowering, place in
      let values = tensors.map { lowering.builder.read($0, place) }
      return accumulation.finish(&lowering, values).values
    }
    return lowered(type, results)
  }

  // MARK: Small sums

  private func uses(_ expression: TypedExpression, _ index: ID<IndexInfo>) -> Bool {
    var visitor = Visitor(program)
    visitor.visit(expression)
    return visitor.usedIndices.contains(index)
  }

  /// The number that a constant holds.
  func known(_ value: Value) -> Int? {
    guard let operation = builder.function.definition(of: value),
      case .integer(let number) = builder.function.operations[operation].attribute,
      builder.function.operations[operation].opcode == .constant
    else { return nil }
    return Int(number)
  }

  /// `a + b`, folded where both are known or one is 0.
  mutating func sum(_ a: Value, _ b: Value) -> Value {
    if known(b) == 0 { return a }
    if known(a) == 0 { return b }
    if let a = known(a), let b = known(b) { return constant(a &+ b) }
    if let b = known(b), let (base, offset) = sumParts(a) {
      return offset &+ b == 0 ? base : builder.arithmetic(.add, base, constant(offset &+ b))
    }
    return builder.arithmetic(.add, a, b)
  }

  /// `a - b`, folded where both are known or they are equal.
  mutating func difference(_ a: Value, _ b: Value) -> Value {
    if a == b { return constant(0) }
    if let b = known(b) { return sum(a, constant(0 &- b)) }
    return builder.arithmetic(.subtract, a, b)
  }

  /// A value as another plus a known number.
  private func sumParts(_ value: Value) -> (base: Value, offset: Int)? {
    guard let operation = builder.function.definition(of: value) else { return nil }
    let content = builder.function.operations[operation]
    guard content.opcode == .add, let offset = known(content.operands[1]) else { return nil }
    return (content.operands[0], offset)
  }

  /// The extent of a type from the value that it has when the program runs.
  func constantExtent(_ value: Value) -> Extent { known(value).map { .constant($0) } ?? .dynamic }
}
