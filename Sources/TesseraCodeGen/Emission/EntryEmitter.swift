import TesseraIR
import TesseraLLVM

/// Emits the C function of an export: it checks the arguments, and calls the function proper.
///
///     int32_t NAME(const NAME_args *args, void *workspace, size_t workspace_bytes, tess_error *error)
struct EntryEmitter {
  /// What is known of the module as a whole.
  let module: ModuleEmitter
  /// Appends instructions.
  let builder: LLVMBuilder
  /// What hosts are told of the function.
  let signature: ExportSignature
  /// Where the arguments lie in the structure that hosts fill.
  let layout: ArgumentLayout
  /// The function that is entered.
  let target: ModuleEmitter.EmittedFunction
  /// Which arguments there are.
  let scope: Scope
  /// The entry that is filled.
  let function: LLVMFunction
  /// Where a failed check leaves, and the status that it takes there.
  let failure: (block: LLVMBlock, status: LLVMValue)
  /// The error record, never null.
  private(set) var error: LLVMValue
  /// The value of each dimension symbol.
  private(set) var symbols: [LLVMValue] = []

  /// The arguments that a function looks at.
  enum Scope {
    case all
    /// Constant parameters alone, which do not tell the symbols at these positions.
    case constants(unknown: Set<Int>)
  }

  /// Begins the entry itself.
  init(_ module: ModuleEmitter, _ signature: ExportSignature) throws(CodeGenError) {
    let (pointer, i64) = (module.builder.pointerType, module.builder.integerType(64))
    try self.init(
      module, signature, suffix: "", parameters: [pointer, pointer, i64, pointer],
      errorParameter: 3)
  }

  /// Begins a function of the arguments that is called like the export with `suffix` behind.
  ///
  /// - Parameters:
  ///   - errorParameter: which parameter is the error record; `nil` if callers give none.
  ///   - failureValue: what the function returns when a check fails, if not the status.
  init(
    _ module: ModuleEmitter, _ signature: ExportSignature, suffix: String,
    parameters: [LLVMType], errorParameter: Int?, failureValue: LLVMValue? = nil,
    onlyConstants: Bool = false
  ) throws(CodeGenError) {
    self.module = module
    builder = module.builder
    layout = ArgumentLayout(signature)
    if onlyConstants {
      let (signature, unknown) = signature.toldByConstants()
      self.signature = signature
      scope = .constants(unknown: unknown)
    } else {
      self.signature = signature
      scope = .all
    }
    target = try module.function(signature.function, at: signature.span)
    let i32 = builder.integerType(32)
    function = module.output.addFunction(
      signature.name + suffix + module.options.symbolSuffix,
      builder.functionType(parameters, failureValue?.type ?? i32), linkage: .external)
    builder.addAttributes(["nounwind"], to: function)
    module.addMachineAttributes(to: function)
    if let errorParameter {
      error = function.parameter(errorParameter)
    } else {
      error = builder.zero(builder.pointerType)
    }
    // The builder still has the place where it was in another function.
    builder.clearLocation()
    builder.position(atEndOf: builder.appendBlock(to: function))
    let block = builder.appendBlock(to: function)
    let entry = builder.block
    builder.position(atEndOf: block)
    failure = (block, builder.phi(i32))
    builder.return(failureValue ?? failure.status)
    builder.position(atEndOf: entry)
    // Calls of small functions from C should cost little; the rest is dwarfed by what it calls, and
    // calls in this process by what packs their arguments.
    if !suffix.isEmpty || allLeaves.count > 32 || !module.options.hasCompanions {
      module.leaveAsItIs(function)
    }
  }

  /// Goes on with the function of `other`, but looks at constant parameters alone.
  init(viewing other: EntryEmitter) throws(CodeGenError) {
    module = other.module
    builder = other.builder
    let (signature, unknown) = other.signature.toldByConstants()
    self.signature = signature
    scope = .constants(unknown: unknown)
    layout = other.layout
    target = other.target
    function = other.function
    failure = other.failure
    error = other.error
  }

  /// Fills the function.
  mutating func emit() throws(CodeGenError) {
    begin()
    emitTensorChecks()
    readSymbols()
    emitShapeChecks()
    emitFactChecks()
    emitMemoryChecks()
    try emitCallOfFunction()
  }

  /// Makes sure that there are arguments, and an error record that holds no error.
  mutating func begin() {
    if let scope = module.describe(function, name: signature.name, span: signature.span) {
      builder.setLocation(line: 0, column: 0, scope: scope)
    } else {
      builder.clearLocation()
    }
    beginError()
    check(
      builder.compare(.notEqual, function.parameter(0), builder.zero(builder.pointerType)),
      .nullPointer, "the arguments are null")
  }

  /// Reads the value of each dimension symbol; the tensors that give them are checked.
  mutating func readSymbols() { symbols = signature.symbols.map(symbolValue) }

  // MARK: Fields

  /// The address of a field.
  func address(_ field: ArgumentLayout.Field, leaf: Int = 0) -> LLVMValue {
    builder.byteAddress(function.parameter(0), byteOffset(field, leaf))
  }

  /// Where in the arguments a leaf of a field lies.
  func byteOffset(_ field: ArgumentLayout.Field, _ leaf: Int) -> Int {
    field.byteOffset + TensorLayout.byteCount * leaf
  }

  /// Every leaf with its field, and its position in it.
  var allLeaves: [(field: ArgumentLayout.Field, leaf: ExportSignature.Leaf, position: Int)] {
    layout.fields.flatMap { field in
      field.parameter.leaves.enumerated().map { (field, $1, $0) }
    }
  }

  /// The leaves that the function looks at.
  var leaves: [(field: ArgumentLayout.Field, leaf: ExportSignature.Leaf, position: Int)] {
    allLeaves.filter { includes($0.field) }
  }

  /// `true` iff the function looks at `field`.
  func includes(_ field: ArgumentLayout.Field) -> Bool {
    if case .constants = scope { return field.parameter.isConstant }
    return true
  }

  /// `true` iff the value of `expression` is told by what the function looks at.
  func isKnown(_ expression: DimensionExpression) -> Bool {
    if case .constants(let unknown) = scope {
      return expression.symbols.isDisjoint(with: unknown)
    }
    return true
  }

  /// The leaves that travel as a `tess_tensor`.
  var tensors: [(field: ArgumentLayout.Field, leaf: ExportSignature.Leaf, position: Int)] {
    leaves.filter { $0.field.kind == .tensors }
  }

  /// The name of a leaf in messages.
  func name(_ field: ArgumentLayout.Field, _ leaf: ExportSignature.Leaf) -> LLVMValue {
    let name = field.parameter.name
    return module.string(leaf.key.isEmpty ? name : "\(name).\(leaf.key)")
  }

  /// The length of an axis of a tensor.
  func loadExtent(_ tensor: LLVMValue, _ axis: Int) -> LLVMValue {
    let shape = builder.load(
      builder.pointerType, builder.byteAddress(tensor, TensorLayout.shape), alignment: 8)
    return builder.load(
      builder.integerType(64), builder.byteAddress(shape, 8 * axis), alignment: 8)
  }

  /// The address of a tensor's first element.
  func loadBase(_ tensor: LLVMValue) -> LLVMValue {
    let data = builder.load(builder.pointerType, tensor, alignment: 8)
    let offset = builder.load(
      builder.integerType(64), builder.byteAddress(tensor, TensorLayout.byteOffset), alignment: 8)
    return builder.offsetAddress(builder.integerType(8), data, offset)
  }

  // MARK: The call

  /// Makes sure that there is an error record that holds no error.
  private mutating func beginError() {
    let record = builder.allocateOnStack(
      builder.arrayType(builder.integerType(64), 92), alignment: 8)
    let given = error
    error = builder.select(
      builder.compare(.equal, given, builder.zero(given.type)), record, given)
    builder.store(builder.integer(0, builder.integerType(32)), error, alignment: 4)
  }

  private func emitCallOfFunction() throws(CodeGenError) {
    let run = builder.allocateOnStack(module.runType, alignment: 16)
    builder.call(
      module.runtimeFunction(.beginRun),
      [run, error, function.parameter(1), function.parameter(2)])
    try emitWorkspaceCheck(run)
    if let preparation = try module.preparation(of: signature) {
      try emitPreparedCall(preparation, run)
    }
    try emitCall(of: target, run, try parameterValues(of: target))
    builder.return(builder.integer(0, builder.integerType(32)))
  }

  /// Calls `callee`, ends the run, and leaves if the call failed; else stores the results.
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
    builder.call(module.runtimeFunction(.endRun), [run])

    let isPlain = callee.results == .direct && !callee.source.resultTypes.isEmpty
    if callee.facts.mayFail {
      fail(unlessOK: isPlain ? builder.extractMember(call, 0) : call)
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
      let address = address(field, leaf: position)
      let type = source.type(of: parameter)
      guard type.isBuffer else {
        values.append(loadScalar(field, leaf, address))
        continue
      }
      if case .scalarAddress = field.kind {
        values.append(builder.load(builder.pointerType, address, alignment: 8))
        continue
      }
      guard leaf.shape?.count ?? 0 == type.rank else { throw mismatch() }
      let isThere = hasResults || !field.isResult
      values.append(isThere ? loadBase(address) : builder.zero(builder.pointerType))
      var extents: [LLVMValue] = []
      for (axis, extent) in type.extents.enumerated() {
        if case .constant(let length) = extent {
          extents.append(builder.integer(Int64(length), builder.integerType(64)))
        } else {
          extents.append(isThere ? loadExtent(address, axis) : emit(leaf.shape![axis]))
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

  private func mismatch() -> CodeGenError {
    .malformed("the signature of \(signature.name) does not fit its function", signature.span)
  }

  /// A scalar argument: the field itself, or the one element of a tensor.
  private func loadScalar(
    _ field: ArgumentLayout.Field, _ leaf: ExportSignature.Leaf, _ address: LLVMValue
  ) -> LLVMValue {
    let place =
      switch field.kind {
      case .tensors: loadBase(address)
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
        ? loadBase(address) : builder.load(builder.pointerType, address, alignment: 8)
      let stored =
        leaf.element == .scalar(.bool)
        ? builder.cast(.zeroExtend, value, to: builder.integerType(8)) : value
      builder.store(stored, place, alignment: leaf.element.byteCount)
    }
  }

  // MARK: Failure

  /// Leaves with `status` unless it is 0.
  func fail(unlessOK status: LLVMValue) {
    let goOn = builder.appendBlock(to: function)
    let isOK = builder.compare(.equal, status, builder.zero(status.type))
    builder.addIncoming(status, from: builder.block, to: failure.status)
    builder.branchLikely(isOK, then: goOn, else: failure.block)
    builder.position(atEndOf: goOn)
  }

  /// Records an error without a place and leaves, unless `condition` holds.
  func check(_ condition: LLVMValue, _ status: Status, _ message: String) {
    let goOn = builder.appendBlock(to: function)
    let cold = builder.appendBlock(to: function)
    builder.branchLikely(condition, then: goOn, else: cold)
    builder.position(atEndOf: cold)
    let (i32, pointer) = (builder.integerType(32), builder.pointerType)
    let result = builder.call(
      module.runtimeFunction(.fail),
      [
        error, builder.integer(status.rawValue, i32),
        builder.integer(-1, builder.integerType(64)), builder.zero(pointer),
        builder.integer(0, i32), builder.integer(0, i32), module.string(message),
      ])
    builder.addIncoming(result, from: builder.block, to: failure.status)
    builder.branch(to: failure.block)
    builder.position(atEndOf: goOn)
  }
}
