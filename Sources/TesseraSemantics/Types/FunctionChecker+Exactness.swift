import TesseraSource
import TesseraTables

/// Arithmetic that wraps, and proofs over the integers.
///
/// What a program computes is equal to its polynomial but for multiples of 2⁶⁴. That is enough for an
/// index, of which it is proved that the polynomial lies inside a tensor. A fact, and what comes out
/// of a division or a comparison, is used in proofs only where nothing can wrap: where bounds of all
/// numbers that are no lengths are known.
extension FunctionChecker {
  /// The polynomial that `expression` computes, if none of its values leaves 64 bits.
  func exactDimension(of expression: TypedExpression) -> Dimension? {
    guard let dimension = dimension(of: expression), isExact(dimension) else { return nil }
    return dimension
  }

  /// `true` iff what a program computes for `dimension` never leaves 64 bits.
  func isExact(_ dimension: Dimension) -> Bool {
    if dimension.isUnknown { return true }
    if dimension.constant != nil || dimension.symbol != nil { return true }
    // Proofs take long, and most is made of indices of which the ranges tell enough.
    if let interval = intervalOfRanges(of: dimension), Self.numbers.contains(interval) {
      return true
    }
    return interval(of: dimension).map { Self.numbers.contains($0) } ?? false
  }

  /// Sees to it that what a program computes for `dimension` never leaves 64 bits, if need be by
  /// checking at run time that numbers are no larger than lengths can be; `false` if that is not
  /// enough, or there is no place to check it. Indices count as lengths.
  func makeExact(_ dimension: Dimension, at span: SourceSpan) -> Bool {
    let numbers = freeNumbers(in: dimension)
    if numbers.isEmpty || isExact(dimension) { return true }
    let isAtEntry = numbers.allSatisfy { isKnownAtEntry($0) }
    if !isAtEntry, flow.repeats { return false }
    let before = prover
    func bound(_ power: Int) -> Bool {
      prover = before
      for number in numbers {
        prover.assume(Dimension(-1 << power), .lessOrEqual, number)
        prover.assume(number, .lessOrEqual, Dimension(1 << power))
      }
      return isExact(dimension)
    }
    guard let power = Self.powers.reversed().first(where: bound) else {
      prover = before
      return false
    }
    let limit = Dimension(1 << power)
    for number in numbers {
      for (left, right) in [(-limit, number), (number, limit)]
      where !before.provesNonNegative(right - left) {
        let obligation = Obligation(
          left: left, relation: .lessOrEqual, right: right,
          message: "'\(describe(number))' is too large to compute '\(describe(dimension))' with",
          span: span)
        if isAtEntry { demandOnce(obligation) } else { emit(.check(obligation), at: span) }
      }
    }
    return true
  }

  /// `true` iff the relation holds since no length exceeds `right`, as in `N <= 2^47`.
  func isBelow(
    _ left: Dimension, _ relation: Obligation.Relation, _ right: Dimension
  ) -> Bool {
    guard relation == .lessOrEqual, let least = right.constant, let interval = interval(of: left)
    else { return false }
    return interval.upperBound <= Int128(least)
  }

  /// What no length exceeds, as a power of two: tensors have fewer bytes.
  private static var lengthBits: Int { 47 }
  /// The powers of two that numbers are compared with.
  private static var powers: [Int] { [15, 20, 31, lengthBits] }
  /// The numbers of 64 bits.
  private static var numbers: ClosedRange<Int128> { Int128(Int64.min)...Int128(Int64.max) }

  /// The numbers in `dimension` that are no lengths.
  private func freeNumbers(in dimension: Dimension) -> [Dimension] {
    var found: [Dimension] = []
    _ = dimension.contains { atom in
      if case .symbol(let id) = atom, isFree(id), !found.contains(Dimension(id)) {
        found.append(Dimension(id))
      }
      return false
    }
    return found
  }

  /// `true` iff the symbol stands for an `int`, and not for a length.
  private func isFree(_ symbol: ID<DimensionSymbol>) -> Bool {
    guard Int(symbol.index) < function.symbols.count,
      case .local = function.symbols[symbol].origin
    else { return false }
    return true
  }

  // MARK: Intervals

  /// Between which numbers `dimension` lies; `nil` if what it is computed from may leave 64 bits.
  private func interval(of dimension: Dimension) -> ClosedRange<Int128>? {
    var sum: ClosedRange<Int128> = 0...0
    for term in dimension.terms {
      var product = Int128(term.coefficient)...Int128(term.coefficient)
      // The product of lengths is one, too: that of a tensor, or of a part of it.
      var hasLength = false
      for atom in term.monomial.atoms {
        if isLength(atom) {
          hasLength = true
          continue
        }
        guard let factor = interval(of: atom), let larger = product.multiplied(by: factor) else {
          return nil
        }
        product = larger
      }
      if hasLength {
        guard let larger = product.multiplied(by: Self.lengths) else { return nil }
        product = larger
      }
      guard let larger = sum.adding(product) else { return nil }
      sum = larger
    }
    return sum
  }

  /// Between which numbers `dimension` lies as the ranges of its indices tell, without proofs; `nil` if
  /// it is made of anything else than lengths and indices.
  private func intervalOfRanges(of dimension: Dimension) -> ClosedRange<Int128>? {
    var ranges: [ID<IndexInfo>: ClosedRange<Int128>] = [:]
    // Ends of ranges use indices before.
    for bounds in prover.indices {
      guard let least = bounds.least.first, let greatest = bounds.greatest.first,
        let low = interval(of: least, ranges), let high = interval(of: greatest, ranges),
        low.lowerBound <= high.upperBound
      else { continue }
      ranges[bounds.index] = low.lowerBound...high.upperBound
    }
    return interval(of: dimension, ranges)
  }

  /// Between which numbers a polynomial of lengths and of indices in `ranges` lies.
  private func interval(
    of dimension: Dimension, _ ranges: [ID<IndexInfo>: ClosedRange<Int128>]
  ) -> ClosedRange<Int128>? {
    var sum: ClosedRange<Int128> = 0...0
    for term in dimension.terms {
      var product = Int128(term.coefficient)...Int128(term.coefficient)
      for atom in term.monomial.atoms {
        let factor: ClosedRange<Int128>?
        switch atom {
        // The symbols of a prover may stand for numbers.
        case .symbol(let id) where Int(id.index) < function.symbols.count && !isFree(id):
          factor = Self.lengths
        case .index(let index): factor = ranges[index]
        case .symbol, .quotient, .remainder, .minimum, .maximum, .unknown: factor = nil
        }
        guard let factor, let larger = product.multiplied(by: factor) else { return nil }
        product = larger
      }
      guard let larger = sum.adding(product) else { return nil }
      sum = larger
    }
    return sum
  }

  private static var lengths: ClosedRange<Int128> { 0...Int128(1) << lengthBits }

  /// `true` iff the atom is a length, or a number that is at least 0 and no greater than one.
  private func isLength(_ atom: Dimension.Atom) -> Bool {
    switch atom {
    case .symbol(let id) where !isFree(id): return true
    case .symbol, .index:
      let number = Dimension(atom)
      return prover.provesNonNegative(number)
        && function.symbols.ids.contains { id in
          !isFree(id) && prover.provesNonNegative(Dimension(id) - number)
        }
    case .quotient, .remainder, .minimum, .maximum, .unknown: return false
    }
  }

  /// The same if `dimension` is exact. What it is made of is gone through once, as it must be: it may be
  /// the least of two numbers of which each is one of two again.
  private func exactInterval(of dimension: Dimension) -> ClosedRange<Int128>? {
    guard let interval = interval(of: dimension) else { return nil }
    if Self.numbers.contains(interval) { return interval }
    guard let narrow = intervalOfRanges(of: dimension), Self.numbers.contains(narrow) else {
      return nil
    }
    return interval
  }

  /// The same for an atom that is not known to be a length.
  private func interval(of atom: Dimension.Atom) -> ClosedRange<Int128>? {
    switch atom {
    case .symbol, .index:
      return interval(ofNumber: Dimension(atom))
    case .quotient(let dividend, let divisor):
      guard isExact(divisor), let interval = exactInterval(of: dividend) else { return nil }
      return min(interval.lowerBound, 0)...max(interval.upperBound, 0)
    case .remainder(let dividend, let divisor):
      guard isExact(dividend), let interval = exactInterval(of: divisor) else { return nil }
      return 0...max(interval.upperBound, 0)
    case .minimum(let a, let b), .maximum(let a, let b):
      guard let first = exactInterval(of: a), let second = exactInterval(of: b) else { return nil }
      return min(first.lowerBound, second.lowerBound)...max(first.upperBound, second.upperBound)
    case .unknown: return nil
    }
  }

  /// Between which numbers an `int` or an index lies that is not known to be a length.
  private func interval(ofNumber number: Dimension) -> ClosedRange<Int128> {
    let below = Self.powers.first { prover.provesNonNegative(number + (1 << $0)) }
    let above = Self.powers.first { prover.provesNonNegative(Dimension(1 << $0) - number) }
    let least =
      prover.provesNonNegative(number)
      ? 0 : below.map { -(Int128(1) << $0) } ?? Self.numbers.lowerBound
    if let above { return least...(Int128(1) << above) }
    // Behind a number of a range there is an end.
    let hasEnd =
      number.contains(where: \.isIndex)
      || function.symbols.ids.contains { id in
        isFree(id) && prover.provesNonNegative(Dimension(id) - number - 1)
      }
    return least...(hasEnd ? Self.numbers.upperBound - 1 : Self.numbers.upperBound)
  }
}

extension ClosedRange<Int128> {
  /// `true` iff all of `other` is in it.
  fileprivate func contains(_ other: Self) -> Bool {
    contains(other.lowerBound) && contains(other.upperBound)
  }

  /// The range of all sums of a number of each; `nil` if one is too large.
  fileprivate func adding(_ other: Self) -> Self? {
    let (least, isLow) = lowerBound.addingReportingOverflow(other.lowerBound)
    let (most, isHigh) = upperBound.addingReportingOverflow(other.upperBound)
    return isLow || isHigh ? nil : least...most
  }

  /// The least range that holds all products of a number of each; `nil` if one is too large.
  fileprivate func multiplied(by other: Self) -> Self? {
    var products: [Int128] = []
    for a in [lowerBound, upperBound] {
      for b in [other.lowerBound, other.upperBound] {
        let (product, isTooLarge) = a.multipliedReportingOverflow(by: b)
        if isTooLarge { return nil }
        products.append(product)
      }
    }
    return products.min()!...products.max()!
  }
}
