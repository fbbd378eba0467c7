import ArgumentParser
import Tessera

/// `tess build`: a program as files of any stage.
struct BuildCommand: TessCommand {
  static let configuration = CommandConfiguration(
    commandName: "build", abstract: "Compiles a program ahead of time.",
    discussion: "Without -o files are named after the program, beside it none is overwritten.")

  /// A stage that can be written.
  enum Emission: String, CaseIterable { case tokens, ast }

  @Argument(help: "The .tess file; - reads the standard input.") var file: String
  @Option(help: "What to write, separated by commas: tokens, ast.") var emit: String = "ast"
  @Option(name: .customShort("o"), help: "The file to write, or - for the standard output.")
  var output: String?
  @OptionGroup var diagnosticOptions: DiagnosticOptions

  func run(on console: Console) throws -> ExitStatus {
    let compilation = Compilation(name: file, bytes: try console.read(file))
    for name in emit.split(separator: ",") {
      guard let emission = Emission(rawValue: String(name)) else {
        throw UsageError("--emit does not know '\(name)'")
      }
      let text: String
      switch emission {
      case .tokens: text = compilation.tokenLines
      case .ast: text = compilation.treeLines
      }
      try console.write(Array(text.utf8), to: output ?? "-")
    }
    return diagnosticOptions.report(compilation.diagnostics, compilation.sources, on: console)
  }
}
