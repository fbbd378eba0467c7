import TesseraIR

/// How a `compute` is cut into blocks where it reads tensors across: what are neighbours along its last
/// axis lies a row apart in them, and what are neighbours there lies a row apart in the result.
///
///     y[j, i] = x[i, j] + b[i]      16 runs of x, along j, for 16 i     →    transposed: 16 runs of y
///
/// Each run fills a register or a line of the cache, which so is read and written whole.
struct TransposePlan {
  let region: ID<Region>
  let analysis: LaneAnalysis
  /// The axis of the result along which neighbours are neighbours in what is read across.
  let rowAxis: Int
  /// What differs along that axis.
  let rows: DependentValues
  /// What is read across.
  let reads: Set<Value>
  /// How many neighbours a block has along the last axis, and along the axis of the rows.
  let lanes: Int
  let points: Int
  /// How many blocks above each other read the same lines of the cache.
  let rowsOfLine: Int

  /// Plans blocks for the `compute` that `content` is; `nil` if it reads nothing across, or something
  /// in another way.
  init?(_ content: Operation, _ function: Function, _ target: TargetDescription) {
    region = content.regions[0]
    let parameters = function.regions[region].parameters
    guard parameters.count > 1, target.vectorByteCount > 0,
      content.results.allSatisfy({ function.type(of: $0).element != .scalar(.bool) }),
      let analysis = LaneAnalysis(
        function, region, lanesOf: parameters.last!, readsAcrossRows: true)
    else { return nil }
    self.analysis = analysis
    let found = TransposePlan.readsAcross(region, function, analysis)
    let listed = Set(function.regions[region].operations)
    guard !found.isEmpty, found.allSatisfy(listed.contains) else { return nil }
    let across = found.map { function.operations[$0] }
    reads = Set(across.map { $0.results[0] })
    let body = content.regions[0]
    let axis = parameters.dropLast().indices.last { axis in
      TransposePlan.goesAlong(parameters[axis], across, body, function)
    }
    guard let axis else { return nil }
    rowAxis = axis
    rows = DependentValues(function, region, on: parameters[axis])
    // A line of the cache, and a register.
    let widest = analysis.widestByteCount
    func count(_ most: Int, along axis: Int) -> Int {
      var count = min(16, most)
      let length = function.integerConstant(content.operands[axis]) ?? .max
      while count > 1, count > length { count /= 2 }
      return count
    }
    lanes = count(64 / widest, along: parameters.count - 1)
    points = count(target.vectorByteCount / widest, along: axis)
    rowsOfLine = max(1, 64 / (points * widest))
    // Narrower blocks move less than the shuffles cost.
    guard min(lanes, points) >= min(4, target.vectorByteCount / widest), points > 1 else {
      return nil
    }
  }

  /// The reads in `region`, and within its loops, that the lanes count along another axis than the last
  /// one.
  private static func readsAcross(
    _ region: ID<Region>, _ function: Function, _ analysis: LaneAnalysis
  ) -> [ID<Operation>] {
    var found: [ID<Operation>] = []
    function.forEachOperation(in: region) { id in
      let content = function.operations[id]
      if content.opcode == .read, analysis.kind(content.results[0]) == .varying,
        analysis.kind(content.operands.last!) != .consecutive
      {
        found.append(id)
      }
    }
    return found
  }

  /// `true` iff all `reads` have `index`, or a sum of it and something, along their last axis, and
  /// nowhere else.
  private static func goesAlong(
    _ index: Value, _ reads: [Operation], _ region: ID<Region>, _ function: Function
  ) -> Bool {
    let dependents = DependentValues(function, region, on: index)
    var affine = AffineValues()
    return reads.allSatisfy { read in
      let place = affine.expression(of: read.operands.last!, in: function)
      return dependents.coefficient(of: index, in: place)?.constantValue == 1
        && !read.operands.dropFirst().dropLast().contains(where: dependents.contains)
    }
  }
}
