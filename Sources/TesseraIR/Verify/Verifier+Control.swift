/// Types of the control family.
extension Verifier {
  /// A bool chooses; both regions take nothing and yield the results.
  mutating func checkIf(_ op: Operation) {
    checkOperand(op, 0, .bool)
    for region in op.regions.indices {
      checkParameters(op, region: region, [])
      checkYield(op, region: region, types(op.results))
    }
  }

  /// Start, end and step are indices; the region takes an index and what is carried, and yields
  /// that.
  mutating func checkFor(_ op: Operation) {
    guard op.operands.count >= 3 else {
      return fail(op, .irOperandCount(op.spelling, "at least 3", op.operands.count))
    }
    checkIndices(op, 0..<3)
    let carried = types(op.operands.dropFirst(3))
    checkParameters(op, region: 0, [.index] + carried)
    checkYield(op, region: 0, carried)
    checkResults(op, carried)
  }

  /// The first region takes what is carried and says whether to go on, and what to pass to the
  /// second one, which yields what is carried next.
  mutating func checkWhile(_ op: Operation) {
    let carried = types(op.operands)
    checkParameters(op, region: 0, carried)
    guard let condition = terminator(op, region: 0), condition.opcode == .condition else { return }
    let passed = types(condition.operands.dropFirst())
    if condition.operands.first.map(type) != .bool {
      fail(condition, .irYield(condition.spelling, [.bool] + passed))
    }
    checkParameters(op, region: 1, passed)
    checkYield(op, region: 1, carried)
    checkResults(op, passed)
  }

  /// Operands and results are those of the function that is called.
  mutating func checkCall(_ op: Operation) {
    guard let callee = checkCallee(op) else { return }
    checkResults(op, callee.results)
  }

  /// The function that is called gives the results of this one.
  mutating func checkTailCall(_ op: Operation) {
    guard let callee = checkCallee(op) else { return }
    checkResults(op, [])
    if case .symbol(let name) = op.attribute, !agree(callee.results, function.resultTypes) {
      fail(op, .irCall("'@\(name)' gives other results than '@\(function.name)'"))
    }
  }

  /// The signature of the function that is called, against which the operands are checked; `nil` if
  /// there is no such function.
  private mutating func checkCallee(_ op: Operation) -> Signature? {
    guard case .symbol(let name) = op.attribute else { return nil }
    guard let callee = signatures[name] else {
      fail(op, .irCall("there is no function '@\(name)'"))
      return nil
    }
    if op.operands.count != callee.parameters.count {
      fail(
        op,
        .irCall("'@\(name)' takes \(callee.parameters.count) values, not \(op.operands.count)"))
      return nil
    }
    for (index, type) in callee.parameters.enumerated() { checkOperand(op, index, type) }
    return callee
  }

  /// The operands are the results of the function.
  mutating func checkReturn(_ op: Operation) {
    checkResults(op, [])
    if !agree(types(op.operands), function.resultTypes) {
      fail(op, .irYield(op.spelling, function.resultTypes))
    }
  }

  /// A bool, then a number for each `{}` of the text.
  mutating func checkAssert(_ op: Operation) {
    guard !op.operands.isEmpty else {
      return fail(op, .irOperandCount(op.spelling, "at least 1", 0))
    }
    checkOperand(op, 0, .bool)
    for index in op.operands.indices.dropFirst() {
      guard case .scalar = operand(op, index) else {
        failOperand(op, index, ScalarKinds.numbersAndBools.name)
        continue
      }
    }
    checkText(op, operandCount: op.operands.count - 1)
    checkResults(op, [])
  }

  /// A number, tensor or buffer for each `{}` of the text.
  mutating func checkPrint(_ op: Operation) {
    for index in op.operands.indices {
      switch operand(op, index) {
      case .scalar, .tensor, .buffer: break
      case .pointer, .vector: failOperand(op, index, "a number, tensor or buffer")
      }
    }
    checkText(op, operandCount: op.operands.count)
    checkResults(op, [])
  }

  /// The text has `{}` as often as there are values for it.
  private mutating func checkText(_ op: Operation, operandCount: Int) {
    guard case .string(let text) = op.attribute else { return }
    let count = placeholderCount(text)
    if count != operandCount {
      fail(op, .irAttribute("the text has '{}' \(count) times for \(operandCount) operands"))
    }
  }
}

/// How often `{}` stands in `text`.
public func placeholderCount(_ text: String) -> Int {
  text.utf8.reduce((count: 0, last: UInt8(0))) { state, byte in
    let isPlaceholder = state.last == UInt8(ascii: "{") && byte == UInt8(ascii: "}")
    return (state.count + (isPlaceholder ? 1 : 0), byte)
  }.count
}
