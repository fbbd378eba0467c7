import TesseraIR

/// Least, greatest and magnitude.
let extremumRules: [Rule] = [
  Rule(
    "min(x, x) = x", .minimum, .maximum, .minimumNumber, .maximumNumber, on: .all
  ) { $0.left == $0.right ? $0.left : nil },
  Rule("min(min(x, a), b) = min(x, min(a, b))", .minimum, .maximum, on: .all) {
    $0.reassociated()
  },
  Rule("min(x, y) = x if x <= y", .minimum, .minimumNumber, on: .integers) {
    $0.lesserByRange(of: $0.left, $0.right)
  },
  Rule("max(x, y) = y if x <= y", .maximum, .maximumNumber, on: .integers) {
    guard let lesser = $0.lesserByRange(of: $0.left, $0.right) else { return nil }
    return lesser == $0.left ? $0.right : $0.left
  },
  Rule("min(x, max(x, y)) = x", .minimum, on: .bits) {
    $0.other(of: $0.right, .maximum, than: $0.left) != nil ? $0.left : nil
  },
  Rule("max(x, min(x, y)) = x", .maximum, on: .bits) {
    $0.other(of: $0.right, .minimum, than: $0.left) != nil ? $0.left : nil
  },

  Rule("|x| = x if x >= 0", .absolute, on: .integers) {
    guard let range = $0.range(of: $0.left), range.lowerBound >= 0 else { return nil }
    return $0.left
  },
  Rule("||x|| = |x|", .absolute, on: .numbers) {
    $0.operands(of: $0.left, .absolute) != nil ? $0.left : nil
  },
  Rule("|-x| = |x|", .absolute, on: .signedNumbers) {
    guard let inner = $0.operands(of: $0.left, .negate) else { return nil }
    return $0.emit(.absolute, inner[0])
  },
]

extension Rewriter {
  /// The one of two integers that is never the greater one.
  fileprivate mutating func lesserByRange(of a: Value, _ b: Value) -> Value? {
    guard let x = range(of: a), let y = range(of: b) else { return nil }
    if x.upperBound <= y.lowerBound { return a }
    return y.upperBound <= x.lowerBound ? b : nil
  }
}
