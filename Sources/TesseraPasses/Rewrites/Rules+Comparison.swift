import TesseraIR
import TesseraNumbers

/// Comparisons.
let comparisonRules: [Rule] = [
  Rule("x == x is true", .equal, .lessOrEqual, .greaterOrEqual, on: .bits) {
    $0.left == $0.right ? $0.number(1) : nil
  },
  Rule("x < x is false", .less, .greater, on: .all) {
    $0.left == $0.right ? $0.number(0) : nil
  },
  Rule("x != x is false", .notEqual, on: .bits) { $0.left == $0.right ? $0.number(0) : nil },
  Rule(
    "a < b by their ranges", .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual,
    on: .integers
  ) { site in
    guard let a = site.range(of: site.left), let b = site.range(of: site.right),
      let verdict = compareRanges(site.current.opcode, a, b)
    else { return nil }
    return site.number(verdict ? 1 : 0)
  },
  Rule("i < n for an index that counts up to n", .less, .greaterOrEqual, on: .integers) {
    $0.isIndex($0.left, below: $0.right) ? $0.number($0.current.opcode == .less ? 1 : 0) : nil
  },
  Rule("n > i for an index that counts up to n", .greater, .lessOrEqual, on: .integers) {
    $0.isIndex($0.right, below: $0.left) ? $0.number($0.current.opcode == .greater ? 1 : 0) : nil
  },
  Rule("x + a == b is x == b - a", .equal, .notEqual, on: .integers) { site in
    guard let b = site.constant(site.right), let sum = site.operands(of: site.left, .add),
      let a = site.constant(sum[1])
    else { return nil }
    guard
      let difference = site.constant(ScalarValue(bits: b.bits &- a.bits, b.type), like: site.left)
    else { return nil }
    return site.emit(site.current.opcode, sum[0], difference)
  },
  Rule("x - y == 0 is x == y", .equal, .notEqual, on: .integers) {
    guard $0.isZero($0.right), let difference = $0.operands(of: $0.left, .subtract)
    else { return nil }
    return $0.emit($0.current.opcode, difference[0], difference[1])
  },
  Rule("x / c + a < n is x < c * (n - a)", .less, .greaterOrEqual, on: .integers) {
    $0.comparedDividend($0.current.opcode, plus: 0)
  },
  Rule("x / c + a <= n is x < c * (n + 1 - a)", .lessOrEqual, .greater, on: .integers) {
    $0.comparedDividend($0.current.opcode == .greater ? .greaterOrEqual : .less, plus: 1)
  },
  Rule("b == true is b", .equal, on: .bools) { $0.isOne($0.right) ? $0.left : nil },
  Rule("b != false is b", .notEqual, on: .bools) { $0.isZero($0.right) ? $0.left : nil },
  Rule("b == false is not b", .equal, on: .bools) {
    $0.isZero($0.right) ? $0.emit(.bitNot, $0.left) : nil
  },
  Rule("b != true is not b", .notEqual, on: .bools) {
    $0.isOne($0.right) ? $0.emit(.bitNot, $0.left) : nil
  },
  Rule("is_nan(x) is false for a converted integer", .isNaN, on: .floats) { site in
    guard let source = site.operands(of: site.left, .convert),
      let type = site.function.type(of: source[0]).laneType, !type.isFloat
    else { return nil }
    return site.number(0)
  },
]

extension Rewriter {
  /// The dividend of a quotient by a number, to which one may be added, compared by `opcode` with what
  /// makes the quotient at least the right operand and `more`; `nil` if anything may wrap.
  ///
  /// So a condition on a quotient is one on an index.
  fileprivate mutating func comparedDividend(_ opcode: Opcode, plus more: Int64) -> Value? {
    let sum = exactOperands(of: left, .add)
    let added = sum.flatMap { constant($0[1]) }
    guard let quotient = operands(of: added == nil ? left : sum![0], .divide),
      let divisor = constant(quotient[1]), divisor.type != .u64, divisor.integer > 1
    else { return nil }
    let (type, factor) = (divisor.type, divisor.integer)
    if let end = constant(right)?.integer {
      let (difference, a) = end.subtractingReportingOverflow(added?.integer ?? 0)
      let (next, b) = difference.addingReportingOverflow(more)
      let (product, c) = next.multipliedReportingOverflow(by: factor)
      let number = ScalarValue(product, type)
      guard !a, !b, !c, number.integer == product,
        let limit = constant(number, like: quotient[0])
      else { return nil }
      return emit(opcode, quotient[0], limit)
    }
    guard added == nil, more == 0, let ends = range(of: right),
      [ends.lowerBound, ends.upperBound].allSatisfy({ end in
        let (product, wraps) = end.multipliedReportingOverflow(by: factor)
        return !wraps && ScalarValue(product, type).integer == product
      })
    else { return nil }
    return emit(opcode, quotient[0], emit(.multiply, right, quotient[1]))
  }
}

/// What a comparison gives for all numbers of two ranges; `nil` if that depends.
private func compareRanges(
  _ opcode: Opcode, _ a: ClosedRange<Int64>, _ b: ClosedRange<Int64>
) -> Bool? {
  let isLess = a.upperBound < b.lowerBound
  let isGreater = a.lowerBound > b.upperBound
  switch opcode {
  case .equal: return isLess || isGreater ? false : nil
  case .notEqual: return isLess || isGreater ? true : nil
  case .less: return isLess ? true : a.lowerBound >= b.upperBound ? false : nil
  case .lessOrEqual: return a.upperBound <= b.lowerBound ? true : isGreater ? false : nil
  case .greater: return isGreater ? true : a.upperBound <= b.lowerBound ? false : nil
  case .greaterOrEqual: return a.lowerBound >= b.upperBound ? true : isLess ? false : nil
  default: return nil
  }
}
