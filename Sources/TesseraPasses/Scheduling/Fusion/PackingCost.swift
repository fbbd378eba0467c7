import TesseraIR

/// What it costs to evaluate an element wherever a contraction packs it, beside storing all of them and
/// packing what was stored: about how many cycles each takes.
struct PackingCost {
  let stored: Double
  let packed: Double

  /// Weighs elements that take `work`, read at `read`.
  init(_ work: ElementWork, _ read: PackedRead, bytes: Int, on target: TargetDescription) {
    let cycles = Double(work.cost + work.reads) * Self.cyclesOfOperation
    let lanes = Double(target.lanes(of: .f32))
    let isFar = read.elements * Double(bytes) > Double(target.cacheByteCounts[1] / 2)
    stored =
      read.elements * (cycles / lanes + (isFar ? Self.cyclesFar : Self.cyclesNear))
    var each = cycles * ((1 - read.rest) / Double(read.lanes) + read.rest)
    // Packing reads columns across: what takes long goes register by register, far from each other.
    if read.isColumn, work.hasMathematics { each += Self.cyclesAcross }
    if read.mayBeInPlaceOtherwise { each += Self.cyclesPacked }
    packed = read.evaluations * each
  }

  /// Why elements should be stored; `nil` if they should not.
  var reasonAgainst: String? {
    if packed < stored { return nil }
    let (a, b) = (Amount(thousandsOf: packed), Amount(thousandsOf: stored))
    return "packing would take about \(a) thousand cycles with them, storing and reading them \(b)"
  }

  /// The cycles of an operation on a register or a number, as two are done in one.
  private static var cyclesOfOperation: Double { 0.6 }
  /// The cycles of storing an element and reading it again, where all are in the second cache or beyond
  /// it.
  private static var cyclesNear: Double { 0.15 }
  private static var cyclesFar: Double { 0.4 }
  /// The cycles of packing an element that would be read where it lies.
  private static var cyclesPacked: Double { 1 }
  /// The cycles more of an element of those that lie across.
  private static var cyclesAcross: Double { 1.4 }
}
