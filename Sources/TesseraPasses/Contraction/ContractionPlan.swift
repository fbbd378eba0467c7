import TesseraIR
import TesseraNumbers

/// The numbers that a contraction is scheduled by; all values are of the scheduled function.
struct ContractionPlan {
  var contraction: Contraction
  /// Which of the sums that elements are made from `contraction` is, and how many there are.
  var sumNumber = 0
  var sumCount: Int
  /// How several terms are taken at a time, if they are.
  var dot: DotForm?
  /// The indices of the `compute`, and of the reduction, in the source.
  var parameters: [Value]
  var reducedIndices: [Value]
  /// The extents of the result, in the source and here.
  var extentSources: [Value]
  var extents: [Value]
  /// The ranges of the reduced indices, and how many numbers each has.
  var ranges: [IndexRange]
  var counts: [Value]
  /// The tile that is kept in registers, and the rows of a panel: those of a tile, but for a lower
  /// one.
  var registerTile: RegisterTile
  var tileRows: Int
  /// The last panels, if they are lower; then all panels are full.
  var lowerTiles: LowerTiles?
  /// The row at which a panel numbered zero would begin, if all were as high as these.
  var rowOffset: Int64 = 0
  /// `true` iff the last panel ends with the last row, and begins with rows that the one before it has,
  /// too; then all panels are full.
  var lastRowsRepeat = false
  /// `true` iff there is one tile for whatever is left of rows, and one way to finish it.
  var isRare = false
  /// The sizes of the whole product. The depth has a position for each of its terms, or for those that
  /// are taken together.
  var rows: Value
  var columns: Value
  var terms: Value
  var depth: Value
  var rowPanels: Value
  var columnPanels: Value
  /// The most that a block of the depth may have, the blocks, and how deep each is but the last.
  var greatestDepth: Int64
  var depthBlocks: Value
  var blockDepth: Value

  /// A plan for each of the sums that elements are made from, by itself.
  func ofEachSum(in function: Function) -> [ContractionPlan] {
    contraction.sums.enumerated().map { number, sum in
      var plan = self
      (plan.contraction, plan.sumNumber) = (sum, number)
      plan.contraction.others = []
      plan.reducedIndices = ReductionBox(sum.reduction, function).indices
      return plan
    }
  }

  /// The plan for the last panels, which are lower.
  func of(_ lower: LowerTiles) -> ContractionPlan {
    var plan = self
    plan.tileRows = lower.rows
    plan.registerTile.rows = lower.rows
    plan.rowOffset = lower.first * Int64(tileRows - lower.rows)
    return plan
  }

  /// The terms of a position of the depth.
  var termsTogether: Int { dot?.terms ?? 1 }
  /// What panels are packed from, and the types that they hold.
  var rowFactor: Value { dot == nil ? contraction.rowFactor : contraction.narrow!.rows }
  var columnFactor: Value { dot == nil ? contraction.columnFactor : contraction.narrow!.columns }
  var rowType: ScalarType { dot?.rowType ?? contraction.element }
  var columnType: ScalarType { dot?.columnType ?? contraction.element }
  /// The terms of a run of the depth, which has as many positions as a register has lanes.
  var runTerms: Int { lanes * termsTogether }
  /// The columns of the result that a tile covers, and the vectors of each sum that they are.
  var tileColumns: Int { sumVectors * lanes }
  var sumVectors: Int { registerTile.vectors / sumCount }
  /// What a panel of columns has for each position of the depth: those of all sums, one after the other;
  /// and where those of this sum begin.
  var panelColumns: Int { registerTile.columns }
  var firstPanelColumn: Int { sumNumber * tileColumns }
  /// The lanes of a register.
  var lanes: Int { registerTile.lanes }
  /// The type of a register.
  var vector: Type { registerTile.vector }
  /// The extents of the axes that are rows, and those that are columns.
  var rowExtents: [Value] { contraction.rowAxes.map { extents[$0] } }
  var columnExtents: [Value] { contraction.columnAxes.map { extents[$0] } }
}

/// The memory of a contraction.
struct ContractionPanels {
  /// None until they are packed.
  var rows: PackedPanels?
  /// The operation that reads the rows where they lie, if they are not packed.
  var rowsInPlace: Operation?
  /// The run of the depth at which a block of them begins, if they are those of all its depth.
  var firstRun: Value?
  /// `true` iff rows, packed ahead, come from beyond the second cache, or may do so; and whether they may
  /// come out of it.
  var rowsAreFar = false
  var rowsMayBeNear = true
  /// Where columns are read from.
  var columns: ContractionColumns
  /// [row panel][column panel][row][column], where the depth has several blocks.
  var sums: Value?
  /// The least sums of exponents in what these were made of, where `PackedPanels` has exponents.
  var tileExponents: Value?
}

/// Where the columns of a contraction are read from.
enum ContractionColumns {
  /// Panels of their own.
  case panels(PackedPanels)
  /// A copy of what the windows of a convolution share.
  case windows(WindowCopy)
  /// Where the program has them, those of each sum.
  case inPlace([LaneSlice])
}

/// Packed panels of columns or rows.
struct PackedPanels {
  /// [column panel][depth][column of the tile, its terms that are taken together], or
  /// [row panel][run of the depth][row of the tile, position in the run, terms].
  var buffer: Value
  /// What sums start from, if not from zero: [column panel][column of the tile].
  var starts: Value?
  /// The least exponent in each panel, where `DotForm` asks for it.
  var exponents: Value?
}

/// One block of the depth.
struct DepthBlock {
  /// Which one it is.
  var number: Value
  /// The position of its first reduced indices.
  var start: Value
  /// How many positions it has, and how many terms.
  var depth: Value
  var terms: Value
}
