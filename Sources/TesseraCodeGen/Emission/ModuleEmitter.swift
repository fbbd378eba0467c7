import TesseraIR
import TesseraLLVM
import TesseraNumbers
import TesseraSource

/// Translates the functions of one module; owns the LLVM module that they go to.
final class ModuleEmitter {
  /// What the host asks for.
  let options: CodeGenOptions
  /// The module that is translated.
  let source: Module
  /// What is known of each function, by its name.
  let facts: [String: FunctionFacts]
  private let translated: [Function]
  /// Appends instructions.
  let builder: LLVMBuilder
  /// The module that is filled.
  private(set) var output: LLVMModule
  private var functions: [String: EmittedFunction] = [:]
  private var runtime: [RuntimeFunction: LLVMFunction] = [:]
  private var libraryFunctions: [String: LLVMFunction] = [:]
  private var strings: [String: LLVMValue] = [:]
  private var failures: [Failure: LLVMValue] = [:]
  private var debugFiles: [FileID: LLVMDebugScope] = [:]

  /// A function of the module as calls see it.
  struct EmittedFunction {
    /// The LLVM function.
    let function: LLVMFunction
    /// The function that it is made of.
    let source: Function
    /// What is known of it.
    let facts: FunctionFacts
    /// How results come back.
    let results: ResultPassing
    /// The convention of calls.
    let convention: LLVMCallingConvention
    /// `true` iff arguments come from entry checks alone, which saw that buffers do not overlap.
    let isEntered: Bool
    /// `true` iff arguments lie in memory, 8 bytes each, and their address is passed.
    let takesTable: Bool

    /// `true` iff the buffer that the parameter is has no gaps, so that no strides are passed.
    func isDense(_ parameter: Int) -> Bool { facts.denseParameters[parameter] }
  }

  /// How the results of a function come back; a status comes with them if the function may fail.
  enum ResultPassing: Equatable {
    /// As the value of the call.
    case direct
    /// Through an address that follows the run.
    case memory
  }

  /// Creates an emitter of `source` for `machine`.
  init(_ source: EmissionSource, _ options: CodeGenOptions, machine: borrowing LLVMTargetMachine) {
    self.source = source.module
    self.options = options
    facts = source.facts
    translated = source.translated
    output = LLVMModule(name: "tessera", for: machine)
    builder = output.builder
  }

  /// Translates everything.
  func emit() throws(CodeGenError) {
    beginDebugInformation()
    for function in translated { declare(function) }
    for function in translated where emits(function.bodySymbol) {
      var emitter = try FunctionEmitter(self, functions[function.name]!)
      try emitter.emitBody()
    }
    for signature in source.allExports where emits(signature.name) {
      var entry = try EntryEmitter(self, signature)
      try entry.emit()
      if options.hasCompanions {
        try emitCompanions(signature)
      } else {
        try emitMemoryCompanions(signature)
      }
    }
    if options.hasDebugInformation { output.finishDebugInformation() }
  }

  /// Adds a function that only this module calls.
  func addFunction(
    _ name: String, _ type: LLVMType, convention: LLVMCallingConvention = .c
  ) -> LLVMFunction {
    guard options.share != nil else {
      return output.addFunction(name, type, convention: convention)
    }
    return output.addFunction(
      name + options.symbolSuffix, type, linkage: .external, convention: convention)
  }

  /// `true` iff the function called `symbol` is emitted here: it gets code, or is around one that does.
  func emits(_ symbol: String) -> Bool { options.share?.emitted.contains(symbol) ?? true }

  /// Leaves the code of `function` to another object, unless what is called `symbol` gets code here.
  func leaveToOthers(_ function: LLVMFunction, unlessOwn symbol: String) {
    if options.share?.own.contains(symbol) == false { output.leaveToOthers(function.value) }
  }

  /// The function called `name`.
  func function(_ name: String, at span: SourceSpan) throws(CodeGenError) -> EmittedFunction {
    guard let function = functions[name] else {
      throw .malformed("there is no function @\(name)", span)
    }
    return function
  }

  private func declare(_ function: Function) {
    let facts = facts[function.name]!
    let results: ResultPassing =
      switch (function.resultTypes.count, function.resultTypes.first) {
      case (0, _): .direct
      case (1, .scalar?), (1, .pointer?), (1, .vector?): .direct
      default: .memory
      }
    var arguments: [LLVMType] = []
    for (parameter, isDense) in zip(function.parameters, facts.denseParameters) {
      arguments += flatTypes(function.type(of: parameter), isDense: isDense)
    }
    let takesTable =
      arguments.count > Self.mostArguments && !facts.isTailCalled
      && !arguments.contains { !$0.fitsRegister }
    var parameters = [builder.pointerType]
    if results == .memory { parameters.append(builder.pointerType) }
    parameters += takesTable ? [builder.pointerType] : arguments
    let type = builder.functionType(
      parameters, returnType(function, mayFail: facts.mayFail, results))
    // Where a caller's stack is given back by callees, LLVM 22 finds what it spilled on AArch64 in the
    // wrong place, and on x86-64 takes the place of arguments to be aligned as that of vectors, so
    // that only calls in tail position do so.
    let isInTail = facts.isTailCalled || !facts.tailCalls.isEmpty
    let convention: LLVMCallingConvention = isInTail ? .tail : .c
    let emitted = addFunction(function.bodySymbol, type, convention: convention)
    builder.addAttributes(["nounwind"], to: emitted)
    addMachineAttributes(to: emitted)
    if function.isWorthNoEffort { leaveAsItIs(emitted) }
    functions[function.name] = EmittedFunction(
      function: emitted, source: function, facts: facts, results: results,
      convention: convention,
      isEntered: function.isExported && !facts.isCalled, takesTable: takesTable)
  }

  /// The arguments beyond which a call takes a table: the time that LLVM spends on one call grows
  /// with the square of their number.
  private static let mostArguments = 128

  /// The arguments that a block may read or pass on, lest it grow with their number: the time that
  /// LLVM spends on a block without branches grows with the square of its length.
  static let mostInBlock = 64

  /// What a call of `callee` passes behind the run and the place of results: `values`, or the
  /// address of the table that this fills with them, in memory from `allocate`.
  func passing(
    _ values: [LLVMValue], to callee: EmittedFunction, allocate: (LLVMType) -> LLVMValue
  ) -> [LLVMValue] {
    guard callee.takesTable else { return values }
    let table = allocate(builder.arrayType(builder.integerType(64), values.count))
    for (position, value) in values.enumerated() {
      if position % Self.mostInBlock == Self.mostInBlock - 1 { builder.continueInNewBlock() }
      builder.store(value, builder.byteAddress(table, 8 * position), alignment: 8)
    }
    return [table]
  }

  /// What the LLVM function returns.
  private func returnType(
    _ function: Function, mayFail: Bool, _ results: ResultPassing
  ) -> LLVMType {
    let status = builder.integerType(32)
    if results == .memory || function.resultTypes.isEmpty {
      return mayFail ? status : builder.voidType
    }
    let value = type(function.resultTypes[0])
    return mayFail ? builder.structureType([status, value]) : value
  }

  /// The structure through which results come back that do not fit a return value.
  func resultsType(_ function: Function) -> LLVMType {
    builder.structureType(function.resultTypes.flatMap { flatTypes($0) })
  }

  /// Attributes that every defined function needs.
  func addMachineAttributes(to function: LLVMFunction) {
    // Frame pointers make profiles and backtraces readable; leaf functions keep the register.
    builder.addAttribute("frame-pointer", "non-leaf", to: function)
    if options.target.vectorByteCount == 64 {
      builder.addAttribute("prefer-vector-width", "512", to: function)
    }
  }

  /// Has LLVM translate `function` fast, since what it does takes no time beside what it calls.
  func leaveAsItIs(_ function: LLVMFunction) {
    builder.addAttributes(["noinline", "optnone"], to: function)
  }

  // MARK: Types

  /// The type of a value in a register: a bool is one bit, bf16 its bits.
  func type(_ scalar: ScalarType) -> LLVMType {
    switch scalar {
    case .bool: builder.integerType(1)
    case .f16: builder.halfType
    case .bf16: builder.integerType(16)
    case .f32: builder.floatType
    case .f64: builder.doubleType
    case .i8, .u8, .i16, .u16, .i32, .u32, .i64, .u64: builder.integerType(scalar.bitWidth)
    }
  }

  /// The type of an element in memory: a bool is one byte.
  func memoryType(_ element: ElementType) -> LLVMType {
    switch element {
    case .scalar(.bool): builder.integerType(8)
    case .scalar(let scalar): type(scalar)
    case .pointer: builder.pointerType
    }
  }

  /// The type of a value in registers; that of a buffer is its base.
  func type(_ type: Type) -> LLVMType {
    switch type {
    case .scalar(let scalar): self.type(scalar)
    case .vector(let scalar, let lanes): builder.vectorType(self.type(scalar), lanes)
    case .pointer, .tensor, .buffer: builder.pointerType
    }
  }

  /// The LLVM types of what stands for a value of `type`, in a row.
  func flatTypes(_ type: Type, isDense: Bool = false) -> [LLVMType] {
    guard case .buffer(_, let extents) = type else { return [self.type(type)] }
    let dynamic = extents.filter { $0 == .dynamic }.count
    let strides = isDense ? 0 : max(0, extents.count - 1)
    return [builder.pointerType]
      + Array(repeating: builder.integerType(64), count: dynamic + strides)
  }

  /// The structure `tess_run`.
  lazy var runType = builder.structureType([
    builder.pointerType, builder.integerType(64), builder.pointerType, builder.pointerType,
    builder.pointerType, builder.pointerType, builder.pointerType, builder.pointerType,
  ])

  // MARK: What is shared by functions

  /// The function of the runtime, declared when it is first asked for.
  func runtimeFunction(_ function: RuntimeFunction) -> LLVMFunction {
    if let known = runtime[function] { return known }
    let declared = output.addFunction(
      function.rawValue, function.type(builder), linkage: .external)
    builder.addAttributes(["nounwind"], to: declared)
    if [.fail, .runFail, .runFailWithValues].contains(function) {
      builder.addAttributes(["cold"], to: declared)
    }
    runtime[function] = declared
    return declared
  }

  /// A function of libm.
  func libraryFunction(_ name: String, _ type: LLVMType) -> LLVMFunction {
    if let known = libraryFunctions[name] { return known }
    let declared = output.addFunction(name, type, linkage: .external)
    builder.addAttributes(["nounwind"], to: declared)
    libraryFunctions[name] = declared
    return declared
  }

  /// The address of `text` with a NUL at its end.
  func string(_ text: String) -> LLVMValue {
    if let known = strings[text] { return known }
    let address = output.addConstant(bytes: Array(text.utf8) + [0], alignment: 1)
    strings[text] = address
    return address
  }

  /// The address of the `tess_failure` that is `failure`.
  func constant(_ failure: Failure) -> LLVMValue {
    if let known = failures[failure] { return known }
    let i32 = builder.integerType(32)
    let place = location(of: failure.span)
    let address = output.addConstant(
      builder.constantStructure([
        place.map { string($0.file.name) } ?? builder.zero(builder.pointerType),
        string(failure.message), builder.integer(failure.status.rawValue, i32),
        builder.integer(Int64(place?.line ?? 0), i32),
        builder.integer(Int64(place?.column ?? 0), i32), builder.integer(0, i32),
      ]), alignment: 8)
    failures[failure] = address
    return address
  }

  /// The flag that tells loops to stop.
  func interruptFlag() -> LLVMValue {
    output.declareGlobal("tess_interrupt", builder.integerType(32))
  }

  // MARK: Places in the source

  /// The file, line and column where `span` begins.
  func location(of span: SourceSpan) -> (file: SourceFile, line: Int, column: Int)? {
    guard let file = options.sources[span.file] else { return nil }
    let location = file.location(of: span.start)
    return (file, location.line, location.column)
  }

  private func beginDebugInformation() {
    guard options.hasDebugInformation else { return }
    let main =
      source.functions.lazy.compactMap { self.location(of: $0.span)?.file }.first
    let scope = output.beginDebugInformation(
      file: main?.name ?? "tessera", isOptimized: options.optimization != .none)
    if let main { debugFiles[main.id] = scope }
  }

  /// Describes `function` to debuggers as the source function `name`; gives the scope of its code.
  func describe(_ function: LLVMFunction, name: String, span: SourceSpan) -> LLVMDebugScope? {
    guard options.hasDebugInformation, let place = location(of: span) else { return nil }
    let file = debugFiles[place.file.id] ?? output.debugFile(place.file.name)
    debugFiles[place.file.id] = file
    return output.describe(
      function, name: name, file: file, line: place.line,
      isOptimized: options.optimization != .none)
  }
}

extension Module {
  /// The signatures of all exported functions; one that lowering gave none gets one that says what
  /// its types say.
  var allExports: [ExportSignature] {
    let described = Set(exports.map(\.function))
    return exports
      + functions.filter { $0.isExported && !described.contains($0.name) }
      .map { ExportSignature($0) }
  }
}
