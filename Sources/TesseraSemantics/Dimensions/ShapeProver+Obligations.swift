extension ShapeProver {
  /// States that `obligation` holds.
  mutating func assume(_ obligation: Obligation) {
    switch obligation.relation {
    case .equal: assume(obligation.left, .equal, obligation.right)
    case .notEqual: assume(obligation.left, .notEqual, obligation.right)
    case .less: assume(obligation.left, .less, obligation.right)
    case .lessOrEqual: assume(obligation.left, .lessOrEqual, obligation.right)
    }
  }
}
