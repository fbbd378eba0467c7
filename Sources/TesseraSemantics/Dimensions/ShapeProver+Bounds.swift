import TesseraTables

/// How much of a proof is left to try; so that hostile text cannot make it long.
private struct Budget {
  var attempts = 2_000

  /// Uses one attempt; `false` when none was left.
  mutating func spend() -> Bool {
    attempts -= 1
    return attempts >= 0
  }
}

extension ShapeProver {
  /// `true` iff `p >= 0` is proved for all values that its symbols and indices can take.
  public func provesNonNegative(_ p: Dimension) -> Bool {
    let p = normalForm(p)
    if p.isUnknown { return false }
    // A quotient times its divisor goes one way, and `p - p % q`, its normal form, both.
    return proves(p) || p.restoringMultipliedQuotients().map(proves) ?? false
  }

  /// `true` iff `p >= 0` follows from extremes, perhaps with one of the facts taken from it.
  private func proves(_ p: Dimension) -> Bool {
    var budget = Budget()
    if provesByExtremes(p, upTo: indices.count, &budget) { return true }
    return nonNegative.contains { fact in
      sharesMonomial(p, fact) && provesByExtremes(p - fact, upTo: indices.count, &budget)
    }
  }

  private func sharesMonomial(_ p: Dimension, _ q: Dimension) -> Bool {
    q.terms.contains { term in
      !term.monomial.atoms.isEmpty && p.terms.contains { $0.monomial == term.monomial }
    }
  }

  // MARK: Indices

  /// Puts each of the first `count` indices at the extreme that makes `p` least, the innermost
  /// first. Every known bound of an index is tried; one success suffices, as each bounds it.
  private func provesByExtremes(
    _ p: Dimension, upTo count: Int, _ budget: inout Budget
  ) -> Bool {
    guard budget.spend() else { return false }
    var position = count - 1
    while position >= 0, !p.contains(where: { $0 == .index(indices[position].index) }) {
      position -= 1
    }
    if position < 0 {
      if p.contains(where: { if case .index = $0 { true } else { false } }) { return false }
      return provesWithoutIndices(p, splits: 6, &budget)
    }
    let bounds = indices[position]
    // A remainder, minimum or maximum that holds the index is bounded as a whole first.
    if let whole = p.firstOpaqueAtom(holding: .index(bounds.index)) {
      return provesReplacing(whole, in: p, &budget) { provesByExtremes($0, upTo: count, &$1) }
    }
    let leasts: [Dimension?] = bounds.least.isEmpty ? [nil] : bounds.least
    let greatests: [Dimension?] = bounds.greatest.isEmpty ? [nil] : bounds.greatest
    // Most polynomials go one way, and then one of the ends alone tells them apart.
    var tried: Set<Dimension> = []
    for least in leasts {
      for greatest in greatests {
        if let extreme = leastValue(of: p, for: bounds.index, from: least, to: greatest),
          tried.insert(extreme).inserted, provesByExtremes(extreme, upTo: position, &budget)
        {
          return true
        }
      }
    }
    return false
  }

  /// A polynomial without `index` that is nowhere above `p`, for `index` from `least` to
  /// `greatest`; `nil` where a bound is missing or a direction cannot be told.
  private func leastValue(
    of p: Dimension, for index: ID<IndexInfo>, from least: Dimension?, to greatest: Dimension?
  ) -> Dimension? {
    let atom = Dimension.Atom.index(index)
    func extreme(of part: Dimension) -> Dimension? {
      guard let direction = direction(of: atom, in: part),
        let value = direction > 0 ? least : greatest
      else { return nil }
      return part.replacing { $0 == atom ? value : nil }
    }
    if let whole = extreme(of: p) { return whole }
    // Occurrences that disagree are put at their own extremes, term by term.
    var sum = Dimension(0)
    for term in p.terms {
      let part = Dimension(sum: [term])
      guard part.contains(where: { $0 == atom }) else {
        sum = sum + part
        continue
      }
      guard let value = extreme(of: part) else { return nil }
      sum = sum + value
    }
    return sum
  }

  /// 1 or -1 where all occurrences of `atom` push `p` up or down, or 1 where there is none; `nil`
  /// if that cannot be told.
  private func direction(of atom: Dimension.Atom, in p: Dimension) -> Int? {
    var direction: Int?
    for term in p.terms where term.monomial.atoms.contains(where: { $0.holds(atom) }) {
      var sign = term.coefficient.signum()
      for factor in term.monomial.atoms where factor != atom {
        guard factor.holds(atom) else {
          guard isNonNegative(factor) else { return nil }
          continue
        }
        guard case .quotient(let dividend, let divisor) = factor,
          !divisor.contains(where: { $0 == atom }),
          let inner = self.direction(of: atom, in: dividend)
        else { return nil }
        sign *= inner
      }
      // Products of several factors that move go either way.
      if term.monomial.atoms.count(where: { $0.holds(atom) }) > 1 { return nil }
      if let known = direction, known != sign { return nil }
      direction = sign
    }
    return direction ?? 1
  }

  // MARK: Atoms

  /// Proves `p >= 0` by what is known of `atom`, a remainder, minimum or maximum.
  private func provesReplacing(
    _ atom: Dimension.Atom, in p: Dimension, _ budget: inout Budget,
    _ prove: (Dimension, inout Budget) -> Bool
  ) -> Bool {
    func with(_ value: Dimension) -> Dimension { p.replacing { $0 == atom ? value : nil } }
    switch atom {
    case .remainder(_, let divisor):
      // Between its ends `p` is linear, or at least goes one way.
      guard p.isLinear(in: atom) || direction(of: atom, in: p) != nil else { return false }
      return prove(with(Dimension(0)), &budget) && prove(with(divisor - 1), &budget)
    case .minimum(let a, let b), .maximum(let a, let b):
      // It is one of the two, so both will do; and one will do where the other is worse.
      let first = prove(with(a), &budget)
      let second = prove(with(b), &budget)
      if first && second { return true }
      guard first || second, let direction = direction(of: atom, in: p) else { return false }
      if case .minimum = atom { return direction < 0 }
      return direction > 0
    case .symbol, .index, .quotient, .unknown: return false
    }
  }

  private func provesWithoutIndices(
    _ p: Dimension, splits: Int, _ budget: inout Budget
  ) -> Bool {
    if p.isUnknown { return false }
    if let value = p.constant { return value >= 0 }
    if hasNoNegativeTerm(p) { return true }
    guard splits > 0, budget.spend() else { return false }
    for atom in Set(p.terms.flatMap(\.monomial.atoms)).sorted() {
      switch atom {
      case .minimum, .maximum, .remainder:
        if provesReplacing(
          atom, in: p, &budget,
          {
            provesWithoutIndices($0, splits: splits - 1, &$1)
          })
        {
          return true
        }
      case .quotient(_, let divisor):
        // p >= 0 exactly if divisor * p >= 0, in which divisor * (a / divisor) = a - a % divisor.
        guard provesWithoutIndices(divisor - 1, splits: splits - 1, &budget),
          let product = p.multiplied(by: divisor, clearing: atom)
        else { continue }
        if provesWithoutIndices(product, splits: splits - 1, &budget) { return true }
      case .symbol, .index, .unknown: continue
      }
    }
    return false
  }

  /// Adds `bound` to those that `bounds` of an index, which are below it if `isLeast`, leaving out
  /// what others tell: of parts that lie behind each other, each begins after all before it.
  func addBound(_ bound: Dimension, to bounds: inout [Dimension], isLeast: Bool) {
    func implies(_ a: Dimension, _ b: Dimension) -> Bool {
      a.isPlain && b.isPlain && hasNoNegativeTerm(isLeast ? a - b : b - a)
    }
    if bounds.contains(where: { implies($0, bound) }) { return }
    bounds.removeAll { implies(bound, $0) }
    bounds.append(bound)
  }

  /// `true` iff no term is negative once every symbol is shifted by its lower bound, and every
  /// other atom is known not to be negative.
  private func hasNoNegativeTerm(_ p: Dimension) -> Bool {
    var p = p
    // A product with a quotient may bring a symbol back that was shifted before.
    while let (symbol, bound) = firstToShift(in: p) {
      p = p.replacingOuter(.symbol(symbol), by: Dimension(symbol.aboveBound) + bound)
    }
    return p.terms.allSatisfy { term in
      term.coefficient >= 0 && term.monomial.atoms.allSatisfy(isNonNegative)
    }
  }

  /// A symbol in an outer term whose lower bound is positive, with that.
  private func firstToShift(in p: Dimension) -> (ID<DimensionSymbol>, bound: Int)? {
    for term in p.terms {
      for case .symbol(let symbol) in term.monomial.atoms {
        if let bound = lowerBound(of: symbol), bound > 0 { return (symbol, bound) }
      }
    }
    return nil
  }

  private func isNonNegative(_ atom: Dimension.Atom) -> Bool {
    switch atom {
    case .symbol(let symbol): (lowerBound(of: symbol) ?? -1) >= 0
    case .remainder: true
    case .quotient(let a, _): hasNoNegativeTerm(a)
    case .minimum(let a, let b): hasNoNegativeTerm(a) && hasNoNegativeTerm(b)
    case .maximum(let a, let b): hasNoNegativeTerm(a) || hasNoNegativeTerm(b)
    case .index, .unknown: false
    }
  }
}

extension Dimension.Atom {
  /// `true` iff this is `atom` or holds it at any depth.
  fileprivate func holds(_ atom: Self) -> Bool {
    self == atom || parts.contains { $0.contains(where: { $0 == atom }) }
  }
}

extension Dimension {
  /// The polynomial with `value` in place of `atom`, but not inside other atoms.
  fileprivate func replacingOuter(_ atom: Atom, by value: Dimension) -> Dimension {
    terms.reduce(Dimension(0)) { sum, term in
      guard term.monomial.atoms.contains(atom) else { return sum + Dimension(sum: [term]) }
      return term.monomial.atoms.reduce(Dimension(term.coefficient)) {
        $0 * ($1 == atom ? value : Dimension($1))
      } + sum
    }
  }

  /// `true` iff it is made of symbols and indices alone.
  fileprivate var isPlain: Bool {
    terms.allSatisfy { $0.monomial.atoms.allSatisfy(\.parts.isEmpty) }
  }

  /// `true` iff `atom` stands in outer terms only, at most once in each.
  fileprivate func isLinear(in atom: Atom) -> Bool {
    terms.allSatisfy { term in
      term.monomial.atoms.count(where: { $0.holds(atom) }) <= 1
        && term.monomial.atoms.allSatisfy { $0 == atom || !$0.holds(atom) }
    }
  }

  /// A remainder, minimum or maximum that holds `atom`, the outermost there is.
  fileprivate func firstOpaqueAtom(holding atom: Atom) -> Atom? {
    for term in terms {
      for candidate in term.monomial.atoms where candidate.holds(atom) {
        switch candidate {
        case .remainder, .minimum, .maximum: return candidate
        case .quotient(let a, let b):
          if let inner = a.firstOpaqueAtom(holding: atom) ?? b.firstOpaqueAtom(holding: atom) {
            return inner
          }
        case .symbol, .index, .unknown: continue
        }
      }
    }
    return nil
  }

  /// The product with `divisor`, where `divisor * quotient` is written without the quotient; `nil`
  /// if that stands in a higher power or inside another atom.
  fileprivate func multiplied(by divisor: Dimension, clearing quotient: Atom) -> Dimension? {
    guard isLinear(in: quotient), case .quotient(let dividend, _) = quotient else { return nil }
    let cleared = dividend - .remainder(dividend, divisor)
    return terms.reduce(Dimension(0)) { sum, term in
      var rest = term.monomial.atoms
      guard let place = rest.firstIndex(of: quotient) else {
        return sum + Dimension(sum: [term]) * divisor
      }
      rest.remove(at: place)
      let factor = Term(monomial: Monomial(atoms: rest), coefficient: term.coefficient)
      return sum + Dimension(sum: [factor]) * cleared
    }
  }
}
