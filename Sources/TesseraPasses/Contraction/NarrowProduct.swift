import TesseraIR
import TesseraNumbers

/// A contraction of which one factor has so few rows or columns that a register has a lane for each,
/// and the other one lies along the terms.
///
///     c[i, j] = sum[k] a[i, k] * b[k, j]        for each 8 rows i
///                                                 for each k
///                                                   c[i, 0..<16] += a[i, k] * b[k, 0..<16]
///
/// The wide factor is most of what is read. Each of its elements is needed once, so it is read where it
/// lies, and only the other one is packed. `c[i, j] = sum[k] x[i, k] * w[j, k]` with few rows `i` is the
/// same with the two factors in each other's place.
struct NarrowProduct {
  /// What of a result, and which factor, the lanes are.
  let narrow: (axes: [Int], factor: Value)
  /// What of a result, and which factor, is wide.
  let wide: (axes: [Int], factor: Value)
  /// `true` iff the lanes are columns.
  let isOfColumns: Bool
  /// The reduction, and its range.
  let box: ReductionBox
}

extension NarrowProduct {
  /// The narrow product that `contraction` is if its columns, or else its rows, turn out to be few;
  /// `nil` if the other factor lies differently, or is known to be too small.
  init?(
    _ contraction: Contraction, _ content: Operation, ofColumns isOfColumns: Bool,
    in function: Function
  ) {
    let rows = (axes: contraction.rowAxes, factor: contraction.rowFactor)
    let columns = (axes: contraction.columnAxes, factor: contraction.columnFactor)
    (narrow, wide) = isOfColumns ? (columns, rows) : (rows, columns)
    self.isOfColumns = isOfColumns
    box = ReductionBox(contraction.reduction, function)
    guard contraction.others.isEmpty, box.indices.count == 1,
      function.integerConstant(box.steps[0]) == 1,
      let read = function.readAlong(box.indices[0], in: wide.factor)
    else { return nil }
    let inner =
      function.regions[content.regions[0]].operations
      + function.regions[box.terms].operations
    let made = Set(inner.flatMap { function.operations[$0].results })
    guard made.isDisjoint(with: read.operands) else { return nil }

    let width = function.constantProduct(wide.axes.map { content.operands[$0] })
    if let width, width < NarrowProduct.leastWidth { return nil }
    if let depth = box.termCount(in: function), depth < NarrowProduct.leastDepth { return nil }
  }

  /// The fewest rows or columns of the wide factor, and the fewest terms, with which packing one factor
  /// and finishing elements one by one pays.
  static var leastWidth: Int64 { 16 }
  static var leastDepth: Int64 { 64 }
  /// The rows of a tile: as many sums as are added to at a time, and rows that are a power of two apart
  /// stay in the first cache.
  static var tileRows: Int { 8 }
}

extension Function {
  /// The operation that reads `factor`, or what it is converted from, if it goes along `index` from one
  /// element to the next.
  func readAlong(_ index: Value, in factor: Value) -> Operation? {
    guard var content = definition(of: factor).map({ operations[$0] }) else { return nil }
    if content.opcode == .convert, type(of: content.operands[0]).scalarType?.isFloat == true {
      guard let converted = definition(of: content.operands[0]) else { return nil }
      content = operations[converted]
    }
    guard content.opcode == .read, content.operands.last == index,
      !content.operands.dropLast().contains(index)
    else { return nil }
    return content
  }
}
