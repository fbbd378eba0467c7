import Synchronization
public import TesseraIR
import TesseraLLVM
public import TesseraSource
import TesseraRuntime

/// A place in this process where compiled modules live; several threads may compile and call at
/// once.
public final class JITSession: Sendable {
  private let jit: LLVMJIT
  private let isDebuggable: Bool
  private let count = Atomic<Int>(0)

  /// Creates a session.
  ///
  /// - Parameter isDebuggable: whether gdb is told of each module, which costs a little time.
  public init(isDebuggable: Bool = false) throws(CodeGenError) {
    do {
      jit = try LLVMJIT(symbols: JITSession.runtimeSymbols(), isDebuggable: isDebuggable)
      self.isDebuggable = isDebuggable
    } catch {
      throw .tool("LLVM: \(error.description)")
    }
  }

  /// Compiles a module of the scheduled stage for this machine and links it.
  public func compile(
    _ module: Module, optimization: CodeGenOptions.Optimization = .standard,
    sources: SourceMap = SourceMap(), target: TargetDescription = .host
  ) throws(CodeGenError) -> CompiledModule {
    let number = count.add(1, ordering: .relaxed).newValue
    let options = CodeGenOptions(
      target: target, optimization: optimization, sources: sources,
      hasDebugInformation: isDebuggable, symbolSuffix: "$\(number)", hasCompanions: false)
    let object = try generateCode(module, options)[.object]!
    do {
      let tracker = try jit.add(object: object)
      var functions: [String: (ExportSignature, UnsafeRawPointer)] = [:]
      for signature in module.allExports {
        let address = try jit.address(of: signature.name + options.symbolSuffix)
        functions[signature.name] = (signature, address)
      }
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
  private let functions: [String: (signature: ExportSignature, address: UnsafeRawPointer)]

  fileprivate init(
    _ session: JITSession, _ tracker: LLVMJIT.Tracker,
    _ functions: [String: (ExportSignature, UnsafeRawPointer)]
  ) {
    self.session = session
    self.tracker = tracker
    self.functions = functions.mapValues { (signature: $0.0, address: $0.1) }
  }

  deinit { session.remove(tracker) }

  /// The names of the exported functions.
  public var functionNames: [String] { functions.keys.sorted() }

  /// The exported function called `name`.
  public subscript(name: String) -> CompiledFunction? {
    functions[name].map { CompiledFunction(self, $0.signature, $0.address) }
  }
}
