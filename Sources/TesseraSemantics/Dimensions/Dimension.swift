import TesseraTables

/// A number that is known when a call starts, as an integer polynomial over atoms.
///
/// The normal form of language.md §3.6: two dimensions are proved equal iff their normal forms are
/// equal. Arithmetic that leaves 64 bits gives a dimension of which nothing can be proved.
public struct Dimension: Hashable, Sendable {
  /// Coefficients by monomial; none is zero. The empty monomial is the constant term.
  public internal(set) var terms: [Monomial: Int]

  /// A product of atoms, sorted, repeated for powers.
  public struct Monomial: Hashable, Sendable {
    public internal(set) var atoms: [Atom]
  }

  /// What a polynomial is made of.
  public indirect enum Atom: Hashable, Sendable {
    /// A dimension parameter, or a number read when the call starts.
    case symbol(ID<DimensionSymbol>)
    /// An index of the statement, while bounds are proved.
    case index(ID<IndexInfo>)
    /// The quotient, rounded down.
    case quotient(Dimension, Dimension)
    /// What the quotient leaves; it has the sign of the divisor.
    case remainder(Dimension, Dimension)
    case minimum(Dimension, Dimension)
    case maximum(Dimension, Dimension)
    /// A number of which nothing is known; equal to nothing, not even to itself.
    case unknown
  }
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
  /// The least value that it is known to have: 0 unless a fact says more.
  public var lowerBound: Int

  /// Creates a symbol.
  public init(name: String, origin: Origin, lowerBound: Int = 0) {
    self.name = name
    self.origin = origin
    self.lowerBound = lowerBound
  }
}
