import TesseraIR

/// Branches, loops and calls.
extension Compiler {
  /// Translates an `if`: both branches leave their results in the same places.
  mutating func compileIf(_ op: Operation) {
    let results = op.results.map { place($0) }
    let toElse = emit(Instruction(code: .jumpUnless, a: slot(op.operands[0])))
    compileRegion(op.regions[0], results: results)
    let toEnd = emit(Instruction(code: .jump))
    land(toElse)
    compileRegion(op.regions[1], results: results)
    land(toEnd)
  }

  /// Translates a loop to a box of one index; carried values live where the results do.
  mutating func compileFor(_ id: ID<Operation>, _ op: Operation) {
    let results = op.results.map { place($0) }
    // The carried values live in the places of the results all along.
    emitMoves(of: id, operands: 3..<op.operands.count, to: results)
    let ends = op.operands[..<3].map { slot($0) }
    let box = startBox(lower: [ends[0]], upper: [ends[1]], steps: [ends[2]])
    let parameters = function.regions[op.regions[0]].parameters
    bind(parameters[0], to: box.index(0))
    for (parameter, result) in zip(parameters.dropFirst(), results) {
      bind(parameter, to: result.slot)
    }
    emitShapeChecks(parameters.dropFirst())
    compileRegion(op.regions[0], results: results)
    endBox(box)
  }

  /// Translates a `while`, whose condition jumps to its end.
  mutating func compileWhile(_ id: ID<Operation>, _ op: Operation) {
    let carried = function.regions[op.regions[0]].parameters.map { place($0) }
    let results = op.results.map { place($0) }
    emitMoves(of: id, operands: op.operands.indices, to: carried)
    let start = here
    emitShapeChecks(function.regions[op.regions[0]].parameters)
    guard let condition = compileOperations(of: op.regions[0]) else { return }
    let passed = function.operations[condition].operands
    let goesOn = slot(passed[0])
    span = function.operations[condition].span
    emitMoves(of: condition, operands: 1..<passed.count, to: results)
    let exit = emit(Instruction(code: .jumpUnless, a: goesOn))
    for (parameter, result) in zip(function.regions[op.regions[1]].parameters, results) {
      bind(parameter, to: result.slot)
    }
    emitShapeChecks(function.regions[op.regions[1]].parameters)
    compileRegion(op.regions[1], results: carried)
    emit(Instruction(code: .jump, c: start))
    land(exit)
  }

  // MARK: Calls

  /// Translates a call.
  mutating func compileCall(_ id: ID<Operation>, _ op: Operation) {
    guard case .symbol(let name) = op.attribute, let callee = functionIndices[name] else { return }
    let arguments = emitTransfers(id)
    let results = op.results.map { slot($0) }
    emit(
      Instruction(
        code: .call, count: Int32(op.operands.count), d: list(results), a: Int32(callee),
        b: arguments))
  }

  /// Translates a call that takes over the frame.
  mutating func compileTailCall(_ id: ID<Operation>) {
    let op = function.operations[id]
    guard case .symbol(let name) = op.attribute, let callee = functionIndices[name] else { return }
    let arguments = emitTransfers(id)
    emit(
      Instruction(
        code: .tailCall, count: Int32(op.operands.count), a: Int32(callee), b: arguments))
  }

  /// Translates the end of a function, with a look at the lengths of what it gives.
  mutating func compileReturn(_ id: ID<Operation>) {
    for (value, type) in zip(function.operations[id].operands, function.resultTypes)
    where type != self.type(value) { emitShapeCheck(value, type) }
    let results = emitTransfers(id)
    emit(
      Instruction(
        code: .finish, count: Int32(function.operations[id].operands.count), b: results))
  }

  /// A list of values that go from one function to another: for each the slot and how many lanes,
  /// 0 for a tensor that is shared, -1 for one that is handed over.
  private mutating func emitTransfers(_ id: ID<Operation>) -> Int32 {
    let operands = function.operations[id].operands
    var entries: [Int32] = []
    for (index, operand) in operands.enumerated() {
      let isTaken = lastUses.taken.contains(LastUses.Use(operation: id, operand: index))
      entries += [slot(operand), isTaken ? -1 : lanes(type(operand))]
    }
    return list(entries)
  }

  // MARK: Text

  /// Translates an `assert` or a `print`.
  mutating func compileText(_ op: Operation) {
    guard case .string(let text) = op.attribute else { return }
    texts.append(text)
    let isAssert = op.opcode == .assert
    let values = isAssert ? op.operands.dropFirst() : op.operands[...]
    var entries: [Int32] = []
    for value in values { entries += [slot(value), index(of: type(value))] }
    emit(
      Instruction(
        code: isAssert ? .check : .print, count: Int32(values.count),
        a: isAssert ? slot(op.operands[0]) : 0, b: Int32(texts.count - 1), c: list(entries)))
  }
}
