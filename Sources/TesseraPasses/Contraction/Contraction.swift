import TesseraIR
import TesseraNumbers

/// A `compute` whose elements are made from one sum of products of two factors, or from several that
/// share one of them.
///
///     c[i, j] = epilogue(sum[k] a(i, k) * b(k, j))
///     y[i, j] = epilogue(sum[k] a(i, k) * b(k, j), sum[k] a(i, k) * b(k, n + j))
///
/// Matrix products, batched or transposed, convolutions of any stride, padding and layout, linear
/// layers: all have this form. Each factor is any pure expression, so whatever makes an element
/// (a read, zero outside, a normalisation, a change of type) is done while panels are packed. Sums
/// are of f32, f64 or i32: halves and bytes are widened on that way, unless `DotForm` has a better one.
struct Contraction {
  /// The reduction in the source.
  var reduction: Operation
  /// The factor that is laid out by rows, and the one that is laid out by columns.
  var rowFactor: Value
  var columnFactor: Value
  /// The axes of the result of which only the row factor depends.
  var rowAxes: [Int]
  /// The last axes of the result, of which only the column factor depends: neighbours in memory.
  var columnAxes: [Int]
  /// All other axes of the result.
  var batchAxes: [Int]
  /// Those of which both factors depend, such as the groups of a convolution.
  var sharedAxes: [Int]
  /// The type in which products are summed up.
  var element: ScalarType
  /// The two factors before they are widened to that type, if both are.
  var narrow: (rows: Value, columns: Value)?
  /// The sums beside this one, if elements are made from several: they have the same axes and the same
  /// row factor.
  var others: [Contraction] = []
}

extension Contraction {
  /// The contraction that `content`, a `compute`, is; `nil` if it is none, or too small for panels
  /// to pay.
  init?(_ content: Operation, in function: Function) {
    let region = content.regions[0]
    let reductions = function.regions[region].operations.filter {
      !function.operations[$0].regions.isEmpty && function.holdsReduction($0)
    }
    guard !reductions.isEmpty, reductions.count <= Self.mostSums, function.hasNoEffects(region)
    else { return nil }
    // Which axes each factor, and the box of the reduction, depends on.
    let dependence = AxisDependence(region, in: function)
    let sums = reductions.compactMap {
      Contraction(sum: function.operations[$0], content, dependence, in: function)
    }
    guard sums.count == reductions.count,
      sums.dropFirst().allSatisfy({ sums[0].sharesRows(with: $0, in: function) })
    else { return nil }
    self = sums[0]
    others = Array(sums.dropFirst())

    // Panels that are mostly padding cost more than they give.
    func length(_ axes: [Int]) -> Int64? {
      function.constantProduct(axes.map { content.operands[$0] })
    }
    if let count = length(rowAxes), count < 4,
      !isNarrow(content, ofColumns: false, count, in: function), !hasPlanes(content, in: function)
    {
      return nil
    }
    if let count = length(columnAxes), count < 8,
      !isNarrow(content, ofColumns: true, count, in: function)
    {
      return nil
    }
  }

  /// The contraction that `reduction`, one of the sums in the region of `content`, is by itself.
  private init?(
    sum reduction: Operation, _ content: Operation, _ dependence: AxisDependence,
    in function: Function
  ) {
    self.reduction = reduction
    // An order that is settled already stays.
    guard reduction.opcode == .reduce, case .reduction(.sum, .sequential, _) = reduction.attribute,
      case .scalar(let element) = function.type(of: reduction.results[0]),
      element == .f32 || element == .f64 || element == .i32
    else { return nil }
    self.element = element

    let terms = reduction.regions[0]
    let indices = function.regions[content.regions[0]].parameters
    guard
      function.regions[terms].operations.allSatisfy({ operation in
        function.operations[operation].opcode == .yield
          || function.isPure(operation)
            && !function.holdsReduction(operation)
      })
    else { return nil }
    guard let term = function.terminator(of: terms).map({ function.operations[$0].operands[0] }),
      let product = function.definition(of: term).map({ function.operations[$0] }),
      product.opcode == .multiply
    else { return nil }

    let bounds = reduction.operands.map { dependence.axes(of: $0) }
    guard bounds.allSatisfy(\.isEmpty), let last = indices.indices.last else { return nil }
    let first = dependence.axes(of: product.operands[0])
    let second = dependence.axes(of: product.operands[1])
    guard first.contains(last) != second.contains(last) else { return nil }
    let (rows, columns) = first.contains(last) ? (second, first) : (first, second)
    columnFactor = product.operands[first.contains(last) ? 0 : 1]
    rowFactor = product.operands[first.contains(last) ? 1 : 0]
    if let rows = function.widened(rowFactor), let columns = function.widened(columnFactor) {
      narrow = (rows, columns)
    }

    let suffix = indices.indices.reversed().prefix { columns.contains($0) && !rows.contains($0) }
    columnAxes = suffix.reversed()
    rowAxes = indices.indices.filter { rows.contains($0) && !columns.contains($0) }
    let taken = Set(columnAxes + rowAxes)
    batchAxes = indices.indices.filter { !taken.contains($0) }
    sharedAxes = indices.indices.filter { rows.contains($0) && columns.contains($0) }
    if rowAxes.isEmpty { return nil }
  }

  /// The most sums that elements are made from: each has a vector of a tile at least.
  static var mostSums: Int { 6 }

  /// This sum and those beside it.
  var sums: [Contraction] { [self] + others }

  /// `true` iff the elements that are summed up for neighbouring results overlap, as in a convolution: an
  /// index of the result moves a place by less than a reduced one does.
  func hasWindows(_ content: Operation, in function: Function) -> Bool {
    let box = ReductionBox(reduction, function)
    let indices = function.regions[content.regions[0]].parameters
    var affine = AffineValues()
    func overlaps(_ place: AffineExpression) -> Bool {
      indices.contains { index in
        guard place.depends(on: index) else { return false }
        return box.indices.indices.contains { axis in
          guard place.depends(on: box.indices[axis]) else { return false }
          guard let step = place.coefficient(of: index),
            let tap = place.coefficient(of: box.indices[axis])
          else { return true }
          guard let step = step.constantValue, let tap = tap.constantValue else { return false }
          guard let count = function.integerConstant(box.upper[axis]) else { return true }
          return Double(step.magnitude) < Double(tap.magnitude) * Double(count)
        }
      }
    }
    var found = false
    function.forEachOperation(in: box.terms) { id in
      guard !found, function.operations[id].opcode == .read else { return }
      found = function.operations[id].operands.dropFirst().contains { place in
        overlaps(affine.expression(of: place, in: function))
      }
    }
    return found
  }

  /// `true` iff tiles of both sums can have the same panels of rows.
  private func sharesRows(with other: Contraction, in function: Function) -> Bool {
    guard element == other.element, rowAxes == other.rowAxes, columnAxes == other.columnAxes,
      reduction.operands == other.reduction.operands
    else { return false }
    let indices = [reduction, other.reduction].map { function.regions[$0.regions[0]].parameters }
    var likeness = Likeness(zip(indices[0], indices[1]), in: function)
    return likeness.holds(rowFactor, other.rowFactor)
  }

  /// `true` iff it is a convolution of groups that packs no columns, so that any rows pay.
  func hasPlanes(_ content: Operation, in function: Function) -> Bool {
    !sharedAxes.isEmpty && Windows(self, content, lanes: 4, in: function) != nil
  }

  /// `true` iff the other factor is read where it lies, for so few rows or columns. Even fewer that lie
  /// along the terms, too, are for vectors of terms.
  private func isNarrow(
    _ content: Operation, ofColumns isOfColumns: Bool, _ count: Int64, in function: Function
  ) -> Bool {
    guard let product = NarrowProduct(self, content, ofColumns: isOfColumns, in: function) else {
      return false
    }
    let mostDots: Int64 = isOfColumns ? 4 : 2
    return count > mostDots
      || function.readAlong(product.box.indices[0], in: product.narrow.factor) == nil
  }
}

extension Function {
  /// `true` iff the operations of `region` do nothing but give values.
  fileprivate func hasNoEffects(_ region: ID<Region>) -> Bool {
    regions[region].operations.allSatisfy { operations[$0].opcode == .yield || isPure($0) }
  }

  /// What `value` is converted from, if that is a number.
  fileprivate func widened(_ value: Value) -> Value? {
    guard let definition = definition(of: value), operations[definition].opcode == .convert
    else { return nil }
    return operations[definition].operands[0]
  }

  /// `true` iff the operation is, or its regions hold, a reduction or another loop.
  fileprivate func holdsReduction(_ operation: ID<Operation>) -> Bool {
    let content = operations[operation]
    switch content.opcode {
    case .reduce, .scan, .compute, .update, .launch, .for, .while, .call: return true
    default:
      return content.regions.contains { region in
        regions[region].operations.contains(where: holdsReduction)
      }
    }
  }
}

/// On which axes of a `compute` the values in its region depend.
private struct AxisDependence {
  private var known: [Value: Set<Int>] = [:]

  /// Looks through `region`, that of a `compute`.
  init(_ region: ID<Region>, in function: Function) {
    for (axis, index) in function.regions[region].parameters.enumerated() { known[index] = [axis] }
    _ = note(region, in: function)
  }

  /// The axes on which `value` depends; none if it stands outside.
  func axes(of value: Value) -> Set<Int> { known[value] ?? [] }

  /// Notes what the operations of `region` give, in order; returns all axes that they use.
  private mutating func note(_ region: ID<Region>, in function: Function) -> Set<Int> {
    var all: Set<Int> = []
    for operation in function.regions[region].operations {
      let content = function.operations[operation]
      var axes: Set<Int> = []
      for operand in content.operands { axes.formUnion(self.axes(of: operand)) }
      for inner in content.regions { axes.formUnion(note(inner, in: function)) }
      for result in content.results { known[result] = axes }
      all.formUnion(axes)
    }
    return all
  }
}
