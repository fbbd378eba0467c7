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

  /// Emits an `if` whose branches give values of these types.
  mutating func choose(
    _ condition: Value, types: [Type], _ then: (inout Scheduler) -> [Value],
    otherwise: (inout Scheduler) -> [Value]
  ) -> [Value] {
    let regions = [branch(then), branch(otherwise)]
    return builder.emit(.if, [condition], results: types, regions: regions)
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

  /// The same of branches that give values of these types.
  mutating func choose(
    _ condition: Truth, types: [Type], _ then: (inout Scheduler) -> [Value],
    otherwise: (inout Scheduler) -> [Value]
  ) -> [Value] {
    switch condition {
    case .known(let isTrue): isTrue ? then(&self) : otherwise(&self)
    case .value(let condition): choose(condition, types: types, then, otherwise: otherwise)
    }
  }

  /// Emits one branch if it is known whether `number` is at least `limit`, or else both; what they
  /// hold knows it.
  mutating func choose(
    _ number: Value, isAtLeast limit: Int, _ then: (inout Scheduler) -> Void,
    otherwise: (inout Scheduler) -> Void = { _ in }
  ) {
    choose(isKnown(number, atLeast: limit)) {
      $0.knowing(number, isIn: limit..<(.max), then)
    } otherwise: {
      $0.knowing(number, isIn: .min..<limit, otherwise)
    }
  }

  /// The same of branches that give values of these types.
  mutating func choose(
    _ number: Value, isAtLeast limit: Int, types: [Type], _ then: (inout Scheduler) -> [Value],
    otherwise: (inout Scheduler) -> [Value]
  ) -> [Value] {
    choose(isKnown(number, atLeast: limit), types: types) {
      $0.knowing(number, isIn: limit..<(.max), then)
    } otherwise: {
      $0.knowing(number, isIn: .min..<limit, otherwise)
    }
  }

  /// Whether `number` is at least `limit`, by what is known of it where this is emitted.
  private mutating func isKnown(_ number: Value, atLeast limit: Int) -> Truth {
    if let known = knownNumber(number) { return .known(known >= limit) }
    if let range = bounds[number] {
      if limit <= range.lowerBound { return .known(true) }
      if limit >= range.upperBound { return .known(false) }
    }
    return .value(builder.compare(.lessOrEqual, integer(limit), number))
  }

  /// What `body` gives where it is known that `number` lies in `range` too.
  mutating func knowing<Result>(
    _ number: Value, isIn range: Range<Int>, _ body: (inout Scheduler) -> Result
  ) -> Result {
    let outer = bounds[number]
    // A constant says more than a range.
    if knownNumber(number) == nil { bounds[number] = outer.map { range.clamped(to: $0) } ?? range }
    defer { bounds[number] = outer }
    return body(&self)
  }

  /// A region that gives what `body` does.
  private mutating func branch(_ body: (inout Scheduler) -> [Value]) -> ID<Region> {
    region { scheduler, _ in
      let values = body(&scheduler)
      scheduler.builder.emit(.yield, values)
    }
  }
}
