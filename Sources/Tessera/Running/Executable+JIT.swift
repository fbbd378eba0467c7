import Synchronization
import TesseraCodeGen
import TesseraData
import TesseraIR
import TesseraPasses
import TesseraRuntime
import TesseraSource

extension Executable {
  /// The functions of `module`, which is scheduled, as machine code in this process.
  static func compiling(
    _ module: TesseraIR.Module, functions: [HostFunction], sources: SourceMap,
    _ options: SessionOptions,
    onStage: @escaping (_ stage: String, _ duration: Duration) -> Void = { _, _ in }
  ) throws(CodeGenError) -> Executable {
    let start = ContinuousClock.now
    let session = try SharedJIT.session.get()
    onStage("session", ContinuousClock.now - start)
    let compiled = try session.compile(
      module, optimization: options.level.codeGeneration, sources: sources,
      threads: options.threads, onStage: onStage)
    let threads = Int32(options.threads)
    let memory = WorkspacePool()
    /// Calls `function`, whose constant parameters may be packed.
    @Sendable func run(
      _ function: HostFunction, _ arguments: [Tensor], _ constants: PackedConstants?,
      _ print: (@Sendable (String) -> Void)?
    ) throws(CallError) -> [Tensor] {
      let code = try compiled.code(of: function)
      let frame = try CallFrame(function, arguments)
      if threads > 0 { tess_set_threads(threads) }
      let call = { () throws(CallError) in
        do throws(TesseraCodeGen.CallError) {
          try frame.withArguments { arguments throws(TesseraCodeGen.CallError) in
            try code.call(arguments, constants: constants, memory: memory)
          }
        } catch {
          throw CallError(error)
        }
      }
      if let print { try PrintSink.redirecting(to: print, call) } else { try call() }
      return frame.results()
    }
    return Executable(
      functions: functions,
      preparing: { function, constants throws(CallError) in
        if threads > 0 { tess_set_threads(threads) }
        let packed = try compiled.code(of: function).packing(constants, of: function)
        return { function, arguments, print throws(CallError) in
          try run(function, arguments, packed, print)
        }
      },
      engine: { function, arguments, print throws(CallError) in
        try run(function, arguments, nil, print)
      })
  }
}

extension CompiledModule {
  /// The code of `function`.
  fileprivate func code(of function: HostFunction) throws(CallError) -> CompiledFunction {
    if let code = self[function.signature.name] { return code }
    throw CallError(.wrongCall, "'\(function.name)' was not compiled")
  }
}

extension CompiledFunction {
  /// The constant parameters of `function`, whose leaves are `constants`, packed.
  fileprivate func packing(
    _ constants: [Tensor], of function: HostFunction
  ) throws(CallError) -> PackedConstants? {
    var rest = constants[...]
    let arguments = function.parameters.flatMap { parameter in
      parameter.leaves.map { _ in
        parameter.isConstant ? Argument.tensor(rest.removeFirst()) : .address(nil)
      }
    }
    do throws(TesseraCodeGen.CallError) {
      return try withExtendedLifetime(constants) { _ throws(TesseraCodeGen.CallError) in
        try prepare(arguments)
      }
    } catch {
      throw CallError(error)
    }
  }
}

extension OptimizationLevel {
  /// How hard LLVM works at this level.
  var codeGeneration: CodeGenOptions.Optimization {
    switch self {
    case .none: .none
    case .light: .less
    case .standard: .standard
    case .full: .aggressive
    }
  }
}

extension CallError {
  /// The error that compiled code reported.
  init(_ error: TesseraCodeGen.CallError) {
    self.init(
      status: error.status, error.message, file: error.line > 0 ? error.file : nil,
      line: error.line, column: error.column)
  }
}

/// Takes what compiled code prints. The runtime has one sink for the process, so calls that print
/// to different places take turns.
private enum PrintSink {
  private static let turn = Mutex(())

  /// Runs `body`, whose prints go to `print`.
  static func redirecting(
    to print: @escaping @Sendable (String) -> Void, _ body: () throws(CallError) -> Void
  ) throws(CallError) {
    final class Box: Sendable {
      let print: @Sendable (String) -> Void
      init(_ print: @escaping @Sendable (String) -> Void) { self.print = print }
    }
    let box = Box(print)
    let result = turn.withLock { _ in
      tess_set_print(
        { context, text, length in
          let bytes = UnsafeRawBufferPointer(start: text, count: Int(length))
          Unmanaged<Box>.fromOpaque(context!).takeUnretainedValue()
            .print(String(decoding: bytes, as: UTF8.self))
        }, Unmanaged.passUnretained(box).toOpaque())
      defer { tess_set_print(nil, nil) }
      return withExtendedLifetime(box) { Result { () throws(CallError) in try body() } }
    }
    try result.get()
  }
}
