import TesseraTables

/// Decides equalities and bounds of dimensions from facts.
///
/// There is no search beyond what is written here and no time limit, so every version gives the same
/// verdict. It never proves what is false; what it does not prove may hold.
///
/// Facts are used in this way:
/// - `N % k == 0` puts `k * N'` in place of `N`;
/// - an equality that gives a symbol, as `N == H * W` or `64 * C == 192`, puts the other side in
///   place of it; `P % k == 0` for other `P` puts 0 in place of the remainder;
/// - `N >= c` shifts the symbol; `N >= P` puts `P + N'` in place of it;
/// - any other inequality `f >= 0` may be taken from what is to be proved, once.
public struct ShapeProver: Sendable {
  /// An index with the least and greatest values it takes, any of which may be used.
  struct IndexBounds: Sendable {
    /// The index.
    var index: ID<IndexInfo>
    /// Numbers than which it is never less.
    var least: [Dimension]
    /// Numbers than which it is never greater.
    var greatest: [Dimension]
  }

  /// What stands for a symbol or for a remainder that is known to be 0.
  private var replacements: [Dimension.Atom: Dimension] = [:]
  private var lowerBounds: [ID<DimensionSymbol>: Int] = [:]
  /// Symbols of which it is not known that they are at least 0.
  private var signed: Set<ID<DimensionSymbol>> = []
  /// Polynomials that are at least 0.
  private(set) var nonNegative: [Dimension] = []
  /// Polynomials that are not 0.
  private var nonZero: [Dimension] = []
  /// Outermost first: bounds may use indices before.
  private(set) var indices: [IndexBounds] = []
  /// How many symbols it made for itself.
  private var ownSymbolCount: UInt32 = 0

  /// Creates a prover that knows nothing but that symbols are at least 0.
  public init() {}

  // MARK: Facts

  /// States that `symbol` is any number, perhaps negative: an `int` that is not a dimension.
  public mutating func assumeSigned(_ symbol: ID<DimensionSymbol>) { signed.insert(symbol) }

  /// How two dimensions are compared.
  public enum Relation: Hashable, Sendable {
    case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
  }

  /// States that the comparison holds.
  public mutating func assume(_ left: Dimension, _ relation: Relation, _ right: Dimension) {
    let left = normalForm(left)
    let right = normalForm(right)
    if left.isUnknown || right.isUnknown { return }
    switch relation {
    case .equal: assumeZero(left - right)
    case .notEqual: assumeNotZero(left - right)
    case .less: assumeNonNegative(right - left - 1)
    case .lessOrEqual: assumeNonNegative(right - left)
    case .greater: assumeNonNegative(left - right - 1)
    case .greaterOrEqual: assumeNonNegative(left - right)
    }
  }

  /// Declares an index that runs from `lower` up to, and not including, `upper`.
  ///
  /// While it runs its range is not empty, which is a fact about the dimensions in it.
  public mutating func declare(
    _ index: ID<IndexInfo>, from lower: Dimension, to upper: Dimension
  ) {
    let lower = normalForm(lower)
    let upper = normalForm(upper)
    indices.append(IndexBounds(index: index, least: [lower], greatest: [upper - 1]))
    assumeNonNegative(upper - lower - 1)
  }

  /// Declares an index of which only facts are known.
  public mutating func declare(_ index: ID<IndexInfo>) {
    indices.append(IndexBounds(index: index, least: [], greatest: []))
  }

  private mutating func assumeZero(_ p: Dimension) {
    if p.terms.isEmpty { return }
    for term in p.terms.reversed() {
      guard term.monomial.atoms.count == 1 else { continue }
      let atom = term.monomial.atoms[0]
      let rest = p - Dimension(sum: [term])
      guard let value = (rest * -1).dividedExactly(by: term.coefficient) else { continue }
      switch atom {
      case .symbol:
        if value.contains(where: { $0 == atom }) { continue }
        replace(atom, by: value)
        return
      case .remainder(let inner, let divisor) where rest.terms.isEmpty:
        if let symbol = inner.symbol, !divisor.contains(where: { $0 == .symbol(symbol) }) {
          let isSigned = signed.contains(symbol)
          replace(.symbol(symbol), by: divisor * freshSymbol(isSigned: isSigned))
        } else {
          replace(atom, by: Dimension(0))
        }
        return
      case .remainder, .quotient, .minimum, .maximum, .index, .unknown: continue
      }
    }
    assumeNonNegative(p)
    assumeNonNegative(-p)
  }

  private mutating func assumeNotZero(_ p: Dimension) {
    if provesNonNegative(p) {
      assumeNonNegative(p - 1)
    } else if provesNonNegative(-p) {
      assumeNonNegative(-p - 1)
    } else {
      nonZero.append(p)
    }
  }

  private mutating func assumeNonNegative(_ p: Dimension) {
    // What is known already adds nothing; this also ends the chain of replacements.
    if p.constant != nil || p.isUnknown || provesNonNegative(p) { return }
    if p.contains(where: { if case .index = $0 { true } else { false } }) {
      tightenIndex(p)
      nonNegative.append(p)
      return
    }
    // c * N >= 0, which is news of a number that may be negative.
    if p.terms.count == 1, p.terms[0].coefficient > 0, p.terms[0].monomial.atoms.count == 1,
      case .symbol(let symbol) = p.terms[0].monomial.atoms[0], signed.contains(symbol)
    {
      raise(symbol, to: 0)
      return
    }
    // c * N - d >= 0, also c * N * M - d >= 0 with d > 0, where no factor can be 0.
    if p.terms.count == 2, p.constantTerm < 0, let term = p.terms.last, term.coefficient > 0 {
      let bound = (-p.constantTerm + term.coefficient - 1) / term.coefficient
      let symbols = term.monomial.atoms.compactMap {
        if case .symbol(let symbol) = $0 { symbol } else { ID<DimensionSymbol>?.none }
      }
      let areNonNegative = symbols.count == 1 || symbols.allSatisfy { !signed.contains($0) }
      if symbols.count == term.monomial.atoms.count, areNonNegative {
        for symbol in symbols {
          raise(symbol, to: symbols.count == 1 ? bound : 1)
        }
        if symbols.count == 1 { return }
      }
    }
    // N - P >= 0, where N is not in P.
    for term in p.terms.reversed() where term.coefficient == 1 && term.monomial.atoms.count == 1 {
      guard case .symbol(let symbol) = term.monomial.atoms[0], p.terms.count > 1 else { continue }
      let rest = Dimension(sum: [term]) - p
      if rest.contains(where: { $0 == .symbol(symbol) }) || rest.constant != nil { continue }
      guard provesNonNegative(rest) else { break }
      replace(.symbol(symbol), by: rest + freshSymbol())
      return
    }
    nonNegative.append(p)
  }

  /// Takes a bound of an index from `p >= 0` where the index stands alone in it.
  private mutating func tightenIndex(_ p: Dimension) {
    for (position, bounds) in indices.enumerated() {
      for term in p.terms where abs(term.coefficient) == 1 {
        guard term.monomial.atoms == [.index(bounds.index)] else { continue }
        let rest = p - Dimension(sum: [term])
        let later = Set(indices[position...].map(\.index))
        let usesLater = rest.contains {
          if case .index(let index) = $0 { later.contains(index) } else { false }
        }
        if usesLater { continue }
        if term.coefficient > 0 {
          addBound(-rest, to: &indices[position].least, isLeast: true)
        } else {
          addBound(rest, to: &indices[position].greatest, isLeast: false)
        }
      }
    }
  }

  /// States that `symbol` is at least `bound`, which is at least 0.
  private mutating func raise(_ symbol: ID<DimensionSymbol>, to bound: Int) {
    signed.remove(symbol)
    lowerBounds[symbol] = max(lowerBounds[symbol] ?? 0, bound)
  }

  private mutating func freshSymbol(isSigned: Bool = false) -> Dimension {
    let symbol = ID<DimensionSymbol>(ofProver: ownSymbolCount)
    ownSymbolCount += 1
    if isSigned { signed.insert(symbol) }
    return Dimension(symbol)
  }

  /// Puts `value` in place of `atom` from now on, and in all facts so far.
  private mutating func replace(_ atom: Dimension.Atom, by value: Dimension) {
    replacements = replacements.mapValues { known in
      known.replacing { $0 == atom ? value : nil }
    }
    replacements[atom] = value
    nonNegative = nonNegative.map(normalForm)
    nonZero = nonZero.map(normalForm)
    for position in indices.indices {
      indices[position].least = indices[position].least.map(normalForm)
      indices[position].greatest = indices[position].greatest.map(normalForm)
    }
    // What is replaced hands its own bound on.
    if case .symbol(let symbol) = atom, signed.remove(symbol) == nil {
      assumeNonNegative(value - (lowerBounds.removeValue(forKey: symbol) ?? 0))
    }
  }

  // MARK: Verdicts

  /// `dimension` with everything in place that facts put in place of its atoms.
  public func normalForm(_ dimension: Dimension) -> Dimension {
    if replacements.isEmpty { return dimension }
    return dimension.replacing { replacements[$0] }
  }

  /// `true` iff the two are proved to be equal.
  public func provesEqual(_ a: Dimension, _ b: Dimension) -> Bool {
    let difference = normalForm(a) - normalForm(b)
    return difference.terms.isEmpty
  }

  /// `true` iff the two are proved to differ, so that a program that needs them equal is wrong.
  public func provesDifferent(_ a: Dimension, _ b: Dimension) -> Bool {
    let difference = normalForm(a) - normalForm(b)
    return difference.constant.map { $0 != 0 } ?? nonZero.contains(difference)
      || provesNonNegative(difference - 1) || provesNonNegative(-difference - 1)
  }

  /// `true` iff the comparison is proved.
  public func proves(_ a: Dimension, _ relation: Relation, _ b: Dimension) -> Bool {
    switch relation {
    case .equal: provesEqual(a, b)
    case .notEqual: provesDifferent(a, b)
    case .less: provesNonNegative(b - a - 1)
    case .lessOrEqual: provesNonNegative(b - a)
    case .greater: provesNonNegative(a - b - 1)
    case .greaterOrEqual: provesNonNegative(a - b)
    }
  }

  /// The least value that is known of `symbol`, or `nil` if there is none.
  func lowerBound(of symbol: ID<DimensionSymbol>) -> Int? {
    lowerBounds[symbol] ?? (signed.contains(symbol) ? nil : 0)
  }
}

extension Dimension {
  /// The polynomial whose product with `divisor` this is, or `nil` if a coefficient objects.
  func dividedExactly(by divisor: Int) -> Dimension? {
    guard divisor != 0, terms.allSatisfy({ $0.coefficient % divisor == 0 }) else { return nil }
    return Dimension(
      sum: terms.map {
        Term(monomial: $0.monomial, coefficient: $0.coefficient / divisor)
      })
  }
}
