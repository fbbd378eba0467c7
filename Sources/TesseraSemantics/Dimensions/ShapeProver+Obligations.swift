import TesseraSource

extension ShapeProver {
  /// States that `obligation` holds.
  mutating func assume(_ obligation: Obligation) {
    assume(obligation.left, Relation(obligation.relation), obligation.right)
  }
}

extension ShapeProver.Relation {
  /// The relation of an obligation.
  init(_ relation: Obligation.Relation) {
    switch relation {
    case .equal: self = .equal
    case .notEqual: self = .notEqual
    case .less: self = .less
    case .lessOrEqual: self = .lessOrEqual
    }
  }

  /// What holds iff this does not.
  var negated: Self {
    switch self {
    case .equal: .notEqual
    case .notEqual: .equal
    case .less: .greaterOrEqual
    case .lessOrEqual: .greater
    case .greater: .lessOrEqual
    case .greaterOrEqual: .less
    }
  }
}

extension Obligation {
  /// Creates the obligation that `left` stands in `relation` to `right`; of two orders it has one.
  init(
    _ left: Dimension, _ relation: ShapeProver.Relation, _ right: Dimension, message: String,
    at span: SourceSpan
  ) {
    let (first, own, second): (Dimension, Relation, Dimension) =
      switch relation {
      case .equal: (left, .equal, right)
      case .notEqual: (left, .notEqual, right)
      case .less: (left, .less, right)
      case .lessOrEqual: (left, .lessOrEqual, right)
      case .greater: (right, .less, left)
      case .greaterOrEqual: (right, .lessOrEqual, left)
      }
    self.init(left: first, relation: own, right: second, message: message, span: span)
  }
}
