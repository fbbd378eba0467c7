import TesseraIR

/// A stream that is a softmax between two products, of which the program permits `flash`: no row of
/// scores is ever whole, since what a row has of the keys so far is enough for the next ones.
///
///     s[i, j] = f * sum[d] q[i, d] * k[j, d]            for each block of keys
///     top[i]  = max[j] s[i, j]                            s   = sum[d] q[i, d] * k[j, d]
///     e[i, j] = exp(s[i, j] - top[i])              →      new = max(top, max[j] s)
///     part[i] = 1 / sum[j] e[i, j]                        e   = exp(f * (s - new))
///     y[i, c] = sum[j] e[i, j] * part[i] * v[j, c]        y   = y * exp(f * (top - new)) + sum[j] e * v
///                                                       y = y * part
///
/// With `flash`, a factor f of all scores may be applied to their differences, and one of all weights
/// to the sum, and largest scores need not tell zeros apart or hand on NaN: each weight does that.
struct FlashStream {
  let columns: ColumnStream
  /// The member that makes what the weighted values are summed up to.
  let values: Int
  /// The members between them, a number a row each.
  let numbers: [Int]
  /// How many keys there are, in the source.
  let keys: Value
  /// What is kept of a score, and the positive factor that it lacks, if it lacks one.
  let score: Value
  let factor: Value?
  /// The result of the reduction that adds up the weights.
  let total: Value
  /// What adds up the weighted values, and the factor that each weight is multiplied by.
  let sum: Operation
  let value: Value
  /// The operations of the terms that make it, and those around the sum that it needs.
  let valueOperations: [Operation]
  let beforeSum: [ID<Operation>]
  /// What the weights are divided or multiplied by before that: a number a row.
  let normaliser: Normaliser?

  /// A number that one row has for all of its weights.
  struct Normaliser {
    let opcode: Opcode
    let tensor: Value
  }

  /// Reads `columns` so; `nil` if it is something else, or is not permitted.
  init?(_ columns: ColumnStream, _ source: Function) {
    let (stream, rank) = (columns.stream, columns.stream.rank)
    let contents = stream.members.map { source.operations[$0.operation] }
    guard contents.count >= 5, contents.allSatisfy({ $0.results.count == 1 }) else { return nil }
    (values, numbers) = (contents.count - 1, Array(3..<contents.count - 1))
    let made = contents.map { $0.results[0] }
    let (scores, top, exponentials) = (made[0], made[1], made[2])
    guard [0, 2, values].allSatisfy({ contents[$0].operands.count == rank + 1 }),
      numbers.allSatisfy({ contents[$0].operands.count == rank }),
      columns.plans[0].points?.axis == rank, columns.plans[values].points?.axis == rank,
      stream.kept.isDisjoint(with: [scores, top, exponentials]),
      columns.countReads(of: scores) == 2, columns.countReads(of: top) == 1,
      columns.countReads(of: exponentials) == 2
    else { return nil }
    self.columns = columns
    keys = contents[0].operands[rank]
    let reader = FlashReader(source: source, rank: rank)

    // The two reductions.
    let largest = source.yielded(by: contents[1])
    let sums = columns.reductions[2].filter { $0.combiner == .sum }
    guard sums.count == 1, reader.permitsFlash(largest), reader.permitsFlash(sums[0].result),
      columns.reductions[0].contains(where: { $0.result == largest && $0.combiner == .maximum }),
      reader.isExponential(contents[2], of: scores, above: top)
    else { return nil }
    total = sums[0].result

    // The two products.
    guard let first = Contraction(contents[0], in: source),
      let second = Contraction(contents[values], in: source)
    else { return nil }
    let score = source.yielded(by: contents[0])
    factor = reader.factor(in: score, of: first.reduction, contents[0].regions[0])
    self.score = factor == nil ? score : first.reduction.results[0]
    sum = second.reduction
    let box = ReductionBox(sum, source)
    let row = source.regions[contents[values].regions[0]].parameters.prefix(rank)
    let factors = [second.rowFactor, second.columnFactor]
    let found = factors.map { reader.weight($0, exponentials, Array(row) + box.indices) }
    guard box.indices.count == 1, box.initial.isEmpty, box.countsFromZero(0, in: source),
      stream.isSame(box.upper[0], keys),
      let weight = found[0] ?? found[1]
    else { return nil }
    normaliser = weight.normaliser
    value = factors[found[0] == nil ? 0 : 1]
    let terms = source.regions[box.terms].operations
    guard terms.allSatisfy({ source.operations[$0].regions.isEmpty }) else { return nil }
    valueOperations = source.operations(terms, neededFor: [value]).map { source.operations[$0] }
    beforeSum = source.operations(
      source.regions[contents[values].regions[0]].operations,
      neededFor: Set(valueOperations.flatMap(\.operands)))
    guard beforeSum.allSatisfy({ source.operations[$0].regions.isEmpty }) else { return nil }
  }

  /// How many keys are taken at a time: so many that their scores stay in the nearest cache, and no
  /// more tiles of them than needed. All of few keys, since a second block takes longer than fetching
  /// some of the scores from the next cache.
  ///
  /// It is part of what is computed, so no lock changes it.
  func blockLength(_ source: Function) -> Int {
    let (points, wanted) = (columns.plans[0].usualCount, FlashStream.wantedKeys)
    func whole(_ length: Int) -> Int { (length + points - 1) / points * points }
    guard let known = source.integerConstant(keys) else { return whole(wanted) }
    if known <= Int64(2 * wanted) { return max(1, Int(known)) }
    let blocks = (Int(known) + wanted / 2) / wanted
    return whole((Int(known) + blocks - 1) / blocks)
  }

  private static var wantedKeys: Int { 128 }

  /// How many keys there have to be: a tile of them.
  var leastKeys: Int { columns.plans[0].points?.count ?? 1 }

  /// `true` iff all keys are known to be one block.
  func isOneBlock(_ source: Function) -> Bool {
    source.integerConstant(keys).map { $0 <= Int64(blockLength(source)) } ?? false
  }
}

/// What the parts of a `FlashStream` look like.
private struct FlashReader {
  let source: Function
  let rank: Int

  /// A factor of the weighted sum that is a weight.
  struct Weight { var normaliser: FlashStream.Normaliser? }

  /// `true` iff the program permits `flash` for the reduction that gives `reduced`.
  func permitsFlash(_ reduced: Value) -> Bool {
    guard let content = content(of: reduced),
      case .reduction(_, _, let algorithms) = content.attribute
    else { return false }
    return algorithms.contains(.flash)
  }

  /// `true` iff `content` gives the exponential of each score less the largest of its row.
  func isExponential(_ content: Operation, of scores: Value, above top: Value) -> Bool {
    let indices = source.regions[content.regions[0]].parameters
    guard let power = self.content(of: source.yielded(by: content)), power.opcode == .exponential,
      let distance = self.content(of: power.operands[0]), distance.opcode == .subtract
    else { return false }
    return reads(distance.operands[0], scores, indices)
      && reads(distance.operands[1], top, Array(indices.prefix(rank)))
  }

  /// The number by which the sum of products is multiplied to give `score`, if that is all that is
  /// done, and it is known to be positive and far from the least number.
  func factor(in score: Value, of sum: Operation, _ region: ID<Region>) -> Value? {
    guard let product = content(of: score), product.opcode == .multiply,
      let place = product.operands.firstIndex(of: sum.results[0])
    else { return nil }
    let factor = product.operands[1 - place]
    guard let definition = source.definition(of: factor),
      !source.regions[region].operations.contains(definition)
    else { return nil }
    switch (source.operations[definition].opcode, source.operations[definition].attribute) {
    case (.reciprocalSquareRoot, _): return factor
    case (.constant, .float(let number)) where number > 1e-30 && number < 1e30: return factor
    default: return nil
    }
  }

  /// What `value` is if it is a weight at `indices`, with or without something for the whole row.
  func weight(
    _ value: Value, _ weights: Value, _ indices: [Value]
  ) -> Weight? {
    if reads(value, weights, indices) { return Weight() }
    guard let content = content(of: value),
      content.opcode == .multiply || content.opcode == .divide,
      let place = content.operands.firstIndex(where: { reads($0, weights, indices) }),
      content.opcode == .multiply || place == 0,
      let number = self.content(of: content.operands[1 - place]), number.opcode == .read,
      Array(number.operands.dropFirst()) == Array(indices.prefix(rank))
    else { return nil }
    return Weight(normaliser: .init(opcode: content.opcode, tensor: number.operands[0]))
  }

  private func reads(_ value: Value, _ tensor: Value, _ indices: [Value]) -> Bool {
    content(of: value).map { $0.opcode == .read && $0.operands == [tensor] + indices } ?? false
  }

  private func content(of value: Value) -> Operation? {
    source.definition(of: value).map { source.operations[$0] }
  }
}

extension ColumnStream {
  /// How often members read `tensor`.
  fileprivate func countReads(of tensor: Value) -> Int {
    var count = 0
    for plan in plans {
      stream.function.forEachOperation(in: plan.region) { id in
        let content = stream.function.operations[id]
        if content.opcode == .read, content.operands[0] == tensor { count += 1 }
      }
    }
    return count
  }
}

extension Function {
  /// What the region of `compute` yields first.
  fileprivate func yielded(by compute: Operation) -> Value {
    operations[terminator(of: compute.regions[0])!].operands[0]
  }

  /// Those of `listed` that `values` are made by.
  fileprivate func operations(
    _ listed: [ID<Operation>], neededFor values: Set<Value>
  ) -> [ID<Operation>] {
    var needed = values
    var found: [ID<Operation>] = []
    for id in listed.reversed() where operations[id].results.contains(where: needed.contains) {
      needed.formUnion(operations[id].operands)
      found.append(id)
    }
    return found.reversed()
  }
}
