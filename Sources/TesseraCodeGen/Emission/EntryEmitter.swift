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
  /// Where the function ends, and the status that it takes there.
  let end: (block: LLVMBlock, status: LLVMValue)
  /// The call that is begun, checked and ended, if the function does what the export does or part of
  /// it.
  private(set) var call: Call?
  /// The error record that callers give, or what stands for it.
  private(set) var record: LLVMValue
  /// The value of each dimension symbol.
  private(set) var symbols: [LLVMValue] = []

  /// The arguments that a function looks at.
  enum Scope {
    case all
    /// Constant parameters alone, which do not tell the symbols at these positions.
    case constants(unknown: Set<Int>)
  }

  /// A `tess_call` on the stack.
  struct Call {
    let address: LLVMValue
    /// Which of the expected tensors lies so many bytes from the start of the arguments.
    let positions: [Int: Int]
  }

  /// Begins the entry itself.
  init(_ module: ModuleEmitter, _ signature: ExportSignature) throws(CodeGenError) {
    let (pointer, i64) = (module.builder.pointerType, module.builder.integerType(64))
    try self.init(
      module, signature, suffix: "", parameters: [pointer, pointer, i64, pointer],
      errorParameter: 3, isCall: true)
  }

  /// Begins a function of the arguments that is called like the export with `suffix` behind.
  ///
  /// - Parameters:
  ///   - errorParameter: which parameter is the error record; `nil` if callers give none.
  ///   - failureValue: what the function returns when a check fails, if not the status.
  init(
    _ module: ModuleEmitter, _ signature: ExportSignature, suffix: String,
    parameters: [LLVMType], errorParameter: Int?, failureValue: LLVMValue? = nil,
    onlyConstants: Bool = false, isCall: Bool = false
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
      record = function.parameter(errorParameter)
    } else {
      record = builder.zero(builder.pointerType)
    }
    // The builder still has the place where it was in another function.
    builder.clearLocation()
    builder.position(atEndOf: builder.appendBlock(to: function))
    let block = builder.appendBlock(to: function)
    let entry = builder.block
    builder.position(atEndOf: block)
    end = (block, builder.phi(i32))
    builder.position(atEndOf: entry)
    if isCall { call = makeCall() }
    builder.position(atEndOf: block)
    if let call {
      builder.return(
        builder.call(module.runtimeFunction(.endCall), [call.address, end.status]))
    } else {
      builder.return(failureValue ?? end.status)
    }
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
    end = other.end
    call = other.call
    record = other.record
  }

  /// Fills the function.
  mutating func emit() throws(CodeGenError) {
    let preparation = try module.preparation(of: signature)
    let memory = knownMemory(preparation)
    emitChecks(workspace: function.parameter(1), byteCount: function.parameter(2), memory)
    let run = call!.address
    if memory == nil { try emitWorkspaceCheck(run) }
    if let preparation { try emitPreparedCall(preparation, run, isChecked: memory != nil) }
    try emitCall(of: target, run, try parameterValues(of: target))
  }

  /// Gives what follows the place of the function in the source.
  func setLocation() {
    if let scope = module.describe(function, name: signature.name, span: signature.span) {
      builder.setLocation(line: 0, column: 0, scope: scope)
    } else {
      builder.clearLocation()
    }
  }

  /// Makes sure that there are arguments, and an error record that holds no error.
  mutating func begin() {
    setLocation()
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

  /// The address of the first element of a tensor of a call that was checked, or of what is told.
  func firstElement(_ field: ArgumentLayout.Field, _ leaf: Int) -> LLVMValue {
    guard let call, let position = call.positions[byteOffset(field, leaf)] else {
      return loadBase(address(field, leaf: leaf))
    }
    return builder.load(
      builder.pointerType,
      builder.byteAddress(call.address, CallLayout.elements + 8 * position), alignment: 8)
  }

  // MARK: The call

  /// The error record, never null.
  var error: LLVMValue {
    // The run begins with it.
    call.map { builder.load(builder.pointerType, $0.address, alignment: 8) } ?? record
  }

  /// Memory for the call.
  private func makeCall() -> Call {
    let offsets = tensors.map { byteOffset($0.field, $0.position) }
    let byteCount = CallLayout.elements + 8 * offsets.count
    return Call(
      address: builder.allocateOnStack(
        builder.arrayType(builder.integerType(64), byteCount / 8), alignment: 16),
      positions: Dictionary(uniqueKeysWithValues: zip(offsets, offsets.indices)))
  }

  /// Makes sure that there is an error record that holds no error.
  private mutating func beginError() {
    let own = builder.allocateOnStack(
      builder.arrayType(builder.integerType(64), 92), alignment: 8)
    record = builder.select(
      builder.compare(.equal, record, builder.zero(record.type)), own, record)
    builder.store(builder.integer(0, builder.integerType(32)), record, alignment: 4)
  }

  // MARK: Failure

  /// Leaves with `status` unless it is 0.
  func fail(unlessOK status: LLVMValue) {
    let goOn = builder.appendBlock(to: function)
    let isOK = builder.compare(.equal, status, builder.zero(status.type))
    builder.addIncoming(status, from: builder.block, to: end.status)
    builder.branchLikely(isOK, then: goOn, else: end.block)
    builder.position(atEndOf: goOn)
  }

  /// Leaves with `status`.
  func leave(_ status: LLVMValue) {
    builder.addIncoming(status, from: builder.block, to: end.status)
    builder.branch(to: end.block)
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
    leave(result)
    builder.position(atEndOf: goOn)
  }
}
