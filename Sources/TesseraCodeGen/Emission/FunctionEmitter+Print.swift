import TesseraIR
import TesseraLLVM

extension FunctionEmitter {
  /// Writes the pieces of the text and the operands between them, then ends the line.
  mutating func emitPrint(_ op: Operation) throws(CodeGenError) {
    guard case .string(let text) = op.attribute else { throw malformed(op) }
    var rest = Substring(text)
    for operand in op.operands {
      let (piece, after) = rest.splitAtPlaceholder()
      emitText(piece)
      rest = after
      try emitPrintedValue(operand)
    }
    emitText(rest)
    builder.call(
      module.runtimeFunction(.printEnd), [loadRun(.instance, builder.integerType(64))])
  }

  private func emitText(_ text: Substring) {
    if text.isEmpty { return }
    builder.call(
      module.runtimeFunction(.printText),
      [module.string(String(text)), index(Int64(text.utf8.count))])
  }

  private func emitPrintedValue(_ operand: Value) throws(CodeGenError) {
    if case .buffer(let buffer) = try get(operand) { return emitPrintedBuffer(buffer) }
    let value = try value(operand)
    guard let scalar = source.type(of: operand).laneType else {
      throw .malformed("an address is printed", source.span)
    }
    func wide(_ cast: LLVMCast, _ bitWidth: Int) -> LLVMValue {
      scalar.bitWidth == bitWidth && scalar != .bool
        ? value : builder.cast(cast, value, to: builder.integerType(bitWidth))
    }
    switch scalar {
    case .bool: builder.call(module.runtimeFunction(.printBool), [wide(.zeroExtend, 32)])
    case .i8, .i16, .i32, .i64:
      builder.call(module.runtimeFunction(.printI64), [wide(.signExtend, 64)])
    case .u8, .u16, .u32, .u64:
      builder.call(module.runtimeFunction(.printU64), [wide(.zeroExtend, 64)])
    case .f16:
      let bits = builder.cast(.bitcast, value, to: builder.integerType(16))
      builder.call(module.runtimeFunction(.printF16), [bits])
    case .bf16: builder.call(module.runtimeFunction(.printBF16), [value])
    case .f32: builder.call(module.runtimeFunction(.printF32), [value])
    case .f64: builder.call(module.runtimeFunction(.printF64), [value])
    }
  }

  private func emitPrintedBuffer(_ buffer: EmittedBuffer) {
    guard case .scalar(let scalar) = buffer.element else { return }
    let tensor = allocateOnStack(
      builder.arrayType(builder.integerType(8), TensorLayout.byteCount), alignment: 8)
    let (i32, i64) = (builder.integerType(32), builder.integerType(64))
    func store(_ value: LLVMValue, _ byteOffset: Int) {
      builder.store(value, builder.byteAddress(tensor, byteOffset), alignment: 4)
    }
    store(buffer.base, TensorLayout.data)
    store(builder.integer(1, i32), TensorLayout.deviceType)
    store(builder.integer(0, i32), TensorLayout.deviceID)
    store(builder.integer(Int64(buffer.rank), i32), TensorLayout.rank)
    let dataType =
      Int64(scalar.dataTypeCode) | Int64(scalar.bitWidth) << 8 | Int64(1) << 16
    store(builder.integer(dataType, i32), TensorLayout.dataType)
    store(storeIndices(buffer.extents), TensorLayout.shape)
    store(storeIndices(buffer.strides), TensorLayout.strides)
    store(builder.integer(0, i64), TensorLayout.byteOffset)
    builder.call(module.runtimeFunction(.printTensor), [tensor])
  }
}

extension Substring {
  /// What stands before the first `{}`, and what after it.
  fileprivate func splitAtPlaceholder() -> (Substring, Substring) {
    var position = startIndex
    while position < endIndex {
      let next = index(after: position)
      if self[position] == "{", next < endIndex, self[next] == "}" {
        return (self[..<position], self[index(after: next)...])
      }
      position = next
    }
    return (self, self[endIndex...])
  }
}

/// Where the members of a `tess_tensor`, which are called as there, lie, in bytes; the same on every
/// target.
enum TensorLayout {
  static let data = 0
  static let deviceType = 8
  static let deviceID = 12
  static let rank = 16
  static let dataType = 20
  static let shape = 24
  static let strides = 32
  static let byteOffset = 40
  static let byteCount = 48
}
