import TesseraIR
import TesseraSemantics

extension FunctionLowering {
  /// `sum[k] e` and its kin.
  mutating func lowerReduction(_ reduction: TypedReduction, type: ValueType) -> Lowered {
    if let scanned = lowerScan(reduction, type: type) { return scanned }
    let accumulation = accumulation(
      reduction.kind, element: reduction.body.type, type: type,
      indexCount: reduction.ranges.count)
    if isTriangular(reduction.ranges) { return lowerLoops(reduction, accumulation) }

    let box = box(reduction.ranges)
    let values = reduce(reduction, box, accumulation) { lowering, indices in
      lowering.term(reduction, accumulation, indices)
    }
    let result = accumulation.finish(&self, values)
    guard accumulation.isMean else { return result }
    return divided(accumulation, values, by: count(reduction, box))
  }

  /// Appends `reduce` over `box`.
  private mutating func reduce(
    _ reduction: TypedReduction, _ box: IndexBox, _ accumulation: Accumulation,
    _ term: (inout FunctionLowering, [Value]) -> [Value]
  ) -> [Value] {
    let terms = inIndexScope(
      scope(reduction.ranges, box), in: builder.region, computedDepth: computed.count
    ) { lowering in
      lowering.region(lowering.parameters(of: reduction.ranges)) { lowering, indices in
        for (range, value) in zip(reduction.ranges, indices) {
          lowering.indices[range.index] = value
        }
        return term(&lowering, indices)
      }
    }
    return emitReduce(box, accumulation, terms, isConditional: reduction.condition != nil)
  }

  /// Appends `reduce` whose terms the region gives.
  mutating func emitReduce(
    _ box: IndexBox, _ accumulation: Accumulation, _ terms: ID<Region>, isConditional: Bool = false
  ) -> [Value] {
    var regions = [terms]
    if accumulation.hasRegion {
      regions.append(combineRegion(accumulation, terms, isConditional: isConditional))
    }
    return builder.emit(
      .reduce, box.operands + accumulation.initial, results: accumulation.types,
      attribute: .reduction(accumulation.combiner, .sequential, permits: permittedAlgorithms),
      regions: regions)
  }

  /// The region that combines accumulators with a term, which stands before them if `isReversed`;
  /// a conditional fold has a flag before each term.
  mutating func combineRegion(
    _ accumulation: Accumulation, _ terms: ID<Region>, isConditional: Bool = false,
    isReversed: Bool = false
  ) -> ID<Region> {
    let end = builder.function.terminator(of: terms)!
    let termTypes = builder.function.operations[end].operands.map { builder.type(of: $0) }
    let parameters = (accumulation.types + termTypes).map { RegionParameter(nil, $0) }
    let count = accumulation.types.count
    let isFlagged = isConditional && accumulation.combiner == .fold
    return region(parameters) { lowering, values in
      let accumulators = Array(values[..<count])
      let term = Array(values[count...])
      if isReversed { return accumulation.combine(&lowering, term, accumulators) }
      guard isFlagged else { return accumulation.combine(&lowering, accumulators, term) }
      return lowering.branch(
        on: term[0],
        then: { .leaves(accumulation.combine(&$0, accumulators, Array(term.dropFirst()))) },
        else: { _ in .leaves(accumulators) }
      ).values
    }
  }

  /// The term of an iteration, or what stands for one that is left out.
  mutating func term(
    _ reduction: TypedReduction, _ accumulation: Accumulation, _ indices: [Value]
  ) -> [Value] {
    guard let condition = reduction.condition else {
      return accumulation.term(&self, lower(reduction.body), indices)
    }
    let isCounted = lowerValue(condition)
    let values = branch(
      on: isCounted,
      then: { lowering in
        let value = lowering.lower(reduction.body)
        return .leaves(accumulation.term(&lowering, value, indices))
      }, else: { .leaves(accumulation.identity(&$0)) }
    ).values
    return accumulation.combiner == .fold ? [isCounted] + values : values
  }

  /// The reduction as loops, for ranges whose ends depend on outer ones.
  private mutating func lowerLoops(
    _ reduction: TypedReduction, _ accumulation: Accumulation
  ) -> Lowered {
    var initial = accumulation.hasRegion ? accumulation.initial : accumulation.identity(&self)
    if accumulation.isMean { initial.append(constant(0)) }
    let values = loops(over: reduction.ranges, carrying: initial) { lowering, carried in
      let step = { (lowering: inout FunctionLowering) -> Lowered in
        let indices = reduction.ranges.map { lowering.indices[$0.index]! }
        let value = lowering.lower(reduction.body)
        let term = accumulation.term(&lowering, value, indices)
        let count = accumulation.types.count
        var next = accumulation.combine(&lowering, Array(carried[..<count]), term)
        if accumulation.isMean {
          next.append(
            lowering.builder.arithmetic(.add, carried[count], lowering.constant(1)))
        }
        return .leaves(next)
      }
      guard let condition = reduction.condition else { return step(&lowering).values }
      return lowering.branch(
        on: lowering.lowerValue(condition), then: step, else: { _ in .leaves(carried) }
      ).values
    }
    guard accumulation.isMean else { return accumulation.finish(&self, values) }
    return divided(accumulation, Array(values.dropLast()), by: values[values.count - 1])
  }

  /// How many terms there are.
  private mutating func count(_ reduction: TypedReduction, _ box: IndexBox) -> Value {
    guard let condition = reduction.condition else { return product(lengths(box)) }
    let counting = accumulation(
      .count, element: .bool, type: .int, indexCount: reduction.ranges.count)
    return reduce(reduction, box, counting) { lowering, _ in
      [lowering.builder.convert(lowering.lowerValue(condition), to: .i64)]
    }[0]
  }

  /// How many steps each range of `box` has.
  private mutating func lengths(_ box: IndexBox) -> [Value] {
    box.lower.indices.map { axis in
      let zero = constant(0)
      let isPlain = box.lower[axis] == zero && box.steps[axis] == constant(1)
      if isPlain { return box.upper[axis] }
      let span = builder.arithmetic(.subtract, box.upper[axis], box.lower[axis])
      let steps = builder.arithmetic(.subtract, box.steps[axis], constant(1))
      return builder.arithmetic(
        .maximum, zero,
        builder.arithmetic(
          .divide, builder.arithmetic(.add, span, steps), box.steps[axis]))
    }
  }

  /// The product of lengths.
  mutating func product(_ lengths: [Value]) -> Value {
    guard var result = lengths.first else { return constant(1) }
    for length in lengths.dropFirst() { result = builder.arithmetic(.multiply, result, length) }
    return result
  }

  /// The mean: the sum divided by the count, both in the accumulator's type.
  mutating func divided(
    _ accumulation: Accumulation, _ sums: [Value], by count: Value
  ) -> Lowered {
    guard let type = builder.type(of: sums[0]).scalarType else { internalError("mean of nothing") }
    let mean = builder.arithmetic(.divide, sums[0], builder.convert(count, to: type))
    return accumulation.finish(&self, [mean])
  }

  // MARK: Along an axis

  /// A reduction of a whole tensor, or along one axis.
  mutating func lowerReduceAxis(
    _ kind: ReductionKind, _ operand: TypedExpression, axis: Int?, type: ValueType
  ) -> Lowered {
    let source = elements(of: operand)
    let rank = source.extents.count
    guard let axis, rank > 1 else {
      return reduceElements(source, kind, Array(0..<rank), type: type) { $0 }
    }
    let kept = (0..<rank).filter { $0 != axis }
    let extents = kept.map { source.extents[$0] }
    let results = compute(extents, leaves(of: type).map(\.type)) { lowering, outer in
      lowering.reduceElements(source, kind, [axis], type: type.elementType) { inner in
        var place = outer
        place.insert(inner[0], at: axis)
        return place
      }.values
    }
    return lowered(type, results)
  }

  /// Reduces the elements of `source` along `axes`; `place` completes the indices of these.
  private mutating func reduceElements(
    _ source: ElementSource, _ kind: ReductionKind, _ axes: [Int], type: ValueType,
    place: @escaping ([Value]) -> [Value]
  ) -> Lowered {
    let accumulation = accumulation(
      kind, element: source.type.elementType, type: type, indexCount: axes.count)
    let extents = axes.map { source.extents[$0] }
    let box = box(over: extents)
    let terms = region(axes.map { _ in .index() }) { lowering, indices in
      let element = source.at(&lowering, place(indices))
      return accumulation.term(&lowering, element, indices)
    }
    let values = emitReduce(box, accumulation, terms)
    guard accumulation.isMean else { return accumulation.finish(&self, values) }
    return divided(accumulation, values, by: product(extents))
  }
}
