import TesseraIR

/// Loops over the pieces of a box in vectors, and over what lies between them element by element.
extension Scheduler {
  /// Emits loops that compute and store the elements of `content`, which is cut into `pieces`.
  ///
  /// Vectors begin at multiples of their length, but for the first and the last of a piece, which
  /// overlap with their neighbours; what is computed twice is the same both times.
  mutating func emitPieces(
    _ pieces: Pieces, _ content: Operation, _ extents: [Value], _ destinations: [Destination]
  ) {
    let outer = source
    source = pieces.function
    defer { source = outer }
    let region = content.regions[0]
    let names = source.regions[region].parameters.map { source.values[$0].name }
    let cost = cost(of: region)
    guard extents.count > 1 else {
      let (ranges, border) = ranges(pieces, region, [], extents[0])
      for (part, range) in zip(pieces.parts, ranges) {
        for width in range.widths where knownNumber(width.count) != 0 {
          spread([width.count], names: [nil], cost: cost) { scheduler, indices in
            let plan = part.plans[part.plans.count - 1]
            scheduler.emitVector(indices[0], width, of: range, plan, [], destinations)
          }
        }
      }
      if knownNumber(border.count) == 0 { return }
      return spread([border.count], names: [names[0]], cost: cost) { scheduler, indices in
        scheduler.emitElement(indices[0], of: border, region, [], destinations)
      }
    }
    spreadRows(
      Array(extents.dropLast()), names: Array(names.dropLast()), of: extents.last!, cost: cost
    ) { scheduler, row in
      let (ranges, border) = scheduler.ranges(pieces, region, row, extents.last!)
      scheduler.emitVariants(of: pieces, region, row) { scheduler, variant in
        for (part, range) in zip(pieces.parts, ranges) {
          scheduler.emitVectors(of: range, part.plans[variant], row, destinations)
        }
      }
      if scheduler.knownNumber(border.count) == 0 { return }
      let name = names.last ?? nil
      scheduler.loop(from: scheduler.integer(0), to: border.count, name: name) {
        scheduler, step in
        scheduler.emitElement(step, of: border, region, row, destinations)
      }
    }
  }

  // MARK: Rows

  /// Emits `body` for the first variant from `first` on that `row` is of, or for the rest.
  private mutating func emitVariants(
    of pieces: Pieces, from first: Int = 0, _ region: ID<Region>, _ row: [Value],
    _ body: (inout Scheduler, _ variant: Int) -> Void
  ) {
    let isLast = pieces.coversRows && first == pieces.variants.count - 1
    if isLast || first == pieces.variants.count { return body(&self, first) }
    let variant = pieces.variants[first]
    let places = places(region, row)
    var isInside = smallness(of: variant.guarded)
    for demand in variant.demands {
      let isMet = isAtMost(integer(0), sum(demand, places))
      isInside = both(isInside, isMet)
    }
    choose(isInside) { scheduler in
      body(&scheduler, first)
    } otherwise: { scheduler in
      scheduler.emitVariants(of: pieces, from: first + 1, region, row, body)
    }
  }

  // MARK: Ranges

  /// Where the pieces lie in a `row` of `length`, and the elements beside them; those of pieces that
  /// turn out shorter than a vector are among these.
  private mutating func ranges(
    _ pieces: Pieces, _ region: ID<Region>, _ row: [Value], _ length: Value
  ) -> ([PieceRange], PieceBorder) {
    let index = source.regions[region].parameters.last!
    let places = places(region, row)
    let zero = integer(0)
    var (end, skipped) = (zero, zero)
    var border = PieceBorder(count: length)
    let ranges = pieces.parts.map { part in
      var range = PieceRange(start: end, end: length)
      for demand in part.piece.demands {
        let slope = demand.coefficients[index]!
        let rest = demand.removing(index)
        if slope > 0 {
          let least = quotient(sum(rest.times(-1)!, places), by: slope)
          range.start = folded(.maximum, range.start, least)
        } else {
          let past = folded(.add, sum(rest, places), integer(1))
          range.end = folded(.minimum, range.end, quotient(past, by: -slope))
        }
      }
      let inside = folded(.subtract, range.end, range.start)
      let isSmall = smallness(of: part.piece.guarded)
      let known = knownNumber(inside)
      let lanes = part.plans[part.plans.count - 1].widths(for: known)
      var isLong = Truth.known(false)
      // Narrow vectors are for what is too short for wide ones.
      for width in lanes {
        let fits = both(isSmall, isAtMost(integer(width), inside))
        let first = divided(range.start, by: integer(width))
        let all = folded(.subtract, blocks(of: range.end, width), first)
        let count = select(isLong, zero, otherwise: select(fits, all, otherwise: zero))
        range.widths.append(PieceWidth(lanes: width, count: count, first: first))
        isLong = fits
      }
      let own = select(isLong, inside, otherwise: zero)
      border.skips.append((folded(.subtract, range.start, skipped), own))
      skipped = folded(.add, skipped, own)
      end = select(isLong, range.end, otherwise: end)
      return range
    }
    border.count = folded(.subtract, length, skipped)
    return (ranges, border)
  }

  /// What stands for the indices of the leading axes.
  private func places(_ region: ID<Region>, _ row: [Value]) -> [Value: Value] {
    Dictionary(uniqueKeysWithValues: zip(source.regions[region].parameters, row))
  }

  /// Whether numbers that may be any are small enough for sums of them.
  private mutating func smallness(of numbers: Set<Value>) -> Truth {
    let limit = PieceSearch.guardLimit
    return numbers.sorted().reduce(.known(true)) { truth, number in
      let number = value(of: number)
      let isAbove = isAtMost(integer(-limit), number)
      return both(truth, both(isAbove, isAtMost(number, integer(limit))))
    }
  }

  /// What `form` is where `places` stand for indices.
  private mutating func sum(_ form: LinearForm, _ places: [Value: Value]) -> Value {
    var sum = integer(form.constant)
    for (value, coefficient) in form.terms {
      let place = places[value] ?? self.value(of: value)
      sum = folded(.add, sum, product([place, integer(coefficient)]))
    }
    return sum
  }

  /// The quotient rounded up.
  private mutating func quotient(_ number: Value, by divisor: Int64) -> Value {
    if divisor == 1 { return number }
    let negated = folded(.subtract, integer(0), number)
    return folded(.subtract, integer(0), divided(negated, by: integer(divisor)))
  }

  // MARK: Elements

  private mutating func emitVectors(
    of range: PieceRange, _ plan: TilePlan, _ row: [Value], _ destinations: [Destination]
  ) {
    for width in range.widths where knownNumber(width.count) != 0 {
      loop(from: integer(0), to: width.count) { scheduler, number in
        scheduler.emitVector(number, width, of: range, plan, row, destinations)
      }
    }
  }

  private mutating func emitVector(
    _ number: Value, _ width: PieceWidth, of range: PieceRange, _ plan: TilePlan, _ row: [Value],
    _ destinations: [Destination]
  ) {
    let lanes = Int64(width.lanes)
    let position = folded(.add, number, width.first)
    var lane = product([position, integer(lanes)])
    let (start, end) = (
      knownNumber(range.start), knownNumber(range.end)
    )
    if start.map({ $0 % lanes != 0 }) ?? true {
      lane = builder.arithmetic(.maximum, lane, range.start)
    }
    if end.map({ $0 % lanes != 0 }) ?? true {
      lane = builder.arithmetic(.minimum, lane, folded(.subtract, range.end, integer(lanes)))
    }
    var places = destinations
    if width.lanes < plan.registerLanes {
      // Parts of lines do not go past caches.
      for place in places.indices { places[place].isPastCaches = nil }
    }
    emitTile(plan, nil, [row + [lane]], places, lanes: width.lanes, writesOutTerms: true)
  }

  private mutating func emitElement(
    _ number: Value, of border: PieceBorder, _ region: ID<Region>, _ row: [Value],
    _ destinations: [Destination]
  ) {
    var index = number
    for skip in border.skips where knownNumber(skip.count) != 0 {
      let isBehind = isAtMost(skip.start, number)
      index = folded(.add, index, select(isBehind, skip.count, otherwise: integer(0)))
    }
    let elements = inline(region, row + [index])
    store(elements, in: destinations, at: row + [index])
  }
}

extension TilePlan {
  /// The bytes of the least vectors that every machine with vectors has.
  private static let narrowByteCount = 16

  /// The vectors in which a piece of `length` is computed: those that fit into it if it is known, or
  /// else wide ones, and narrow ones for where it is short.
  fileprivate func widths(for length: Int64?) -> [Int] {
    let narrow = max(2, Self.narrowByteCount / analysis.widestByteCount)
    guard let length else { return narrow < registerLanes ? [lanes, narrow] : [lanes] }
    if TilePlan.isLong(length, for: lanes) { return [lanes] }
    var width = registerLanes
    // Ends at the narrowest vectors.
    while width > length, width > narrow { width /= 2 }
    return width <= length ? [width] : []
  }
}

/// Where a piece lies in a row.
private struct PieceRange {
  /// Its first element, and the one past its last.
  var start: Value
  var end: Value
  /// The vectors of it.
  var widths: [PieceWidth] = []
}

/// Vectors of a piece that are equally long.
private struct PieceWidth {
  let lanes: Int
  /// How many there are; none where other vectors do the work.
  let count: Value
  /// The multiple of their length at or before which the first one begins.
  let first: Value
}

/// The elements between the pieces of a row.
private struct PieceBorder {
  /// How many there are.
  var count: Value
  /// After how many of them a piece is skipped, and how many elements it has.
  var skips: [(start: Value, count: Value)] = []
}
