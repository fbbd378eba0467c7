import TesseraIR
import TesseraLLVM

extension ModuleEmitter {
  /// Emits the functions that tell callers of an export what they must know.
  func emitCompanions(_ signature: ExportSignature) throws(CodeGenError) {
    try emitShapes(signature)
    try emitWorkspace(signature)
    if signature.hasConstants {
      let preparation = try preparation(of: signature)
      try emitPackedByteCount(signature, preparation)
      try emitPrepare(signature, preparation)
    }
    emitInfo(signature)
  }

  /// Emits those that callers in this process need, where they tell what is not known without them.
  func emitMemoryCompanions(_ signature: ExportSignature) throws(CodeGenError) {
    if source.constantWorkspace(of: signature.function) == nil { try emitWorkspace(signature) }
    guard let preparation = try preparation(of: signature) else { return }
    if source.constantByteCount(preparation.packedName) == nil {
      try emitPackedByteCount(signature, preparation)
    }
    try emitPrepare(signature, preparation)
  }

  /// Emits `int32_t NAME_shapes(NAME_args *args, tess_error *error)`.
  private func emitShapes(_ signature: ExportSignature) throws(CodeGenError) {
    let pointer = builder.pointerType
    var entry = try EntryEmitter(
      self, signature, suffix: "_shapes", parameters: [pointer, pointer], errorParameter: 1)
    entry.begin()
    entry.emitTensorChecks()
    if !signature.dependsOnResults {
      entry.readSymbols()
      entry.emitFactChecks()
      entry.emitResultShapes()
    }
    builder.return(builder.integer(0, builder.integerType(32)))
  }

  /// Emits `const tess_info *NAME_info(void)`.
  private func emitInfo(_ signature: ExportSignature) {
    let i32 = builder.integerType(32)
    let function = output.addFunction(
      signature.name + "_info" + options.symbolSuffix,
      builder.functionType([], builder.pointerType), linkage: .external)
    builder.clearLocation()
    builder.position(atEndOf: builder.appendBlock(to: function))
    let count = signature.parameters.count + signature.results.count
    let info = builder.constantStructure([
      builder.integer(1, i32), builder.integer(Int64(count), i32), string(signature.name),
      string(signature.text),
      string("\(options.target.triple) \(options.target.name)"),
      string(manifestLine(signature)),
    ])
    builder.return(output.addConstant(info, alignment: 8))
  }
}

extension EntryEmitter {
  /// Writes element type, rank and sizes of the results that are tensors.
  func emitResultShapes() {
    let (i32, i64) = (builder.integerType(32), builder.integerType(64))
    for (field, leaf, position) in tensors where field.isResult {
      guard case .scalar(let scalar) = leaf.element else { continue }
      let tensor = address(field, leaf: position)
      let extents = leaf.shape ?? []
      let dataType =
        Int64(scalar.dataTypeCode) | Int64(scalar.bitWidth) << 8 | Int64(1) << 16
      for (value, byteOffset) in [
        (Int64(1), TensorLayout.deviceType), (0, TensorLayout.deviceID),
        (Int64(extents.count), TensorLayout.rank), (dataType, TensorLayout.dataType),
      ] {
        builder.store(
          builder.integer(value, i32), builder.byteAddress(tensor, byteOffset), alignment: 4)
      }
      if extents.isEmpty { continue }
      let shape = builder.load(
        builder.pointerType, builder.byteAddress(tensor, TensorLayout.shape), alignment: 8)
      check(
        builder.compare(.notEqual, shape, builder.zero(shape.type)), .nullPointer,
        "'\(field.parameter.name)' has no memory for its shape")
      for (axis, extent) in extents.enumerated() {
        // A negative size is refused by the call itself, with its reason.
        let size = builder.intrinsic("llvm.smax", [i64], [emit(extent), builder.integer(0, i64)])
        builder.store(size, builder.byteAddress(shape, 8 * axis), alignment: 8)
      }
    }
  }
}
