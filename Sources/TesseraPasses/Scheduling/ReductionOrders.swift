import TesseraIR

/// Chooses the order in which reductions along neighbours in memory add up.
///
///     %s = reduce %zero, %n, %one {sum} : f32       %s = reduce %zero, %n, %one {sum, lanes 16} …
///     ^(%k: i64):                              →    ^(%k: i64):
///       %v = read %x, %i, %k : f32                    %v = read %x, %i, %k : f32
///       yield %v                                      yield %v
///
/// From here on every way to run gives the same bits. Left alone is what becomes a contraction or
/// vectors along the result, what has no form for lanes, and what is known to be short.
extension Pass {
  public static let reductionOrder = Pass(
    name: "order-reductions", summary: "choose the order in which reductions add up"
  ) { (function: inout Function, context: inout PassContext) in
    function.orderReductions(in: function.body, for: context.target)
  }
}

extension Function {
  /// Gives the reductions of `region` and the regions within lanes where that pays; `true` iff
  /// there was one.
  fileprivate mutating func orderReductions(
    in region: ID<Region>, for target: TargetDescription, besides others: Set<ID<Operation>> = []
  ) -> Bool {
    var changed = false
    let columns = columnMembers(of: region, for: target).union(others)
    for id in regions[region].operations where !columns.contains(id) {
      let content = operations[id]
      if content.opcode == .compute {
        if Contraction(content, in: self) != nil { continue }
        guard case .elements = LoopForm(content, self, target) else { continue }
      }
      let columns = content.opcode == .for ? columnMembers(of: content, for: target) : []
      for inner in content.regions
      where orderReductions(in: inner, for: target, besides: columns) { changed = true }
      guard content.opcode == .reduce, let lanes = lanes(of: content, for: target),
        case .reduction(let combiner, .sequential, let algorithms) = content.attribute
      else { continue }
      operations[id].attribute = .reduction(combiner, .lanes(lanes), permits: algorithms)
      changed = true
    }
    return changed
  }

  /// The `compute`s of streams whose rows become lanes, and need none beside.
  private func columnMembers(
    of region: ID<Region>, for target: TargetDescription
  ) -> Set<ID<Operation>> {
    let listed = regions[region].operations
    let contractions = listed.indices.filter {
      operations[listed[$0]].opcode == .compute
        && Contraction(operations[listed[$0]], in: self) != nil
    }
    guard contractions.count > 1 else { return [] }
    let (uses, tree, fixed) = (Uses(self), RegionTree(self), FixedValues(self))
    var members: Set<ID<Operation>> = []
    for start in contractions where !members.contains(listed[start]) {
      let stream = Stream.beginning(
        at: start, in: listed[...], of: self, uses, tree, for: target, contractions: true)
      if let stream, !stream.isPackedAhead(by: fixed), stream.columnPlans() != nil {
        members.formUnion(stream.members.map(\.operation))
      }
    }
    return members
  }

  /// The `compute`s of a loop of which several rows run at once.
  private func columnMembers(
    of loop: Operation, for target: TargetDescription
  ) -> Set<ID<Operation>> {
    guard
      let loop = ColumnLoop(loop, in: self, Uses(self), RegionTree(self), for: target)
    else { return [] }
    return Set(loop.columns.stream.members.map(\.operation))
  }

  /// The accumulators that `reduction` should have; `nil` for one.
  private func lanes(
    of reduction: Operation, for target: TargetDescription
  ) -> ReductionOrder.Lanes? {
    let box = ReductionBox(reduction, self)
    guard case .reduction(let combiner, .sequential, _) = reduction.attribute, !combiner.hasRegion,
      let plan = LanePlan(box, self)
    else { return nil }
    let lanes = target.vectorByteCount / plan.analysis.widestByteCount
    guard lanes > 1 else { return nil }
    let joined = JoinedIndices(self, box)?.count ?? 1
    let isFused =
      target.hasFusedMultiplyAdd && product(of: box.terms, addedBy: combiner) != nil
    // Several registers, since one would wait for itself; but each takes part in the last, partial
    // round, so that must not cost much. To multiply and add takes twice as long as to add; wide
    // vectors take as long to be loaded.
    let most = isFused && target.vectorByteCount < 64 ? 8 : 4
    guard let length = box.termCount(ofLast: joined, in: self) else {
      // Where others go around it, the innermost index may well be shorter than two registers.
      if joined < box.indices.count { return .init(lanes, joined: joined, fused: isFused) }
      let isFloat = type(of: reduction.results[0]).scalarType?.isFloat == true
      let isSlow = isFloat && (combiner == .sum || combiner == .product)
      // An element that takes long to make waits for no sum.
      return isSlow && !addsMathematics(box)
        ? .init(most * lanes, rest: lanes, joined: joined, fused: isFused)
        : .init(2 * lanes, joined: joined, fused: isFused)
    }
    if length < Int64(lanes) { return nil }
    func vectors(_ registers: Int) -> Int64 {
      let round = Int64(registers * lanes)
      return (length - 1) / round * Int64(registers) + Int64(registers)
    }
    // The last round of a short row ends where a vector of it does, see `RegisterRow`.
    func endsWell(_ registers: Int) -> Bool {
      let rest = length % Int64(registers * lanes)
      return length > Int64(16 * lanes) || rest <= Int64(lanes) || length % Int64(lanes) == 0
    }
    let registers = [most, 4, 2].first { 4 * vectors($0) <= 5 * vectors(1) && endsWell($0) }
    return .init((registers ?? 1) * lanes, joined: joined, fused: isFused)
  }

  /// `true` iff the terms are, or are made of elements that are made by, mathematical functions.
  private func addsMathematics(_ box: ReductionBox) -> Bool {
    func hasMathematics(_ region: ID<Region>) -> Bool {
      regions[region].operations.contains { operations[$0].opcode.isMathematical }
    }
    return hasMathematics(box.terms)
      || regions[box.terms].operations.contains { id in
        let content = operations[id]
        guard content.opcode == .read, let maker = definition(of: content.operands[0]),
          operations[maker].opcode == .compute
        else { return false }
        return hasMathematics(operations[maker].regions[0])
      }
  }
}

/// The terms of a reduction for neighbouring numbers of its innermost index.
struct LanePlan {
  let analysis: LaneAnalysis
  let index: Value

  /// Plans the terms of `box`; `nil` if they have no form for lanes.
  init?(_ box: ReductionBox, _ function: Function) {
    guard let index = box.indices.last, let step = box.steps.last,
      function.integerConstant(step) == 1,
      let term = function.terminator(of: box.terms).map({ function.operations[$0].operands[0] }),
      let analysis = LaneAnalysis(function, box.terms, lanesOf: index),
      analysis.kind(term) != .uniform
    else { return nil }
    self.analysis = analysis
    self.index = index
  }
}
