import TesseraIR

/// A polynomial with whole coefficients over values, quotients and remainders, in normal form.
///
/// Indices are sums such as `2 * h + r - 1`, `g * D + c` or `(k / r) % r`. Their normal form tells
/// what `coefficient(of:)` a loop's index has, be it a number or a value that the loop does not
/// change, and two indices are equal if their normal forms are. Arithmetic wraps as that of `i64`
/// does, so a polynomial without quotients equals its value always. What may be compared, and so must
/// not wrap, is a `LinearForm`.
///
/// Invariants, kept by the operators:
/// - `terms` are sorted by their factors, which differ from term to term;
/// - no coefficient is 0; the factors of a term are sorted and never empty.
public struct AffineExpression: Hashable, Sendable {
  /// What a polynomial is over.
  public indirect enum Atom: Hashable, Sendable {
    /// A value that is no polynomial itself: an index, an extent, something loaded.
    case value(Value)
    /// The length of an axis of a tensor or buffer, whichever `dimension` asks for it.
    case extent(of: Value, axis: Int)
    /// The first divided by the second, rounded down.
    case quotient(AffineExpression, AffineExpression)
    /// What the quotient leaves.
    case remainder(AffineExpression, AffineExpression)
  }

  /// A product of atoms with a number before it.
  public struct Term: Hashable, Sendable {
    /// The atoms, repeated as often as their power says.
    public var factors: [Atom]
    /// The number before them.
    public var coefficient: Int64
  }

  /// The products of atoms.
  public private(set) var terms: [Term]
  /// The number that is added to them.
  public private(set) var constant: Int64

  /// Creates a number.
  public init(_ constant: Int64) {
    self.terms = []
    self.constant = constant
  }

  /// Creates an atom.
  public init(_ atom: Atom) {
    terms = [Term(factors: [atom], coefficient: 1)]
    constant = 0
  }

  /// Creates the polynomial that is `value` and nothing else.
  public init(_ value: Value) { self.init(.value(value)) }

  /// The number that this is, if no value takes part.
  public var constantValue: Int64? { terms.isEmpty ? constant : nil }

  /// `true` iff `value` takes part, be it inside a quotient.
  public func depends(on value: Value) -> Bool {
    terms.contains { $0.factors.contains { $0.depends(on: value) } }
  }

  /// All values that take part, each once, in order.
  public var values: [Value] {
    var found: Set<Value> = []
    collectValues(into: &found)
    return found.sorted()
  }

  fileprivate func collectValues(into found: inout Set<Value>) {
    for term in terms {
      for factor in term.factors { factor.collectValues(into: &found) }
    }
  }

  /// What `value` is multiplied by, where this is linear in it; `nil` where `value` has a power
  /// above one or is inside a quotient or remainder.
  public func coefficient(of value: Value) -> AffineExpression? {
    var result = AffineExpression(0)
    for term in terms where term.factors.contains(where: { $0.depends(on: value) }) {
      let others = term.factors.filter { $0 != .value(value) }
      if others.count != term.factors.count - 1 { return nil }
      if others.contains(where: { $0.depends(on: value) }) { return nil }
      result = result + AffineExpression(others, term.coefficient)
    }
    return result
  }

  /// This with `replacement` in place of `value`.
  public func substituting(_ value: Value, with replacement: AffineExpression) -> AffineExpression {
    if !depends(on: value) { return self }
    var result = AffineExpression(constant)
    for term in terms {
      var product = AffineExpression(term.coefficient)
      for factor in term.factors {
        product = product * factor.substituting(value, with: replacement)
      }
      result = result + product
    }
    return result
  }
}

// MARK: Arithmetic

extension AffineExpression {
  /// Creates the product of sorted `factors` with a number.
  private init(_ factors: [Atom], _ coefficient: Int64) {
    self.init(factors.isEmpty ? coefficient : 0)
    if !factors.isEmpty && coefficient != 0 {
      terms = [Term(factors: factors, coefficient: coefficient)]
    }
  }

  /// The sum in normal form; numbers wrap, as in a difference and a product.
  public static func + (a: AffineExpression, b: AffineExpression) -> AffineExpression {
    if a.terms.isEmpty { return b.adding(a.constant) }
    if b.terms.isEmpty { return a.adding(b.constant) }
    var result = AffineExpression(a.constant &+ b.constant)
    var (i, j) = (0, 0)
    while i < a.terms.count || j < b.terms.count {
      if j == b.terms.count || (i < a.terms.count && precedes(a.terms[i], b.terms[j])) {
        result.terms.append(a.terms[i])
        i += 1
      } else if i == a.terms.count || precedes(b.terms[j], a.terms[i]) {
        result.terms.append(b.terms[j])
        j += 1
      } else {
        var term = a.terms[i]
        term.coefficient &+= b.terms[j].coefficient
        if term.coefficient != 0 { result.terms.append(term) }
        i += 1
        j += 1
      }
    }
    return result
  }

  public static func - (a: AffineExpression, b: AffineExpression) -> AffineExpression { a + -b }

  public static prefix func - (a: AffineExpression) -> AffineExpression { a.scaled(by: -1) }

  public static func * (a: AffineExpression, b: AffineExpression) -> AffineExpression {
    if let number = a.constantValue { return b.scaled(by: number) }
    if let number = b.constantValue { return a.scaled(by: number) }
    var result = a.scaled(by: b.constant) + AffineExpression(b.terms, scaledBy: a.constant)
    for x in a.terms {
      for y in b.terms {
        result =
          result
          + AffineExpression((x.factors + y.factors).sorted(), x.coefficient &* y.coefficient)
      }
    }
    return result
  }

  /// This divided by `divisor`, rounded down.
  ///
  /// Nothing is taken out of the division, for `(q * a + b) / q = a + b / q` fails where the sum
  /// wraps; the rule that knows the ranges does it on the operations.
  public func quotient(by divisor: AffineExpression) -> AffineExpression {
    divisor.constantValue == 1 ? self : AffineExpression(.quotient(self, divisor))
  }

  /// What division by `divisor` leaves.
  public func remainder(by divisor: AffineExpression) -> AffineExpression {
    divisor.constantValue == 1 ? AffineExpression(0) : AffineExpression(.remainder(self, divisor))
  }

  private func adding(_ number: Int64) -> AffineExpression {
    var result = self
    result.constant &+= number
    return result
  }

  private func scaled(by number: Int64) -> AffineExpression {
    var result = AffineExpression(terms, scaledBy: number)
    result.constant = constant &* number
    return result
  }

  private init(_ terms: [Term], scaledBy number: Int64) {
    self.init(0)
    for term in terms {
      let coefficient = term.coefficient &* number
      if coefficient != 0 {
        self.terms.append(Term(factors: term.factors, coefficient: coefficient))
      }
    }
  }

  private static func precedes(_ a: Term, _ b: Term) -> Bool {
    a.factors.lexicographicallyPrecedes(b.factors)
  }
}

// MARK: Atoms

extension AffineExpression.Atom: Comparable {
  fileprivate func depends(on value: Value) -> Bool {
    switch self {
    case .value(let own), .extent(let own, _): own == value
    case .quotient(let a, let b), .remainder(let a, let b):
      a.depends(on: value) || b.depends(on: value)
    }
  }

  fileprivate func collectValues(into found: inout Set<Value>) {
    switch self {
    case .value(let own), .extent(let own, _): found.insert(own)
    case .quotient(let a, let b), .remainder(let a, let b):
      a.collectValues(into: &found)
      b.collectValues(into: &found)
    }
  }

  fileprivate func substituting(_ value: Value, with replacement: AffineExpression)
    -> AffineExpression
  {
    switch self {
    case .value(let own): own == value ? replacement : AffineExpression(self)
    case .extent: AffineExpression(self)
    case .quotient(let a, let b):
      a.substituting(value, with: replacement)
        .quotient(by: b.substituting(value, with: replacement))
    case .remainder(let a, let b):
      a.substituting(value, with: replacement)
        .remainder(by: b.substituting(value, with: replacement))
    }
  }

  // Any total order will do; this one puts plain values first.
  public static func < (a: Self, b: Self) -> Bool {
    switch (a, b) {
    case (.value(let a), .value(let b)): a < b
    case (.value, _): true
    case (_, .value): false
    case (.extent(let a, let i), .extent(let b, let j)): a == b ? i < j : a < b
    case (.extent, _): true
    case (_, .extent): false
    case (.quotient(let a, let p), .quotient(let b, let q)): a == b ? p < q : a < b
    case (.quotient, .remainder): true
    case (.remainder, .quotient): false
    case (.remainder(let a, let p), .remainder(let b, let q)): a == b ? p < q : a < b
    }
  }
}

extension AffineExpression: Comparable {
  // Any total order will do.
  public static func < (a: Self, b: Self) -> Bool {
    if a.constant != b.constant { return a.constant < b.constant }
    if a.terms.count != b.terms.count { return a.terms.count < b.terms.count }
    for (s, t) in zip(a.terms, b.terms) where s != t {
      if s.coefficient != t.coefficient { return s.coefficient < t.coefficient }
      return s.factors.lexicographicallyPrecedes(t.factors)
    }
    return false
  }
}
