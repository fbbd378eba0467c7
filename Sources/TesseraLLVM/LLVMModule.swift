internal import CLLVM

/// The owner of one LLVM module, its context and its builder.
///
/// Invariants:
/// - the context belongs to this module alone, so modules may be used on different threads, one
///   thread at a time each;
/// - every handle that came from it is dead when it is gone.
public struct LLVMModule: ~Copyable {
  let context: LLVMContextRef
  let reference: LLVMModuleRef
  /// Appends instructions and makes types and constants.
  public let builder: LLVMBuilder
  private let debugBuilder: LLVMDIBuilderRef
  private var debugUnit: LLVMMetadataRef?

  /// Creates an empty module called `name` for `machine`.
  public init(name: String, for machine: borrowing LLVMTargetMachine) {
    context = LLVMContextCreate()
    reference = LLVMModuleCreateWithNameInContext(name, context)
    builder = LLVMBuilder(
      LLVMCreateBuilderInContext(context), context: context, module: reference)
    debugBuilder = LLVMCreateDIBuilder(reference)
    LLVMSetTarget(reference, machine.triple)
    let layout = LLVMCreateTargetDataLayout(machine.reference)
    LLVMSetModuleDataLayout(reference, layout)
    LLVMDisposeTargetData(layout)
  }

  deinit {
    LLVMDisposeDIBuilder(debugBuilder)
    LLVMDisposeBuilder(builder.reference)
    LLVMDisposeModule(reference)
    LLVMContextDispose(context)
  }

  /// The text of the module.
  public var text: String { takeMessage(LLVMPrintModuleToString(reference)) }

  /// What LLVM's verifier objects to, or `nil` if it is content.
  public var verifierMessage: String? {
    var message: UnsafeMutablePointer<CChar>?
    let isBroken = LLVMVerifyModule(reference, LLVMReturnStatusAction, &message) != 0
    let text = takeMessage(message)
    return isBroken ? text : nil
  }

  /// Runs the passes that `pipeline` lists, in the syntax of LLVM's `opt`.
  public borrowing func run(
    passes pipeline: String, for machine: borrowing LLVMTargetMachine
  ) throws(LLVMError) {
    let options = LLVMCreatePassBuilderOptions()
    defer { LLVMDisposePassBuilderOptions(options) }
    try LLVMError.check(LLVMRunPasses(reference, pipeline, machine.reference, options))
  }

  // MARK: Functions and globals

  /// How far a function or global can be seen.
  public enum Linkage { case `internal`, external }

  /// Adds a function, or declares one that is defined elsewhere.
  public borrowing func addFunction(
    _ name: String, _ type: LLVMType, linkage: Linkage = .internal,
    convention: LLVMCallingConvention = .c
  ) -> LLVMFunction {
    let function = LLVMAddFunction(reference, name, type.reference)!
    if linkage == .internal { LLVMSetLinkage(function, LLVMInternalLinkage) }
    if convention != .c { LLVMSetFunctionCallConv(function, convention.rawValue) }
    return LLVMFunction(value: LLVMValue(function), type: type)
  }

  /// Leaves the code of `function` to another object; the pass `elim-avail-extern` then removes it.
  public borrowing func leaveToOthers(_ function: LLVMValue) {
    LLVMSetLinkage(function.reference, LLVMAvailableExternallyLinkage)
  }

  /// Adds a private constant that holds `bytes`, aligned to `alignment`, and returns its address.
  public borrowing func addConstant(bytes: [UInt8], alignment: Int) -> LLVMValue {
    let data = bytes.withUnsafeBufferPointer {
      $0.withMemoryRebound(to: CChar.self) {
        LLVMConstStringInContext2(context, $0.baseAddress, $0.count, 1)!
      }
    }
    return addConstant(LLVMValue(data), alignment: alignment)
  }

  /// Adds a private constant with the value `initial` and returns its address.
  public borrowing func addConstant(_ initial: LLVMValue, alignment: Int) -> LLVMValue {
    let global = LLVMAddGlobal(reference, LLVMTypeOf(initial.reference), "")!
    LLVMSetInitializer(global, initial.reference)
    LLVMSetGlobalConstant(global, 1)
    LLVMSetLinkage(global, LLVMPrivateLinkage)
    LLVMSetUnnamedAddress(global, LLVMGlobalUnnamedAddr)
    LLVMSetAlignment(global, UInt32(alignment))
    return LLVMValue(global)
  }

  /// Declares a variable that is defined elsewhere and returns its address.
  public borrowing func declareGlobal(_ name: String, _ type: LLVMType) -> LLVMValue {
    LLVMValue(
      LLVMGetNamedGlobal(reference, name) ?? LLVMAddGlobal(reference, type.reference, name))
  }

  // MARK: Debug information

  /// Begins debug information with `file` as the main file; lines of code, no variables.
  public mutating func beginDebugInformation(file: String, isOptimized: Bool) -> LLVMDebugScope {
    let scope = debugFile(file)
    debugUnit = LLVMDIBuilderCreateCompileUnit(
      debugBuilder, LLVMDWARFSourceLanguageC11, scope.reference, "tess", 4, isOptimized ? 1 : 0,
      "", 0, 0, "", 0, LLVMDWARFEmissionFull, 0, 0, 0, "", 0, "", 0)
    let version = LLVMConstInt(
      LLVMInt32TypeInContext(context), UInt64(LLVMDebugMetadataVersion()), 0)
    let dwarf = LLVMConstInt(LLVMInt32TypeInContext(context), 4, 0)
    let key = "Debug Info Version"
    LLVMAddModuleFlag(
      reference, LLVMModuleFlagBehaviorWarning, key, key.utf8.count, LLVMValueAsMetadata(version))
    LLVMAddModuleFlag(
      reference, LLVMModuleFlagBehaviorWarning, "Dwarf Version", 13, LLVMValueAsMetadata(dwarf))
    return scope
  }

  /// Names a source file, relative to the directory of the build.
  public borrowing func debugFile(_ name: String) -> LLVMDebugScope {
    LLVMDebugScope(
      reference: LLVMDIBuilderCreateFile(debugBuilder, name, name.utf8.count, ".", 1))
  }

  /// Says that `function` stands for the source function `name` in `file`.
  public borrowing func describe(
    _ function: LLVMFunction, name: String, file: LLVMDebugScope, line: Int, isOptimized: Bool
  ) -> LLVMDebugScope {
    let type = LLVMDIBuilderCreateSubroutineType(
      debugBuilder, file.reference, nil, 0, LLVMDIFlagZero)
    let scope = LLVMDIBuilderCreateFunction(
      debugBuilder, file.reference, name, name.utf8.count, name, name.utf8.count, file.reference,
      UInt32(line), type, 1, 1, UInt32(line), LLVMDIFlagZero, isOptimized ? 1 : 0)!
    LLVMSetSubprogram(function.value.reference, scope)
    return LLVMDebugScope(reference: scope)
  }

  /// Completes debug information; nothing may be described afterwards.
  public borrowing func finishDebugInformation() {
    if debugUnit != nil { LLVMDIBuilderFinalize(debugBuilder) }
  }
}

/// How a call passes arguments.
public enum LLVMCallingConvention: UInt32 {
  /// As C does on the target.
  case c = 0
  /// So that a call in tail position never uses stack, whatever the signatures.
  case tail = 18
}
