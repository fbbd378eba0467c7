import TesseraIR
import TesseraNumbers

/// Quotients and remainders that round down. Laws that take a sum apart hold only where it does
/// not wrap, which the ranges of its values tell.
let divisionRules: [Rule] = [
  Rule("x / 1 = x", .divide, .divideTruncating, on: .numbers) {
    $0.isOne($0.right) ? $0.left : nil
  },
  Rule("x / -1 = -x", .divide, .divideTruncating, on: .integers) {
    $0.isSigned && $0.isAllOnes($0.right) ? $0.emit(.negate, $0.left) : nil
  },
  Rule("x % 1 = 0", .remainder, .remainderTruncating, on: .integers) {
    $0.isOne($0.right) ? $0.number(0) : nil
  },
  Rule("x % -1 = 0", .remainder, .remainderTruncating, on: .integers) {
    $0.isSigned && $0.isAllOnes($0.right) ? $0.number(0) : nil
  },
  Rule("x / q = 0 if 0 <= x < q", .divide, .divideTruncating, on: .integers) {
    $0.isBelowDivisor ? $0.number(0) : nil
  },
  Rule("x % q = x if 0 <= x < q", .remainder, .remainderTruncating, on: .integers) {
    $0.isBelowDivisor ? $0.left : nil
  },

  Rule("(c * a) / q = (c / q) * a if q divides c", .divide, on: .integers) { site in
    guard let q = site.positiveDivisor, let quotient = site.quotientOfProduct(site.left, q)
    else { return nil }
    return quotient
  },
  Rule("(c * a + b) / q = (c / q) * a + b / q if q divides c", .divide, on: .integers) { site in
    guard let q = site.positiveDivisor, let sum = site.exactOperands(of: site.left, .add)
    else { return nil }
    for (multiple, rest) in [(sum[0], sum[1]), (sum[1], sum[0])] {
      if let quotient = site.quotientOfProduct(multiple, q) {
        return site.emit(.add, quotient, site.emit(.divide, rest, site.right))
      }
    }
    return nil
  },
  Rule("(c * a) % q = 0 if q divides c", .remainder, on: .integers) { site in
    guard let q = site.positiveDivisor, site.isProduct(site.left, of: q) else { return nil }
    return site.number(0)
  },
  Rule("(c * a + b) % q = b % q if q divides c", .remainder, on: .integers) { site in
    guard let q = site.positiveDivisor, let sum = site.exactOperands(of: site.left, .add)
    else { return nil }
    for (multiple, rest) in [(sum[0], sum[1]), (sum[1], sum[0])]
    where site.isProduct(multiple, of: q) {
      return site.emit(.remainder, rest, site.right)
    }
    return nil
  },
  Rule("(x / a) / b = x / (a * b)", .divide, on: .integers) { site in
    guard let b = site.positiveDivisor, let inner = site.operands(of: site.left, .divide),
      let a = site.constant(inner[1])?.integer, a > 0
    else { return nil }
    let (product, overflow) = a.multipliedReportingOverflow(by: b)
    let type = site.resultType.laneType!
    if overflow || ScalarValue(product, type).integer != product { return nil }
    return site.number(product).map { site.emit(.divide, inner[0], $0) }
  },
  Rule("(x % c) % q = x % q if q divides c", .remainder, on: .integers) { site in
    guard let q = site.positiveDivisor, let inner = site.operands(of: site.left, .remainder),
      let c = site.constant(inner[1])?.integer, c > 0, c % q == 0
    else { return nil }
    return site.emit(.remainder, inner[0], site.right)
  },
]

extension Rewriter {
  fileprivate var isSigned: Bool { resultType.laneType?.isSigned ?? false }

  /// The divisor, where it is a number above 0.
  fileprivate var positiveDivisor: Int64? {
    guard let divisor = constant(right), divisor.type != .u64, divisor.integer > 0 else {
      return nil
    }
    return divisor.integer
  }

  /// `true` iff the dividend lies between 0 and the divisor.
  fileprivate var isBelowDivisor: Bool {
    mutating get {
      guard let x = range(of: left), let q = range(of: right) else { return false }
      return x.lowerBound >= 0 && x.upperBound < q.lowerBound
    }
  }

  /// `true` iff `value` is a multiple of `q`: a constant, or a product by one that never wraps.
  fileprivate mutating func isProduct(_ value: Value, of q: Int64) -> Bool {
    if let number = constant(value) { return number.integer % q == 0 }
    guard let product = exactOperands(of: value, .multiply),
      let factor = constant(product[1])?.integer
    else { return false }
    return factor % q == 0
  }

  /// `value / q`, where `value` is such a multiple.
  fileprivate mutating func quotientOfProduct(_ value: Value, _ q: Int64) -> Value? {
    guard isProduct(value, of: q) else { return nil }
    if let constant = constant(value) { return number(constant.integer / q) }
    guard let product = operands(of: value, .multiply),
      let factor = constant(product[1])?.integer, let number = number(factor / q)
    else { return nil }
    return emit(.multiply, product[0], number)
  }
}
