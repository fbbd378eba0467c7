import TesseraIR

/// Products.
let multiplicationRules: [Rule] = [
  Rule("x * 0 = 0", .multiply, on: .integers) { $0.isZero($0.right) ? $0.right : nil },
  Rule("x * 0 = 0", .multiply, on: .relaxedFloats) { $0.isZero($0.right) ? $0.right : nil },
  Rule("x * 1 = x", .multiply, on: .numbers) { $0.isOne($0.right) ? $0.left : nil },
  Rule("x * -1 = -x", .multiply, on: .integers) {
    $0.isAllOnes($0.right) ? $0.emit(.negate, $0.left) : nil
  },
  Rule("x * -1 = -x", .multiply, on: .floats) {
    $0.isFloat($0.right, -1) ? $0.emit(.negate, $0.left) : nil
  },
  Rule("(x * a) * b = x * (a * b)", .multiply, on: .integers) { $0.reassociated() },
  Rule("(x * a) * b = x * (a * b)", .multiply, on: .relaxedFloats) { $0.reassociated() },
  Rule("(-x) * (-y) = x * y", .multiply, on: .numbers) {
    guard let x = $0.operands(of: $0.left, .negate), let y = $0.operands(of: $0.right, .negate)
    else { return nil }
    return $0.emit(.multiply, x[0], y[0])
  },
  Rule("(-x) * a = x * (-a)", .multiply, on: .numbers) {
    guard let x = $0.operands(of: $0.left, .negate), let a = $0.constant($0.right),
      let negated = Opcode.negate.evaluate(a, result: a.type), let number = $0.number(negated)
    else { return nil }
    return $0.emit(.multiply, x[0], number)
  },

  Rule("x * 0 + y = y", .multiplyAdd, on: .integers) {
    $0.isZero($0.right) ? $0.current.operands[2] : nil
  },
  Rule("x * 1 + y = x + y", .multiplyAdd, on: .numbers) {
    $0.isOne($0.right) ? $0.emit(.add, $0.left, $0.current.operands[2]) : nil
  },
  Rule("x * y + 0 = x * y", .multiplyAdd, on: .integers) {
    $0.isZero($0.current.operands[2]) ? $0.emit(.multiply, $0.left, $0.right) : nil
  },
  Rule("x * y + -0 = x * y", .multiplyAdd, on: .floats) {
    $0.isFloat($0.current.operands[2], -0.0) ? $0.emit(.multiply, $0.left, $0.right) : nil
  },
]
