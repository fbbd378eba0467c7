internal import CLLVM

/// The owner of a place in this process into which objects are linked.
///
/// LLVM locks it, so several threads may use it at once.
public struct LLVMJIT: ~Copyable, @unchecked Sendable {
  private let reference: LLVMOrcLLJITRef

  /// A handle by which the code of objects can be given back.
  ///
  /// - Requires: it is used once, by `remove(_:)`.
  public struct Tracker: @unchecked Sendable {
    let reference: LLVMOrcResourceTrackerRef
  }

  /// Creates a place that finds the symbols of `symbols` and those of the process.
  ///
  /// With `isDebuggable`, gdb is told of each object.
  public init(
    symbols: [(name: String, address: UnsafeRawPointer)], isDebuggable: Bool
  ) throws(LLVMError) {
    reference = try LLVMJIT.make(symbols, isDebuggable: isDebuggable)
  }

  private static func make(
    _ symbols: [(name: String, address: UnsafeRawPointer)], isDebuggable: Bool
  ) throws(LLVMError) -> LLVMOrcLLJITRef {
    LLVMTargetMachine.initializeTargets
    var created: LLVMOrcLLJITRef?
    // Objects come ready made, so the session's own compiler never runs: the default will do.
    try LLVMError.check(LLVMOrcCreateLLJIT(&created, nil))
    let jit = created!
    if isDebuggable { try LLVMError.check(LLVMOrcLLJITEnableDebugSupport(jit)) }
    let library = LLVMOrcLLJITGetMainJITDylib(jit)
    var pairs: [LLVMOrcCSymbolMapPair] = []
    for symbol in symbols {
      let address = LLVMOrcExecutorAddress(UInt(bitPattern: symbol.address))
      let flags = LLVMJITSymbolFlags(
        GenericFlags: UInt8(LLVMJITSymbolGenericFlagsExported.rawValue), TargetFlags: 0)
      pairs.append(
        LLVMOrcCSymbolMapPair(
          Name: LLVMOrcLLJITMangleAndIntern(jit, symbol.name),
          Sym: LLVMJITEvaluatedSymbol(Address: address, Flags: flags)))
    }
    try LLVMError.check(
      LLVMOrcJITDylibDefine(library, LLVMOrcAbsoluteSymbols(&pairs, pairs.count)))
    var generator: LLVMOrcDefinitionGeneratorRef?
    try LLVMError.check(
      LLVMOrcCreateDynamicLibrarySearchGeneratorForProcess(
        &generator, LLVMOrcLLJITGetGlobalPrefix(jit), nil, nil))
    LLVMOrcJITDylibAddGenerator(library, generator)
    return jit
  }

  deinit { _ = LLVMOrcDisposeLLJIT(reference) }

  /// Adds objects, whose symbols must be new here.
  public borrowing func add(objects: [[UInt8]]) throws(LLVMError) -> Tracker {
    let tracker = LLVMOrcJITDylibCreateResourceTracker(LLVMOrcLLJITGetMainJITDylib(reference))!
    for object in objects {
      let buffer = object.withUnsafeBytes {
        LLVMCreateMemoryBufferWithMemoryRangeCopy(
          $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count, "object")
      }
      let error = LLVMOrcLLJITAddObjectFileWithRT(reference, tracker, buffer)
      if error != nil { remove(Tracker(reference: tracker)) }
      try LLVMError.check(error)
    }
    return Tracker(reference: tracker)
  }

  /// The address of `symbol`; links the objects that it needs.
  public borrowing func address(of symbol: String) throws(LLVMError) -> UnsafeRawPointer {
    var address = LLVMOrcExecutorAddress()
    try LLVMError.check(LLVMOrcLLJITLookup(reference, &address, symbol))
    guard let pointer = UnsafeRawPointer(bitPattern: UInt(address)) else {
      throw LLVMError("the address of \(symbol) is null")
    }
    return pointer
  }

  /// Gives the code and the symbols of objects back; nothing of it may run any more.
  public borrowing func remove(_ tracker: Tracker) {
    if let error = LLVMOrcResourceTrackerRemove(tracker.reference) { LLVMConsumeError(error) }
    LLVMOrcReleaseResourceTracker(tracker.reference)
  }
}
