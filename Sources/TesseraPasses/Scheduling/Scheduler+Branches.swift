import TesseraIR

/// Code for one case and for the other.
extension Scheduler {
  /// Emits an `if`.
  mutating func choose(
    _ condition: Value, _ then: (inout Scheduler) -> Void,
    otherwise: (inout Scheduler) -> Void = { _ in }
  ) {
    _ = choose(condition, types: []) {
      then(&$0)
      return []
    } otherwise: {
      otherwise(&$0)
      return []
    }
  }

  /// Emits an `if`, or one of the branches if it is known which.
  mutating func choose(
    _ condition: Truth, _ then: (inout Scheduler) -> Void,
    otherwise: (inout Scheduler) -> Void = { _ in }
  ) {
    switch condition {
    case .known(let isTrue): isTrue ? then(&self) : otherwise(&self)
    case .value(let condition): choose(condition, then, otherwise: otherwise)
    }
  }

  /// Emits an `if` whose branches give values of these types.
  mutating func choose(
    _ condition: Value, types: [Type], _ then: (inout Scheduler) -> [Value],
    otherwise: (inout Scheduler) -> [Value]
  ) -> [Value] {
    let regions = [branch(then), branch(otherwise)]
    return builder.emit(.if, [condition], results: types, regions: regions)
  }

  /// Emits one branch if it is known whether `number` is at least `limit`, or else both; what they
  /// hold knows it.
  mutating func choose(
    _ number: Value, isAtLeast limit: Int, _ then: (inout Scheduler) -> Void,
    otherwise: (inout Scheduler) -> Void = { _ in }
  ) {
    _ = choose(number, isAtLeast: limit, types: []) {
      then(&$0)
      return []
    } otherwise: {
      otherwise(&$0)
      return []
    }
  }

  /// The same of branches that give values of these types.
  mutating func choose(
    _ number: Value, isAtLeast limit: Int, types: [Type], _ then: (inout Scheduler) -> [Value],
    otherwise: (inout Scheduler) -> [Value]
  ) -> [Value] {
    if let known = knownNumber(number) {
      return known >= limit ? then(&self) : otherwise(&self)
    }
    let range = bounds[number] ?? .min..<(.max)
    if limit <= range.lowerBound { return then(&self) }
    if limit >= range.upperBound { return otherwise(&self) }
    let condition = builder.compare(.lessOrEqual, integer(limit), number)
    func within(_ range: Range<Int>, _ body: (inout Scheduler) -> [Value]) -> ID<Region> {
      branch { scheduler in
        let outer = scheduler.bounds.updateValue(range, forKey: number)
        defer { scheduler.bounds[number] = outer }
        return body(&scheduler)
      }
    }
    let regions = [
      within(limit..<range.upperBound, then), within(range.lowerBound..<limit, otherwise),
    ]
    return builder.emit(.if, [condition], results: types, regions: regions)
  }

  /// A region that gives what `body` does.
  private mutating func branch(_ body: (inout Scheduler) -> [Value]) -> ID<Region> {
    region { scheduler, _ in
      let values = body(&scheduler)
      scheduler.builder.emit(.yield, values)
    }
  }
}
