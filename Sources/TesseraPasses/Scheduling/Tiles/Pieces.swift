import TesseraIR

/// How the box of a `compute` is cut into pieces, each in vectors without masks.
///
///     ^(%i: i64):                                 where 0 <= %i < %n - 1:    elsewhere:
///       %in = less %i, %n : bool                  ^(%i: i64):                  …
///       %v = if %in : f32 {
///         %r = read %x, %i : f32            →       %r = read %x, %i : f32
///         yield %r
///       } {
///         …
///       }
///
/// Neighbours near the ends of an axis do not do the same, since some look beyond it; nor do those
/// where one tensor ends and the next one begins. Between such places a region is a plain one.
struct Pieces {
  /// A piece of the last axis.
  struct Part {
    let piece: Piece
    /// How it is computed in the rows of each variant, and last in all others.
    let plans: [TilePlan]
  }

  /// The function, with copies of the region as they are in the pieces.
  private(set) var function: Function
  /// The rows that do the same, which are told apart before they are gone along.
  private(set) var variants: [Piece] = []
  /// `true` iff each row is of a variant.
  private(set) var coversRows = false
  /// The pieces of each row, in their order.
  private(set) var parts: [Part] = []

  /// So many operations are put into copies of a region; others are left to single elements.
  private static let mostOperations = 600

  /// Finds the pieces of the `compute` that `content` is; `nil` if conditions cut nothing, or if none
  /// has vectors, or not each one of a `compute` that reduces.
  init?(_ content: Operation, _ source: Function, _ target: TargetDescription) {
    let region = content.regions[0]
    guard target.vectorByteCount > 0, !content.operands.isEmpty else { return nil }
    var last = PieceSearch(region, content.operands, of: source, along: .last)
    let pieces = last.pieces()
    if pieces.isEmpty { return nil }
    function = source
    var operations = 0
    func plan(_ meanings: [Value: Piece.Meaning], _ function: inout Function) -> TilePlan? {
      let copy = PieceCopy.copy(region, where: meanings, in: &function)
      function.forEachOperation(in: copy) { _ in operations += 1 }
      guard operations <= Self.mostOperations else { return nil }
      var inside = content
      inside.regions[0] = copy
      return TilePlan(inside, function, target, mayJoin: false, mayBeNarrow: true)
    }
    var reduces = false
    source.forEachOperation(in: region) { id in
      if source.operations[id].opcode == .reduce { reduces = true }
    }
    for piece in pieces {
      guard let plan = plan(piece.meanings, &function) else {
        // Vectors along its sums do more for such a piece than others of the row win.
        if reduces { return nil }
        continue
      }
      parts.append(Part(piece: piece, plans: [plan]))
    }
    if parts.isEmpty { return nil }
    var rows = PieceSearch(region, content.operands, of: source, along: .rows)
    for variant in rows.pieces() {
      var plans: [TilePlan] = []
      for part in parts {
        guard let plan = plan(part.piece.meanings(with: variant), &function) else { break }
        plans.append(plan)
      }
      guard plans.count == parts.count else { return }
      for (place, plan) in plans.enumerated() {
        let part = parts[place]
        parts[place] = Part(
          piece: part.piece, plans: part.plans.dropLast() + [plan, part.plans.last!])
      }
      variants.append(variant)
    }
    coversRows = rows.isComplete && !variants.isEmpty
  }
}
