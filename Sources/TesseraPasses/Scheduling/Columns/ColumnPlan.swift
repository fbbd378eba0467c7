import TesseraIR

/// How a member of a stream is computed for several rows at once, a lane each.
///
/// The lanes are neighbours along the last index of a row. What depends on the row stands in
/// buffers whose last axis is the lanes, so that reductions along any other axis need no
/// horizontal step, and what does not depend on it is one number for all lanes.
struct ColumnPlan {
  let region: ID<Region>
  let analysis: LaneAnalysis
  /// The axis along which several points are computed at once, so that each vector that a reduction
  /// reads serves all of them.
  private(set) var points: PointAxis?
  /// How many points that axis has, if that is known, and at once if nobody says otherwise.
  private let length: Int64?
  let usualCount: Int

  /// Plans the member `content` of a stream with rows of `rank` indices; `nil` if it has no such
  /// form.
  init?(
    _ content: Operation, rank: Int, _ function: Function, _ target: TargetDescription
  ) {
    region = content.regions[0]
    let indices = function.regions[region].parameters
    guard
      let analysis = LaneAnalysis(
        function, region, lanesOf: indices[rank - 1], readsAcrossRows: true),
      analysis.widestByteCount == 4,
      content.results.allSatisfy({ function.type(of: $0).element == .scalar(.f32) })
    else { return nil }
    self.analysis = analysis
    points = ColumnPlan.points(content, rank, function, target, analysis)
    length = points.flatMap { function.integerConstant(content.operands[$0.axis]) }
    usualCount = points?.count ?? 1
  }

  /// The plan that computes `count` points at once, if it computes several, and there are that many.
  func computing(_ count: Int?) -> ColumnPlan {
    var plan = self
    if let count { plan.points?.count = min(count, max(1, Int(clamping: length ?? .max))) }
    return plan
  }

  /// Tiles of two sizes that make up the points, if those are known and that is clearly faster than
  /// tiles of the usual size: the fewer points it has, the longer a tile's sums wait for each other.
  func twoSizes(for target: TargetDescription) -> TileSizes? {
    guard let length, points?.count == usualCount else { return nil }
    // About how many cycles a term of two vectors of rows takes.
    func cycles(_ count: Int) -> Double { count < 6 ? Double(max(count, 4)) + 0.5 : Double(count) }
    let usual = Double((length + Int64(usualCount) - 1) / Int64(usualCount)) * cycles(usualCount)
    var best: (sizes: TileSizes, cost: Double)?
    for long in 2...max(2, ColumnPlan.mostPoints(target)) {
      for short in 1..<long {
        for tiles in 1...Int64(long) where (length - tiles * Int64(short)) % Int64(long) == 0 {
          let others = (length - tiles * Int64(short)) / Int64(long)
          let cost = Double(others) * cycles(long) + Double(tiles) * cycles(short)
          if others > 0, cost < min(0.98 * usual, best?.cost ?? .infinity) {
            best = (TileSizes(long: (long, others), short: (short, tiles)), cost)
          }
        }
      }
    }
    return best?.sizes
  }

  /// How many rows are computed at once: two registers of them, unless told otherwise.
  static func lanes(for target: TargetDescription, vectors: Int? = nil) -> Int {
    (vectors ?? 2) * target.lanes(of: .f32)
  }

  private static func points(
    _ content: Operation, _ rank: Int, _ function: Function, _ target: TargetDescription,
    _ analysis: LaneAnalysis
  ) -> PointAxis? {
    let region = content.regions[0]
    guard Contraction(content, in: function) != nil else { return nil }
    for (axis, index) in function.regions[region].parameters.enumerated().reversed()
    where axis >= rank {
      let dependents = DependentValues(function, region, on: index)
      var sharesVectors = true
      var isFlat = true
      for id in function.regions[region].operations {
        let reduction = function.operations[id]
        guard reduction.opcode == .reduce else { continue }
        let box = ReductionBox(reduction, function)
        if box.bounds.contains(where: { dependents.contains($0) }) {
          sharesVectors = false
        }
        for id in function.regions[box.terms].operations {
          let inner = function.operations[id]
          if !inner.regions.isEmpty { isFlat = false }
          if inner.opcode == .read, analysis.kind(inner.results[0]) == .varying,
            dependents.contains(inner.results[0])
          {
            sharesVectors = false
          }
        }
      }
      if sharesVectors, isFlat {
        let length = function.integerConstant(content.operands[axis])
        return PointAxis(axis: axis, dependents: dependents, count: count(length, target))
      }
    }
    return nil
  }

  /// How many points fit the registers, two vectors each beside two that they share and a factor.
  private static func mostPoints(_ target: TargetDescription) -> Int {
    max(1, (target.vectorRegisterCount - 3) / 2)
  }

  /// How many points are computed at once; of a known length few are computed twice.
  private static func count(_ length: Int64?, _ target: TargetDescription) -> Int {
    let most = mostPoints(target)
    guard let length, length > 0 else { return min(most, 8) }
    // Each tile has to load what its points share, which is worth about a point.
    func cost(_ count: Int) -> Int64 {
      (length + Int64(count) - 1) / Int64(count) * Int64(count + 1)
    }
    return (1...min(most, Int(min(length, 64)))).min { (cost($0), -$0) < (cost($1), -$1) } ?? 1
  }
}

/// Tiles of two sizes, the long ones first: how many points each has, and how many there are.
struct TileSizes {
  let long: (points: Int, tiles: Int64)
  let short: (points: Int, tiles: Int64)
}

extension Stream {
  /// How the members are computed for several rows at once, in order; `nil` if some are not, if there
  /// are known to be too few rows, or if that does not pay: it does where rows are made by a product of
  /// matrices and go into another.
  func columnPlans() -> [ColumnPlan]? {
    guard let last = extents.last, members.allSatisfy({ $0.divisor == nil }) else { return nil }
    if let rows = function.integerConstant(last), rows < Int64(ColumnPlan.lanes(for: target)) {
      return nil
    }
    let contents = members.map { function.operations[$0.operation] }
    let contractions = contents.compactMap { content in
      Contraction(content, in: function).map { (content, $0) }
    }
    guard contractions.count > 1,
      contractions.allSatisfy({ $1.others.isEmpty && !$1.hasWindows($0, in: function) })
    else { return nil }
    var plans: [ColumnPlan] = []
    // What is read as a slice is packed for one read alone.
    var whole: Set<Value> = []
    var sliced: Set<Value> = []
    for content in contents {
      guard let plan = ColumnPlan(content, rank: rank, function, target),
        readsPackably(content, plan.analysis)
      else { return nil }
      for read in acrossRows(plan.region, plan.analysis) {
        if isWholeRow(read, in: plan.region) {
          whole.insert(read.operands[0])
        } else if !sliced.insert(read.operands[0]).inserted {
          return nil
        }
      }
      plans.append(plan)
    }
    return whole.isDisjoint(with: sliced) ? plans : nil
  }

  /// `true` iff a factor of one of the sums depends on constant parameters alone: then panels of it
  /// are packed once for all calls, and rows would only read it again and again as it lies.
  func isPackedAhead(by fixed: FixedValues) -> Bool {
    members.contains { member in
      let content = function.operations[member.operation]
      guard let contraction = Contraction(content, in: function) else { return false }
      return fixed.determineFactor(of: contraction, content, in: function)
    }
  }

  /// `true` iff what is read across the rows of tensors from outside is whole rows, with the indices
  /// of the row before and anything after, or slices, always in the same place.
  private func readsPackably(_ content: Operation, _ analysis: LaneAnalysis) -> Bool {
    acrossRows(content.regions[0], analysis).allSatisfy { read in
      isWholeRow(read, in: content.regions[0])
        || ColumnSlice(read, in: content.regions[0], rank: rank, function) != nil
    }
  }

  /// The reads across the rows of tensors from outside.
  func acrossRows(_ region: ID<Region>, _ analysis: LaneAnalysis) -> [Operation] {
    var found: [Operation] = []
    function.forEachOperation(in: region) { id in
      let inner = function.operations[id]
      if inner.opcode == .read, analysis.kind(inner.results[0]) == .varying,
        !makes(inner.operands[0])
      {
        found.append(inner)
      }
    }
    return found
  }

  /// `true` iff the first indices of `read` are those of the row.
  func isWholeRow(_ read: Operation, in region: ID<Region>) -> Bool {
    let parameters = function.regions[region].parameters
    return Array(read.operands.dropFirst().prefix(rank)) == Array(parameters.prefix(rank))
  }
}
