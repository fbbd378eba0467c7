import TesseraIR
import TesseraLLVM

/// The call of the function proper, between arguments in memory and values.
extension EntryEmitter {
  /// Calls `callee`, stores the results if the call went well, and ends.
  func emitCall(
    of callee: ModuleEmitter.EmittedFunction, _ run: LLVMValue, _ values: [LLVMValue]
  ) throws(CodeGenError) {
    var arguments = [run]
    let resultsType = module.resultsType(callee.source)
    var slot: LLVMValue?
    if callee.results == .memory {
      slot = builder.allocateOnStack(resultsType, alignment: 16)
      arguments.append(slot!)
    }
    let call = builder.call(
      callee.function, arguments + passing(values, to: callee), convention: callee.convention)
    let isPlain = callee.results == .direct && !callee.source.resultTypes.isEmpty
    if callee.facts.mayFail {
      let status = isPlain ? builder.extractMember(call, 0) : call
      if callee.source.resultTypes.isEmpty { return leave(status) }
      fail(unlessOK: status)
    }
    let results: [LLVMValue] =
      if let slot {
        callee.source.resultTypes.enumerated().map { index, type in
          builder.load(
            module.type(type), builder.memberAddress(resultsType, slot, index), alignment: 1)
        }
      } else if isPlain {
        [callee.facts.mayFail ? builder.extractMember(call, 1) : call]
      } else {
        []
      }
    try storeResults(results)
    leave(builder.integer(0, builder.integerType(32)))
  }

  /// What a call of `callee` passes behind the run and the place of results.
  func passing(_ values: [LLVMValue], to callee: ModuleEmitter.EmittedFunction) -> [LLVMValue] {
    module.passing(values, to: callee) { builder.allocateOnStack($0, alignment: 8) }
  }

  /// The values of the parameters of `callee`, which are those of the function that it looks at,
  /// read from the arguments.
  ///
  /// - Parameters:
  ///   - hasResults: `false` where results have no memory and shape yet; the shape is then computed.
  ///   - packed: the address and length of packed memory, if it is the last parameter.
  func parameterValues(
    of callee: ModuleEmitter.EmittedFunction, hasResults: Bool = true, packed: [LLVMValue] = []
  ) throws(CodeGenError) -> [LLVMValue] {
    let source = callee.source
    var inputs = leaves.filter { !$0.field.isResult }[...]
    var outputs = leaves.filter { $0.field.isResult && $0.leaf.shape != nil }[...]
    var values: [LLVMValue] = []
    let own = source.parameters.dropLast(packed.isEmpty ? 0 : 1)
    for (index, (parameter, role)) in zip(own, source.roles).enumerated() {
      guard let (field, leaf, position) = role == .output ? outputs.popFirst() : inputs.popFirst()
      else { throw mismatch() }
      if index % ModuleEmitter.mostInBlock == ModuleEmitter.mostInBlock - 1 {
        builder.continueInNewBlock()
      }
      let type = source.type(of: parameter)
      guard type.isBuffer else {
        values.append(loadScalar(field, leaf, position))
        continue
      }
      if case .scalarAddress = field.kind {
        values.append(builder.load(builder.pointerType, address(field), alignment: 8))
        continue
      }
      guard leaf.shape?.count ?? 0 == type.rank else { throw mismatch() }
      let isThere = hasResults || !field.isResult
      values.append(
        isThere ? firstElement(field, position) : builder.zero(builder.pointerType))
      var extents: [LLVMValue] = []
      for (axis, extent) in type.extents.enumerated() {
        if case .constant(let length) = extent {
          extents.append(builder.integer(Int64(length), builder.integerType(64)))
        } else {
          let length = leaf.shape![axis]
          extents.append(
            isThere && !isLoaded(length)
              ? loadExtent(address(field, leaf: position), axis) : emit(length))
          values.append(extents[axis])
        }
      }
      if !callee.isDense(index), type.rank > 1 {
        var stride = builder.integer(1, builder.integerType(64))
        var strides: [LLVMValue] = []
        for axis in (1..<type.rank).reversed() {
          stride = builder.multiplyIndices(stride, extents[axis])
          strides.insert(stride, at: 0)
        }
        values += strides
      }
    }
    guard inputs.isEmpty, outputs.isEmpty else { throw mismatch() }
    return values + packed
  }

  /// `true` iff a tensor of a call that was checked has a length that was read before.
  private func isLoaded(_ length: DimensionExpression) -> Bool {
    guard call != nil, case .symbol(let index) = length else { return false }
    return symbols.indices.contains(index)
  }

  private func mismatch() -> CodeGenError {
    .malformed("the signature of \(signature.name) does not fit its function", signature.span)
  }

  /// A scalar argument: the field itself, or the one element of a tensor.
  private func loadScalar(
    _ field: ArgumentLayout.Field, _ leaf: ExportSignature.Leaf, _ position: Int
  ) -> LLVMValue {
    let address = address(field, leaf: position)
    let place =
      switch field.kind {
      case .tensors: firstElement(field, position)
      case .scalarAddress: builder.load(builder.pointerType, address, alignment: 8)
      case .scalar, .pointer: address
      }
    let stored = builder.load(
      module.memoryType(leaf.element), place, alignment: leaf.element.byteCount)
    return leaf.element == .scalar(.bool)
      ? builder.compare(.notEqual, stored, builder.zero(stored.type)) : stored
  }

  /// Stores the results of the function proper where the caller wants them: scalars that it was to
  /// change, then results.
  private func storeResults(_ values: [LLVMValue]) throws(CodeGenError) {
    var scalars = leaves.filter { $0.field.isResult && $0.leaf.shape == nil }
    let changed = leaves.filter { $0.field.parameter.isInout && $0.leaf.shape == nil }
    if scalars.count + changed.count == values.count { scalars = changed + scalars }
    guard scalars.count == values.count else { throw mismatch() }
    for ((field, leaf, position), value) in zip(scalars, values) {
      let address = address(field, leaf: position)
      let place =
        field.kind == .tensors
        ? firstElement(field, position) : builder.load(builder.pointerType, address, alignment: 8)
      let stored =
        leaf.element == .scalar(.bool)
        ? builder.cast(.zeroExtend, value, to: builder.integerType(8)) : value
      builder.store(stored, place, alignment: leaf.element.byteCount)
    }
  }
}
