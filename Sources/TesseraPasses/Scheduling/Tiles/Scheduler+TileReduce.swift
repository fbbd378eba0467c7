import TesseraIR

/// Reductions of tiles.
extension Scheduler {
  /// Emits a reduction: loops that all points share, each with accumulators of its own.
  mutating func emitTileReduce(_ content: Operation, _ tile: inout Tile, at points: [Int]) {
    if let finished = finishedReductions[content.results[0]] {
      return tile.insert(finished, for: content.results[0], at: points)
    }
    if points.allSatisfy({ tile.cells[$0][content.results[0]] != nil }) { return }
    guard case .reduction(let combiner, .sequential, _) = content.attribute else {
      preconditionFailure("what has an accumulator for each lane adds up in no other order")
    }
    let box = ReductionBox(content, source)
    let product = tile.fusesProducts ? source.product(of: box.terms, addedBy: combiner) : nil
    let groups = groups(of: content.results, tile, points)
    let count = content.results.count
    let initial = groups.flatMap { group in
      content.results.enumerated().map { index, result in
        box.initial.isEmpty
          ? splatIdentity(combiner, result, tile)
          : formed(box.initial[index], like: result, tile, at: group.point)
      }
    }
    let ranges = ranges(of: box) { [tile] in $0.cell($1, tile, at: points[0]) }
    // The loops share the indices; the accumulators of all points go round together.
    func addTerms(
      _ scheduler: inout Scheduler, _ tile: inout Tile, _ indices: [Value], _ carried: [Value]
    ) -> [Value] {
      tile.insert(indices, for: box.indices, at: points)
      if let product {
        return scheduler.addProducts(
          product, box.terms, carried, &tile, at: groups.map(\.point))
      }
      scheduler.emitTile(box.terms, &tile, at: groups.map(\.point))
      var next: [Value] = []
      for (position, group) in groups.enumerated() {
        let accumulators = Array(carried[position * count..<(position + 1) * count])
        next += scheduler.combineTile(
          combiner, box, content.results, accumulators, &tile, at: group.point)
      }
      return next
    }
    let results: [Value]
    if tile.writesOutTerms, let places = fewPlaces(ranges, box.terms) {
      results = places.reduce(initial) { carried, indices in
        let numbers = indices.map { integer($0) }
        return inTileScope(&tile) { addTerms(&$0, &$1, numbers, carried) }
      }
    } else {
      results = tileNest(ranges[...], [], initial, &tile) { addTerms(&$0, &$1, $2, $3) }
    }
    for (position, group) in groups.enumerated() {
      for (index, result) in content.results.enumerated() {
        tile.insert(results[position * count + index], for: result, at: group.for)
      }
    }
  }

  /// All indices of a box in their order, if they are few and `terms` have no regions.
  private func fewPlaces(_ ranges: [IndexRange], _ terms: ID<Region>) -> [[Int64]]? {
    guard source.regions[terms].operations.count <= Self.mostPlainOperations,
      source.regions[terms].operations.allSatisfy({ source.operations[$0].regions.isEmpty })
    else { return nil }
    var places: [[Int64]] = [[]]
    for range in ranges {
      guard let lower = knownNumber(range.lower),
        let upper = knownNumber(range.upper),
        let step = knownNumber(range.step), step > 0, lower < upper
      else { return nil }
      let count = (upper - lower - 1) / step + 1
      guard count <= Int64(Self.mostPlaces / places.count) else { return nil }
      let numbers = (0..<count).map { lower + $0 * step }
      places = places.flatMap { place in numbers.map { place + [$0] } }
    }
    return places
  }

  /// Reductions with so few terms, and terms of so few operations, have no loops.
  private static let mostPlaces = 16
  private static let mostPlainOperations = 12

  /// Adds the products of `points` to their sums: what they share first, then one after the other,
  /// so that few factors wait in registers.
  mutating func addProducts(
    _ product: Operation, _ terms: ID<Region>, _ sums: [Value], _ tile: inout Tile,
    at points: [Int]
  ) -> [Value] {
    let operations = source.regions[terms].operations.dropLast().map { source.operations[$0] }
      .filter { $0.results != product.results }
    return addProducts(made: operations, sums, &tile, at: points) { scheduler, tile, point in
      product.operands.map { scheduler.vector($0, tile, at: point) }
    }
  }

  /// Adds the products of the vector `weight` and `factor`, which `operations` make, to the sums of
  /// `points`.
  mutating func addProducts(
    of weight: Value, _ factor: Value, made operations: [Operation], _ sums: [Value],
    _ tile: inout Tile, at points: [Int]
  ) -> [Value] {
    addProducts(made: operations, sums, &tile, at: points) { scheduler, tile, point in
      [weight, scheduler.vector(factor, tile, at: point)]
    }
  }

  private mutating func addProducts(
    made operations: [Operation], _ sums: [Value], _ tile: inout Tile, at points: [Int],
    _ factors: (inout Scheduler, Tile, _ point: Int) -> [Value]
  ) -> [Value] {
    let byRow = operations.filter { $0.results.contains { tile.isByRow($0) } }
    for content in operations where !content.results.contains(where: { tile.isByRow($0) }) {
      emitTileScalar(content, &tile, at: points[0], for: points)
    }
    return zip(points, sums).map { point, sum in
      for content in byRow { emitTileScalar(content, &tile, at: point, for: [point]) }
      let factors = factors(&self, tile, point)
      return builder.arithmetic(.multiplyAdd, factors[0], factors[1], sum)
    }
  }

  private mutating func splatIdentity(
    _ combiner: Combiner, _ result: Value, _ tile: Tile
  ) -> Value {
    let scalar = identity(combiner, source.type(of: result))
    let type = tileType(result, tile)
    if builder.type(of: scalar) == type { return scalar }
    return builder.emit(.splat, [scalar], results: [type])[0]
  }

  private mutating func combineTile(
    _ combiner: Combiner, _ box: ReductionBox, _ results: [Value], _ accumulators: [Value],
    _ tile: inout Tile, at point: Int
  ) -> [Value] {
    let terms = yielded(box.terms)
    if let opcode = combiner.opcode {
      let term = formed(terms[0], like: results[0], tile, at: point)
      return [builder.arithmetic(opcode, accumulators[0], term)]
    }
    let parameters = source.regions[box.combine].parameters
    tile.insert(accumulators, for: parameters, at: [point])
    for (parameter, term) in zip(parameters.dropFirst(accumulators.count), terms) {
      tile.insert(cell(term, tile, at: point), for: parameter, at: [point])
    }
    emitTile(box.combine, &tile, at: [point])
    return zip(results, yielded(box.combine)).map { formed($1, like: $0, tile, at: point) }
  }
}
