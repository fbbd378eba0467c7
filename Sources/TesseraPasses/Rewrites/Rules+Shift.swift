import TesseraIR

/// Shifts.
let shiftRules: [Rule] = [
  Rule("x << 0 = x", .shiftLeft, .shiftRight, on: .integers) {
    $0.isZero($0.right) ? $0.left : nil
  },
  Rule("0 << x = 0", .shiftLeft, .shiftRight, on: .integers) {
    $0.isZero($0.left) ? $0.left : nil
  },
  Rule("x << a = 0 if a >= width", .shiftLeft, on: .integers) {
    guard let a = $0.constant($0.right), a.bits >= UInt64(a.type.bitWidth) else { return nil }
    return $0.number(0)
  },
  Rule("(x << a) << b = x << (a + b)", .shiftLeft, .shiftRight, on: .integers) { site in
    guard let b = site.constant(site.right),
      let inner = site.operands(of: site.left, site.current.opcode),
      let a = site.constant(inner[1])
    else { return nil }
    // Beyond the width all amounts do the same, so the sum stays small.
    let width = UInt64(b.type.bitWidth)
    let sum = min(a.bits, width) + min(b.bits, width)
    return site.number(Int64(sum)).map { site.emit(site.current.opcode, inner[0], $0) }
  },
]
