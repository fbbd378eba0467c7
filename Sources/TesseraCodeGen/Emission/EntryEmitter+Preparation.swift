import TesseraIR
import TesseraLLVM

/// Constant parameters that are packed ahead.
extension EntryEmitter {
  /// The address of the packed constant parameters, or null.
  var packedAddress: LLVMValue {
    guard let byteOffset = layout.packedByteOffset else {
      return builder.zero(builder.pointerType)
    }
    return builder.load(
      builder.pointerType, builder.byteAddress(function.parameter(0), byteOffset), alignment: 8)
  }

  /// Whether there is packed memory.
  var hasPacked: LLVMValue {
    builder.compare(.notEqual, packedAddress, builder.zero(builder.pointerType))
  }

  /// Leaves with what the rest of the function gives if the arguments hold packed memory; else the
  /// builder goes on.
  ///
  /// - Parameter isChecked: whether packed memory has the bytes that it needs.
  func emitPreparedCall(
    _ preparation: ModuleEmitter.Preparation, _ run: LLVMValue, isChecked: Bool
  ) throws(CodeGenError) {
    let isPrepared = builder.appendBlock(to: function)
    let goOn = builder.appendBlock(to: function)
    let packed = packedAddress
    let isGiven = builder.compare(.notEqual, packed, builder.zero(packed.type))
    builder.branch(isGiven, then: isPrepared, else: goOn)
    builder.position(atEndOf: isPrepared)
    let i64 = builder.integerType(64)
    let length = builder.load(
      i64, builder.byteAddress(function.parameter(0), layout.packedByteOffset! + 8), alignment: 8)
    if !isChecked {
      let constants = try EntryEmitter(viewing: self)
      constants.checkPacked(packed, length, try constants.packedByteCount(preparation, run))
    }
    try emitCall(
      of: preparation.prepared, run,
      try parameterValues(of: preparation.prepared, packed: [packed, length]))
    builder.position(atEndOf: goOn)
  }

  /// The bytes that packing takes.
  func packedByteCount(
    _ preparation: ModuleEmitter.Preparation, _ run: @autoclosure () -> LLVMValue
  ) throws(CodeGenError) -> LLVMValue {
    if let known = module.source.constantByteCount(preparation.packedName) {
      return builder.integer(Int64(known), builder.integerType(64))
    }
    let callee = try module.function(preparation.packedName, at: signature.span)
    let call = builder.call(
      callee.function, [run()] + passing(try parameterValues(of: callee), to: callee),
      convention: callee.convention)
    // Its divisors are positive, so whether it could fail is no matter.
    return callee.facts.mayFail ? builder.extractMember(call, 1) : call
  }

  /// Leaves unless packed memory has the bytes that it needs.
  func checkPacked(_ packed: LLVMValue, _ length: LLVMValue, _ needed: LLVMValue) {
    fail(
      unlessOK: builder.call(
        module.runtimeFunction(.checkPacked), [packed, length, needed, error]))
  }
}

extension ModuleEmitter {
  /// The functions in which the preparation of an exported one is.
  struct Preparation {
    /// The name of the function that tells the bytes of packed memory.
    let packedName: String
    let prepare: EmittedFunction
    let prepared: EmittedFunction
  }

  /// The preparation of an exported function, if anything of it can be prepared.
  func preparation(of signature: ExportSignature) throws(CodeGenError) -> Preparation? {
    let name = signature.function
    guard signature.hasConstants, source[preparedFunctionName(name)] != nil else { return nil }
    return Preparation(
      packedName: packedFunctionName(name),
      prepare: try function(prepareFunctionName(name), at: signature.span),
      prepared: try function(preparedFunctionName(name), at: signature.span))
  }

  /// Emits `size_t NAME_packed(const NAME_args *args)`.
  func emitPackedByteCount(
    _ signature: ExportSignature, _ preparation: Preparation?
  ) throws(CodeGenError) {
    let none = builder.integer(0, builder.integerType(64))
    var entry = try EntryEmitter(
      self, signature, suffix: "_packed", parameters: [builder.pointerType], errorParameter: nil,
      failureValue: none, onlyConstants: true)
    entry.begin()
    guard let preparation else { return builder.return(none) }
    entry.emitSizeChecks(includesResults: false)
    builder.return(try entry.packedByteCount(preparation, beginRun(entry.error)))
  }

  /// Emits `int32_t NAME_prepare(const NAME_args *args, void *packed, size_t packed_bytes,
  /// tess_error *)`.
  func emitPrepare(
    _ signature: ExportSignature, _ preparation: Preparation?
  ) throws(CodeGenError) {
    let pointer = builder.pointerType
    var entry = try EntryEmitter(
      self, signature, suffix: "_prepare",
      parameters: [pointer, pointer, builder.integerType(64), pointer], errorParameter: 3,
      onlyConstants: true, isCall: true)
    let nothing = builder.integer(0, builder.integerType(64))
    entry.emitChecks(workspace: builder.zero(pointer), byteCount: nothing, nil)
    guard let preparation else { return entry.leave(builder.integer(0, builder.integerType(32))) }
    let run = entry.call!.address
    let packed = [entry.function.parameter(1), entry.function.parameter(2)]
    entry.checkPacked(packed[0], packed[1], try entry.packedByteCount(preparation, run))
    try entry.emitCall(
      of: preparation.prepare, run,
      try entry.parameterValues(of: preparation.prepare, packed: packed))
  }

  /// A run that has no memory yet.
  func beginRun(_ error: LLVMValue) -> LLVMValue {
    let run = builder.allocateOnStack(runType, alignment: 16)
    builder.call(
      runtimeFunction(.beginRun),
      [run, error, builder.zero(run.type), builder.integer(0, builder.integerType(64))])
    return run
  }
}

extension ExportSignature {
  /// The signature with each dimension taken from a constant parameter that has it, and the
  /// positions of the symbols that no constant parameter tells.
  func toldByConstants() -> (signature: ExportSignature, unknown: Set<Int>) {
    var told = self
    var places: [Int: Symbol.Origin] = [:]
    var constants: Set<Int> = []
    var number = 0
    for parameter in parameters {
      for leaf in parameter.leaves {
        defer { number += 1 }
        guard parameter.isConstant else { continue }
        constants.insert(number)
        for (axis, length) in (leaf.shape ?? []).enumerated() {
          guard case .symbol(let symbol) = length, places[symbol] == nil else { continue }
          places[symbol] = .axis(leaf: number, axis: axis)
        }
      }
    }
    var unknown: Set<Int> = []
    for (index, symbol) in symbols.enumerated() {
      switch symbol.origin {
      case .constant: continue
      case .axis(let leaf, _), .scalar(let leaf): if constants.contains(leaf) { continue }
      }
      if let place = places[index] {
        told.symbols[index].origin = place
      } else {
        told.symbols[index].origin = .constant(0)
        unknown.insert(index)
      }
    }
    return (told, unknown)
  }
}
