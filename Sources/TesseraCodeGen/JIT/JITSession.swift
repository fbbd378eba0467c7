import Foundation
import Synchronization
public import TesseraIR
import TesseraLLVM
import TesseraRuntime
public import TesseraSource

/// A place in this process where compiled modules live; several threads may compile and call at
/// once.
public final class JITSession: Sendable {
  private let jit: LLVMJIT
  private let isDebuggable: Bool
  private let count = Atomic<Int>(0)

  /// The processors that this process may use. To find out takes a sixtieth of the time that a short
  /// program does, since the system's files say.
  private static let processorCount = ProcessInfo.processInfo.activeProcessorCount

  /// Creates a session.
  ///
  /// - Parameter isDebuggable: whether gdb is told of each module, which costs a little time.
  public convenience init(isDebuggable: Bool = false) throws(CodeGenError) {
    try self.init(isDebuggable: isDebuggable, replacing: [:])
  }

  /// Creates a session in which functions of the runtime may have others in their place.
  package init(
    isDebuggable: Bool = false, replacing replacements: [String: UnsafeRawPointer]
  ) throws(CodeGenError) {
    let symbols = JITSession.runtimeSymbols().map { name, address in
      (name: name, address: replacements[name] ?? address)
    }
    do {
      jit = try LLVMJIT(symbols: symbols, isDebuggable: isDebuggable)
      self.isDebuggable = isDebuggable
    } catch {
      throw .tool("LLVM: \(error.description)")
    }
  }

  /// Compiles a module of the scheduled stage for this machine and links it.
  ///
  /// - Parameters:
  ///   - threads: how many may work on it; 0 for as many as there are processors.
  ///   - onStage: is told what was done and how long it took.
  public func compile(
    _ module: Module, optimization: CodeGenOptions.Optimization = .standard,
    sources: SourceMap = SourceMap(), target: TargetDescription = .host, threads: Int = 0,
    onStage: @escaping (_ stage: String, _ duration: Duration) -> Void = { _, _ in }
  ) throws(CodeGenError) -> CompiledModule {
    let number = count.add(1, ordering: .relaxed).newValue
    let options = CodeGenOptions(
      target: target, optimization: optimization, sources: sources,
      hasDebugInformation: isDebuggable, symbolSuffix: "$\(number)", hasCompanions: false)
    let objects = try generateObjects(
      module, options,
      threads: threads > 0 ? threads : JITSession.processorCount,
      onStage: onStage)
    var watch = StageWatch(onStage)
    do {
      let tracker = try jit.add(objects: objects)
      var functions: [String: CompiledModule.Entry] = [:]
      for signature in module.allExports {
        let address = try jit.address(of: signature.name + options.symbolSuffix)
        var entry = CompiledModule.Entry(signature: signature, address: address)
        func companion(_ suffix: String) throws(LLVMError) -> UnsafeRawPointer {
          try jit.address(of: signature.name + suffix + options.symbolSuffix)
        }
        let name = signature.function
        if let workspace = module.constantWorkspace(of: name) {
          entry.workspace = .constant(workspace.whole)
          entry.preparedWorkspace = .constant(workspace.prepared)
        } else {
          entry.workspace = .function(try companion("_workspace"))
          entry.preparedWorkspace = entry.workspace
        }
        if signature.hasConstants, module[preparedFunctionName(name)] != nil {
          if let byteCount = module.constantByteCount(packedFunctionName(name)) {
            entry.packed = .constant(byteCount)
          } else {
            entry.packed = .function(try companion("_packed"))
          }
          entry.prepareAddress = try companion("_prepare")
        }
        functions[signature.name] = entry
      }
      watch.note("link")
      return CompiledModule(self, tracker, functions)
    } catch {
      throw .tool("LLVM: \(error.description)")
    }
  }

  fileprivate func remove(_ tracker: LLVMJIT.Tracker) { jit.remove(tracker) }

  /// The functions of the C runtime, which an executable does not show to its dynamic linker.
  private static func runtimeSymbols() -> [(name: String, address: UnsafeRawPointer)] {
    var symbols: [(name: String, address: UnsafeRawPointer)] = []
    guard var next = tess_symbols() else { return [] }
    while let name = next.pointee.name, let address = next.pointee.address {
      symbols.append((String(cString: name), address))
      next += 1
    }
    return symbols
  }
}

/// The linked code of one module; it is given back when nothing refers to it any more.
public final class CompiledModule: @unchecked Sendable {
  // Nothing here changes after `init`; addresses are not Sendable by themselves.
  private let session: JITSession
  private let tracker: LLVMJIT.Tracker
  private let functions: [String: Entry]

  /// An exported function with the addresses of its code.
  struct Entry {
    var signature: ExportSignature
    var address: UnsafeRawPointer
    /// What calls take at their start, as `NAME_workspace` tells; without packed constants, and with
    /// them.
    var workspace = ByteCount.constant(0)
    var preparedWorkspace = ByteCount.constant(0)
    /// What packed constants take, as `NAME_packed` tells, and `NAME_prepare`; `nil` if there is
    /// nothing to prepare.
    var packed: ByteCount?
    var prepareAddress: UnsafeRawPointer?
  }

  /// A number of bytes that callers ask for.
  enum ByteCount {
    /// It is the same for all calls, so there is no code that tells it.
    case constant(Int)
    /// The address of the C function that tells it.
    case function(UnsafeRawPointer)
  }

  fileprivate init(
    _ session: JITSession, _ tracker: LLVMJIT.Tracker,
    _ functions: [String: Entry]
  ) {
    self.session = session
    self.tracker = tracker
    self.functions = functions
  }

  deinit { session.remove(tracker) }

  /// The exported function called `name`.
  public subscript(name: String) -> CompiledFunction? {
    functions[name].map { CompiledFunction(self, $0) }
  }
}
