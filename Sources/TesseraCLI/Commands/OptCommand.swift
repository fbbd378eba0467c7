import ArgumentParser
import Tessera
import TesseraIR
import TesseraSource

/// `tess opt`: passes over IR text.
struct OptCommand: TessCommand {
  static let configuration = CommandConfiguration(
    commandName: "opt", abstract: "Runs passes over a .tir file and prints what they leave.")

  @Argument(help: "The .tir file; - reads the standard input.") var file: String
  @Option(name: .customShort("o"), help: "The file to write, or - for the standard output.")
  var output: String = "-"
  @OptionGroup var diagnosticOptions: DiagnosticOptions

  func run(on console: Console) throws -> ExitStatus {
    var sources = SourceMap()
    let source = sources.add(name: file, bytes: try console.read(file))
    let (module, diagnostics) = parseModule(source)
    let status = diagnosticOptions.report(diagnostics, sources, on: console)
    guard let module, status == .success else { return status }
    try console.write(Array(module.description.utf8), to: output)
    return .success
  }
}
