/// Quotients that are rounded down, and what they leave.
extension Dimension {
  /// `a / b` rounded down.
  ///
  /// - Requires: `b` is positive whenever the value is used; the checker proves it or demands it.
  public static func quotient(_ a: Self, _ b: Self) -> Self {
    if a.isUnknown || b.isUnknown { return .unknown }
    if b.constant == 1 { return a }
    if let divisor = b.constant, divisor <= 0 { return .unknown }
    guard canJoin(a, b) else { return .unknown }
    let (whole, rest) = a.split(by: b)
    return whole + reducedQuotient(rest, b)
  }

  /// `a - b * (a / b)`.
  ///
  /// - Requires: `b` is positive whenever the value is used.
  public static func remainder(_ a: Self, _ b: Self) -> Self {
    if a.isUnknown || b.isUnknown { return .unknown }
    if b.constant == 1 { return Self(0) }
    if let divisor = b.constant, divisor <= 0 { return .unknown }
    guard canJoin(a, b) else { return .unknown }
    var (_, rest) = a.split(by: b)
    if rest.terms.isEmpty { return rest }
    if let divisor = b.constant {
      if rest.constant != nil { return rest }
      // (x % (d * k)) % d = x % d, also among other terms.
      rest = Self(
        sum: rest.terms.flatMap { term -> [Term] in
          guard term.monomial.atoms.count == 1,
            case .remainder(let inner, let modulus) = term.monomial.atoms[0],
            let m = modulus.constant, m % divisor == 0, m != divisor
          else { return [term] }
          return (inner * term.coefficient).terms
        })
      rest = rest.split(by: b).rest
      let common = rest.commonFactor(with: divisor)
      if common > 1 {
        // (g * A + r) % (g * q) = g * ((A + r / g) % q) + r % g, for 0 <= r.
        let low = rest.constantTerm % common
        let high = Self(
          sum: rest.terms.map { term in
            Term(monomial: term.monomial, coefficient: term.coefficient / common)
          })
        return remainder(high, Self(divisor / common)) * common + Self(low)
      }
    }
    if case .remainder(_, let modulus)? = rest.atom, modulus == b { return rest }
    if rest.constant == -1 { return b - Self(1) }
    return Self(.remainder(rest, b))
  }

  /// `a` as `b * whole + rest`, where `rest` has no term that `b` divides; for a constant `b` the
  /// coefficients of `rest` are at least 0 and less than `b`.
  private func split(by b: Self) -> (whole: Self, rest: Self) {
    var whole: [Term] = []
    var rest: [Term] = []
    if let divisor = b.constant {
      for term in terms {
        var (high, low) = term.coefficient.quotientAndRemainder(dividingBy: divisor)
        if low < 0 {
          high -= 1
          low += divisor
        }
        if high != 0 { whole.append(Term(monomial: term.monomial, coefficient: high)) }
        if low != 0 { rest.append(Term(monomial: term.monomial, coefficient: low)) }
      }
      return (Self(sum: whole), Self(sum: rest))
    }
    guard b.terms.count == 1 else {
      // Only a constant multiple of the whole divisor is seen.
      if let first = terms.first, let divisor = b.terms.first,
        first.coefficient % divisor.coefficient == 0,
        self == b * (first.coefficient / divisor.coefficient)
      {
        return (Self(first.coefficient / divisor.coefficient), Self(0))
      }
      return (Self(0), self)
    }
    let divisor = b.terms[0]
    for term in terms {
      if let monomial = term.monomial.divided(by: divisor.monomial),
        term.coefficient % divisor.coefficient == 0
      {
        whole.append(
          Term(monomial: monomial, coefficient: term.coefficient / divisor.coefficient))
      } else {
        rest.append(term)
      }
    }
    return (Self(sum: whole), Self(sum: rest))
  }

  /// The quotient of a polynomial from which nothing can be divided out any more.
  private static func reducedQuotient(_ a: Self, _ b: Self) -> Self {
    if a.terms.isEmpty { return a }
    // A positive divisor takes -1 to -1, whatever it is.
    if a.constant == -1 { return Self(-1) }
    guard let divisor = b.constant else {
      if case .remainder(_, let modulus)? = a.atom, modulus == b { return Self(0) }
      return Self(.quotient(a, b))
    }
    if let value = a.constant { return Self(value / divisor) }
    if case .remainder(_, let modulus)? = a.atom, let m = modulus.constant, m <= divisor {
      return Self(0)
    }
    // (p / q + r) / d = (p + q * r) / (q * d)
    for term in a.terms where term.coefficient == 1 && term.monomial.atoms.count == 1 {
      guard case .quotient(let p, let q) = term.monomial.atoms[0] else { continue }
      let others = a - Self(sum: [term])
      return quotient(p + q * others, q * divisor)
    }
    let common = a.commonFactor(with: divisor)
    if common > 1 {
      let reduced = Self(
        sum: a.terms.map { term in
          Term(monomial: term.monomial, coefficient: term.coefficient / common)
        })
      return quotient(reduced, Self(divisor / common))
    }
    return Self(.quotient(a, b))
  }

  /// The greatest divisor of `divisor` and of the coefficients of all terms but the constant one.
  private func commonFactor(with divisor: Int) -> Int {
    func gcd(_ a: Int, _ b: Int) -> Int { b == 0 ? abs(a) : gcd(b, a % b) }
    return terms.reduce(divisor) { common, term in
      term.monomial.atoms.isEmpty ? common : gcd(common, term.coefficient)
    }
  }

  /// The polynomial with `q * (p / q)` where it has `p - p % q`, times anything; `nil` if it has none.
  ///
  /// It is no normal form: arithmetic writes it as it was.
  func restoringMultipliedQuotients() -> Self? {
    var restored = terms
    for term in terms {
      guard let place = term.monomial.atoms.firstIndex(where: \.isRemainder),
        case .remainder(let p, let q) = term.monomial.atoms[place]
      else { continue }
      var atoms = term.monomial.atoms
      atoms.remove(at: place)
      let factor = Term(monomial: Monomial(atoms: atoms), coefficient: -term.coefficient)
      let dividend = Self(sum: [factor]) * p
      let stands = dividend.terms.allSatisfy { part in
        part.monomial == factor.monomial
          || terms.contains {
            $0.monomial == part.monomial
              && $0.coefficient.signum() == part.coefficient.signum()
              && $0.coefficient.magnitude >= part.coefficient.magnitude
          }
      }
      guard stands else { continue }
      // c * (p % q) = c * p - c * q * (p / q)
      restored.append(Term(monomial: term.monomial, coefficient: -term.coefficient))
      restored += (dividend * -1).terms
      for divisor in q.terms {
        let (product, overflow) = factor.coefficient.multipliedReportingOverflow(
          by: divisor.coefficient)
        if overflow { return nil }
        let monomial = factor.monomial * divisor.monomial * Monomial(atoms: [.quotient(p, q)])
        restored.append(Term(monomial: monomial, coefficient: product))
      }
    }
    return restored.count == terms.count ? nil : Self(sum: restored)
  }
}

extension Dimension.Atom {
  /// `true` iff it is what a quotient leaves.
  fileprivate var isRemainder: Bool { if case .remainder = self { true } else { false } }
}
