/// Other dimensions in place of atoms.
extension Dimension {
  /// The polynomial with each symbol and index replaced where `replacement` gives something else;
  /// the result is in normal form again.
  public func replacing(_ replacement: (Atom) -> Dimension?) -> Dimension {
    func isReplaced(_ atom: Atom) -> Bool {
      replacement(atom) != nil
        || atom.parts.contains { $0.contains(where: { replacement($0) != nil }) }
    }
    // One sum of all terms, most of which stay: the polynomial may have many, and one is replaced.
    var result: [Term] = []
    var changed = false
    for term in terms {
      guard term.monomial.atoms.contains(where: isReplaced) else {
        result.append(term)
        continue
      }
      changed = true
      let product = term.monomial.atoms.reduce(Dimension(term.coefficient)) { product, atom in
        product * atom.replacing(replacement)
      }
      result += product.terms
    }
    return changed ? Dimension(sum: result) : self
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
