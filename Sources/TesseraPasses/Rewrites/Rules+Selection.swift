import TesseraIR

/// Choice between two values.
let selectionRules: [Rule] = [
  Rule("select(true, x, y) = x", .select, on: .all) { site in
    site.constant(site.left).map { site.current.operands[$0.bool ? 1 : 2] }
  },
  Rule("select(c, x, x) = x", .select, on: .all) {
    $0.current.operands[1] == $0.current.operands[2] ? $0.right : nil
  },
  Rule("select(not c, x, y) = select(c, y, x)", .select, on: .all) {
    guard let condition = $0.operands(of: $0.left, .bitNot) else { return nil }
    return $0.emit(.select, condition[0], $0.current.operands[2], $0.right)
  },
  Rule("select(c, select(c, x, y), z) = select(c, x, z)", .select, on: .all) {
    guard let inner = $0.operands(of: $0.right, .select), inner[0] == $0.left else { return nil }
    return $0.emit(.select, $0.left, inner[1], $0.current.operands[2])
  },
  Rule("select(c, x, select(c, y, z)) = select(c, x, z)", .select, on: .all) {
    guard let inner = $0.operands(of: $0.current.operands[2], .select), inner[0] == $0.left
    else { return nil }
    return $0.emit(.select, $0.left, $0.right, inner[2])
  },
  Rule("select(c, true, false) = c", .select, on: .bools) {
    $0.hasMatchingCondition && $0.isOne($0.right) && $0.isZero($0.current.operands[2])
      ? $0.left : nil
  },
  Rule("select(c, x, false) = c and x", .select, on: .bools) {
    $0.hasMatchingCondition && $0.isZero($0.current.operands[2])
      ? $0.emit(.bitAnd, $0.left, $0.right) : nil
  },
  Rule("select(c, true, x) = c or x", .select, on: .bools) {
    $0.hasMatchingCondition && $0.isOne($0.right)
      ? $0.emit(.bitOr, $0.left, $0.current.operands[2]) : nil
  },
  Rule("select(c, false, true) = not c", .select, on: .bools) {
    $0.hasMatchingCondition && $0.isZero($0.right) && $0.isOne($0.current.operands[2])
      ? $0.emit(.bitNot, $0.left) : nil
  },
  Rule("select(a < b, a, b) = min(a, b)", .select, on: .integers) { site in
    guard let (opcode, a, b) = site.orderedCondition else { return nil }
    let (x, y) = (site.right, site.current.operands[2])
    let takesLesser = opcode == .less || opcode == .lessOrEqual
    if x == a && y == b { return site.emit(takesLesser ? .minimum : .maximum, a, b) }
    if x == b && y == a { return site.emit(takesLesser ? .maximum : .minimum, a, b) }
    return nil
  },
]

extension Rewriter {
  /// `true` iff the condition has as many lanes as the values.
  fileprivate var hasMatchingCondition: Bool { function.type(of: left) == resultType }

  /// The comparison by size that is the condition, and its operands.
  fileprivate var orderedCondition: (Opcode, Value, Value)? {
    guard let definition = function.definition(of: left) else { return nil }
    let compared = function.operations[definition]
    switch compared.opcode {
    case .less, .lessOrEqual, .greater, .greaterOrEqual:
      return (compared.opcode, compared.operands[0], compared.operands[1])
    default: return nil
    }
  }
}
