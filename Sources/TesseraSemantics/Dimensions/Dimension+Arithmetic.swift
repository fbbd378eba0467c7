/// Dimensions as a ring: sums and products in normal form.
extension Dimension {
  /// The sum of `terms`, which may repeat monomials.
  init(sum terms: [Term]) {
    // What is not known is not equal to itself, so it must not cancel.
    if terms.contains(where: { $0.monomial.atoms.contains(.unknown) }) {
      self = .unknown
      return
    }
    var result: [Term] = []
    for next in terms.sorted(by: { $0.monomial < $1.monomial }) {
      if let last = result.last, last.monomial == next.monomial {
        let (sum, overflow) = last.coefficient.addingReportingOverflow(next.coefficient)
        if overflow {
          self = .unknown
          return
        }
        result[result.count - 1].coefficient = sum
      } else {
        result.append(next)
      }
    }
    self.terms = result.filter { $0.coefficient != 0 }
    if weight > Limit.weight || !terms.allSatisfy({ Limit.allows($0.coefficient) }) {
      self = .unknown
    }
  }

  /// The number of terms and atoms in the polynomial, at all depths.
  private var weight: Int {
    terms.reduce(terms.count) { sum, term in
      term.monomial.atoms.reduce(sum + term.monomial.atoms.count) { sum, atom in
        atom.parts.reduce(sum) { $0 + $1.weight }
      }
    }
  }

  /// `true` iff an atom may be made of the two.
  static func canJoin(_ a: Self, _ b: Self) -> Bool {
    a.weight + b.weight < Limit.weight
  }

  /// Bounds beyond which a polynomial is unknown, so that no arithmetic on coefficients overflows
  /// and no text makes a proof long.
  enum Limit {
    /// The terms and atoms that a polynomial may have.
    static let weight = 2_000

    /// `true` iff a coefficient may be `value`.
    static func allows(_ value: Int) -> Bool { value.magnitude <= 1 << 62 }
  }

  /// Sums and differences; `unknown` where one gets too large, as products do.
  public static func + (a: Self, b: Self) -> Self { Self(sum: a.terms + b.terms) }
  public static func - (a: Self, b: Self) -> Self { a + -b }
  public static prefix func - (a: Self) -> Self { a * -1 }
  public static func + (a: Self, b: Int) -> Self { a + Self(b) }
  public static func - (a: Self, b: Int) -> Self { a - Self(b) }

  public static func * (a: Self, b: Int) -> Self { a * Self(b) }

  /// The product; a quotient times its divisor becomes simpler where it can.
  public static func * (a: Self, b: Self) -> Self {
    // A product of quotients and polynomials can give `q * (p / q)`, which has a simpler form.
    var products: [Term] = []
    guard a.weight * b.weight <= Limit.weight * 10 else { return .unknown }
    for left in a.terms {
      for right in b.terms {
        let (product, overflow) = left.coefficient.multipliedReportingOverflow(
          by: right.coefficient)
        if overflow { return .unknown }
        products.append(Term(monomial: left.monomial * right.monomial, coefficient: product))
      }
    }
    return Self(sum: products).rewritingMultipliedQuotients()
  }

  /// The power by a constant exponent of at most 62.
  public func power(_ exponent: Int) -> Self {
    guard (0...62).contains(exponent) else { return .unknown }
    return (0..<exponent).reduce(Self(1)) { product, _ in product * self }
  }

  /// Rewrites `q * (p / q)` as `p - p % q`, for constant `q` also inside larger coefficients.
  private func rewritingMultipliedQuotients() -> Self {
    for (position, term) in terms.enumerated() {
      for (place, atom) in term.monomial.atoms.enumerated() {
        guard case .quotient(let p, let q) = atom, q.terms.count == 1 else { continue }
        var rest = term.monomial.atoms
        rest.remove(at: place)
        let divisor = q.terms[0]
        guard let others = Monomial(atoms: rest).divided(by: divisor.monomial) else { continue }
        let times = term.coefficient / divisor.coefficient
        if times == 0 { continue }
        var kept = terms
        kept[position].coefficient -= times * divisor.coefficient
        let factor = Self(sum: [Term(monomial: others, coefficient: times)])
        let replaced = factor * (p - Self.remainder(p, q))
        return (Self(sum: kept.filter { $0.coefficient != 0 }) + replaced)
          .rewritingMultipliedQuotients()
      }
    }
    return self
  }
}

extension Dimension.Monomial {
  /// The product of nothing.
  static let one = Dimension.Monomial(atoms: [])

  /// The product of two monomials.
  static func * (a: Self, b: Self) -> Self {
    Self(atoms: (a.atoms + b.atoms).sorted())
  }

  /// What is left of the product when each atom of `divisor` is taken out once, or `nil` if one is
  /// missing.
  func divided(by divisor: Self) -> Self? {
    var rest = atoms
    for atom in divisor.atoms {
      guard let place = rest.firstIndex(of: atom) else { return nil }
      rest.remove(at: place)
    }
    return Self(atoms: rest)
  }
}
