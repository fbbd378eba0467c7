import TesseraIR
import TesseraLLVM
import TesseraNumbers

extension FunctionEmitter {
  // MARK: Constants

  /// Makes a number, or the memory of a constant tensor, known.
  mutating func emitConstant(_ op: Operation) throws(CodeGenError) {
    let type = source.type(of: op.results[0])
    switch (op.attribute, type) {
    case (.dense(let constant), .buffer(let element, let shape)):
      let base = module.output.addConstant(bytes: constant.bytes, alignment: 64)
      let extents = shape.map { extent in
        if case .constant(let length) = extent { return index(Int64(length)) }
        return index(0)
      }
      set(op.results[0], .buffer(denseBuffer(base, element, extents)))
    case (_, .scalar(let scalar)):
      guard let value = ScalarValue(op.attribute, scalar) else { throw malformed(op) }
      set(op.results[0], .value(constant(value)))
    default: throw malformed(op)
    }
  }

  /// The constant with the bits of `value`.
  func constant(_ value: ScalarValue) -> LLVMValue {
    switch value.type {
    case .f32, .f64: return builder.float(value.double, module.type(value.type))
    case .f16:
      let bits = builder.integer(Int64(value.bits), builder.integerType(16))
      return builder.cast(.bitcast, bits, to: builder.halfType)
    case .bf16, .bool, .i8, .i16, .i32, .i64, .u8, .u16, .u32, .u64:
      return builder.integer(Int64(bitPattern: value.bits), module.type(value.type))
    }
  }

  // MARK: Operations

  /// The result of an operation of the scalar family.
  mutating func emitScalar(_ op: Operation) throws(CodeGenError) -> LLVMValue {
    let operands = try values(op.operands)
    if op.opcode == .select { return builder.select(operands[0], operands[1], operands[2]) }
    guard let type = LaneType(source.type(of: op.operands[0])),
      let result = LaneType(source.type(of: op.results[0]))
    else { throw malformed(op) }
    switch op.opcode {
    case .convert: return convert(operands[0], type, to: result.scalar)
    case .bitcast:
      return operands[0].type == llvm(result)
        ? operands[0] : builder.cast(.bitcast, operands[0], to: llvm(result))
    case .divide, .remainder, .divideTruncating, .remainderTruncating:
      if type.scalar.isInteger { checkDivisor(operands[1], type, op) }
      return try emitBinary(op.opcode, operands[0], operands[1], type, op)
    default:
      return switch operands.count {
      case 1: try emitUnary(op.opcode, operands[0], type, op)
      case 2: try emitBinary(op.opcode, operands[0], operands[1], type, op)
      default: try emitMultiplyAdd(operands, type, op)
      }
    }
  }

  /// An operation on one number.
  func emitUnary(
    _ opcode: Opcode, _ a: LLVMValue, _ type: LaneType, _ op: Operation
  ) throws(CodeGenError) -> LLVMValue {
    if type.isNarrowFloat {
      let wide = widened(a, type)
      if opcode == .isNaN { return builder.compareFloats(.unordered, wide, wide) }
      return narrowed(try unaryFloat(opcode, wide, type.with(.f32), op), type)
    }
    return type.scalar.isFloat
      ? try unaryFloat(opcode, a, type, op) : try unaryInteger(opcode, a, type, op)
  }

  /// An operation on two numbers of one type; divisors are not 0.
  func emitBinary(
    _ opcode: Opcode, _ a: LLVMValue, _ b: LLVMValue, _ type: LaneType, _ op: Operation
  ) throws(CodeGenError) -> LLVMValue {
    if type.isNarrowFloat {
      let result = try binaryFloat(
        opcode, widened(a, type), widened(b, type), type.with(.f32), op)
      return opcode.isComparison ? result : narrowed(result, type)
    }
    return type.scalar.isFloat
      ? try binaryFloat(opcode, a, b, type, op) : try binaryInteger(opcode, a, b, type, op)
  }

  private func emitMultiplyAdd(
    _ operands: [LLVMValue], _ type: LaneType, _ op: Operation
  ) throws(CodeGenError) -> LLVMValue {
    guard operands.count == 3, op.opcode == .multiplyAdd else { throw malformed(op) }
    if !type.scalar.isFloat {
      return builder.add(builder.multiply(operands[0], operands[1]), operands[2])
    }
    guard module.options.target.hasFusedMultiplyAdd else {
      throw .unsupported(
        "\(module.options.target.name) cannot round a product and a sum at once", op.span)
    }
    if type.isNarrowFloat {
      let wide = operands.map { widened($0, type) }
      return narrowed(builder.intrinsic("llvm.fma", [wide[0].type], wide), type)
    }
    return builder.intrinsic("llvm.fma", [llvm(type)], operands)
  }
}
