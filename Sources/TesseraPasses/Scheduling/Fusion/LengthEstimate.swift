import TesseraIR

/// About how long things are: what is not known counts as `usualLength`.
struct LengthEstimate {
  /// What a length is taken for that is not known.
  static let usualLength: Int64 = 1024

  private let function: Function
  private var affine = AffineValues()

  /// Estimates lengths of `function`.
  init(_ function: Function) { self.function = function }

  /// What `value` is, as a polynomial.
  mutating func expression(_ value: Value) -> AffineExpression {
    affine.expression(of: value, in: function)
  }

  /// What `value`, a length, is about.
  mutating func length(_ value: Value) -> Double { expression(value).estimate }
}

extension AffineExpression {
  fileprivate var estimate: Double {
    terms.reduce(Double(constant)) { sum, term in
      sum + term.factors.reduce(Double(term.coefficient)) { $0 * $1.estimate }
    }
  }
}

extension AffineExpression.Atom {
  fileprivate var estimate: Double {
    switch self {
    case .value, .extent: Double(LengthEstimate.usualLength)
    case .quotient(let a, let b): a.estimate / max(1, b.estimate)
    case .remainder: 0
    }
  }
}

extension Amount {
  /// The thousands of an estimate, which may be beyond all integers, or below zero where a length is a
  /// difference.
  init(thousandsOf estimate: Double) { self.init(Int(min(1e15, max(0, estimate / 1000)))) }
}
