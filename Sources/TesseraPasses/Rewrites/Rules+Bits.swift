import TesseraIR

/// Bits, and logic of bools.
let bitRules: [Rule] = [
  Rule("x & 0 = 0", .bitAnd, on: .bits) { $0.isZero($0.right) ? $0.right : nil },
  Rule("x & ~0 = x", .bitAnd, on: .bits) { $0.isAllOnes($0.right) ? $0.left : nil },
  Rule("x & x = x", .bitAnd, .bitOr, on: .bits) { $0.left == $0.right ? $0.left : nil },
  Rule("x & ~x = 0", .bitAnd, on: .bits) { $0.areComplements ? $0.number(0) : nil },
  Rule("x & (x | y) = x", .bitAnd, on: .bits) { $0.absorbed(by: .bitOr) },
  Rule("(x & a) & b = x & (a & b)", .bitAnd, .bitOr, .bitXor, on: .bits) { $0.reassociated() },

  Rule("x | 0 = x", .bitOr, on: .bits) { $0.isZero($0.right) ? $0.left : nil },
  Rule("x | ~0 = ~0", .bitOr, on: .bits) { $0.isAllOnes($0.right) ? $0.right : nil },
  Rule("x | ~x = ~0", .bitOr, on: .bits) { $0.areComplements ? $0.number(-1) : nil },
  Rule("x | (x & y) = x", .bitOr, on: .bits) { $0.absorbed(by: .bitAnd) },

  Rule("x ^ 0 = x", .bitXor, on: .bits) { $0.isZero($0.right) ? $0.left : nil },
  Rule("x ^ ~0 = ~x", .bitXor, on: .bits) {
    $0.isAllOnes($0.right) ? $0.emit(.bitNot, $0.left) : nil
  },
  Rule("x ^ x = 0", .bitXor, on: .bits) { $0.left == $0.right ? $0.number(0) : nil },

  Rule("~~x = x", .bitNot, on: .bits) { $0.operands(of: $0.left, .bitNot)?[0] },
  Rule("not (a < b) = a >= b", .bitNot, on: .bools) { site in
    guard let definition = site.function.definition(of: site.left) else { return nil }
    let compared = site.function.operations[definition]
    guard let negated = compared.opcode.negated else { return nil }
    let isFloat = site.function.type(of: compared.operands[0]).laneType?.isFloat ?? true
    if isFloat && compared.opcode != .equal && compared.opcode != .notEqual { return nil }
    return site.emit(negated, compared.operands[0], compared.operands[1])
  },
]

extension Rewriter {
  /// `true` iff one operand is the complement of the other.
  fileprivate var areComplements: Bool {
    operands(of: left, .bitNot)?[0] == right || operands(of: right, .bitNot)?[0] == left
  }

  /// The operand that swallows the other, where the other is `opcode` on it.
  fileprivate func absorbed(by opcode: Opcode) -> Value? {
    if other(of: right, opcode, than: left) != nil { return left }
    return other(of: left, opcode, than: right) != nil ? right : nil
  }
}
