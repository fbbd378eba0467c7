import TesseraIR
import TesseraNumbers

/// Where the greatest or the least term of a reduction stands, for neighbours at once.
///
///     %v, %p = reduce … {argmax}      best  = [-…]   the greatest term that a lane has seen
///                                →    start = [0…]   where the vector began that had it
///
/// A lane sees its terms in ascending order, so that one takes the place of another only if it is
/// greater; which of the lanes has the first of equals is asked at the end.
struct PlacePlan {
  let analysis: LaneAnalysis
  /// What is compared.
  let term: Value
  let type: ScalarType
  /// How many terms are compared at once.
  let lanes: Int

  /// Plans the reduction that `box` is; `nil` if its terms have no form for lanes.
  init?(_ box: ReductionBox, _ function: Function, _ target: TargetDescription) {
    guard target.vectorByteCount > 0, box.indices.count == 1,
      function.integerConstant(box.steps[0]) == 1,
      let terms = function.terminator(of: box.terms).map({ function.operations[$0].operands }),
      terms.count == 2, terms[1] == box.indices[0],
      case .scalar(let type) = function.type(of: terms[0]), type.byteCount >= 4,
      let analysis = LaneAnalysis(
        function, box.terms, lanesOf: box.indices[0], giving: [terms[0]]),
      analysis.kind(terms[0]) == .varying
    else { return nil }
    lanes = target.vectorByteCount / analysis.widestByteCount
    if lanes < 2 { return nil }
    term = terms[0]
    self.analysis = analysis
    self.type = type
  }
}

extension Scheduler {
  /// Emits a reduction whose combiner is `argmax` or `argmin`, and returns the term and its place.
  mutating func emitPlace(
    _ plan: PlacePlan, _ combiner: Combiner, _ box: ReductionBox, _ range: IndexRange,
    _ start: [Value]
  ) -> [Value] {
    let types = start.map { builder.type(of: $0) }
    let length = folded(.subtract, range.upper, range.lower)
    func oneByOne(_ scheduler: inout Scheduler) -> [Value] {
      scheduler.nest([range], carrying: start) { scheduler, indices, accumulators in
        let terms = scheduler.inline(box.terms, indices)
        return scheduler.combine(combiner, box.combine, accumulators, terms)
      }
    }
    return choose(length, isAtLeast: plan.lanes, types: types) { scheduler in
      // Places are counted by 32 bits.
      scheduler.choose(
        length, isAtLeast: 1 << 31, types: types, oneByOne,
        otherwise: { scheduler in
          let place = scheduler.emitPlaceInVectors(plan, combiner, box, range)
          return [scheduler.inScope { $0.inline(box.terms, [place])[0] }, place]
        })
    } otherwise: { scheduler in
      oneByOne(&scheduler)
    }
  }

  /// The place of the term in a range that has at least a vector of them.
  private mutating func emitPlaceInVectors(
    _ plan: PlacePlan, _ combiner: Combiner, _ box: ReductionBox, _ range: IndexRange
  ) -> Value {
    let lanes = plan.lanes
    let first = terms(plan, box, at: range.lower)
    // In a register that has seen nothing yet, the first vector's terms stand where they are.
    var seen = (0..<SeenTerms.registers).map { register in
      SeenTerms(best: first, start: splat(Int64(-register * lanes), lanes))
    }
    var end = range.lower
    for count in [seen.count, 1] {
      var rest = range
      rest.lower = end
      let step = integer(count * lanes)
      let next = endOfRounds(rest, step)
      let own = seen[..<count]
      let carried = loop(
        from: end, to: next, by: step, name: range.name, carrying: own.flatMap(\.values)
      ) { scheduler, index, carried in
        let start = scheduler.start(of: index, in: range, lanes)
        return (0..<count).flatMap { register in
          let place = scheduler.folded(
            .add, index, scheduler.integer(register * lanes))
          let terms = scheduler.terms(plan, box, at: place)
          let old = SeenTerms(best: carried[2 * register], start: carried[2 * register + 1])
          return scheduler.taking(terms, from: start, into: old, combiner).values
        }
      }
      for register in 0..<count {
        seen[register] = SeenTerms(best: carried[2 * register], start: carried[2 * register + 1])
      }
      end = next
    }
    // The last vector ends where the range does; what it sees once more is no greater.
    let last = folded(.subtract, range.upper, integer(lanes))
    let start = start(of: last, in: range, lanes)
    let terms = terms(plan, box, at: last)
    seen[0] = taking(terms, from: start, into: seen[0], combiner)
    return folded(.add, range.lower, firstPlace(seen, plan, combiner))
  }

  /// The terms of as many neighbours as there are lanes.
  private mutating func terms(_ plan: PlacePlan, _ box: ReductionBox, at index: Value) -> Value {
    var tile = Tile(plan.analysis, lanes: plan.lanes, points: 1, rows: nil)
    tile.insert(index, for: box.indices[0], at: [0])
    emitTile(box.terms, &tile, at: [0])
    return vector(plan.term, tile, at: 0)
  }

  /// How far `index` is from the start of the range, for all lanes.
  private mutating func start(of index: Value, in range: IndexRange, _ lanes: Int) -> Value {
    let distance = folded(.subtract, index, range.lower)
    let narrow = builder.convert(distance, to: .i32)
    return builder.emit(.splat, [narrow], results: [.vector(.i32, lanes: lanes)])[0]
  }

  private mutating func splat(_ number: Int64, _ lanes: Int) -> Value {
    let scalar = builder.constant(number, .i32)
    return builder.emit(.splat, [scalar], results: [.vector(.i32, lanes: lanes)])[0]
  }

  /// What a register has seen after it saw `terms`, of the vector that begins at `start`, too.
  mutating func taking(
    _ terms: Value, from start: Value, into seen: SeenTerms, _ combiner: Combiner
  ) -> SeenTerms {
    let isBetter: Value
    if builder.type(of: terms).laneType?.isFloat ?? false {
      // NaN is no less and no greater than anything; the first one stays.
      let isNot = builder.compare(
        combiner == .argmax ? .lessOrEqual : .greaterOrEqual, terms, seen.best)
      let isNumber = builder.compare(.equal, seen.best, seen.best)
      let type = builder.type(of: isNot)
      let isOther = builder.emit(.bitNot, [isNot], results: [type])[0]
      isBetter = builder.arithmetic(.bitAnd, isOther, isNumber)
    } else {
      isBetter = builder.compare(combiner == .argmax ? .greater : .less, terms, seen.best)
    }
    func select(_ new: Value, _ old: Value) -> Value {
      builder.emit(.select, [isBetter, new, old], results: [builder.type(of: old)])[0]
    }
    return SeenTerms(best: select(terms, seen.best), start: select(start, seen.start))
  }

  /// The first place, counted from the start of the range, of a term like the best of all.
  private mutating func firstPlace(
    _ seen: [SeenTerms], _ plan: PlacePlan, _ combiner: Combiner
  ) -> Value {
    let (lanes, extreme) = (
      plan.lanes, combiner == .argmax ? Combiner.maximum : .minimum
    )
    let best = builder.emit(
      .reduceLanes, [combined(seen.map(\.best), extreme.opcode!)], results: [.scalar(plan.type)],
      attribute: .reduction(extreme, .sequential))[0]
    let all = builder.emit(
      .splat, [best], results: [.vector(plan.type, lanes: lanes)])[0]
    let counters = Type.vector(.i32, lanes: lanes)
    let nowhere = splat(Int64(Int32.max), lanes)
    let steps = builder.emit(.laneIndex, results: [counters])[0]
    let places = seen.enumerated().map { register, own in
      let first = builder.arithmetic(.add, steps, splat(Int64(register * lanes), lanes))
      let place = builder.arithmetic(.add, own.start, first)
      var isBest = builder.compare(.equal, own.best, all)
      if plan.type.isFloat {
        // If there is a NaN, it is the best.
        let isNaN = builder.compare(.notEqual, own.best, own.best)
        isBest = builder.arithmetic(.bitOr, isBest, isNaN)
      }
      return builder.emit(.select, [isBest, place, nowhere], results: [counters])[0]
    }
    let place = builder.emit(
      .reduceLanes, [combined(places, .minimum)], results: [.scalar(.i32)],
      attribute: .reduction(.minimum, .sequential))[0]
    return builder.convert(place, to: .i64)
  }
}

/// What a register of lanes has seen.
struct SeenTerms {
  /// How many registers take turns, since one would wait for itself.
  static var registers: Int { 4 }

  /// The best term of each lane.
  var best: Value
  /// Where the vector began that had it, less what the register comes after the first one.
  var start: Value

  /// Both, as a loop carries them.
  var values: [Value] { [best, start] }
}
