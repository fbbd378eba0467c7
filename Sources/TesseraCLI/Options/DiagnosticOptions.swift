import ArgumentParser
import Tessera
import TesseraSource

/// How diagnostics are shown; the same for every command.
struct DiagnosticOptions: ParsableArguments {
  enum Form: String, ExpressibleByArgument, CaseIterable { case text, json }

  @Option(
    help: "Show diagnostics as text with the source around them, or as one JSON object a line.")
  var diagnostics: Form = .text

  /// Shows `diagnostics` and returns what a command ends with on account of them.
  func report(
    _ diagnostics: [Diagnostic], _ sources: SourceMap, on console: Console
  ) -> ExitStatus {
    let shown = diagnostics.limited()
    switch self.diagnostics {
    case .text:
      let renderer = DiagnosticRenderer(sources, isColored: console.isColored)
      if !shown.isEmpty { console.note(renderer.render(shown)) }
    case .json:
      for diagnostic in shown { console.note("\(diagnostic.json(sources))\n") }
    }
    return diagnostics.hasErrors ? .programIsWrong : .success
  }
}
