import TesseraIR

/// Runs: what a factor is for neighbours along an index, made at once where that has a form.
extension Scheduler {
  /// Emits what makes `value` for neighbouring numbers of `index`: `store` is given them as a vector
  /// where they have a form for lanes, else `single` each with its lane.
  ///
  /// A value that is guarded (`else 0` at a border, or one of two tensors) is tried at both ends: a
  /// conjunction of comparisons of what is linear in the index holds between two places where it holds,
  /// and a single one fails between two where it fails.
  ///
  /// - Parameter region: where the value stands, if that is a branch of which nothing is emitted yet.
  mutating func emitRun(
    of value: Value, in region: ID<Region>? = nil, along index: Value, lanes: Int,
    from first: Value,
    store: (inout Scheduler, Value) -> Void,
    single: (inout Scheduler, _ lane: Value, Value) -> Void
  ) {
    let slice = LaneSlice(source, making: [value], alongLanesOf: index) { values[$0] != nil }
    if let slice { return store(&self, emitSlice(slice, lanes: lanes, from: first)[0]) }
    func each(_ scheduler: inout Scheduler) {
      scheduler.emitEach(
        along: index, lanes, from: first,
        { scheduler in
          region.map { scheduler.demandedYield(of: $0) } ?? scheduler.demanded(value)
        }, single)
    }
    guard let guarded = GuardedFactor(value, along: index, in: source) else { return each(&self) }
    func branch(_ scheduler: inout Scheduler, _ region: ID<Region>) {
      scheduler.emitRun(
        of: scheduler.yielded(region)[0], in: region, along: index, lanes: lanes, from: first,
        store: store, single: single)
    }
    inScope { scheduler in
      // What has nothing to do with the index is asked once, for the ends and for what lies between.
      for condition in guarded.others { _ = scheduler.demanded(condition) }
      if guarded.isSettled {
        return scheduler.choose(scheduler.demanded(guarded.condition)) {
          branch(&$0, guarded.inside)
        } otherwise: {
          branch(&$0, guarded.outside)
        }
      }
      let last = scheduler.builder.arithmetic(.add, first, scheduler.integer(lanes - 1))
      let ends = [first, last].map { end in
        scheduler.inScope { scheduler in
          scheduler.values.insert(end, for: index)
          return scheduler.demanded(guarded.condition)
        }
      }
      let isInside = scheduler.builder.emit(.bitAnd, ends, results: [.bool])[0]
      scheduler.choose(isInside) {
        branch(&$0, guarded.inside)
      } otherwise: { scheduler in
        guard guarded.isTwoSided else { return each(&scheduler) }
        let isSome = scheduler.builder.emit(.bitOr, ends, results: [.bool])[0]
        scheduler.choose(isSome) {
          each(&$0)
        } otherwise: {
          branch(&$0, guarded.outside)
        }
      }
    }
  }

  /// `true` iff neighbours along `index` of `value` are made at once, but perhaps where a condition on
  /// the index changes.
  func hasRuns(_ value: Value, along index: Value, isKnown: (Value) -> Bool) -> Bool {
    if LaneSlice(source, making: [value], alongLanesOf: index, isKnown: isKnown) != nil {
      return true
    }
    guard let guarded = GuardedFactor(value, along: index, in: source) else { return false }
    return hasRuns(yielded(guarded.inside)[0], along: index, isKnown: isKnown)
      && hasRuns(yielded(guarded.outside)[0], along: index, isKnown: isKnown)
  }

  /// Emits a value for neighbours one by one.
  private mutating func emitEach(
    along index: Value, _ lanes: Int, from first: Value, _ value: (inout Scheduler) -> Value,
    _ single: (inout Scheduler, _ lane: Value, Value) -> Void
  ) {
    loop(from: integer(0), to: integer(lanes), name: "lane") { scheduler, lane in
      scheduler.values.insert(scheduler.builder.arithmetic(.add, first, lane), for: index)
      let element = value(&scheduler)
      single(&scheduler, lane, element)
    }
  }

  /// What `region` yields, with all that it needs scheduled here and now.
  private mutating func demandedYield(of region: ID<Region>) -> Value {
    for operation in source.regions[region].operations.dropLast() { demand(operation) }
    return demanded(yielded(region)[0])
  }
}
