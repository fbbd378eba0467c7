import TesseraIR

/// How the elements of a `compute` that is no contraction are gone through: the first of these that
/// fits.
enum LoopForm {
  /// Vectors of neighbours, or of what lies near each other.
  case tiles(TilePlan)
  /// Blocks that are transposed.
  case transposes(TransposePlan)
  /// Vectors in pieces of the last axis.
  case pieces(Pieces)
  /// One element after the other.
  case elements

  /// `true` iff loops of this form can make each element once, out of what is in its place.
  var makesOnce: Bool {
    switch self {
    case .tiles, .elements: true
    case .transposes, .pieces: false
    }
  }

  /// Finds the form of the `compute` that `content` is; indices are joined if they may be.
  init(
    _ content: Operation, _ function: Function, _ target: TargetDescription, mayJoin: Bool = true,
    promised: PromisedLengths = PromisedLengths()
  ) {
    if let plan = TilePlan(content, function, target, mayJoin: mayJoin, promised: promised) {
      self = .tiles(plan)
    } else if let plan = TransposePlan(content, function, target) {
      self = .transposes(plan)
    } else if let plan = TilePlan(
      content, function, target, mayJoin: mayJoin, apart: true, promised: promised)
    {
      self = .tiles(plan)
    } else if let pieces = Pieces(content, function, target) {
      self = .pieces(pieces)
    } else {
      self = .elements
    }
  }
}
