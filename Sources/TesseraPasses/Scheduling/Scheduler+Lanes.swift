import TesseraIR

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
    let first = builder.emit(.splat, [start], results: [.vector(scalar, lanes: lanes)])[0]
    let outer = Array(ranges.dropLast())
    let results = nest(outer, carrying: [first, start]) { scheduler, indices, accumulators in
      let round = scheduler.integer(Int64(lanes))
      let end = scheduler.endOfRounds(inner, round)
      let whole = scheduler.loop(
        from: inner.lower, to: end, by: round, name: inner.name, carrying: [accumulators[0]]
      ) { scheduler, lane, carried in
        var tile = Tile(plan.analysis, lanes: lanes, points: 1, rows: nil)
        for (parameter, index) in zip(box.indices, indices + [lane]) {
          tile.insert(index, for: parameter, at: [0])
        }
        scheduler.emitTile(box.terms, &tile, at: [0])
        let term = scheduler.vector(scheduler.yielded(box.terms)[0], tile, at: 0)
        return [scheduler.builder.arithmetic(opcode, carried[0], term)]
      }
      let rest = scheduler.loop(
        from: end, to: inner.upper, name: inner.name, carrying: [accumulators[1]]
      ) { scheduler, index, carried in
        let term = scheduler.inline(box.terms, indices + [index])[0]
        return [scheduler.builder.arithmetic(opcode, carried[0], term)]
      }
      return whole + rest
    }
    let whole = builder.emit(
      .reduceLanes, [results[0]], results: [.scalar(scalar)],
      attribute: .reduction(combiner, .sequential))[0]
    return builder.arithmetic(opcode, whole, results[1])
  }

  /// Emits such a reduction one term at a time, with its accumulators in a small buffer: `lanes`
  /// for whole rounds, and one for what does not fill a round.
  mutating func reduceInLanes(
    _ lanes: Int, _ combiner: Combiner, _ box: ReductionBox, _ ranges: [IndexRange], _ start: Value
  ) -> Value {
    guard let opcode = combiner.opcode, let inner = ranges.last else {
      preconditionFailure("only built-in combiners have lanes")
    }
    let type = builder.type(of: start)
    let count = integer(Int64(lanes))
    let accumulators = allocate(
      .buffer(type.element, [.constant(lanes + 1)]), [integer(Int64(lanes + 1))])
    loop(from: integer(0), to: integer(Int64(lanes + 1))) { scheduler, lane, _ in
      scheduler.builder.emit(.store, [start, accumulators, lane])
      return []
    }
    let add = { (scheduler: inout Scheduler, indices: [Value], lane: Value) in
      let term = scheduler.inline(box.terms, indices)[0]
      let old = scheduler.builder.emit(.load, [accumulators, lane], results: [type])[0]
      let new = scheduler.builder.arithmetic(opcode, old, term)
      scheduler.builder.emit(.store, [new, accumulators, lane])
    }
    _ = nest(Array(ranges.dropLast())) { scheduler, outer, _ in
      let round = scheduler.product([inner.step, count])
      let end = scheduler.endOfRounds(inner, round)
      scheduler.loop(from: inner.lower, to: end, by: round) { scheduler, first, _ in
        scheduler.loop(from: scheduler.integer(0), to: count) { scheduler, lane, _ in
          let offset = scheduler.product([lane, inner.step])
          add(&scheduler, outer + [scheduler.builder.arithmetic(.add, first, offset)], lane)
          return []
        }
        return []
      }
      scheduler.loop(from: end, to: inner.upper, by: inner.step) { scheduler, index, _ in
        add(&scheduler, outer + [index], count)
        return []
      }
      return []
    }
    var values = (0...lanes).map { lane in
      builder.emit(.load, [accumulators, integer(Int64(lane))], results: [type])[0]
    }
    let rest = values.removeLast()
    while values.count > 1 {
      let half = values.count / 2
      values = (0..<half).map { builder.arithmetic(opcode, values[$0], values[$0 + half]) }
    }
    return builder.arithmetic(opcode, values[0], rest)
  }

  /// Where the rounds of `step` indices each end that fit into the range whole.
  mutating func endOfRounds(_ range: IndexRange, _ round: Value) -> Value {
    // A round fits if its last index, which is a step before its end, does.
    let span = builder.arithmetic(.subtract, range.upper, range.lower)
    let rest = builder.arithmetic(.subtract, range.step, integer(1))
    let steps = builder.arithmetic(.add, span, rest)
    let rounds = builder.arithmetic(.maximum, divided(steps, by: round), integer(0))
    return builder.arithmetic(.add, range.lower, product([rounds, round]))
  }
}
