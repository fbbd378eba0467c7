import TesseraIR

/// What a function checks of lengths before it goes on.
extension Function {
  /// `true` iff the function asserts that `length` is a multiple of `number` before the first operation
  /// of its own region that is an `end`.
  func checks(
    _ number: Int64, divides length: Value, before isEnd: (ID<Operation>) -> Bool
  ) -> Bool {
    regions[body].operations.prefix { !isEnd($0) }.contains { id in
      guard operations[id].opcode == .assert,
        let condition = made(operations[id].operands[0], by: .equal),
        integerConstant(condition.operands[1]) == 0,
        let rest = made(condition.operands[0], by: .remainder)
      else { return false }
      return rest.operands[0] == length && integerConstant(rest.operands[1]) == number
    }
  }

  /// `true` iff `divisor` is known not to be 0 where the operation `user`, which the function's own region
  /// lists, has an index below `length`: it is that length over a number that was checked to divide it.
  func isPart(_ divisor: Value, of length: Value, before user: ID<Operation>) -> Bool {
    guard let quotient = made(divisor, by: .divide), quotient.operands[0] == length,
      let number = integerConstant(quotient.operands[1]), number > 0,
      regions[body].operations.contains(user)
    else { return false }
    return checks(number, divides: length) { $0 == user }
  }

  /// The operation that gives `value`, if it is a `opcode`.
  func made(_ value: Value, by opcode: Opcode) -> Operation? {
    guard let id = definition(of: value), operations[id].opcode == opcode else { return nil }
    return operations[id]
  }
}
