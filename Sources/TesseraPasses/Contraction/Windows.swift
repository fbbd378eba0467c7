import TesseraIR

/// A convolution whose columns are windows of a tensor: one copy of the elements that the windows
/// share takes the place of a panel of columns for each term of the sums.
///
///     y[o, h, v] = epilogue(sum[c, r, s] x(c, a*h + r, b*v + s) * w(o, c, r, s))
///
/// It is found by what the factor depends on, as for `Winograd`: on `h` and `r`, and on `v` and `s`,
/// by those sums alone.
///
/// A register holds windows of one row. Where there are groups of filters, few of them share what would
/// be packed, so that no width is refused: where a row does not fill registers, these go from its end to
/// the begin of the next, see `Scheduler+Planes`.
struct Windows {
  /// The convolution: the last two axes, along which the windows lie, are its columns.
  let contraction: Contraction
  /// The axes of the result along which windows lie: up and down, left and right.
  let vertical: Int
  let horizontal: Int
  /// The reduced indices that number a window's rows and columns, which come last, and how many
  /// there are of each.
  let row: Value
  let column: Value
  let rowCount: Int64
  let columnCount: Int64
  /// Which of the reduced indices comes last.
  let columnIsLast: Bool
  /// How far it is from one window to the next, a and b.
  let step: Int64
  let columnStep: Int64
  /// `true` iff registers go from one row to the next.
  let crossesRows: Bool
  /// `true` iff only the run tells whether a row of results fills registers, as must be.
  let hasFreeWidth: Bool

  /// The windows of `content`, which `contraction` is; `nil` if there are none, or if a row of results
  /// is known not to fill registers of so many `lanes`.
  init?(_ contraction: Contraction, _ content: Operation, lanes: Int, in function: Function) {
    guard contraction.element.isFloat, lanes > 1, contraction.columnAxes.count >= 2,
      contraction.others.isEmpty
    else { return nil }
    (vertical, horizontal) = (
      contraction.columnAxes[contraction.columnAxes.count - 2], contraction.columnAxes.last!
    )
    let width = function.integerConstant(content.operands[horizontal])
    if let width, width <= 0 { return nil }
    let fillsRegisters = width.map { $0 % Int64(lanes) == 0 }
    crossesRows = fillsRegisters != true && !contraction.sharedAxes.isEmpty
    if fillsRegisters == false, !crossesRows { return nil }
    hasFreeWidth = width == nil && !crossesRows
    // Products of narrow numbers have other panels.
    if hasFreeWidth, contraction.narrow != nil { return nil }
    let box = ReductionBox(contraction.reduction, function)
    let counts = box.indices.indices.suffix(2).map { axis -> Int64? in
      guard box.countsFromZero(axis, in: function),
        let count = function.integerConstant(box.upper[axis]), (2...16).contains(count)
      else { return nil }
      return count
    }
    guard counts.count == 2, let first = counts[0], let last = counts[1] else { return nil }
    let parameters = function.regions[content.regions[0]].parameters
    let (up, across) = (parameters[vertical], parameters[horizontal])
    let (outer, inner) = (box.indices[box.indices.count - 2], box.indices.last!)
    var sums = SumDependence(contraction.columnFactor, in: function)
    func stride(along index: Value, _ tap: Value, _ count: Int64) -> Int64? {
      for step: Int64 in [1, 2, 4] where step <= count && sums.holds(index, tap, times: step) {
        return step
      }
      return nil
    }
    if let step = stride(along: up, outer, first),
      let columnStep = stride(along: across, inner, last)
    {
      (row, column, rowCount, columnCount) = (outer, inner, first, last)
      (self.step, self.columnStep, columnIsLast) = (step, columnStep, true)
    } else if let step = stride(along: up, inner, last),
      let columnStep = stride(along: across, outer, first)
    {
      (row, column, rowCount, columnCount) = (inner, outer, last, first)
      (self.step, self.columnStep, columnIsLast) = (step, columnStep, false)
    } else {
      return nil
    }
    var images = contraction
    images.columnAxes = [vertical, horizontal]
    images.batchAxes = (contraction.batchAxes + contraction.columnAxes.dropLast(2)).sorted()
    self.contraction = images
  }

  /// How many terms a window has for each channel.
  var windowSize: Int64 { rowCount * columnCount }
}
