import TesseraIR

/// A `compute` whose elements are sums, or the like, of terms that lie along it in memory.
///
///     y[j] = sum[k] x[k] * a[k, j]        for each block of columns
///                                           for k in steps of four
///                                             for each vector of columns j
///                                               y[j] += x[k] * a[k, j] + … + x[k + 3] * a[k + 3, j]
///
/// A tile would go down all terms with the few columns that its registers hold, so that memory sends a
/// line or two from everywhere. Here it sends each row of terms as it lies, and what is added up waits
/// in the first cache. Each element takes its terms in their order either way. Where the greatest term
/// stands, or the least, is found alike: what waits are the terms and their places.
struct RowSweep {
  let tiles: TilePlan
  /// An axis before the last along which the terms' vectors stay the same, if it has few points, so
  /// that they are read once for all of them.
  let points: (axis: Int, length: Int64?)?
  /// The reduction, and what combines terms.
  let reduction: Operation
  let box: ReductionBox
  /// The operation that combines terms; `nil` where the place of the best one is found.
  let opcode: Opcode?
  /// How many columns a vector of results has.
  let lanes: Int
  /// The product that is added up, if a sum adds up products of floats.
  let product: Operation?
  /// What differs along the innermost reduced index.
  let dependents: DependentValues
  /// What the reduction needs of the region: the same for all columns, and the rest.
  let before: SharedAndOwn
  /// What makes the terms.
  let terms: SharedAndOwn

  /// Operations that give the same for all columns, and all others, each after what it needs.
  struct SharedAndOwn {
    var shared: [ID<Operation>] = []
    var own: [ID<Operation>] = []
  }

  /// How many rows of terms are taken at a time.
  static var rowCount: Int { 4 }
  /// The most bytes of results of a point that wait, and of those of all points.
  static var blockByteCount: Int { 4096 }
  static var totalByteCount: Int { 8 * blockByteCount }

  /// Plans the `compute` that `content` is, of which `tiles` could be computed; `nil` if those are as
  /// good, or its region has another form.
  ///
  /// - Parameter pointsAreFew: whether there are few points that share vectors wherever what is planned
  ///   runs; else they must be known to be.
  init?(
    _ content: Operation, _ tiles: TilePlan, _ function: Function, pointsAreFew: Bool = false
  ) {
    let analysis = tiles.analysis
    let operations = function.regions[tiles.region].operations.dropLast()
    let reductions = operations.filter { function.operations[$0].opcode == .reduce }
    guard reductions.count == 1,
      operations.allSatisfy({ id in
        let content = function.operations[id]
        return content.regions.isEmpty || content.opcode == .if || content.opcode == .reduce
      })
    else { return nil }
    let reduction = function.operations[reductions[0]]
    let box = ReductionBox(reduction, function)
    guard case .reduction(let combiner, .sequential, _) = reduction.attribute,
      analysis.kind(reduction.results[0]) == .varying, let innermost = box.indices.last,
      combiner.opcode != nil || Self.findsPlace(combiner, reduction, box, tiles.region, function)
    else { return nil }
    let findsPlace = combiner.opcode == nil
    // Places are counted by 32 bits, whatever they become in the end.
    lanes = findsPlace ? tiles.registerLanes * analysis.widestByteCount / 4 : tiles.registerLanes
    if let count = box.termCount(in: function), count < RowSweep.leastTermCount { return nil }
    let dependents = DependentValues(function, box.terms, on: innermost)
    let terms = SharedAndOwn(
      Array(function.regions[box.terms].operations.dropLast()), analysis, function)
    let readsAlong = terms.own.contains { id in
      let read = function.operations[id]
      return read.opcode == .read && analysis.kind(read.results[0]) == .varying
        && dependents.contains(read.results[0])
    }
    guard readsAlong else { return nil }
    // A tile has several points where those are not known to be few.
    guard pointsAreFew || tiles.rows == nil else { return nil }
    var points = findsPlace ? nil : RowSweep.points(content, tiles, terms, function)
    if !pointsAreFew, points?.length == nil { points = nil }

    // Whatever the reduction needs stands before it.
    var needed = Set(reduction.operands)
    func need(_ region: ID<Region>) {
      function.forEachOperation(in: region) { needed.formUnion(function.operations[$0].operands) }
    }
    need(box.terms)
    var before: [ID<Operation>] = []
    for id in operations.reversed() where id != reductions[0] {
      let content = function.operations[id]
      guard content.results.contains(where: needed.contains) else { continue }
      before.append(id)
      needed.formUnion(content.operands)
      for region in content.regions { need(region) }
    }
    self.tiles = tiles
    self.points = points
    self.reduction = reduction
    self.box = box
    opcode = combiner.opcode
    self.dependents = dependents
    self.terms = terms
    self.before = SharedAndOwn(before.reversed(), analysis, function)
    product = function.product(of: box.terms, addedBy: combiner)
  }

  /// `true` iff `reduction`, in `region`, finds the first of the greatest or least terms, of four bytes
  /// each, along a range that begins with 0 and is known before.
  private static func findsPlace(
    _ combiner: Combiner, _ reduction: Operation, _ box: ReductionBox, _ region: ID<Region>,
    _ function: Function
  ) -> Bool {
    guard combiner == .argmax || combiner == .argmin, box.indices.count == 1,
      function.integerConstant(box.lower[0]) == 0, function.integerConstant(box.steps[0]) == 1,
      let terms = function.terminator(of: box.terms).map({ function.operations[$0].operands }),
      terms.count == 2, terms[1] == box.indices[0],
      function.type(of: terms[0]).scalarType?.byteCount == 4
    else { return false }
    let inner = function.regions[region].operations.flatMap { function.operations[$0].results }
    return !(inner + function.regions[region].parameters).contains(box.upper[0])
  }

  /// The axis along which the vectors of `terms` stay the same, and its length, if that is known.
  private static func points(
    _ content: Operation, _ tiles: TilePlan, _ terms: SharedAndOwn, _ function: Function
  ) -> (axis: Int, length: Int64?)? {
    let indices = function.regions[tiles.region].parameters
    let joined = tiles.joined?.count ?? 1
    for (axis, index) in indices.dropLast(joined).enumerated().reversed() {
      let length = function.integerConstant(content.operands[axis])
      if length == 1 { continue }
      let dependents = DependentValues(function, tiles.region, on: index)
      let isShared = terms.own.allSatisfy { id in
        let read = function.operations[id]
        return read.opcode != .read || tiles.analysis.kind(read.results[0]) != .varying
          || !dependents.contains(read.results[0])
      }
      let reduces = function.regions[tiles.region].operations.contains { id in
        let content = function.operations[id]
        return content.opcode == .reduce && dependents.contains(content.results[0])
          && !ReductionBox(content, function).bounds.contains { dependents.contains($0) }
      }
      if isShared, reduces { return (axis, length) }
    }
    return nil
  }

  /// Of fewer terms, known while compiling, a tile's registers take all rows as they lie.
  private static var leastTermCount: Int64 { 32 }
}

extension RowSweep.SharedAndOwn {
  /// Divides `operations`, each after what it needs.
  init(_ operations: [ID<Operation>], _ analysis: LaneAnalysis, _ function: Function) {
    for id in operations {
      let content = function.operations[id]
      let isShared =
        content.regions.isEmpty && content.results.allSatisfy { analysis.kind($0) == .uniform }
        && content.operands.allSatisfy { analysis.kind($0) == .uniform }
      if isShared { shared.append(id) } else { own.append(id) }
    }
    // What needs an `if`, which is not shared, is not either.
    let late = Set(own.flatMap { function.operations[$0].results })
    if shared.contains(where: { !late.isDisjoint(with: function.operations[$0].operands) }) {
      (shared, own) = ([], operations)
    }
  }
}
