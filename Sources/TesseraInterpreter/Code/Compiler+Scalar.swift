import TesseraIR
import TesseraNumbers

/// Numbers, vectors and addresses.
extension Compiler {
  /// Translates a number to an entry of the pool, a dense constant to a tensor.
  mutating func compileConstant(_ op: Operation) {
    let result = op.results[0]
    switch type(result) {
    case .scalar(let type):
      emitConstant(ScalarValue(op.attribute, type)?.bits ?? 0, to: slot(result))
    case .tensor(let element, let extents), .buffer(let element, let extents):
      guard case .scalar(let type) = element, case .dense(let dense) = op.attribute else { return }
      let lengths = extents.map { if case .constant(let length) = $0 { length } else { 0 } }
      tensors.append(TensorValue(type, shape: lengths, bytes: dense.bytes))
      emit(Instruction(code: .constantTensor, d: slot(result), a: Int32(tensors.count - 1)))
    case .pointer, .vector: break
    }
  }

  /// Translates a choice, by one bool or lane by lane.
  mutating func compileSelect(_ op: Operation) {
    let count = lanes(type(op.results[0]))
    let isOneChoice = type(op.operands[0]) == .bool
    emit(
      Instruction(
        code: count == 1 ? .select : isOneChoice ? .selectLanes : .lanes, opcode: .select,
        type: .bool, resultType: type(op.results[0]).laneType ?? .u64, count: count,
        d: slot(op.results[0]), a: slot(op.operands[0]), b: slot(op.operands[1]),
        c: slot(op.operands[2])))
  }

  /// Translates an operation of the scalar family.
  mutating func compileScalar(_ op: Operation) {
    emitScalar(
      op.opcode, type(op.operands[0]), type(op.results[0]), to: slot(op.results[0]),
      op.operands.map { slot($0) })
  }

  /// Emits an operation of the scalar family on values that are in registers.
  mutating func emitScalar(
    _ opcode: Opcode, _ type: Type, _ resultType: Type, to target: Int32, _ operands: [Int32]
  ) {
    let scalar = type.laneType ?? .u64
    let count = lanes(type)
    var instruction = Instruction(
      code: count == 1 ? fastCode(opcode, scalar) : .lanes, opcode: opcode, type: scalar,
      resultType: resultType.laneType ?? .u64, count: count, d: target, a: operands[0],
      b: operands.count > 1 ? operands[1] : operands[0],
      c: operands.count > 2 ? operands[2] : operands[0])
    if count == 1, opcode == .greater || opcode == .greaterOrEqual, instruction.code != .scalar {
      swap(&instruction.a, &instruction.b)
    }
    emit(instruction)
  }

  /// The code of its own that frequent operations have.
  private func fastCode(_ opcode: Opcode, _ type: ScalarType) -> Code {
    switch (opcode, type) {
    case (.add, .i64): .addI64
    case (.subtract, .i64): .subtractI64
    case (.multiply, .i64): .multiplyI64
    case (.equal, .i64): .equalI64
    case (.less, .i64), (.greater, .i64): .lessI64
    case (.lessOrEqual, .i64), (.greaterOrEqual, .i64): .lessOrEqualI64
    case (.add, .f32): .addF32
    case (.subtract, .f32): .subtractF32
    case (.multiply, .f32): .multiplyF32
    case (.multiplyAdd, .f32): .multiplyAddF32
    case (.less, .f32), (.greater, .f32): .lessF32
    case (.lessOrEqual, .f32), (.greaterOrEqual, .f32): .lessOrEqualF32
    case (.add, .f64): .addF64
    case (.subtract, .f64): .subtractF64
    case (.multiply, .f64): .multiplyF64
    case (.multiplyAdd, .f64): .multiplyAddF64
    case (.bitAnd, _): .andBits
    case (.bitOr, _): .orBits
    default: .scalar
    }
  }

  // MARK: Vectors

  /// Translates what rearranges or combines the lanes of a vector.
  mutating func compileLanes(_ op: Operation) {
    let result = op.results[0]
    var instruction = Instruction(
      code: .splat, type: type(result).laneType ?? .u64, count: lanes(type(result)),
      d: slot(result))
    switch op.opcode {
    case .laneIndex: instruction.code = .laneIndex
    case .reduceLanes:
      guard case .reduction(let combiner, _, _) = op.attribute else { return }
      instruction.code = .reduceLanes
      instruction.opcode = combiner.opcode ?? .add
      instruction.count = lanes(type(op.operands[0]))
      instruction.b = makeSlot(lanes: instruction.count)
      instruction.a = slot(op.operands[0])
    case .pickLanes:
      guard case .integer(let first) = op.attribute else { return }
      instruction.code = .pickLanes
      instruction.a = slot(op.operands[0]) + Int32(first)
      instruction.c = Int32(lanes(type(op.operands[0]))) / instruction.count
    default:
      instruction.a = slot(op.operands[0])
      instruction.c = Int32(lanes(type(op.operands[0])))
    }
    emit(instruction)
  }

  /// Translates a look into a table, which goes to registers.
  mutating func compileLookUp(_ op: Operation) {
    guard case .dense(let table) = op.attribute else { return }
    let words = table.words
    let entries = makeSlot(lanes: Int32(words.count))
    for (place, word) in words.enumerated() {
      emitConstant(UInt64(word), to: entries + Int32(place))
    }
    emit(
      Instruction(
        code: .lookUp, count: lanes(type(op.results[0])), d: slot(op.results[0]),
        a: slot(op.operands[0]), c: entries))
  }

  /// Translates what takes lanes from several vectors by turns.
  mutating func compileWeave(_ op: Operation) {
    for (position, operand) in op.operands.enumerated() {
      emit(
        Instruction(
          code: .placeLanes, type: type(operand).laneType ?? .u64, count: lanes(type(operand)),
          d: slot(op.results[0]) + Int32(position), a: slot(operand),
          c: Int32(op.operands.count)))
    }
  }

  /// Translates a transpose by way of a matrix in registers.
  mutating func compileTranspose(_ op: Operation) {
    let rows = Int32(op.operands.count)
    let matrix = makeSlot(lanes: rows * Int32(op.results.count))
    for (row, operand) in op.operands.enumerated() {
      emit(
        Instruction(
          code: .placeLanes, type: type(operand).laneType ?? .u64, count: lanes(type(operand)),
          d: matrix + Int32(row), a: slot(operand), c: rows))
    }
    for (column, result) in op.results.enumerated() {
      emit(
        Instruction(
          code: .move, count: rows, d: slot(result), a: matrix + Int32(column) * rows))
    }
  }

  /// Widens the factors, and adds for each number that a sum takes together one product to all sums.
  mutating func compileDot(_ op: Operation) {
    let result = type(op.results[0])
    let (count, target) = (lanes(result), slot(op.results[0]))
    let factorLanes = lanes(type(op.operands[0]))
    let wide = Type.vector(result.laneType ?? .i32, lanes: Int(factorLanes))
    let factors = op.operands[..<2].map { operand in
      let place = makeSlot(lanes: factorLanes)
      emitScalar(.convert, type(operand), wide, to: place, [slot(operand)])
      return place
    }
    if result.laneType == .f32 {
      emit(
        Instruction(
          code: .dotPairs, count: count, d: target, a: factors[0], b: factors[1],
          c: slot(op.operands[2])))
      return
    }
    emit(Instruction(code: .move, count: count, d: target, a: slot(op.operands[2])))
    let picked = factors.map { _ in makeSlot(lanes: count) }
    for first in 0..<factorLanes / count {
      for (from, to) in zip(factors, picked) {
        emit(
          Instruction(
            code: .pickLanes, count: count, d: to, a: from + first, c: factorLanes / count))
      }
      emitScalar(.multiplyAdd, result, result, to: target, picked + [target])
    }
  }

  /// Translates the load of neighbours.
  mutating func compileVectorLoad(_ op: Operation) {
    let result = op.results[0]
    emit(
      Instruction(
        code: .loadVector, type: type(result).laneType ?? .u64, count: lanes(type(result)),
        d: slot(result), a: slot(op.operands[0]), b: list(op.operands.dropFirst())))
  }

  /// Reads one element after the other.
  mutating func compileStridedLoad(_ op: Operation) {
    guard case .integer(let axis) = op.attribute else { return }
    let (result, step) = (op.results[0], slot(op.operands.last!))
    var indices = op.operands.dropFirst().dropLast().map { slot($0) }
    let moving = makeSlot()
    emit(Instruction(code: .move, d: moving, a: indices[Int(axis)]))
    indices[Int(axis)] = moving
    let place = list(indices)
    for lane in 0..<lanes(type(result)) {
      if lane > 0 { emitScalar(.add, .index, .index, to: moving, [moving, step]) }
      emit(
        Instruction(
          code: .load, type: type(op.operands[0]).element.storedType, count: Int32(indices.count),
          d: slot(result) + lane, a: slot(op.operands[0]), b: place))
    }
  }

  /// Translates the store of neighbours.
  mutating func compileVectorStore(_ op: Operation, indices: ArraySlice<Value>) {
    let vector = op.operands[0]
    emit(
      Instruction(
        code: .storeVector, type: type(vector).laneType ?? .u64, count: lanes(type(vector)),
        a: slot(op.operands[1]), b: list(indices), c: slot(vector)))
  }

  // MARK: Addresses

  /// Translates an operation on an address.
  mutating func compilePointer(_ op: Operation) {
    guard case .pointer(let scalar) = type(op.operands[0]) else { return }
    let operands = op.operands.map { slot($0) }
    var instruction = Instruction(
      code: .addressOffset, type: scalar, d: op.results.first.map { slot($0) } ?? 0,
      a: operands[0], b: operands[1], c: operands.count > 2 ? operands[2] : 0)
    switch op.opcode {
    case .pointerLoad: instruction.code = .addressLoad
    case .pointerStore: instruction.code = .addressStore
    case .atomicUpdate:
      guard case .update(let combiner) = op.attribute else { return }
      instruction.code = .addressUpdate
      // `constant` stands for the new value alone.
      instruction.opcode = combiner.opcode ?? .constant
    case .atomicCompareExchange: instruction.code = .addressExchange
    default: break
    }
    emit(instruction)
  }
}
