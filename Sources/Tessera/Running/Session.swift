import TesseraData
import TesseraIR
import TesseraPasses
import TesseraSource

/// How programs are compiled and run.
public struct SessionOptions: Sendable {
  /// What runs a program.
  public enum Engine: String, Sendable, CaseIterable {
    /// Machine code, made in memory.
    case jit
    /// The interpreter: slow, and checks every access.
    case interpreter
  }

  /// What runs programs.
  public var engine = Engine.jit
  /// How hard the compiler tries.
  public var level = OptimizationLevel.standard
  /// Whether floats may be treated as real numbers everywhere.
  public var allowsRelaxedFloats = false
  /// The named algorithms that are asked for wherever the program permits some.
  public var algorithms: Algorithms = []
  /// The number of threads that runs use; 0 for what the environment or the machine says.
  public var threads = 0
  /// The passes that run in place of those of `level`; the interpreter runs none unless told so.
  public var pipeline: Pipeline?
  /// The names of the passes after which `show` is called.
  public var printAfter: Set<String> = []
  /// The schedules that were found by measuring, as the text of a lock and its name; functions that
  /// it does not name are scheduled as usual.
  public var lock: (name: String, bytes: [UInt8])?
  /// `true` iff diagnostics should tell what became of each statement: schedules, vectors, fusion.
  public var wantsRemarks = false
  /// Is given the name of a pass of `printAfter` and the IR that it left.
  public var show: (@Sendable (_ pass: String, _ module: TesseraIR.Module) -> Void)?

  /// Creates the usual options: machine code, well optimized, floats as written.
  public init() {}
}

/// A program that is wrong, with all that was found.
public struct CompilationFailure: Error, Sendable, CustomStringConvertible {
  /// What was found.
  public var diagnostics: [Diagnostic]
  /// The files that diagnostics point into.
  public var sources: SourceMap
  /// What went wrong in the compiler itself, if that is why.
  public var internalFailure: String?

  /// Creates a failure with what was found.
  public init(diagnostics: [Diagnostic], sources: SourceMap, internalFailure: String? = nil) {
    self.diagnostics = diagnostics
    self.sources = sources
    self.internalFailure = internalFailure
  }

  /// The diagnostics as text with the source around them.
  public var description: String {
    DiagnosticRenderer(sources).render(diagnostics)
      + (internalFailure.map { "internal error: \($0)\n" } ?? "")
  }
}

/// The compiler as a library: checks programs, compiles them, calls their functions.
///
///     let session = Session()
///     let program = try session.compile("export fn twice(x: i64) -> i64 { 2 * x }")
///     let four = try program.call("twice", [Tensor(2)])
///
/// A session has no state of its own, so it may be used from several threads, as may the programs
/// that it makes.
public struct Session: Sendable {
  /// How programs are compiled and run.
  public var options: SessionOptions
  /// Where imported modules come from, beside the standard library.
  public var modules: ModuleFinder

  /// Creates a session.
  public init(options: SessionOptions = SessionOptions(), modules: ModuleFinder = .standardLibrary)
  {
    self.options = options
    self.modules = modules
  }

  /// What is wrong with `source`, and the files that the diagnostics point into.
  public func check(
    _ source: String, name: String = "source.tess"
  ) -> (diagnostics: [Diagnostic], sources: SourceMap) {
    var compilation = Compilation(name: name, bytes: Array(source.utf8), modules: modules)
    compilation.check()
    return (compilation.diagnostics, compilation.sources)
  }

  /// Compiles `source`; its exported functions can be called, and those called `entries`.
  ///
  /// - Throws: if the program is wrong, or declares none of the entries.
  public func compile(
    _ source: String, name: String = "source.tess", entries: [String] = []
  ) throws(CompilationFailure) -> Executable {
    var compilation = Compilation(name: name, bytes: Array(source.utf8), modules: modules)
    do {
      if let executable = try compilation.executable(options, entries: entries) {
        return executable
      }
    } catch {
      throw CompilationFailure(
        diagnostics: compilation.diagnostics, sources: compilation.sources,
        internalFailure: error.description)
    }
    throw CompilationFailure(
      diagnostics: compilation.diagnostics, sources: compilation.sources)
  }
}
