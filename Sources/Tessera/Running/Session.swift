import TesseraSource

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
