import TesseraIR

/// A number and a sum of values, each times a number, over the integers.
///
/// What is bounded by comparisons must not wrap, so an overflow has no form here, nor has a product or
/// a quotient. In an `AffineExpression`, of which only equality is asked, numbers wrap as they do when
/// they are computed, and nothing says whether they did: so neither can serve for the other.
///
/// Invariant: no coefficient is 0.
struct LinearForm: Equatable {
  /// What each value is multiplied by.
  private(set) var coefficients: [Value: Int64]
  /// What is added to them.
  private(set) var constant: Int64

  /// Creates a number.
  init(_ constant: Int64) {
    coefficients = [:]
    self.constant = constant
  }

  /// Creates the form that is `value`.
  init(_ value: Value) {
    coefficients = [value: 1]
    constant = 0
  }

  /// The values with their coefficients, in order.
  var terms: [(value: Value, coefficient: Int64)] {
    coefficients.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// The form without the term of `value`.
  func removing(_ value: Value) -> LinearForm {
    var result = self
    result.coefficients[value] = nil
    return result
  }

  /// What is not below zero where the form is; `nil` if a number in it gets too large.
  var complement: LinearForm? { times(-1)?.adding(LinearForm(-1)) }

  /// The form times `number`; `nil` if a number in it gets too large.
  func times(_ number: Int64) -> LinearForm? { LinearForm(0).adding(self, times: number) }

  /// The form and `number` times `other`; `nil` if a number in it gets too large.
  func adding(_ other: LinearForm, times number: Int64 = 1) -> LinearForm? {
    var result = self
    func sum(_ a: Int64, _ b: Int64) -> Int64? {
      let (product, isLarge) = b.multipliedReportingOverflow(by: number)
      let (sum, isLarger) = a.addingReportingOverflow(product)
      return isLarge || isLarger ? nil : sum
    }
    guard let constant = sum(constant, other.constant) else { return nil }
    result.constant = constant
    for (value, coefficient) in other.coefficients {
      guard let sum = sum(coefficients[value] ?? 0, coefficient) else { return nil }
      result.coefficients[value] = sum == 0 ? nil : sum
    }
    return result
  }
}
