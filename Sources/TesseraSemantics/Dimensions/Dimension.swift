import TesseraTables

/// A number that is known when a call starts, as an integer polynomial over atoms.
///
/// Two dimensions are proved equal iff these normal forms are equal. Arithmetic that leaves 64 bits
/// gives a dimension of which nothing can be proved.
public struct Dimension: Hashable, Sendable {
  /// A monomial with its coefficient, which is not zero.
  public struct Term: Hashable, Sendable {
    public internal(set) var monomial: Monomial
    public internal(set) var coefficient: Int
  }

  /// A product of atoms, sorted, repeated for powers; the empty product is 1.
  public struct Monomial: Hashable, Sendable {
    public internal(set) var atoms: [Atom]
  }

  /// What a polynomial is made of.
  public indirect enum Atom: Hashable, Sendable {
    /// A dimension parameter, or a number read when the call starts.
    case symbol(ID<DimensionSymbol>)
    /// An index of the statement, while bounds are proved.
    case index(ID<IndexInfo>)
    /// The quotient, rounded down, by a positive divisor.
    case quotient(Dimension, Dimension)
    /// What the quotient leaves: at least 0 and less than the divisor.
    case remainder(Dimension, Dimension)
    case minimum(Dimension, Dimension)
    case maximum(Dimension, Dimension)
    /// A number of which nothing is known; nothing is proved of a polynomial that holds it.
    case unknown
  }

  /// The terms in ascending order of their monomials, each monomial once.
  public internal(set) var terms: [Term]
}

/// A dimension parameter or another number that is known when a statement starts.
public struct DimensionSymbol: Hashable, Sendable {
  /// Where its value comes from when the function runs.
  public enum Origin: Hashable, Sendable {
    /// The length of an axis of a tensor parameter; `path` leads from the parameter to the leaf
    /// through structs, tuples and sequences by position.
    case axis(parameter: ID<Local>, path: [Int], axis: Int)
    /// An `int` parameter or an `int` local that never changes.
    case local(ID<Local>)
    /// The number of indices in an index tile.
    case tileLength(ID<Local>)
    /// A default taken because nothing fixes it.
    case constant(Int)
  }

  /// The name as the user wrote it.
  public var name: String
  /// Where its value comes from.
  public var origin: Origin

  /// Creates a symbol.
  public init(name: String, origin: Origin) {
    self.name = name
    self.origin = origin
  }
}

// MARK: Order

extension Dimension.Atom: Comparable {
  private var rank: Int {
    switch self {
    case .symbol: 0
    case .index: 1
    case .quotient: 2
    case .remainder: 3
    case .minimum: 4
    case .maximum: 5
    case .unknown: 6
    }
  }

  public static func < (a: Self, b: Self) -> Bool {
    switch (a, b) {
    case (.symbol(let a), .symbol(let b)): return a < b
    case (.index(let a), .index(let b)): return a < b
    case (.quotient(let p, let q), .quotient(let r, let s)),
      (.remainder(let p, let q), .remainder(let r, let s)),
      (.minimum(let p, let q), .minimum(let r, let s)),
      (.maximum(let p, let q), .maximum(let r, let s)):
      return p == r ? q < s : p < r
    default: return a.rank < b.rank
    }
  }
}

extension Dimension.Monomial: Comparable {
  /// Orders by degree, then by atoms; so the constant term comes first.
  public static func < (a: Self, b: Self) -> Bool {
    a.atoms.count != b.atoms.count
      ? a.atoms.count < b.atoms.count : a.atoms.lexicographicallyPrecedes(b.atoms)
  }
}

extension Dimension: Comparable {
  /// An arbitrary total order that makes normal forms unique; no comparison of values.
  public static func < (a: Self, b: Self) -> Bool {
    a.terms.lexicographicallyPrecedes(b.terms) {
      $0.monomial == $1.monomial
        ? $0.coefficient < $1.coefficient : $0.monomial < $1.monomial
    }
  }
}
