import TesseraIR

/// Loops.
extension Scheduler {
  /// Emits a loop from `lower` up to `upper` that carries `initial`; returns what it carried last.
  mutating func loop(
    from lower: Value, to upper: Value, by step: Value? = nil, name: String? = nil,
    carrying initial: [Value],
    _ body: (inout Scheduler, _ index: Value, _ carried: [Value]) -> [Value]
  ) -> [Value] {
    let step = step ?? integer(1)
    let types = initial.map { builder.type(of: $0) }
    let region = region([(name, .index)] + types.map { (nil, $0) }) { scheduler, arguments in
      let next = body(&scheduler, arguments[0], Array(arguments.dropFirst()))
      scheduler.builder.emit(.yield, next)
    }
    return builder.emit(.for, [lower, upper, step] + initial, results: types, regions: [region])
  }

  /// Emits a loop from `lower` up to `upper` that carries nothing.
  mutating func loop(
    from lower: Value, to upper: Value, by step: Value? = nil, name: String? = nil,
    _ body: (inout Scheduler, _ index: Value) -> Void
  ) {
    _ = loop(from: lower, to: upper, by: step, name: name, carrying: []) { scheduler, index, _ in
      body(&scheduler, index)
      return []
    }
  }

  /// Emits loops, the last one innermost.
  mutating func nest(_ ranges: [IndexRange], _ body: (inout Scheduler, _ indices: [Value]) -> Void)
  {
    _ = nest(ranges, carrying: []) { scheduler, indices, _ in
      body(&scheduler, indices)
      return []
    }
  }

  /// Emits loops, the last one innermost, that carry `initial` through all of them; returns what they
  /// carried last.
  mutating func nest(
    _ ranges: [IndexRange], carrying initial: [Value],
    _ body: (inout Scheduler, _ indices: [Value], _ carried: [Value]) -> [Value]
  ) -> [Value] {
    nest(ranges[...], [], initial, body)
  }

  private mutating func nest(
    _ ranges: ArraySlice<IndexRange>, _ indices: [Value], _ carried: [Value],
    _ body: (inout Scheduler, [Value], [Value]) -> [Value]
  ) -> [Value] {
    guard let range = ranges.first else { return body(&self, indices, carried) }
    if knownNumber(range.lower) == 0,
      knownNumber(range.upper) == 1
    {
      return nest(ranges.dropFirst(), indices + [integer(0)], carried, body)
    }
    return loop(
      from: range.lower, to: range.upper, by: range.step, name: range.name, carrying: carried
    ) { scheduler, index, carried in
      scheduler.nest(ranges.dropFirst(), indices + [index], carried, body)
    }
  }

  /// Runs `body` for all indices below `extents`, in several threads where that pays.
  ///
  /// `cost` says about how many operations one iteration is. The outer axes are taken together
  /// and cut into blocks, so that a block is worth a thread's while; what is computed does not
  /// depend on how.
  mutating func spread(
    _ extents: [Value], names: [String?], cost: Int,
    _ body: (inout Scheduler, _ indices: [Value]) -> Void
  ) {
    guard let last = extents.last else { return body(&self, []) }
    let name = names.last ?? nil
    if extents.count == 1, !isParallel, !isSmall(extents, cost) {
      return blocks(of: last, cost: integer(cost)) { scheduler, lower, upper in
        scheduler.loop(from: lower, to: upper, name: name) { scheduler, index in
          body(&scheduler, [index])
        }
      }
    }
    spreadRows(
      Array(extents.dropLast()), names: Array(names.dropLast()), of: last, cost: cost
    ) { scheduler, indices in
      let zero = scheduler.integer(0)
      scheduler.loop(from: zero, to: last, name: name) { scheduler, index in
        body(&scheduler, indices + [index])
      }
    }
  }

  /// Runs `body` for all indices below `extents`, in several threads where that pays; each time it
  /// does `length` things that cost about `cost` operations each. `prepare` makes what the rows that
  /// one thread does have in common.
  mutating func spreadRows(
    _ extents: [Value], names: [String?], of length: Value, cost: Int,
    prepare: (inout Scheduler) -> Void = { _ in },
    _ body: (inout Scheduler, _ indices: [Value]) -> Void
  ) {
    guard !isParallel, !extents.isEmpty, !isSmall(extents + [length], cost) else {
      prepare(&self)
      let ranges = zip(extents, names).map {
        IndexRange(lower: integer(0), upper: $0.0, step: integer(1), name: $0.1)
      }
      nest(ranges) { scheduler, indices in
        body(&scheduler, indices)
      }
      return
    }
    let cost = product([length, integer(cost)])
    blocks(of: product(extents), cost: cost) { scheduler, lower, upper in
      prepare(&scheduler)
      scheduler.loopOverRows(from: lower, to: upper, of: extents, body)
    }
  }

  /// Emits a loop over some of the rows of a box of `extents`; there is one at least.
  ///
  /// Where it takes divisions by lengths that are not known to tell the indices of a row, the loop
  /// carries them:
  ///
  ///     for r in lower..<upper {               for r in lower..<upper, carrying i, j {
  ///       (i, j) = (r / n, r % n)       →        …
  ///       …                                      yield j + 1 == n ? (i + 1, 0) : (i, j + 1)
  ///     }                                      }
  private mutating func loopOverRows(
    from lower: Value, to upper: Value, of extents: [Value],
    _ body: (inout Scheduler, _ indices: [Value]) -> Void
  ) {
    if extents.dropFirst().allSatisfy({ knownNumber($0) != nil }) {
      return loop(from: lower, to: upper) { scheduler, row in
        body(&scheduler, scheduler.indices(ofRow: row, extents))
      }
    }
    let first = indices(ofRow: lower, extents)
    _ = loop(from: lower, to: upper, carrying: first) { scheduler, _, indices in
      body(&scheduler, indices)
      return scheduler.indices(after: indices, extents)
    }
  }

  /// The indices of the row after that of `indices`, row by row, of a box of `extents`.
  private mutating func indices(after indices: [Value], _ extents: [Value]) -> [Value] {
    var next: [Value] = []
    // Whether this axis goes on: at first it does, then where all behind it have come to their ends.
    var goesOn = Truth.known(true)
    for (axis, index) in indices.enumerated().reversed() {
      if axis > 0, knownNumber(extents[axis]) == 1 {
        next.append(integer(0))
        continue
      }
      let following = builder.arithmetic(.add, index, integer(1))
      let moved = select(goesOn, following, otherwise: index)
      if axis == 0 {
        next.append(moved)
      } else {
        goesOn = .value(builder.compare(.equal, moved, extents[axis]))
        next.append(select(goesOn, integer(0), otherwise: moved))
      }
    }
    return next.reversed()
  }

  /// Cuts `0..<count` into blocks that may run at the same time, of at least `least` indices if there
  /// are so many; an index costs `cost` operations.
  mutating func blocks(
    of count: Value, cost: Value, least: Int = 1,
    _ body: (inout Scheduler, _ lower: Value, _ upper: Value) -> Void
  ) {
    let (zero, one) = (integer(0), integer(1))
    let work = product([count, cost])
    // Once a second thread is worth it, blocks are smaller, so that all threads end together.
    let worthy = quotient(work, roundedUpBy: integer(leastWork))
    let wanted = folded(.subtract, product([worthy, integer(4)]), integer(3))
    var limited = builder.arithmetic(.minimum, wanted, integer(Scheduler.blockLimit))
    if least > 1 {
      limited = builder.arithmetic(.minimum, limited, divided(count, by: integer(least)))
    }
    let blocks = builder.arithmetic(
      .minimum, builder.arithmetic(.maximum, limited, one), count)
    isParallel = true
    let region = region([(nil, .index)]) { scheduler, arguments in
      let block = arguments[0]
      let next = scheduler.builder.arithmetic(.add, block, scheduler.integer(1))
      let lower = scheduler.divided(scheduler.product([block, count]), by: blocks)
      let upper = scheduler.divided(scheduler.product([next, count]), by: blocks)
      body(&scheduler, lower, upper)
      scheduler.builder.emit(.yield)
    }
    isParallel = false
    builder.emit(.parallel, [zero, blocks], regions: [region])
  }

  /// About how many operations a thread should be given at least.
  private var leastWork: Int64 { choice.number(.threadWork, usually: 1 << 16) }
  /// How many blocks there are at most: enough for any machine, and no index computation overflows.
  private static let blockLimit: Int64 = 1024

  /// `true` iff the work is known to be too little for a second thread.
  func isSmall(_ extents: [Value], _ cost: Int) -> Bool {
    var work = Int64(cost)
    for extent in extents {
      guard let length = knownNumber(extent) else { return false }
      let (product, overflow) = work.multipliedReportingOverflow(by: length)
      if overflow { return false }
      work = product
    }
    return work <= leastWork
  }

  /// The indices of the `row`-th element, row by row, of a box of `extents`.
  mutating func indices(ofRow row: Value, _ extents: [Value]) -> [Value] {
    var rest = row
    var indices: [Value] = []
    for extent in extents.dropFirst().reversed() {
      if knownNumber(extent) == 1 {
        indices.append(integer(0))
        continue
      }
      indices.append(builder.arithmetic(.remainder, rest, extent))
      rest = divided(rest, by: extent)
    }
    return extents.isEmpty ? [] : [rest] + indices.reversed()
  }
}

/// The numbers that an index of a loop takes.
struct IndexRange {
  var lower: Value
  var upper: Value
  var step: Value
  var name: String?
}
