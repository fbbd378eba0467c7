/// A number of things in terms of a program's dimensions: a polynomial, for people to read.
///
/// A factor is a name, or another expression as text: `(H + 1) / 2`, `H - 2`.
struct Amount: Hashable {
  /// The factors of each term, sorted, and how often it counts; never 0 times.
  private var terms: [[String]: Int] = [:]

  /// Creates the number `value`.
  init(_ value: Int) { if value != 0 { terms = [[]: value] } }

  /// Creates the number that `text` stands for.
  init(symbol text: String) { terms = [[text]: 1] }

  /// The sum.
  static func + (a: Amount, b: Amount) -> Amount {
    var sum = a
    for (factors, count) in b.terms { sum.add(factors, count) }
    return sum
  }

  /// The difference.
  static func - (a: Amount, b: Amount) -> Amount { a + Amount(-1) * b }

  /// The product, multiplied out.
  static func * (a: Amount, b: Amount) -> Amount {
    var product = Amount(0)
    for (left, first) in a.terms {
      for (right, second) in b.terms {
        let count = first.multipliedReportingOverflow(by: second)
        product.add(sortedFactors(left + right), count.overflow ? .max : count.partialValue)
      }
    }
    return product
  }

  private mutating func add(_ factors: [String], _ count: Int) {
    let sum = (terms[factors] ?? 0).addingReportingOverflow(count)
    terms[factors] = sum.overflow ? .max : sum.partialValue == 0 ? nil : sum.partialValue
  }

  /// Names before other expressions.
  private static func sortedFactors(_ factors: [String]) -> [String] {
    factors.sorted { a, b in isOperation(a) == isOperation(b) ? a < b : isOperation(b) }
  }
}

extension Amount {
  /// The number itself, if no dimension tells it.
  var number: Int? { terms.isEmpty ? 0 : terms.count == 1 ? terms[[]] : nil }

  /// The same as one factor of a product, `H - 2`, so that products of lengths stay products.
  var factor: Amount { terms.count > 1 ? Amount(symbol: description) : self }

  /// The quotient, rounded down.
  static func divided(_ a: Amount, by b: Amount) -> Amount {
    b.number == 1 ? a : Amount(symbol: "\(a.operand) / \(b.operand)")
  }

  /// What division leaves.
  static func remainder(_ a: Amount, by b: Amount) -> Amount {
    Amount(symbol: "\(a.operand) % \(b.operand)")
  }

  /// The lesser of two numbers.
  static func least(_ a: Amount, _ b: Amount) -> Amount { Amount(symbol: "min(\(a), \(b))") }

  /// The greater of two numbers.
  static func greatest(_ a: Amount, _ b: Amount) -> Amount { Amount(symbol: "max(\(a), \(b))") }

  private var operand: String { Self.enclosed(description) }

  private static func enclosed(_ text: String) -> String { isOperation(text) ? "(\(text))" : text }

  /// `true` iff the text has an operator that stands in no parentheses.
  private static func isOperation(_ text: String) -> Bool {
    var depth = 0
    for character in text {
      switch character {
      case "(": depth += 1
      case ")": depth -= 1
      case " " where depth == 0: return true
      default: break
      }
    }
    return false
  }
}

extension Amount: CustomStringConvertible {
  /// The terms with the most factors first, those that are taken away last: `2 * K * M * N - M * N`.
  var description: String {
    let sorted = terms.sorted { a, b in
      if (a.value > 0) != (b.value > 0) { return a.value > 0 }
      return a.key.count != b.key.count
        ? a.key.count > b.key.count : a.key.lexicographicallyPrecedes(b.key)
    }
    guard let first = sorted.first else { return "0" }
    return sorted.dropFirst().reduce(Self.text(first.key, first.value)) { text, term in
      let more = Self.text(term.key, abs(term.value))
      let isWhole = term.value != -1 || term.key.count != 1
      return text + (term.value < 0 ? " - " : " + ") + (isWhole ? more : Self.enclosed(more))
    }
  }

  private static func text(_ factors: [String], _ count: Int) -> String {
    if count == 1, factors.count == 1 { return factors[0] }
    let texts = factors.map(enclosed)
    return (count == 1 && !texts.isEmpty ? texts : ["\(count)"] + texts).joined(separator: " * ")
  }
}
