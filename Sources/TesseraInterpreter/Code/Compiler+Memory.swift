import TesseraIR

/// Buffers.
extension Compiler {
  /// Translates what makes a buffer.
  mutating func compileAllocate(_ op: Operation) {
    emit(
      Instruction(
        code: .makeBuffer, count: Int32(op.operands.count), d: slot(op.results[0]),
        a: index(of: type(op.results[0])), b: list(op.operands)))
  }

  /// Translates what makes a buffer in bytes that are there.
  mutating func compilePlace(_ op: Operation) {
    emit(
      Instruction(
        code: op.opcode == .place ? .place : .overlay, count: Int32(op.operands.count - 2),
        d: slot(op.results[0]), a: slot(op.operands[0]), b: list(op.operands.dropFirst()),
        c: index(of: type(op.results[0]))))
  }

  /// Translates the store of an element.
  mutating func compileStore(_ op: Operation) {
    emit(
      Instruction(
        code: .store, type: type(op.operands[1]).element.storedType,
        count: Int32(op.operands.count - 2), a: slot(op.operands[1]),
        b: list(op.operands.dropFirst(2)), c: slot(op.operands[0])))
  }

  /// Translates what shows a part of a buffer.
  mutating func compileView(_ op: Operation) {
    emit(
      Instruction(
        code: .view, count: Int32(type(op.operands[0]).rank), d: slot(op.results[0]),
        a: slot(op.operands[0]), b: list(op.operands.dropFirst())))
  }

  /// Translates what shows a buffer in another shape.
  mutating func compileReshape(_ op: Operation) {
    emit(
      Instruction(
        code: .reshape, count: Int32(op.operands.count - 1), d: slot(op.results[0]),
        a: slot(op.operands[0]), b: list(op.operands.dropFirst()),
        c: index(of: type(op.results[0]))))
  }

  /// Translates the copy of a buffer.
  mutating func compileCopy(_ op: Operation) {
    emit(Instruction(code: .copy, a: slot(op.operands[0]), b: slot(op.operands[1])))
  }

  /// Translates a sort from one buffer into two.
  mutating func compileSortBuffer(_ op: Operation) {
    guard case .integer(let axis) = op.attribute else { return }
    emit(
      Instruction(
        code: .sortInto, type: type(op.operands[0]).element.storedType, d: slot(op.operands[1]),
        a: slot(op.operands[0]), b: Int32(axis), c: slot(op.operands[2])))
  }

  /// Translates a loop that may run in several threads; here it runs in one, in order.
  mutating func compileParallel(_ op: Operation) {
    let box = startBox(
      lower: [slot(op.operands[0])], upper: [slot(op.operands[1])], steps: [nil])
    bind(function.regions[op.regions[0]].parameters[0], to: box.index(0))
    compileRegion(op.regions[0], results: [])
    endBox(box)
  }
}
