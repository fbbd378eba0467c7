/// Other dimensions in place of atoms.
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
