import TesseraIR
import TesseraNumbers

/// Sums, differences and signs.
let additionRules: [Rule] = [
  Rule("x + 0 = x", .add, on: .integers) { $0.isZero($0.right) ? $0.left : nil },
  Rule("x + -0 = x", .add, on: .floats) { $0.isFloat($0.right, -0.0) ? $0.left : nil },
  Rule("x + 0 = x", .add, on: .relaxedFloats) { $0.isZero($0.right) ? $0.left : nil },
  Rule("(x + a) + b = x + (a + b)", .add, on: .integers) { $0.reassociated() },
  Rule("(x + a) + b = x + (a + b)", .add, on: .relaxedFloats) { $0.reassociated() },
  Rule("x + (-y) = x - y", .add, on: .numbers) {
    guard let negated = $0.operands(of: $0.right, .negate) else { return nil }
    return $0.emit(.subtract, $0.left, negated[0])
  },
  Rule("(-x) + y = y - x", .add, on: .numbers) {
    guard let negated = $0.operands(of: $0.left, .negate) else { return nil }
    return $0.emit(.subtract, $0.right, negated[0])
  },
  Rule("(x - y) + y = x", .add, on: .integers) {
    guard let inner = $0.operands(of: $0.left, .subtract), inner[1] == $0.right else { return nil }
    return inner[0]
  },
  Rule("y + (x - y) = x", .add, on: .integers) {
    guard let inner = $0.operands(of: $0.right, .subtract), inner[1] == $0.left else { return nil }
    return inner[0]
  },

  Rule("x - a = x + (-a)", .subtract, on: .integers) {
    guard let a = $0.constant($0.right),
      let negated = $0.number(ScalarValue(bits: 0 &- a.bits, a.type))
    else { return nil }
    return $0.emit(.add, $0.left, negated)
  },
  Rule("x - 0 = x", .subtract, on: .floats) { $0.isFloat($0.right, 0) ? $0.left : nil },
  Rule("x - x = 0", .subtract, on: .integers) { $0.left == $0.right ? $0.number(0) : nil },
  Rule("x - x = 0", .subtract, on: .relaxedFloats) { $0.left == $0.right ? $0.number(0) : nil },
  Rule("0 - x = -x", .subtract, on: .integers) {
    $0.isZero($0.left) ? $0.emit(.negate, $0.right) : nil
  },
  Rule("-0 - x = -x", .subtract, on: .floats) {
    $0.isFloat($0.left, -0.0) ? $0.emit(.negate, $0.right) : nil
  },
  Rule("x - (-y) = x + y", .subtract, on: .numbers) {
    guard let negated = $0.operands(of: $0.right, .negate) else { return nil }
    return $0.emit(.add, $0.left, negated[0])
  },
  Rule("(x + y) - y = x", .subtract, on: .integers) {
    $0.other(of: $0.left, .add, than: $0.right)
  },
  Rule("x - (x + y) = -y", .subtract, on: .integers) {
    guard let y = $0.other(of: $0.right, .add, than: $0.left) else { return nil }
    return $0.emit(.negate, y)
  },
  Rule("x - (x - y) = y", .subtract, on: .integers) {
    guard let inner = $0.operands(of: $0.right, .subtract), inner[0] == $0.left else { return nil }
    return inner[1]
  },

  Rule("-(-x) = x", .negate, on: .numbers) { $0.operands(of: $0.left, .negate)?[0] },
  Rule("-(x - y) = y - x", .negate, on: .integers) {
    guard let inner = $0.operands(of: $0.left, .subtract) else { return nil }
    return $0.emit(.subtract, inner[1], inner[0])
  },
  Rule("-(x - y) = y - x", .negate, on: .relaxedFloats) {
    guard let inner = $0.operands(of: $0.left, .subtract) else { return nil }
    return $0.emit(.subtract, inner[1], inner[0])
  },
]
