import ArgumentParser
import Tessera

/// `tess check`: what is wrong with a program.
struct CheckCommand: TessCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Reports what is wrong with programs, and makes nothing.")

  @Argument(help: "The .tess files.") var files: [String]
  @OptionGroup var diagnosticOptions: DiagnosticOptions

  func run(on console: Console) throws -> ExitStatus {
    var status = ExitStatus.success
    for path in files {
      var compilation = try console.compilation(of: path)
      compilation.check()
      let found = diagnosticOptions.report(
        compilation.diagnostics, compilation.sources, on: console)
      if found != .success { status = found }
    }
    return status
  }
}
