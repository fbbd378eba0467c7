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
      defer { frame.deallocate() }
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
    let leaves = function.parameters.flatMap { parameter in
      parameter.leaves.map { _ in parameter.isConstant ? rest.removeFirst() : nil }
    }
    var packed: PackedConstants?
    var failure: TesseraCodeGen.CallError?
    var arguments: [Argument] = []
    // Each tensor is held in memory by a frame of this recursion.
    func hold(_ position: Int) {
      guard position < leaves.count else {
        do throws(TesseraCodeGen.CallError) {
          packed = try prepare(arguments)
        } catch {
          failure = error
        }
        return
      }
      guard let tensor = leaves[position] else {
        arguments.append(.address(nil))
        return hold(position + 1)
      }
      tensor.bytes.withUnsafeBytes { bytes in
        arguments.append(
          .tensor(
            data: UnsafeMutableRawPointer(mutating: bytes.baseAddress),
            TesseraIR.ScalarType(tensor.elementType), shape: tensor.shape))
        hold(position + 1)
      }
    }
    hold(0)
    if let failure { throw CallError(failure) }
    return packed
  }
}

/// The one place of this process where compiled modules live.
private enum SharedJIT {
  static let session = Result { () throws(CodeGenError) in try JITSession() }
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
  fileprivate init(_ error: TesseraCodeGen.CallError) {
    self.init(
      status: error.status, error.message, file: error.line > 0 ? error.file : nil,
      line: error.line, column: error.column)
  }
}

/// The memory of one call of compiled code: what it changes and gives.
private struct CallFrame {
  /// Memory of a leaf that the call writes.
  private struct Written {
    var address: UnsafeMutableRawPointer
    var byteCount: Int
    var shape: [Int]
    var leaf: HostFunction.Leaf
  }

  private let function: HostFunction
  private let arguments: [Tensor]
  /// The `inout` leaves, then those of the results, as the entry takes them.
  private var changed: [Written] = []
  private var given: [Written] = []

  /// Makes room for what `function` gives for `arguments`.
  init(_ function: HostFunction, _ arguments: [Tensor]) throws(CallError) {
    guard let shapes = function.resultShapes(for: arguments) else {
      throw CallError(
        .wrongCall, "the sizes of what '\(function.name)' gives are not known before it runs")
    }
    self.function = function
    self.arguments = arguments
    var next = 0
    for parameter in function.parameters {
      for leaf in parameter.leaves {
        if parameter.isInout { changed.append(try Self.copy(arguments[next], leaf)) }
        next += 1
      }
    }
    let ownResults = function.results.filter { !$0.isInout }.flatMap(\.leaves)
    for (leaf, shape) in zip(ownResults, shapes) { given.append(try Self.allocate(leaf, shape)) }
  }

  private static func allocate(
    _ leaf: HostFunction.Leaf, _ shape: [Int]
  ) throws(CallError) -> Written {
    // Entry checks refuse what the shapes say if it cannot be.
    let byteCount = (try? Tensor.byteCount(leaf.elementType, shape)) ?? 0
    guard let address = tess_allocate(max(byteCount, 8)) else {
      throw CallError(
        status: Int32(TESS_OUT_OF_MEMORY.rawValue), "there is no memory for '\(leaf.path)'")
    }
    return Written(address: address, byteCount: byteCount, shape: shape, leaf: leaf)
  }

  private static func copy(
    _ tensor: Tensor, _ leaf: HostFunction.Leaf
  ) throws(CallError) -> Written {
    let written = try allocate(leaf, tensor.shape)
    tensor.bytes.withUnsafeBytes { bytes in
      if let base = bytes.baseAddress {
        written.address.copyMemory(from: base, byteCount: bytes.count)
      }
    }
    return written
  }

  /// Calls `body` with one argument a leaf, parameters first, then results.
  func withArguments(
    _ body: ([CompiledFunction.Argument]) throws(TesseraCodeGen.CallError) -> Void
  ) throws(TesseraCodeGen.CallError) {
    var list: [CompiledFunction.Argument] = []
    var failure: TesseraCodeGen.CallError?
    // Each tensor is held in memory by a frame of this recursion.
    func hold(_ parameter: Int, _ leaf: Int, _ next: Int, _ nextChanged: Int) {
      guard parameter < function.parameters.count else {
        for written in given { list.append(argument(written, isAggregate: written.leaf.key != "")) }
        do throws(TesseraCodeGen.CallError) { try body(list) } catch { failure = error }
        return
      }
      let owner = function.parameters[parameter]
      guard leaf < owner.leaves.count else { return hold(parameter + 1, 0, next, nextChanged) }
      if owner.isInout {
        list.append(argument(changed[nextChanged], isAggregate: owner.isAggregate))
        return hold(parameter, leaf + 1, next + 1, nextChanged + 1)
      }
      let tensor = arguments[next]
      let type = TesseraIR.ScalarType(tensor.elementType)
      tensor.bytes.withUnsafeBytes { bytes in
        if owner.leaves[leaf].isScalar, !owner.isAggregate {
          var bits: UInt64 = 0
          withUnsafeMutableBytes(of: &bits) { $0.copyMemory(from: bytes) }
          list.append(.scalar(ScalarValue(bits: bits, type)))
        } else {
          let data = UnsafeMutableRawPointer(mutating: bytes.baseAddress)
          list.append(.tensor(data: data, type, shape: tensor.shape))
        }
        hold(parameter, leaf + 1, next + 1, nextChanged)
      }
    }
    hold(0, 0, 0, 0)
    if let failure { throw failure }
  }

  private func argument(_ written: Written, isAggregate: Bool) -> CompiledFunction.Argument {
    if written.leaf.isScalar, !isAggregate { return .address(written.address) }
    return .tensor(
      data: written.address, TesseraIR.ScalarType(written.leaf.elementType), shape: written.shape)
  }

  /// What the call gave: the `inout` leaves, then the results.
  func results() -> [Tensor] {
    (changed + given).compactMap { written in
      let bytes = UnsafeRawBufferPointer(start: written.address, count: written.byteCount)
      return try? Tensor(written.leaf.elementType, written.shape, bytes: Array(bytes))
    }
  }

  func deallocate() {
    for written in given + changed { tess_release(written.address) }
  }
}

/// Takes what compiled code prints. The runtime has one sink for the process, so calls that print
/// to different places take turns.
private enum PrintSink {
  private static let turn = Mutex(())

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
