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
