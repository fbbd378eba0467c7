import TesseraTables

extension Dimension {
  /// The number `value`, of which nothing is known beyond the limits of arithmetic.
  public init(_ value: Int) {
    guard Limit.allows(value) else {
      self = .unknown
      return
    }
    terms = value == 0 ? [] : [Term(monomial: .one, coefficient: value)]
  }

  /// The polynomial that is `atom`.
  public init(_ atom: Atom) {
    terms = [Term(monomial: Monomial(atoms: [atom]), coefficient: 1)]
  }

  /// The dimension that `symbol` names.
  public init(_ symbol: ID<DimensionSymbol>) { self.init(Atom.symbol(symbol)) }

  /// The index `index`.
  public init(_ index: ID<IndexInfo>) { self.init(Atom.index(index)) }

  /// A number of which nothing is known.
  public static let unknown = Dimension(Atom.unknown)

  /// The value if the polynomial has no atoms.
  public var constant: Int? {
    if terms.isEmpty { return 0 }
    return terms.count == 1 && terms[0].monomial.atoms.isEmpty ? terms[0].coefficient : nil
  }

  /// The symbol if the polynomial is just that.
  public var symbol: ID<DimensionSymbol>? {
    if case .symbol(let symbol)? = atom { return symbol }
    return nil
  }

  /// The atom if the polynomial is just that.
  public var atom: Atom? {
    guard terms.count == 1, terms[0].coefficient == 1, terms[0].monomial.atoms.count == 1
    else { return nil }
    return terms[0].monomial.atoms[0]
  }

  /// `true` iff something in it is not known, so that nothing can be proved of it.
  public var isUnknown: Bool { contains(where: { $0 == .unknown }) }

  /// The coefficient if the polynomial has one term.
  public var coefficientOfOneTerm: Int? { terms.count == 1 ? terms[0].coefficient : nil }

  /// `true` iff both polynomials have one term, and each atom of this one is one of the other's.
  public func hasFactors(among other: Dimension) -> Bool {
    terms.count == 1 && other.terms.count == 1
      && other.terms[0].monomial.divided(by: terms[0].monomial) != nil
  }

  /// The constant term.
  var constantTerm: Int {
    guard let first = terms.first, first.monomial.atoms.isEmpty else { return 0 }
    return first.coefficient
  }

  /// `true` iff an atom, at any depth, satisfies `condition`.
  public func contains(where condition: (Atom) -> Bool) -> Bool {
    terms.contains { term in
      term.monomial.atoms.contains {
        condition($0) || $0.parts.contains { $0.contains(where: condition) }
      }
    }
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

extension Dimension.Atom {
  /// The polynomials inside the atom.
  var parts: [Dimension] {
    switch self {
    case .quotient(let a, let b), .remainder(let a, let b), .minimum(let a, let b),
      .maximum(let a, let b):
      [a, b]
    case .symbol, .index, .unknown: []
    }
  }
}

// MARK: Ring

extension Dimension {
  /// The sum of `terms`, which may repeat monomials.
  init(sum terms: [Term]) {
    // What is not known is not equal to itself, so it must not cancel.
    if terms.contains(where: { $0.monomial.atoms.contains(.unknown) }) {
      self = .unknown
      return
    }
    var sorted = terms.sorted { $0.monomial < $1.monomial }
    var result: [Term] = []
    sorted.reverse()
    while let next = sorted.popLast() {
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
  private static func canJoin(_ a: Self, _ b: Self) -> Bool {
    a.weight + b.weight < Limit.weight
  }

  /// Bounds beyond which a polynomial is unknown, so that no arithmetic on coefficients overflows
  /// and no text makes a proof long.
  private enum Limit {
    static let weight = 2_000

    /// `true` iff a coefficient may be `value`.
    static func allows(_ value: Int) -> Bool { value.magnitude <= 1 << 62 }
  }

  public static func + (a: Self, b: Self) -> Self { Self(sum: a.terms + b.terms) }
  public static func - (a: Self, b: Self) -> Self { a + -b }
  public static prefix func - (a: Self) -> Self { a * -1 }
  public static func + (a: Self, b: Int) -> Self { a + Self(b) }
  public static func - (a: Self, b: Int) -> Self { a - Self(b) }

  public static func * (a: Self, b: Int) -> Self { a * Self(b) }

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

// MARK: Division

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
}

// MARK: Minimum and maximum

extension Dimension {
  /// The smaller of two.
  public static func minimum(_ a: Self, _ b: Self) -> Self {
    ordered(a, b, smaller: true) ?? Self(.minimum(Swift.min(a, b), Swift.max(a, b)))
  }

  /// The larger of two.
  public static func maximum(_ a: Self, _ b: Self) -> Self {
    ordered(a, b, smaller: false) ?? Self(.maximum(Swift.min(a, b), Swift.max(a, b)))
  }

  /// The smaller or larger one where they differ by a constant.
  private static func ordered(_ a: Self, _ b: Self, smaller: Bool) -> Self? {
    if a.isUnknown || b.isUnknown || !canJoin(a, b) { return .unknown }
    guard let difference = (a - b).constant else { return nil }
    return (difference <= 0) == smaller ? a : b
  }
}

// MARK: Substitution

extension Dimension {
  /// The polynomial with each symbol and index replaced where `replacement` gives something else;
  /// the result is in normal form again.
  public func replacing(_ replacement: (Atom) -> Dimension?) -> Dimension {
    guard contains(where: { replacement($0) != nil }) else { return self }
    return terms.reduce(Dimension(0)) { sum, term in
      let product = term.monomial.atoms.reduce(Dimension(term.coefficient)) { product, atom in
        product * atom.replacing(replacement)
      }
      return sum + product
    }
  }
}

extension Dimension.Atom {
  /// The atom with replacements made inside, as a polynomial in normal form.
  func replacing(_ replacement: (Self) -> Dimension?) -> Dimension {
    if let new = replacement(self) { return new }
    switch self {
    case .symbol, .index, .unknown: return Dimension(self)
    case .quotient(let a, let b):
      return .quotient(a.replacing(replacement), b.replacing(replacement))
    case .remainder(let a, let b):
      return .remainder(a.replacing(replacement), b.replacing(replacement))
    case .minimum(let a, let b):
      return .minimum(a.replacing(replacement), b.replacing(replacement))
    case .maximum(let a, let b):
      return .maximum(a.replacing(replacement), b.replacing(replacement))
    }
  }
}
