import TesseraIR
import TesseraLLVM

/// The memory that callers hand in for a call's temporaries.
extension EntryEmitter {
  /// What calls take, if arguments do not tell.
  struct KnownMemory {
    /// What they take at their start, without packed constants and with them.
    let workspace: (whole: Int, prepared: Int)
    /// What packed constants take; `nil` if there are none.
    let packedByteCount: Int?
  }

  /// What calls take; `nil` if that depends on the arguments.
  func knownMemory(_ preparation: ModuleEmitter.Preparation?) -> KnownMemory? {
    guard let workspace = module.source.constantWorkspace(of: signature.function) else {
      return nil
    }
    guard let preparation else { return KnownMemory(workspace: workspace, packedByteCount: nil) }
    return module.source.constantByteCount(preparation.packedName).map {
      KnownMemory(workspace: workspace, packedByteCount: $0)
    }
  }

  /// Checks that a workspace, if there is one, holds what the function takes at its start.
  func emitWorkspaceCheck(_ run: LLVMValue) throws(CodeGenError) {
    guard let needed = try workspaceByteCount(run) else { return }
    let check = builder.appendBlock(to: function)
    let goOn = builder.appendBlock(to: function)
    let workspace = function.parameter(1)
    let isGiven = builder.compare(.notEqual, workspace, builder.zero(workspace.type))
    builder.branch(isGiven, then: check, else: goOn)
    builder.position(atEndOf: check)
    fail(
      unlessOK: builder.call(
        module.runtimeFunction(.checkWorkspace),
        [workspace, function.parameter(2), needed, error]))
    builder.branch(to: goOn)
    builder.position(atEndOf: goOn)
  }

  /// The bytes that the function takes at its start; `nil` if that is none.
  func workspaceByteCount(
    _ run: @autoclosure () -> LLVMValue, hasResults: Bool = true
  ) throws(CodeGenError) -> LLVMValue? {
    if let known = module.source.constantWorkspace(of: signature.function) {
      if known.whole == 0 { return nil }
      let i64 = builder.integerType(64)
      let (whole, prepared) =
        (builder.integer(Int64(known.whole), i64), builder.integer(Int64(known.prepared), i64))
      return known.whole == known.prepared ? whole : builder.select(hasPacked, prepared, whole)
    }
    let run = run()
    let whole = try workspaceByteCount(of: signature.function, run, hasResults)
    guard let preparation = try module.preparation(of: signature) else { return whole }
    // Without packed memory the function prepares first, then does the rest.
    let nothing = builder.integer(0, builder.integerType(64))
    let rest =
      try workspaceByteCount(of: preparation.prepared.source.name, run, hasResults, packed: true)
      ?? nothing
    let constants = try EntryEmitter(viewing: self)
    let first =
      try constants.workspaceByteCount(
        of: preparation.prepare.source.name, run, hasResults, packed: true) ?? nothing
    let greater = builder.intrinsic("llvm.smax", [nothing.type], [first, rest])
    let all = builder.add(whole ?? nothing, greater)
    return builder.select(hasPacked, rest, all)
  }

  /// The bytes that the function called `name` takes at its start, by its companion.
  private func workspaceByteCount(
    of name: String, _ run: LLVMValue, _ hasResults: Bool, packed: Bool = false
  ) throws(CodeGenError) -> LLVMValue? {
    let companionName = workspaceFunctionName(name)
    if let known = module.source.constantByteCount(companionName) {
      return known == 0 ? nil : builder.integer(Int64(known), builder.integerType(64))
    }
    let companion = try module.function(companionName, at: signature.span)
    let none = [builder.zero(builder.pointerType), builder.integer(0, builder.integerType(64))]
    let arguments = try parameterValues(
      of: companion, hasResults: hasResults, packed: packed ? none : [])
    let call = builder.call(
      companion.function, [run] + passing(arguments, to: companion),
      convention: companion.convention)
    // Its divisors are positive, so whether it could fail is no matter.
    return companion.facts.mayFail ? builder.extractMember(call, 1) : call
  }

  /// Makes sure that sizes can be read: tensors have their rank and a shape, numbers an address.
  func emitSizeChecks(includesResults: Bool) {
    emitTable(.checkSizes, tensorChecks(includesResults: includesResults))
    for field in layout.fields where includes(field) && !field.isResult {
      guard case .scalarAddress = field.kind else { continue }
      let pointer = builder.load(builder.pointerType, address(field), alignment: 8)
      check(
        builder.compare(.notEqual, pointer, builder.zero(pointer.type)), .nullPointer, "no size")
    }
  }
}

extension ModuleEmitter {
  /// Emits `size_t NAME_workspace(const NAME_args *args, int32_t threads)`.
  func emitWorkspace(_ signature: ExportSignature) throws(CodeGenError) {
    let none = builder.integer(0, builder.integerType(64))
    var entry = try EntryEmitter(
      self, signature, suffix: "_workspace",
      parameters: [builder.pointerType, builder.integerType(32)], errorParameter: nil,
      failureValue: none)
    entry.begin()
    let needsResults = signature.dependsOnResults
    entry.emitSizeChecks(includesResults: needsResults)
    entry.readSymbols()
    let byteCount = try entry.workspaceByteCount(beginRun(entry.error), hasResults: needsResults)
    builder.return(byteCount ?? none)
  }
}

extension ExportSignature {
  /// `true` iff some dimension is told by the shape of a result alone.
  var dependsOnResults: Bool {
    let inputCount = parameters.reduce(0) { $0 + $1.leaves.count }
    return symbols.contains {
      if case .axis(let leaf, _) = $0.origin { return leaf >= inputCount }
      return false
    }
  }
}
