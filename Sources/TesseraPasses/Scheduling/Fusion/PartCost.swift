import TesseraIR

/// What it costs to compute the parts of a product where they are read, beside storing it and reading
/// them: about how many cycles each takes.
///
/// Lengths that are not known are estimated.
struct PartCost {
  /// What reads parts: the product that it is before, if it is one, and the one that it would be.
  struct Reader {
    /// The `compute`.
    let content: Operation
    let before: Contraction?
    let after: Contraction
  }

  /// The cycles with all of the product stored, and with none.
  let stored: Double
  let fused: Double
  /// `true` iff the product may be a convolution by transforms, of which parts share most.
  private let isTransformed: Bool
  /// `true` iff there are products already whose columns are packed for maybe few rows.
  private let isFarTogether: Bool

  /// Weighs `content`, the product that `contraction` is, against `readers`, which parts of it would
  /// become.
  ///
  /// - Parameter packsColumns: whether each call packs the columns.
  init(
    _ content: Operation, _ contraction: Contraction, packsColumns: Bool,
    _ readers: [Reader], in function: Function,
    on target: TargetDescription
  ) {
    var estimate = ProductEstimate(contraction, in: function, on: target)
    let elements = estimate.length(content.operands)
    let (tile, whole) = estimate.product(content, contraction)
    // What has sums already may be a product itself.
    let others = readers.map { reader in
      reader.before.map { estimate.product(reader.content, $0).cycles } ?? 0
    }
    stored = whole + others.reduce(0, +) + elements * Self.cyclesStored
    // Each reader packs what all of them share.
    let shared =
      readers.count == 1
      ? 0
      : estimate.length(contraction.rowAxes.map { content.operands[$0] }) * estimate.depth
        * Double(readers.count - 1)
    let parts = readers.map { estimate.product($0.content, $0.after) }
    // Of lengths that are not known, the parts may have more than the whole.
    let isKnown = readers.allSatisfy { estimate.count($0.after.columnAxes, $0.content) != nil }
    let slowest = parts.map(\.tile.cyclesOfElement).max() ?? 0
    let products =
      isKnown
      ? parts.map(\.cycles).reduce(0, +)
      : (whole + others.reduce(0, +)) * slowest / tile.cyclesOfElement
    // Products one after the other keep the panels of one of them alone in the caches.
    let rows = estimate.count(contraction.rowAxes, content) ?? 0
    isFarTogether = packsColumns && others.contains { $0 > 0 } && rows < Self.manyRows
    fused = products + shared * Self.cyclesPacked
    isTransformed = contraction.permitsTransforms
  }

  /// Why the product should be stored; `nil` if it should not.
  var reasonAgainst: String? {
    if isTransformed { return "its parts would be transformed apart, and share nothing" }
    if isFarTogether {
      return
        "for fewer than \(Self.manyRows) rows, products one after the other pack less at a time"
    }
    if fused <= stored { return nil }
    let (a, b) = (Amount(thousandsOf: fused), Amount(thousandsOf: stored))
    return
      "its parts by themselves take about \(a) thousand cycles, storing and reading it with them \(b)"
  }

  /// The rows for which packing the columns of several products at a time does not matter.
  private static var manyRows: Int64 { 256 }
  /// The cycles of an element that is stored and read again, mostly by way of memory, and of one that is
  /// packed.
  private static var cyclesStored: Double { 0.5 }
  private static var cyclesPacked: Double { 0.5 }
}

/// About how long products take whose elements have the same terms.
private struct ProductEstimate {
  /// The terms of an element.
  let depth: Double
  private let function: Function
  private let target: TargetDescription
  private var lengths: LengthEstimate

  /// Prepares to estimate products with the terms of `contraction`.
  init(_ contraction: Contraction, in function: Function, on target: TargetDescription) {
    self.function = function
    self.target = target
    var lengths = LengthEstimate(function)
    depth = ReductionBox(contraction.reduction, function).upper.map { lengths.length($0) }
      .reduce(1, *)
    self.lengths = lengths
  }

  /// About how many elements a box of these lengths has.
  mutating func length(_ extents: [Value]) -> Double {
    extents.map { lengths.length($0) }.reduce(1, *)
  }

  /// How many elements `content` has along `axes`, if that is known and not very large.
  func count(_ axes: [Int], _ content: Operation) -> Int64? {
    axes.reduce(Int64?(1)) { count, axis in
      guard let count, let length = function.integerConstant(content.operands[axis]),
        length < 1 << 20, count < 1 << 30
      else { return nil }
      return count * length
    }
  }

  /// The tile of a product, which `content` is, and the cycles that all of it takes.
  mutating func product(
    _ content: Operation, _ contraction: Contraction
  ) -> (tile: RegisterTile, cycles: Double) {
    let rows = count(contraction.rowAxes, content)
    let columns = count(contraction.columnAxes, content)
    let sums = contraction.sums.count
    let tile = RegisterTile(
      contraction.element, rows: rows, columns: columns, sums: sums, on: target)
    let work = tile.work(
      rows: rows ?? LengthEstimate.usualLength,
      columns: (columns ?? LengthEstimate.usualLength) * Int64(sums))
    let images = length(contraction.batchAxes.map { content.operands[$0] })
    return (tile, work * depth * images)
  }
}

extension RegisterTile {
  /// About how many cycles a term of a sum takes where tiles are full.
  fileprivate var cyclesOfElement: Double {
    work(rows: Int64(rows), columns: Int64(columns)) / Double(rows * columns)
  }
}
