import TesseraIR
import TesseraNumbers

/// Reductions whose innermost index goes round several accumulators, see `ReductionOrder.lanes`.
extension Scheduler {
  /// Emits such a reduction with vectors for accumulators and terms.
  mutating func reduceInVectors(
    _ lanes: Int, _ combiner: Combiner, _ box: ReductionBox, _ plan: LanePlan,
    _ ranges: [IndexRange], _ start: Value
  ) -> Value {
    guard let opcode = combiner.opcode, let inner = ranges.last,
      case .scalar(let scalar) = builder.type(of: start)
    else { preconditionFailure("only built-in combiners have lanes") }
    let keyed = goesByKeys(combiner, scalar) ? combiner : nil
    let first = keyed.map { keys(start, $0) } ?? start
    let type: ScalarType = keyed == nil ? scalar : .i32
    let identity = builder.emit(.splat, [first], results: [.vector(type, lanes: lanes)])[0]
    let reduction = LaneReduction(
      lanes: lanes, opcode: opcode, keyed: keyed, box: box, plan: plan, inner: inner,
      identity: identity)
    let outer = Array(ranges.dropLast())
    let results = nest(outer, carrying: [identity]) { scheduler, indices, accumulators in
      let round = scheduler.integer(Int64(lanes))
      if scheduler.isShorter(inner, than: lanes) {
        return [
          scheduler.addRest(of: reduction, at: indices, from: inner.lower, to: accumulators[0])
        ]
      }
      let end = scheduler.endOfRounds(inner, round)
      let whole = scheduler.loop(
        from: inner.lower, to: end, by: round, name: inner.name, carrying: [accumulators[0]]
      ) { scheduler, lane, carried in
        scheduler.prefetchNextRow(lane, lanes: lanes)
        let term = scheduler.terms(of: reduction, at: indices + [lane])
        return [scheduler.builder.arithmetic(opcode, carried[0], term)]
      }
      return [scheduler.addRest(of: reduction, at: indices, from: end, to: whole[0])]
    }
    let result = builder.emit(
      .reduceLanes, [results[0]], results: [.scalar(type)],
      attribute: .reduction(combiner, .sequential))[0]
    return keyed == nil ? result : float(ofKey: result)
  }

  /// `true` iff a range that starts at zero is known to have fewer numbers than `count`.
  private func isShorter(_ range: IndexRange, than count: Int) -> Bool {
    builder.function.integerConstant(range.lower) == 0
      && bounds[range.upper].map { $0.upperBound <= count } ?? false
  }

  /// The terms of as many neighbours as there are lanes, the first one at `indices`.
  private mutating func terms(of reduction: LaneReduction, at indices: [Value]) -> Value {
    var tile = Tile(reduction.plan.analysis, lanes: reduction.lanes, points: 1, rows: nil)
    for (parameter, index) in zip(reduction.box.indices, indices) {
      tile.insert(index, for: parameter, at: [0])
    }
    emitTile(reduction.box.terms, &tile, at: [0])
    let terms = vector(yielded(reduction.box.terms)[0], tile, at: 0)
    return reduction.keyed.map { keys(terms, $0) } ?? terms
  }

  /// Adds the terms from `end` on, which are too few for all lanes.
  private mutating func addRest(
    of reduction: LaneReduction, at outer: [Value], from end: Value, to accumulators: Value
  ) -> Value {
    let (lower, upper) = (reduction.inner.lower, reduction.inner.upper)
    let type = [builder.type(of: accumulators)]
    if let last = builder.function.integerConstant(upper),
      let first = builder.function.integerConstant(lower)
    {
      let known = max(0, last - first)
      if known % Int64(reduction.lanes) == 0 { return accumulators }
      return known < reduction.lanes
        ? addOneByOne(reduction, outer, end, accumulators)
        : addLastLanes(reduction, outer, end, accumulators)
    }
    let length = folded(.subtract, upper, lower)
    let hasRest = builder.compare(.less, end, upper)
    return choose(hasRest, types: type) { scheduler in
      scheduler.choose(length, isAtLeast: reduction.lanes, types: type) { scheduler in
        [scheduler.addLastLanes(reduction, outer, end, accumulators)]
      } otherwise: { scheduler in
        [scheduler.addOneByOne(reduction, outer, end, accumulators)]
      }
    } else: { _ in
      [accumulators]
    }[0]
  }

  /// Adds the last vector of the range, of which what is added already is left out.
  private mutating func addLastLanes(
    _ reduction: LaneReduction, _ outer: [Value], _ end: Value, _ accumulators: Value
  ) -> Value {
    let lanes = integer(Int64(reduction.lanes))
    let first = builder.arithmetic(.subtract, reduction.inner.upper, lanes)
    let terms = terms(of: reduction, at: outer + [first])
    let counter: ScalarType = (builder.type(of: terms).laneType?.byteCount ?? 8) > 4 ? .i64 : .i32
    let counters = Type.vector(counter, lanes: reduction.lanes)
    let done = builder.convert(builder.arithmetic(.subtract, end, first), to: counter)
    let isNew = builder.compare(
      .greaterOrEqual, builder.emit(.laneIndex, results: [counters])[0],
      builder.emit(.splat, [done], results: [counters])[0])
    let new = builder.emit(
      .select, [isNew, terms, reduction.identity], results: [builder.type(of: terms)])[0]
    return builder.arithmetic(reduction.opcode, accumulators, new)
  }

  /// Adds the terms of a range that is shorter than a vector.
  private mutating func addOneByOne(
    _ reduction: LaneReduction, _ outer: [Value], _ end: Value, _ accumulators: Value
  ) -> Value {
    guard case .vector(let scalar, let lanes) = builder.type(of: accumulators) else {
      preconditionFailure("accumulators are a vector")
    }
    let count = integer(Int64(lanes))
    let buffer = allocate(.tensor(.scalar(scalar), [.constant(lanes)]), [count])
    builder.emit(.vectorStore, [accumulators, buffer, integer(0)])
    let shift = builder.arithmetic(.subtract, count, reduction.inner.upper)
    loop(from: end, to: reduction.inner.upper, name: reduction.inner.name) { scheduler, index, _ in
      let lane = scheduler.builder.arithmetic(.add, index, shift)
      scheduler.combine(
        reduction.opcode, reduction.box, outer + [index], into: buffer, lane, keyed: reduction.keyed
      )
      return []
    }
    return builder.emit(
      .vectorLoad, [buffer, integer(0)], results: [.vector(scalar, lanes: lanes)])[0]
  }

  /// Combines the term at `indices` into an accumulator of a buffer.
  private mutating func combine(
    _ opcode: Opcode, _ box: ReductionBox, _ indices: [Value], into buffer: Value, _ lane: Value,
    keyed: Combiner? = nil
  ) {
    let number = inline(box.terms, indices)[0]
    let term = keyed.map { keys(number, $0) } ?? number
    let old = builder.emit(.load, [buffer, lane], results: [builder.type(of: term)])[0]
    builder.emit(.store, [builder.arithmetic(opcode, old, term), buffer, lane])
  }

  /// Emits such a reduction one term at a time, with its accumulators in a small buffer.
  mutating func reduceInLanes(
    _ lanes: Int, _ combiner: Combiner, _ box: ReductionBox, _ ranges: [IndexRange], _ start: Value
  ) -> Value {
    guard let opcode = combiner.opcode, let inner = ranges.last else {
      preconditionFailure("only built-in combiners have lanes")
    }
    let type = builder.type(of: start)
    let count = integer(Int64(lanes))
    let accumulators = allocate(.tensor(type.element, [.constant(lanes)]), [count])
    loop(from: integer(0), to: count) { scheduler, lane, _ in
      scheduler.builder.emit(.store, [start, accumulators, lane])
      return []
    }
    _ = nest(Array(ranges.dropLast())) { scheduler, outer, _ in
      let round = scheduler.product([inner.step, count])
      let end = scheduler.endOfRounds(inner, round)
      scheduler.loop(from: inner.lower, to: end, by: round) { scheduler, first, _ in
        scheduler.loop(from: scheduler.integer(0), to: count) { scheduler, lane, _ in
          let offset = scheduler.product([lane, inner.step])
          let index = scheduler.builder.arithmetic(.add, first, offset)
          scheduler.combine(opcode, box, outer + [index], into: accumulators, lane)
          return []
        }
        return []
      }
      // What remains goes to the last accumulators.
      let left = scheduler.builder.arithmetic(.subtract, inner.upper, end)
      let more = scheduler.builder.arithmetic(.subtract, inner.step, scheduler.integer(1))
      let rest = scheduler.divided(
        scheduler.builder.arithmetic(.add, left, more), by: inner.step)
      let start = scheduler.builder.arithmetic(.subtract, count, rest)
      scheduler.loop(from: scheduler.integer(0), to: rest) { scheduler, position, _ in
        let offset = scheduler.product([position, inner.step])
        let index = scheduler.builder.arithmetic(.add, end, offset)
        let lane = scheduler.builder.arithmetic(.add, start, position)
        scheduler.combine(opcode, box, outer + [index], into: accumulators, lane)
        return []
      }
      return []
    }
    var values = (0..<lanes).map { lane in
      builder.emit(.load, [accumulators, integer(Int64(lane))], results: [type])[0]
    }
    while values.count > 1 {
      let half = values.count / 2
      values = (0..<half).map { builder.arithmetic(opcode, values[$0], values[$0 + half]) }
    }
    return values[0]
  }

  /// Where the rounds of `step` indices each end that fit into the range whole.
  mutating func endOfRounds(_ range: IndexRange, _ round: Value) -> Value {
    // A round fits if its last index, which is a step before its end, does.
    if let upper = builder.function.integerConstant(range.upper),
      let lower = builder.function.integerConstant(range.lower), upper > lower,
      let step = builder.function.integerConstant(range.step),
      let round = builder.function.integerConstant(round), step > 0, round > 0
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
private struct LaneReduction {
  let lanes: Int
  let opcode: Opcode
  /// What combines the terms' keys in the place of the terms, if anything.
  let keyed: Combiner?
  let box: ReductionBox
  let plan: LanePlan
  /// The range of the innermost index.
  let inner: IndexRange
  /// What the accumulators start from.
  let identity: Value
}
