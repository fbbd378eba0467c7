import TesseraIR

/// How a `compute` is cut into tiles: vectors along its last axis, and where a reduction has
/// operands that rows share, several rows at once.
struct TilePlan {
  let region: ID<Region>
  /// How many neighbours along the last axis are computed at once.
  let lanes: Int
  /// How many of them a register holds.
  let registerLanes: Int
  /// How many are computed at once where rows are of a length that is not known and turn out to have
  /// such vectors, see `isLong`; `nil` for no more than else.
  let longRowLanes: Int?
  /// The last indices, if more than one is gone through as one.
  let joined: JoinedIndices?
  let analysis: LaneAnalysis
  /// The axis along which several points are computed at once.
  let rows: PointAxis?
  /// What is read along the lanes in the row of the leading indices.
  var readAlong: [Value]

  /// Plans tiles for the `compute` that `content` is, of which the `leading` first indices are given;
  /// `nil` if it is better done element by element. Indices are joined if `mayJoin`; rows that are
  /// shorter than a register have vectors if they `mayBeNarrow`; elements that are read may lie near
  /// each other if they may lie `apart`. Lengths may be `promised` to be equal.
  init?(
    _ content: Operation, _ function: Function, _ target: TargetDescription, leading: Int = 0,
    mayJoin: Bool = true, mayBeNarrow: Bool = false, apart: Bool = false,
    promised: PromisedLengths = PromisedLengths()
  ) {
    region = content.regions[0]
    let indices = function.regions[region].parameters
    guard let last = indices.last, target.vectorByteCount > 0,
      let analysis = LaneAnalysis(function, region, lanesOf: last, apart: apart ? 8 : 1),
      content.results.allSatisfy({ function.type(of: $0).element != .scalar(.bool) })
    else { return nil }
    if TilePlan.goesAlongSums(region, function, analysis) { return nil }
    self.analysis = analysis
    let register = target.vectorByteCount / analysis.widestByteCount
    guard register > 1 else { return nil }
    joined =
      mayJoin
      ? JoinedIndices(
        function, region, content.operands, limit: indices.count - leading, promised: promised)
      : nil
    let own = joined?.count ?? 1
    let length = function.constantProduct(content.operands.suffix(own))
    if let length, length < register, !mayBeNarrow { return nil }
    rows = TilePlan.rows(content, function, target, analysis, leading)
    readAlong = TilePlan.readAlong(region, function, leading)
    registerLanes = register
    // Four where an element is the end of a long chain, in which one would wait for itself.
    let hasChain = TilePlan.hasChain(region, function, analysis)
    let widths =
      rows == nil && analysis.strides.isEmpty
      ? (hasChain ? [4, 2] : [2]).map { $0 * register } : []
    if length == nil, indices.count > own || leading > 0 {
      lanes = register
      longRowLanes = widths.first
    } else {
      lanes =
        widths.first { lanes in length.map { TilePlan.isLong($0, for: lanes) } ?? true } ?? register
      longRowLanes = nil
    }
  }

  /// `true` iff elements that lie apart are reduced in such numbers that neighbours among the terms
  /// are the better lanes.
  private static func goesAlongSums(
    _ region: ID<Region>, _ function: Function, _ analysis: LaneAnalysis
  ) -> Bool {
    if analysis.strides.isEmpty { return false }
    var found = false
    function.forEachOperation(in: region) { id in
      let content = function.operations[id]
      guard content.opcode == .reduce else { return }
      let box = ReductionBox(content, function)
      if let count = box.termCount(in: function), count <= 16 { return }
      function.forEachOperation(in: box.terms) { inner in
        let results = function.operations[inner].results
        if results.contains(where: { analysis.strides[$0] != nil }) { found = true }
      }
    }
    return found
  }

  /// `true` iff a row of `length` has vectors of so many lanes: what the last one, which overlaps the
  /// one before it, does once more must not cost much.
  static func isLong(_ length: Int64, for lanes: Int) -> Bool {
    let rest = length % Int64(lanes)
    return length >= Int64(lanes) && (rest == 0 || length >= 8 * (Int64(lanes) - rest))
  }

  /// `true` iff all rows of `least` elements or more have vectors of so many lanes.
  static func isLong(from least: Int, for lanes: Int) -> Bool { least >= 8 * lanes }

  /// `true` iff a mathematical function is computed in the lanes, and no loop.
  static func hasChain(
    _ region: ID<Region>, _ function: Function, _ analysis: LaneAnalysis
  ) -> Bool {
    let contents = function.regions[region].operations.map { function.operations[$0] }
    return contents.allSatisfy { $0.regions.isEmpty }
      && contents.contains {
        $0.opcode.isMathematical && analysis.kind($0.results[0]) == .varying
      }
  }

  /// The tensors whose element at all indices of `region` is read, if there are leading ones.
  static func readAlong(
    _ region: ID<Region>, _ function: Function, _ leading: Int
  ) -> [Value] {
    guard leading > 0 else { return [] }
    var found: [Value] = []
    for id in function.regions[region].operations {
      let content = function.operations[id]
      if content.opcode == .read, !found.contains(content.operands[0]),
        Array(content.operands.dropFirst()) == function.regions[region].parameters
      {
        found.append(content.operands[0])
      }
    }
    return found
  }

  /// The axis, if any, along which the vectors that a reduction reads stay the same, so that each
  /// is read once for several rows.
  private static func rows(
    _ content: Operation, _ function: Function, _ target: TargetDescription,
    _ analysis: LaneAnalysis,
    _ leading: Int
  ) -> PointAxis? {
    let region = content.regions[0]
    let reductions = function.regions[region].operations.map { function.operations[$0] }
      .filter { $0.opcode == .reduce && analysis.kind($0.results[0]) == .varying }
    guard reductions.count == 1, let reduction = reductions.first, reduction.results.count == 1
    else { return nil }
    let box = ReductionBox(reduction, function)
    // Half of the registers hold accumulators; the others, the operands on their way.
    let count = target.vectorRegisterCount / 2
    guard count > 1 else { return nil }
    for (axis, index) in function.regions[region].parameters.dropLast().enumerated().reversed()
    where axis >= leading {
      if let length = function.integerConstant(content.operands[axis]), length < count / 2 {
        continue
      }
      let dependents = DependentValues(function, region, on: index)
      if box.bounds.contains(where: { dependents.contains($0) }) { continue }
      guard dependents.contains(reduction.results[0]) else { continue }
      var sharesVectors = true
      var readsVectors = false
      function.forEachOperation(in: box.terms) { id in
        let inner = function.operations[id]
        guard inner.opcode == .read, analysis.kind(inner.results[0]) == .varying else { return }
        readsVectors = true
        if dependents.contains(inner.results[0]) { sharesVectors = false }
      }
      if readsVectors, sharesVectors {
        return PointAxis(axis: axis, dependents: dependents, count: count)
      }
    }
    return nil
  }
}

/// An axis of a `compute` along which several elements are computed at once.
struct PointAxis {
  let axis: Int
  /// What differs along it.
  let dependents: DependentValues
  /// How many elements are computed at once.
  var count: Int
}
