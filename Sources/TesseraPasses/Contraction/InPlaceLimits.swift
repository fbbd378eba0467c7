import TesseraIR

/// The sizes up to which a contraction reads a factor where it lies, since packing it costs more than
/// its few tiles gain.
///
/// `Scheduler+InPlace` decides by them; `PackedRead` asks beforehand, by estimates, whether it might.
enum InPlaceLimits {
  /// The most terms of an element where factors are not known to be near.
  static var terms: Int64 { 256 }

  /// The most registers of columns, that lie themselves or have rows beside them that do; a tile that
  /// waits for its sums has `fewRegisters`.
  static var registers: Int { 32 }
  static var fewRegisters: Int { 10 }

  /// The most rows beside columns that are no further than the second cache.
  static var rows: Int64 { 256 }

  /// The most rows beside columns wherever they are: those of a few tiles of the usual height. The wider
  /// a register, the longer the runs that are read.
  static func fewRows(on target: TargetDescription) -> Int64 {
    Int64(target.vectorByteCount / 16 * target.productTile.rows)
  }

  /// `true` iff the row factor, or else the column factor, of a product of about these sizes may be read
  /// where it lies.
  static func mayAdmit(
    rowFactor: Bool, rows: Double, columns: Double, terms: Double, lanes: Int
  ) -> Bool {
    if min(rows, columns) < Self.narrow { return true }
    let areFewTerms = terms <= Double(Self.terms)
    return rowFactor
      ? columns <= Double(registers * lanes) && areFewTerms
      : rows <= mostFewRows || rows <= Double(Self.rows) && areFewTerms
  }

  /// With fewer rows or columns, a product is likely to be no matter of panels.
  private static var narrow: Double { 32 }
  /// More rows than are few on any target.
  private static var mostFewRows: Double { 64 }
}
