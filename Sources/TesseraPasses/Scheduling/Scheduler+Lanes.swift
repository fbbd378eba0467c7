import TesseraIR
import TesseraNumbers

/// Reductions whose innermost index goes round several accumulators, see `ReductionOrder.lanes`.
extension Scheduler {
  /// Emits such a reduction with vectors for accumulators and terms.
  mutating func reduceInVectors(
    _ lanes: ReductionOrder.Lanes, _ combiner: Combiner, _ box: ReductionBox, _ plan: LanePlan,
    _ ranges: [IndexRange], _ start: Value
  ) -> Value {
    guard let inner = ranges.last else { preconditionFailure("there is an innermost index") }
    let reduction = laneReduction(lanes, combiner, box, plan, width: lanes.restCount, start)
    let width = reduction.width
    let none = startingAccumulators(of: reduction, from: start)
    let sums = nest(Array(ranges.dropLast()), carrying: none) { scheduler, indices, sums in
      var (end, sums) = (inner.lower, sums)
      if !scheduler.isShorter(inner, than: lanes.count) {
        (end, sums) = scheduler.addRounds(
          of: reduction, at: indices, inner, from: end, to: sums)
      }
      if sums.count > 1, !scheduler.isShorter(inner, than: width) {
        let first = scheduler.addRounds(
          of: reduction, at: indices, inner, from: end, to: [sums[0]])
        (end, sums[0]) = (first.end, first.sums[0])
      }
      sums[0] = scheduler.addRest(of: reduction, at: indices, inner, from: end, to: sums[0])
      return sums
    }
    return combinedLanes(of: reduction, sums)
  }

  /// A reduction of floats or whole numbers in the order of `lanes`, in registers of `width`.
  func laneReduction(
    _ lanes: ReductionOrder.Lanes, _ combiner: Combiner, _ box: ReductionBox, _ plan: LanePlan,
    width: Int, _ start: Value
  ) -> LaneReduction {
    guard case .scalar(let scalar) = builder.type(of: start) else {
      preconditionFailure("only numbers have lanes")
    }
    return LaneReduction(
      registers: lanes.count / width, width: width, combiner: combiner,
      isKeyed: goesByKeys(combiner, scalar), box: box,
      product: lanes.isFused ? source.product(of: box.terms, addedBy: combiner) : nil, plan: plan)
  }

  /// The registers of accumulators that a reduction begins with.
  mutating func startingAccumulators(of reduction: LaneReduction, from start: Value) -> [Value] {
    let first = reduction.isKeyed ? keys(start, reduction.combiner) : start
    guard case .scalar(let scalar) = builder.type(of: first) else {
      preconditionFailure("only numbers have lanes")
    }
    let identity = builder.emit(
      .splat, [first], results: [.vector(scalar, lanes: reduction.width)])[0]
    return Array(repeating: identity, count: reduction.registers)
  }

  /// What all lanes of the accumulators `sums` give together.
  mutating func combinedLanes(of reduction: LaneReduction, _ sums: [Value]) -> Value {
    guard case .vector(let scalar, _) = builder.type(of: sums[0]) else {
      preconditionFailure("accumulators are a vector")
    }
    let result = builder.emit(
      .reduceLanes, [combined(sums, reduction.opcode)], results: [.scalar(scalar)],
      attribute: .reduction(reduction.combiner, .sequential))[0]
    return reduction.isKeyed ? float(ofKey: result) : result
  }

  /// Adds the terms from `start` on, as many times as there are some for all `sums`; returns where
  /// they end.
  private mutating func addRounds(
    of reduction: LaneReduction, at outer: [Value], _ inner: IndexRange, from start: Value,
    to sums: [Value]
  ) -> (end: Value, sums: [Value]) {
    let width = reduction.width
    let lanes = sums.count * width
    var rest = inner
    rest.lower = start
    let round = integer(lanes)
    let end = endOfRounds(rest, round)
    let whole = loop(from: start, to: end, by: round, name: inner.name, carrying: sums) {
      scheduler, lane, carried in
      scheduler.prefetchRow(lane, lanes: lanes)
      return carried.enumerated().map { register, sum in
        let step = scheduler.integer(register * width)
        let place = register == 0 ? lane : scheduler.builder.arithmetic(.add, lane, step)
        return scheduler.added(reduction, at: outer + [place], to: sum)
      }
    }
    return (end, whole)
  }

  /// The accumulators combined in halves.
  mutating func combined(_ sums: [Value], _ opcode: Opcode) -> Value {
    var sums = sums
    while sums.count > 1 {
      let half = sums.count / 2
      sums = (0..<half).map { builder.arithmetic(opcode, sums[$0], sums[$0 + half]) }
    }
    return sums[0]
  }

  /// The accumulators `next`, with those `before` in the place of the first `done` of them.
  mutating func keeping(_ done: Value, of before: Value, else next: Value) -> Value {
    guard case .vector(let scalar, let lanes) = builder.type(of: next) else {
      preconditionFailure("accumulators are a vector")
    }
    let counter: ScalarType = scalar.byteCount > 4 ? .i64 : .i32
    let counters = Type.vector(counter, lanes: lanes)
    let count = builder.convert(done, to: counter)
    let isNew = builder.compare(
      .greaterOrEqual, builder.emit(.laneIndex, results: [counters])[0],
      builder.emit(.splat, [count], results: [counters])[0])
    return builder.emit(.select, [isNew, next, before], results: [builder.type(of: next)])[0]
  }

  /// `true` iff a range that starts at zero is known to have fewer numbers than `count`.
  private func isShorter(_ range: IndexRange, than count: Int) -> Bool {
    knownNumber(range.lower) == 0
      && bounds[range.upper].map { $0.upperBound <= count } ?? false
  }

  /// A register of accumulators with the terms of as many neighbours as it has lanes, the first one
  /// at `indices`.
  mutating func added(
    _ reduction: LaneReduction, at indices: [Value], to accumulators: Value
  ) -> Value {
    var tile = Tile(reduction.plan.analysis, lanes: reduction.width, points: 1, rows: nil)
    tile.insert(indices, for: reduction.box.indices, at: [0])
    if let product = reduction.product {
      return addProducts(product, reduction.box.terms, [accumulators], &tile, at: [0])[0]
    }
    emitTile(reduction.box.terms, &tile, at: [0])
    let numbers = vector(yielded(reduction.box.terms)[0], tile, at: 0)
    let terms = reduction.isKeyed ? keys(numbers, reduction.combiner) : numbers
    return builder.arithmetic(reduction.opcode, accumulators, terms)
  }

  /// Adds the terms from `end` on, which are too few for all lanes, to one register of accumulators.
  private mutating func addRest(
    of reduction: LaneReduction, at outer: [Value], _ inner: IndexRange, from end: Value,
    to accumulators: Value
  ) -> Value {
    let type = [builder.type(of: accumulators)]
    if let last = knownNumber(inner.upper), let first = knownNumber(inner.lower) {
      let known = max(0, last - first)
      if known % Int64(reduction.width) == 0 { return accumulators }
      return known < reduction.width
        ? addOneByOne(reduction, outer, inner, end, accumulators)
        : addLastLanes(reduction, outer, inner, end, accumulators)
    }
    let length = folded(.subtract, inner.upper, inner.lower)
    let hasRest = builder.compare(.less, end, inner.upper)
    return choose(hasRest, types: type) { scheduler in
      scheduler.choose(length, isAtLeast: reduction.width, types: type) { scheduler in
        [scheduler.addLastLanes(reduction, outer, inner, end, accumulators)]
      } otherwise: { scheduler in
        [scheduler.addOneByOne(reduction, outer, inner, end, accumulators)]
      }
    } otherwise: { _ in
      [accumulators]
    }[0]
  }

  /// Adds the last vector of the range, of which what is added already is left out.
  private mutating func addLastLanes(
    _ reduction: LaneReduction, _ outer: [Value], _ inner: IndexRange, _ end: Value,
    _ accumulators: Value
  ) -> Value {
    let lanes = integer(reduction.width)
    let first = builder.arithmetic(.subtract, inner.upper, lanes)
    let next = added(reduction, at: outer + [first], to: accumulators)
    let done = builder.arithmetic(.subtract, end, first)
    return keeping(done, of: accumulators, else: next)
  }

  /// Adds the terms of a range that is shorter than a vector.
  private mutating func addOneByOne(
    _ reduction: LaneReduction, _ outer: [Value], _ inner: IndexRange, _ end: Value,
    _ accumulators: Value
  ) -> Value {
    guard case .vector(let scalar, let lanes) = builder.type(of: accumulators) else {
      preconditionFailure("accumulators are a vector")
    }
    let count = integer(lanes)
    let buffer = allocate(.tensor(.scalar(scalar), [.constant(lanes)]), [count])
    builder.emit(.vectorStore, [accumulators, buffer, integer(0)])
    let shift = builder.arithmetic(.subtract, count, inner.upper)
    loop(from: end, to: inner.upper, name: inner.name) { scheduler, index in
      let lane = scheduler.builder.arithmetic(.add, index, shift)
      scheduler.combine(
        reduction.opcode, reduction.box, reduction.product, outer + [index], into: buffer, lane,
        keyed: reduction.isKeyed ? reduction.combiner : nil)
    }
    return builder.emit(
      .vectorLoad, [buffer, integer(0)], results: [.vector(scalar, lanes: lanes)])[0]
  }

  /// Combines the term at `indices`, or the factors of the product `fused` that it is, into an
  /// accumulator of a buffer.
  private mutating func combine(
    _ opcode: Opcode, _ box: ReductionBox, _ fused: Operation?, _ indices: [Value],
    into buffer: Value, _ lane: Value, keyed: Combiner? = nil
  ) {
    let number = inline(box.terms, indices)[0]
    let term = keyed.map { keys(number, $0) } ?? number
    let old = builder.emit(.load, [buffer, lane], results: [builder.type(of: term)])[0]
    let new: Value
    if let factors = fused?.operands.map({ value(of: $0) }) {
      new = builder.arithmetic(.multiplyAdd, factors[0], factors[1], old)
    } else {
      new = builder.arithmetic(opcode, old, term)
    }
    builder.emit(.store, [new, buffer, lane])
  }

  /// Emits such a reduction one term at a time, with its accumulators in a small buffer: the order as
  /// it is defined, for whatever has no vectors.
  mutating func reduceInLanes(
    _ lanes: ReductionOrder.Lanes, _ combiner: Combiner, _ box: ReductionBox,
    _ ranges: [IndexRange], _ start: Value
  ) -> Value {
    guard let opcode = combiner.opcode else {
      preconditionFailure("only built-in combiners have lanes")
    }
    let fused = lanes.isFused ? source.product(of: box.terms, addedBy: combiner) : nil
    let type = builder.type(of: start)
    let size = integer(lanes.count)
    let accumulators = allocate(.tensor(type.element, [.constant(lanes.count)]), [size])
    loop(from: integer(0), to: size) { scheduler, lane in
      scheduler.builder.emit(.store, [start, accumulators, lane])
    }
    let joined = Array(ranges.suffix(lanes.joinedIndices))
    let count = product(joined.map { self.count(of: $0) })
    nest(Array(ranges.dropLast(joined.count))) { scheduler, outer in
      _ = scheduler.nest(joined, carrying: [scheduler.integer(0)]) { scheduler, inner, number in
        let lane = scheduler.lane(of: number[0], among: count, lanes)
        scheduler.combine(opcode, box, fused, outer + inner, into: accumulators, lane)
        return [scheduler.builder.arithmetic(.add, number[0], scheduler.integer(1))]
      }
    }
    let values = (0..<lanes.count).map { lane in
      builder.emit(.load, [accumulators, integer(lane)], results: [type])[0]
    }
    return combined(values, opcode)
  }

  /// The accumulator that takes the term `number` of `count`.
  private mutating func lane(
    of number: Value, among count: Value, _ lanes: ReductionOrder.Lanes
  ) -> Value {
    let rest = builder.arithmetic(.remainder, count, integer(lanes.count))
    let width = integer(lanes.restCount)
    let last = builder.arithmetic(.remainder, rest, width)
    let behind = builder.arithmetic(.subtract, count, number)
    func select(_ isLast: Value, _ a: Value, _ b: Value) -> Value {
      builder.emit(.select, [isLast, a, b], results: [.index])[0]
    }
    let inRest = builder.arithmetic(.remainder, builder.arithmetic(.subtract, rest, behind), width)
    let atEnd = builder.arithmetic(.subtract, width, behind)
    let inRound = builder.arithmetic(.remainder, number, integer(lanes.count))
    return select(
      builder.compare(.lessOrEqual, behind, last), atEnd,
      select(builder.compare(.lessOrEqual, behind, rest), inRest, inRound))
  }

  /// Where the rounds of `step` indices each end that fit into the range whole.
  mutating func endOfRounds(_ range: IndexRange, _ round: Value) -> Value {
    // A round fits if its last index, which is a step before its end, does.
    if let upper = knownNumber(range.upper),
      let lower = knownNumber(range.lower), upper > lower,
      let step = knownNumber(range.step),
      let round = knownNumber(round), step > 0, round > 0
    {
      return integer(lower + (upper - lower + step - 1) / round * round)
    }
    let span = builder.arithmetic(.subtract, range.upper, range.lower)
    let rest = builder.arithmetic(.subtract, range.step, integer(1))
    let steps = builder.arithmetic(.add, span, rest)
    let rounds = builder.arithmetic(.maximum, divided(steps, by: round), integer(0))
    return builder.arithmetic(.add, range.lower, product([rounds, round]))
  }
}

/// A reduction along neighbours in memory with vectors for accumulators.
struct LaneReduction {
  /// How many registers of accumulators there are, and how many each has.
  let registers: Int
  let width: Int
  /// What combines the terms, and whether it does so with their keys.
  let combiner: Combiner
  let isKeyed: Bool
  let box: ReductionBox
  /// The product that the terms are, where it is not rounded before it is added.
  let product: Operation?
  let plan: LanePlan

  /// The operation that combines two terms.
  var opcode: Opcode {
    guard let opcode = combiner.opcode else {
      preconditionFailure("only built-in combiners have lanes")
    }
    return opcode
  }
}
