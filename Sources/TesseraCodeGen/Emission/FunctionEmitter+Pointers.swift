import TesseraIR
import TesseraLLVM
import TesseraNumbers

extension FunctionEmitter {
  /// Computes, reads or writes through an address that the program was given.
  mutating func emitPointer(_ op: Operation) throws(CodeGenError) {
    let address = try value(op.operands[0])
    guard case .pointer(let scalar) = source.type(of: op.operands[0]) else { throw malformed(op) }
    let element = ElementType.scalar(scalar)
    switch op.opcode {
    case .pointerOffset:
      let moved = builder.offsetAddress(
        module.memoryType(element), address, try value(op.operands[1]))
      set(op.results[0], .value(moved))
    case .pointerLoad:
      let other = try value(op.operands[2])
      let loaded = try masked(try value(op.operands[1]), otherwise: other) {
        (emitter) throws(CodeGenError) in emitter.loadElement(element, address)
      }
      set(op.results[0], .value(loaded))
    case .pointerStore:
      let stored = try value(op.operands[1])
      _ = try masked(try value(op.operands[2]), otherwise: stored) {
        (emitter) throws(CodeGenError) in
        emitter.storeElement(stored, element, address)
        return stored
      }
    case .atomicUpdate:
      guard case .update(let combiner) = op.attribute else { throw malformed(op) }
      let operand = try value(op.operands[1])
      let nothing = builder.zero(module.type(scalar))
      let old = try masked(try value(op.operands[2]), otherwise: nothing) {
        (emitter) throws(CodeGenError) in
        try emitter.atomicUpdate(address, operand, scalar, combiner, op)
      }
      set(op.results[0], .value(old))
    case .atomicCompareExchange:
      let expected = bits(try value(op.operands[1]), scalar)
      let replacement = bits(try value(op.operands[2]), scalar)
      let pair = builder.atomicCompareExchange(address, expected: expected, replacement)
      set(op.results[0], .value(number(builder.extractMember(pair, 0), scalar)))
    default: throw malformed(op)
    }
  }

  /// Runs `action` where `mask` holds; gives its value, or `other` elsewhere.
  private mutating func masked(
    _ mask: LLVMValue, otherwise other: LLVMValue,
    _ action: (inout FunctionEmitter) throws(CodeGenError) -> LLVMValue
  ) throws(CodeGenError) -> LLVMValue {
    if mask.constantInteger == -1 { return try action(&self) }
    let before = builder.block
    let inside = builder.appendBlock(to: function)
    let end = builder.appendBlock(to: function)
    builder.branch(mask, then: inside, else: end)
    builder.position(atEndOf: inside)
    let result = try action(&self)
    let after = builder.block
    builder.branch(to: end)
    builder.position(atEndOf: end)
    let phi = builder.phi(result.type)
    builder.addIncoming(result, from: after, to: phi)
    builder.addIncoming(other, from: before, to: phi)
    return phi
  }

  // MARK: Atomics

  private mutating func atomicUpdate(
    _ address: LLVMValue, _ operand: LLVMValue, _ scalar: ScalarType, _ combiner: Combiner,
    _ op: Operation
  ) throws(CodeGenError) -> LLVMValue {
    if let direct = directAtomic(scalar, combiner) {
      let isBits = direct == .exchange || scalar == .bool
      let old = builder.atomic(direct, address, isBits ? bits(operand, scalar) : operand)
      return isBits ? number(old, scalar) : old
    }
    return try atomicLoop(address, operand, scalar, combiner, op)
  }

  /// The one instruction that does it, if there is one with exactly this meaning.
  private func directAtomic(_ scalar: ScalarType, _ combiner: Combiner) -> LLVMAtomic? {
    switch combiner {
    case .replace: .exchange
    case .sum where scalar.isInteger: .add
    case .sum where scalar == .f32 || scalar == .f64: .addFloat
    case .minimum where scalar.isInteger: scalar.isSigned ? .minimumSigned : .minimumUnsigned
    case .maximum where scalar.isInteger: scalar.isSigned ? .maximumSigned : .maximumUnsigned
    case .any where scalar == .bool, .bitOr where !scalar.isFloat: .or
    case .all where scalar == .bool, .bitAnd where !scalar.isFloat: .and
    case .bitXor where !scalar.isFloat: .xor
    default: nil
    }
  }

  /// Reads, combines and tries to write until nobody wrote in between.
  private mutating func atomicLoop(
    _ address: LLVMValue, _ operand: LLVMValue, _ scalar: ScalarType, _ combiner: Combiner,
    _ op: Operation
  ) throws(CodeGenError) -> LLVMValue {
    guard let opcode = combiner.opcode else { throw malformed(op) }
    let first = builder.loadVolatile(
      builder.integerType(scalar.bitWidth), address, alignment: scalar.byteCount)
    let before = builder.block
    let loop = builder.appendBlock(to: function)
    let end = builder.appendBlock(to: function)
    builder.branch(to: loop)
    builder.position(atEndOf: loop)
    let expected = builder.phi(first.type)
    builder.addIncoming(first, from: before, to: expected)
    let old = number(expected, scalar)
    let combined = try emitBinary(opcode, old, operand, LaneType(scalar, nil), op)
    let pair = builder.atomicCompareExchange(
      address, expected: expected, bits(combined, scalar))
    builder.addIncoming(builder.extractMember(pair, 0), from: builder.block, to: expected)
    builder.branch(builder.extractMember(pair, 1), then: end, else: loop)
    builder.position(atEndOf: end)
    return old
  }

  /// The integer that memory holds for a number.
  private func bits(_ value: LLVMValue, _ scalar: ScalarType) -> LLVMValue {
    let type = builder.integerType(scalar.bitWidth)
    if scalar == .bool { return builder.cast(.zeroExtend, value, to: type) }
    return value.type == type ? value : builder.cast(.bitcast, value, to: type)
  }

  /// The number for which memory holds an integer.
  private func number(_ bits: LLVMValue, _ scalar: ScalarType) -> LLVMValue {
    if scalar == .bool { return builder.compare(.notEqual, bits, builder.zero(bits.type)) }
    let type = module.type(scalar)
    return bits.type == type ? bits : builder.cast(.bitcast, bits, to: type)
  }
}
