import Tessera
import TesseraIR
import TesseraSemantics
import TesseraSource

/// A program of the language with the IR of its tensor stage, for tests.
public struct CompiledProgram {
  /// The typed program.
  public let program: Program
  /// The IR, as lowering made it.
  public let module: TesseraIR.Module
  /// The files that spans point into.
  public let sources: SourceMap

  /// What keeps a text from being compiled.
  public struct Failure: Error, CustomStringConvertible {
    public let description: String
  }

  /// Parses, checks, lowers and verifies `text`.
  public init(_ text: String, name: String = "test.tess") throws {
    var compilation = Compilation(name: name, bytes: Array(text.utf8))
    compilation.check()
    compilation.lower()
    sources = compilation.sources
    let renderer = DiagnosticRenderer(sources)
    guard let program = compilation.program, let module = compilation.module else {
      let errors = compilation.diagnostics.filter { $0.severity == .error }
      throw Failure(description: renderer.render(errors))
    }
    let mistakes = verify(module, stage: .tensor)
    guard mistakes.isEmpty else {
      throw Failure(description: renderer.render(mistakes) + "\n\(module)")
    }
    self.program = program
    self.module = module
  }

  /// The titles of the `test` declarations, in order.
  public var testTitles: [String] {
    program.tests.map { id in
      if case .test(let title) = program.functions[id].kind { return title }
      return program.functions[id].name
    }
  }
}
