import TesseraIR

/// What is settled about a stream whose rows are lanes.
struct ColumnStream {
  /// A reduction that goes along with the loop that makes what it reads.
  struct Reduction {
    /// The result of the `reduce`.
    let result: Value
    let combiner: Combiner
    /// What it reads, as it is made.
    let tensor: Value
  }

  /// Where the rows of a tensor from outside begin: what comes before the index of the row, and what
  /// that is added to.
  struct Site: Hashable {
    var prefix: [Value] = []
    var offset: Value?
  }

  /// The members, and how each is computed for several rows at once.
  let stream: Stream
  let plans: [ColumnPlan]
  /// Where rows of tensors from outside are, if they are not the first indices.
  let sites: [Value: Site]
  /// The tensors from outside that are read across the rows.
  private(set) var packed: [Value] = []
  /// The slices of those of which no whole rows are read.
  private(set) var slices: [Value: ColumnSlice] = [:]
  /// The reductions that go along with each member.
  private(set) var reductions: [[Reduction]] = []
  /// The tensor whose memory a member takes over, since nobody reads it any more.
  private(set) var takeover: [Int: Value] = [:]

  private let source: Function

  /// Gathers what the `plans` of a stream read and reduce.
  init(
    _ stream: Stream, _ plans: [ColumnPlan], _ source: Function, sites: [Value: Site] = [:]
  ) {
    self.stream = stream
    self.plans = plans
    self.sites = sites
    self.source = source
    for plan in plans {
      for read in stream.acrossRows(plan.region, plan.analysis) {
        let tensor = read.operands[0]
        if packed.contains(tensor) { continue }
        packed.append(tensor)
        if sites[tensor] == nil, !stream.isWholeRow(read, in: plan.region) {
          slices[tensor] = ColumnSlice(read, in: plan.region, rank: stream.rank, source)
        }
      }
    }
    for index in plans.indices {
      reductions.append(reductions(along: index))
      if let tensor = tensorTakenOver(by: index) { takeover[index] = tensor }
    }
  }

  /// How many indices of `tensor`, which is from outside, tell the row.
  func rowRank(of tensor: Value) -> Int { sites[tensor].map { $0.prefix.count + 1 } ?? stream.rank }

  private func content(_ index: Int) -> Operation {
    source.operations[stream.members[index].operation]
  }

  /// The reductions over what member `index` makes, element by element in the order in which it is
  /// made. Where some elements are made twice, only those that do not mind.
  private func reductions(along index: Int) -> [Reduction] {
    let maker = content(index)
    guard maker.operands.count == stream.rank + 1 else { return [] }
    var found: [Reduction] = []
    for other in plans.indices.dropFirst(index + 1) {
      for id in source.regions[plans[other].region].operations {
        let reduce = source.operations[id]
        guard reduce.opcode == .reduce,
          case .reduction(let combiner, .sequential, _) = reduce.attribute,
          combiner.opcode != nil, reduce.results.count == 1
        else { continue }
        if plans[index].points != nil, combiner != .maximum, combiner != .minimum { continue }
        let box = ReductionBox(reduce, source)
        guard box.indices.count == 1, box.countsFromZero(0, in: source),
          stream.isSame(box.upper[0], maker.operands.last!)
        else { continue }
        let terms = source.regions[box.terms].operations.map { source.operations[$0] }
        guard terms.count == 2, terms[0].opcode == .read, terms[0].operands.last == box.indices[0],
          terms[1].operands == terms[0].results, maker.results.contains(terms[0].operands[0])
        else { continue }
        found.append(
          Reduction(result: reduce.results[0], combiner: combiner, tensor: terms[0].operands[0]))
      }
    }
    return found
  }

  /// A tensor of the same shape that member `index` reads element by element, and nobody later; none
  /// where several points are computed at once, of which the last ones may be computed twice.
  private func tensorTakenOver(by index: Int) -> Value? {
    let maker = content(index)
    guard maker.operands.count > stream.rank, maker.results.count == 1, plans[index].points == nil
    else { return nil }
    let parameters = source.regions[plans[index].region].parameters
    var candidates: [Value] = []
    for earlier in plans.indices.prefix(index) {
      let content = content(earlier)
      guard content.operands.count == maker.operands.count, content.results.count == 1,
        !stream.kept.contains(content.results[0]), takeover[earlier] == nil,
        zip(content.operands, maker.operands).allSatisfy({ stream.isSame($0, $1) })
      else { continue }
      candidates.append(content.results[0])
    }
    return candidates.first { tensor in
      var reads = 0
      var isFree = true
      for other in plans.indices.dropFirst(index) {
        source.forEachOperation(in: plans[other].region) { id in
          let content = source.operations[id]
          guard content.opcode == .read, content.operands[0] == tensor else { return }
          reads += 1
          if other != index || Array(content.operands.dropFirst()) != parameters { isFree = false }
        }
      }
      return isFree && reads > 0
    }
  }
}
