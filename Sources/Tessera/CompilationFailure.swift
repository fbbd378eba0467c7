import TesseraSource

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
