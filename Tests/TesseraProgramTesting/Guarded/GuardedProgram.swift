import Foundation
import GuardPages
import Tessera
import TesseraCodeGen
import TesseraData
import TesseraIR
import TesseraPasses
import TesseraTesting

/// A program whose functions are called with every buffer against a page that cannot be touched.
public struct GuardedProgram: @unchecked Sendable {
  // Nothing changes after it is made; addresses are not Sendable by themselves.

  /// How a program becomes machine code.
  public enum Form: Hashable, Sendable, CaseIterable {
    /// By JIT, as always: temporaries lie in a workspace of exactly the bytes that are asked for.
    case planned
    /// By JIT without a plan for memory: each temporary is guarded by itself.
    case unplanned
    /// The same without inlining, so that what tests hand to functions is guarded too.
    case separate
  }

  /// The functions.
  public let functions: [HostFunction]
  /// The titles of the `test` declarations and the functions that run them.
  public let tests: [(title: String, name: String)]
  private let points: [String: EntryPoints]
  /// What keeps the code in memory.
  private let owner: AnyObject?

  /// Compiles `text` for this machine, or the level of it that `target` names; its `test`
  /// declarations instead of its exports, if `runsTests`.
  public init(
    _ text: String, name: String, _ form: Form, runsTests: Bool = false,
    target: TargetDescription = .host
  ) throws {
    var compilation = Compilation(name: name, bytes: Array(text.utf8))
    compilation.check()
    let declared = runsTests ? compilation.tests : []
    compilation.lower(entries: declared.map(\.function), isClosed: runsTests)
    guard var module = compilation.module, !compilation.hasErrors else {
      throw GuardedCallFailure(description: "\(name) has errors: \(compilation.diagnostics)")
    }
    let left: Set<String> =
      switch form {
      case .planned: []
      case .unplanned: ["memory-plan"]
      case .separate: ["memory-plan", "inline"]
      }
    var pipeline = Pipeline.standard(.standard)
    pipeline.passes.removeAll { left.contains($0.name) }
    precondition(left.allSatisfy { Pass.named($0) != nil }, "passes have other names now")
    var options = PipelineOptions()
    options.target = target
    functions = compilation.hostFunctions
    tests = declared.map { ($0.title, $0.name) }
    module.exports = functions.map(\.signature)
    _ = try run(pipeline, on: &module, options: options)
    let compiled = try Self.session.get().compile(
      module, sources: compilation.sources, target: target)
    points = module.exports.reduce(into: [:]) { points, signature in
      points[signature.name] = compiled[signature.name].map { EntryPoints($0) }
    }
    owner = compiled
  }

  /// Links `text` as a shared library for the level that objects are made for by default, and loads
  /// it.
  public init(library text: String, name: String) throws {
    let target: TargetDescription =
      TargetDescription.host.architecture == .x86_64 ? .x86_64v3 : .host
    var compilation = Compilation(name: name, bytes: Array(text.utf8))
    let bytes = try compilation.emit(.sharedLibrary, SessionOptions(), target: target)
    guard !compilation.hasErrors else {
      throw GuardedCallFailure(description: "\(name) has errors: \(compilation.diagnostics)")
    }
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("tessera-guarded-\(UInt64.random(in: 0 ... .max)).so")
    try Data(bytes).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    guard let library = dlopen(file.path, RTLD_NOW | RTLD_LOCAL) else {
      throw GuardedCallFailure(description: String(cString: dlerror()))
    }
    func address(_ symbol: String) -> UnsafeRawPointer? { UnsafeRawPointer(dlsym(library, symbol)) }
    functions = compilation.hostFunctions
    tests = []
    points = functions.reduce(into: [:]) { points, function in
      points[function.name] = EntryPoints(function.name, in: address)
    }
    owner = nil
  }

  /// Calls the function called `name` with one argument a leaf.
  ///
  /// - Parameter resultShapes: the shapes of what it gives, where its signature does not tell.
  /// - Returns: what it changes and gives.
  /// - Throws: where it touched what is not its own, or what it reports.
  public func call(
    _ name: String, _ arguments: [Tensor], resultShapes: [[Int]]? = nil, _ style: GuardedCallStyle
  ) throws(GuardedCallFailure) -> [Tensor] {
    guard let function = functions.first(where: { $0.name == name }),
      let points = points[name]
    else { throw GuardedCallFailure(description: "there is no function '\(name)'") }
    return try GuardedCall(function, arguments, resultShapes: resultShapes, style).run(points)
  }

  /// The place for code whose temporaries are guarded.
  private static let session = Result { () throws(CodeGenError) in
    var replacements: [String: UnsafeRawPointer] = [:]
    var next = guard_symbols()!
    while let name = next.pointee.name {
      replacements[String(cString: name)] = next.pointee.address
      next += 1
    }
    return try JITSession(replacing: replacements)
  }
}
