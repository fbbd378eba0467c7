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
/// in the first cache. Each element takes its terms in their order either way.
struct RowSweep {
  let tiles: TilePlan
  /// The reduction, and what combines terms.
  let reduction: Operation
  let box: ReductionBox
  let opcode: Opcode
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
  /// The most bytes of results that wait.
  static var blockByteCount: Int { 4096 }

  /// Plans the `compute` that `content` is, of which `tiles` could be computed; `nil` if those are as
  /// good, or its region has another form.
  init?(_ content: Operation, _ tiles: TilePlan, _ function: Function) {
    let analysis = tiles.analysis
    let operations = function.regions[tiles.region].operations.dropLast()
    let reductions = operations.filter { function.operations[$0].opcode == .reduce }
    guard tiles.rows == nil, reductions.count == 1,
      operations.allSatisfy({ id in
        let content = function.operations[id]
        return content.regions.isEmpty || content.opcode == .if || content.opcode == .reduce
      })
    else { return nil }
    let reduction = function.operations[reductions[0]]
    let box = ReductionBox(reduction, function)
    guard case .reduction(let combiner, .sequential, _) = reduction.attribute,
      let opcode = combiner.opcode, analysis.kind(reduction.results[0]) == .varying,
      let innermost = box.indices.last,
      RowSweep.termCount(box, function).map({ $0 >= RowSweep.leastTermCount }) ?? true
    else { return nil }
    let dependents = DependentValues(function, box.terms, on: innermost)
    let terms = SharedAndOwn(
      Array(function.regions[box.terms].operations.dropLast()), analysis, function)
    let readsAlong = terms.own.contains { id in
      let read = function.operations[id]
      return read.opcode == .read && analysis.kind(read.results[0]) == .varying
        && dependents.contains(read.results[0])
    }
    guard readsAlong else { return nil }

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
    self.reduction = reduction
    self.box = box
    self.opcode = opcode
    self.dependents = dependents
    self.terms = terms
    self.before = SharedAndOwn(before.reversed(), analysis, function)
    product = function.addedProduct(combiner, box)
  }

  /// Of fewer terms, known while compiling, a tile's registers take all rows as they lie.
  private static var leastTermCount: Int64 { 32 }

  /// How many terms an element has, if that is known.
  private static func termCount(_ box: ReductionBox, _ function: Function) -> Int64? {
    zip(box.lower, zip(box.upper, box.steps)).reduce(Int64?.some(1)) { product, range in
      guard let product, let lower = function.integerConstant(range.0),
        let upper = function.integerConstant(range.1.0),
        let step = function.integerConstant(range.1.1), step > 0
      else { return nil }
      return product &* max(0, (upper &- lower) / step)
    }
  }
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

extension Function {
  /// The product that a sum of floats adds up, if its terms are made without regions.
  fileprivate func addedProduct(_ combiner: Combiner, _ box: ReductionBox) -> Operation? {
    let listed = regions[box.terms].operations
    guard combiner == .sum, let term = terminator(of: box.terms).map({ operations[$0].operands[0] }),
      let definition = definition(of: term), listed.contains(definition),
      listed.allSatisfy({ operations[$0].regions.isEmpty })
    else { return nil }
    let content = operations[definition]
    let isFloat = type(of: content.results[0]).scalarType?.isFloat == true
    return content.opcode == .multiply && isFloat ? content : nil
  }
}
