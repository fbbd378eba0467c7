import TesseraIR

/// Loops over the interior of an axis in vectors, and over its borders element by element.
extension Scheduler {
  /// Emits loops that compute and store the elements of `content`, which has this `interior`.
  ///
  /// Vectors begin at multiples of their length, but for the first and the last, which overlap with
  /// their neighbours; what is computed twice is the same both times.
  mutating func emitInterior(
    _ interior: Interior, _ content: Operation, _ extents: [Value], _ destinations: [Destination]
  ) {
    let outer = source
    source = interior.function
    defer { source = outer }
    let region = content.regions[0]
    let names = source.regions[region].parameters.map { source.values[$0].name }
    let cost = cost(of: region)
    guard extents.count > 1 else {
      let (vectors, border) = ranges(interior, region, [], extents[0])
      spread([vectors.count], names: [nil], cost: cost) { scheduler, indices in
        scheduler.emitVector(indices[0], of: vectors, interior, [], destinations)
      }
      return spread([border.count], names: [names[0]], cost: cost) { scheduler, indices in
        scheduler.emitElement(indices[0], of: border, region, [], destinations)
      }
    }
    spreadRows(
      Array(extents.dropLast()), names: Array(names.dropLast()), of: extents.last!, cost: cost
    ) { scheduler, row in
      let (vectors, border) = scheduler.ranges(interior, region, row, extents.last!)
      scheduler.loop(from: scheduler.integer(0), to: vectors.count) { scheduler, vector, _ in
        scheduler.emitVector(vector, of: vectors, interior, row, destinations)
        return []
      }
      let name = names.last ?? nil
      scheduler.loop(from: scheduler.integer(0), to: border.count, name: name) {
        scheduler, step, _ in
        scheduler.emitElement(step, of: border, region, row, destinations)
        return []
      }
    }
  }

  /// The vectors of the interior of a `row` of `length`, and the elements beside it; all of them
  /// where the interior is shorter than a vector.
  private mutating func ranges(
    _ interior: Interior, _ region: ID<Region>, _ row: [Value], _ length: Value
  ) -> (InteriorVectors, InteriorBorder) {
    let places = Dictionary(uniqueKeysWithValues: zip(source.regions[region].parameters, row))
    let lanes = integer(Int64(interior.plan.lanes))
    var (start, end) = (integer(0), length)
    for form in interior.bounds.lower { start = folded(.maximum, start, sum(form, places)) }
    for form in interior.bounds.upper { end = folded(.minimum, end, sum(form, places)) }
    let inside = folded(.subtract, end, start)
    let known = builder.function.integerConstant(inside).map { $0 >= interior.plan.lanes }
    let isLong = known == nil ? builder.compare(.lessOrEqual, lanes, inside) : nil
    func ifLong(_ long: Value, else short: Value, _ scheduler: inout Scheduler) -> Value {
      guard let isLong else { return known == true ? long : short }
      return scheduler.builder.emit(.select, [isLong, long, short], results: [.index])[0]
    }
    let zero = integer(0)
    let first = divided(start, by: lanes)
    let count = folded(.subtract, ceiling(end, interior.plan.lanes), first)
    let vectors = InteriorVectors(
      count: ifLong(count, else: zero, &self), first: first, start: start,
      last: folded(.subtract, end, lanes))
    let skipped = ifLong(inside, else: zero, &self)
    let border = InteriorBorder(
      count: folded(.subtract, length, skipped), before: ifLong(start, else: length, &self),
      inside: skipped)
    return (vectors, border)
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

  private mutating func emitVector(
    _ number: Value, of vectors: InteriorVectors, _ interior: Interior, _ row: [Value],
    _ destinations: [Destination]
  ) {
    let position = builder.arithmetic(.add, vectors.first, number)
    var lane = product([position, integer(Int64(interior.plan.lanes))])
    lane = builder.arithmetic(.maximum, lane, vectors.start)
    lane = builder.arithmetic(.minimum, lane, vectors.last)
    emitTile(interior.plan, nil, [row + [lane]], destinations, lanes: interior.plan.lanes)
  }

  private mutating func emitElement(
    _ number: Value, of border: InteriorBorder, _ region: ID<Region>, _ row: [Value],
    _ destinations: [Destination]
  ) {
    let isBefore = builder.compare(.less, number, border.before)
    let behind = builder.arithmetic(.add, number, border.inside)
    let index = builder.emit(.select, [isBefore, number, behind], results: [.index])[0]
    let elements = inline(region, row + [index])
    store(elements, in: destinations, at: row + [index])
  }
}

/// The vectors of an interior.
private struct InteriorVectors {
  /// How many there are.
  let count: Value
  /// The multiple of their length at or before which the first one begins.
  let first: Value
  /// Where the first one begins, and the last one.
  let start: Value
  let last: Value
}

/// The elements before and behind an interior.
private struct InteriorBorder {
  /// How many there are.
  let count: Value
  /// How many of them come before the interior.
  let before: Value
  /// How many elements the interior has.
  let inside: Value
}
