/// A number of things in terms of a program's dimensions: a polynomial, for people to read.
struct Amount: Hashable {
  /// The factors of each term, sorted, and how often it counts.
  private var terms: [[String]: Int] = [:]

  /// Creates the number `value`.
  init(_ value: Int) { if value != 0 { terms = [[]: value] } }

  /// Creates the number that `name` stands for.
  init(symbol name: String) { terms = [[name]: 1] }

  static func + (a: Amount, b: Amount) -> Amount {
    var sum = a
    for (factors, count) in b.terms { sum.add(factors, count) }
    return sum
  }

  static func * (a: Amount, b: Amount) -> Amount {
    var product = Amount(0)
    for (left, first) in a.terms {
      for (right, second) in b.terms {
        let count = first.multipliedReportingOverflow(by: second)
        product.add((left + right).sorted(), count.overflow ? .max : count.partialValue)
      }
    }
    return product
  }

  private mutating func add(_ factors: [String], _ count: Int) {
    let sum = (terms[factors] ?? 0).addingReportingOverflow(count)
    terms[factors] = sum.overflow ? .max : sum.partialValue
  }
}

extension Amount: CustomStringConvertible {
  /// The terms with the most factors first: `2 * K * M * N + M * N`.
  var description: String {
    let sorted = terms.filter { $0.value != 0 }.sorted {
      $0.key.count != $1.key.count
        ? $0.key.count > $1.key.count : $0.key.lexicographicallyPrecedes($1.key)
    }
    if sorted.isEmpty { return "0" }
    return sorted.map { factors, count in
      (count == 1 && !factors.isEmpty ? factors : ["\(count)"] + factors).joined(separator: " * ")
    }.joined(separator: " + ")
  }
}
