import TesseraIR
import TesseraSemantics

extension FunctionLowering {
  // MARK: Definitions

  /// `c[i, j] = e`, for one tensor or several of one shape.
  mutating func lowerDefinition(
    _ places: [Place], _ bound: [ID<IndexInfo>], _ dimensions: [Dimension],
    _ value: TypedExpression
  ) {
    let types = places.map(\.type)
    let extents = extents(dimensions)
    if bound.isEmpty {
      let whole = lower(value)
      for (position, place) in places.enumerated() {
        assign(place, places.count == 1 ? whole : whole.component(position))
      }
      return
    }
    let outer = builder.region
    let depth = computed.count
    let scope = zip(bound, extents).map { (index: $0, lower: Value?.none, extent: $1) }
    let names = bound.map { source.indices[$0].name }
    let results = inIndexScope(scope, in: outer, computedDepth: depth) { lowering in
      lowering.compute(
        extents, types.flatMap { lowering.leaves(of: $0).map(\.type) }, indexNames: names
      ) { lowering, indices in
        for (index, value) in zip(bound, indices) { lowering.indices[index] = value }
        return lowering.lower(value).values
      }
    }
    var rest = results[...]
    for place in places {
      let skeleton = skeleton(place.type)
      assign(place, skeleton.rebuilt(from: &rest))
    }
  }

  /// Makes `value` what stands at `place`.
  mutating func assign(_ place: Place, _ value: Lowered) {
    let name = source.locals[place.local].name
    let value = sharedLocals.contains(place.local) ? written(value, to: place) : value
    if place.path.isEmpty {
      for leaf in value.values where builder.function.values[leaf].name == nil {
        builder.function.values[leaf].name = name
      }
      locals[place.local] = value
    } else {
      let whole = locals[place.local] ?? undefined(source.locals[place.local].type)
      locals[place.local] = whole.replacing(place.path[...], with: value)
    }
    forgetDimensions(of: place.local)
  }

  /// What stands at `place`, if anything was given to it.
  func current(_ place: Place) -> Lowered? {
    guard let whole = locals[place.local] else { return nil }
    let value = place.path.reduce(whole) { $0.component($1) }
    if case .undefined = value { return nil }
    return value
  }

  // MARK: Reads

  /// One element, with what the boundaries say about places outside.
  mutating func lowerRead(
    _ base: TypedExpression, _ places: [ReadIndex], outside: TypedExpression?
  ) -> Lowered {
    let source = readSource(base)
    let (place, checks) = self.place(places, source.extents, isChecked: outside != nil)
    guard let outside, let inside = all(checks) else {
      // A read that lies outside everywhere is one of no axes at all.
      return source.at(&self, place)
    }
    return branch(on: inside, then: { source.at(&$0, place) }, else: { $0.lower(outside) })
  }

  /// The elements of what is read, computed in front of the constructs that it does not depend on.
  private mutating func readSource(_ base: TypedExpression) -> ElementSource {
    if isNamed(base) { return elements(of: base) }
    guard let level = hoistingLevel(of: base) else {
      let source = elements(of: base)
      return source.cost == .computed ? elements(of: materialized(source), type: base.type) : source
    }
    // Elements that are read once each are computed where they are read.
    let isReadOnce =
      level == indexScopes.count - 1
      && indexScopes[level].indices.count <= base.type.dimensions.count
    return hoisting(to: level) { lowering in
      let source = lowering.elements(of: base)
      if source.cost < .computed || isReadOnce { return source }
      return lowering.elements(of: lowering.materialized(source), type: base.type)
    }
  }

  /// `true` iff `expression` names a value that stands already.
  private func isNamed(_ expression: TypedExpression) -> Bool {
    switch expression.kind {
    case .local: true
    case .component(let whole, _): isNamed(whole)
    default: false
    }
  }

  /// The place that `indices` name in a tensor with these extents, and, if `isChecked`, the
  /// conditions under which it lies inside.
  mutating func place(
    _ indices: [ReadIndex], _ extents: [Value], isChecked: Bool
  ) -> (place: [Value], checks: [Value]) {
    var place: [Value] = []
    var checks: [Value] = []
    for (axis, index) in indices.enumerated() {
      let value = lowerIndex(index.value)
      switch index.boundary {
      case nil:
        place.append(value)
        if isChecked, !index.isProved { checks.append(isInside(value, extents[axis])) }
      case .clamp:
        place.append(clamped(value, extents[axis]))
      case .wrap:
        place.append(builder.arithmetic(.remainder, value, extents[axis]))
      case .reflect:
        place.append(reflected(value, extents[axis]))
      }
    }
    return (place, checks)
  }

  /// The nearest index inside.
  mutating func clamped(_ index: Value, _ length: Value) -> Value {
    let last = builder.arithmetic(.subtract, length, constant(1))
    return builder.arithmetic(
      .maximum, builder.arithmetic(.minimum, index, last), constant(0))
  }

  /// The index mirrored at the first and the last element, which are not repeated.
  private mutating func reflected(_ index: Value, _ length: Value) -> Value {
    let last = builder.arithmetic(.subtract, length, constant(1))
    let period = builder.arithmetic(
      .maximum, builder.arithmetic(.multiply, last, constant(2)), constant(1))
    let folded = builder.arithmetic(.remainder, index, period)
    return builder.arithmetic(
      .minimum, folded, builder.arithmetic(.subtract, period, folded))
  }
}
