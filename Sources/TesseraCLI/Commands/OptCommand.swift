import ArgumentParser
import Tessera
import TesseraPasses

/// `tess opt`: passes over IR.
struct OptCommand: TessCommand {
  static let configuration = CommandConfiguration(
    commandName: "opt", abstract: "Runs passes over a .tir file and prints what they leave.",
    discussion: "Passes:\n"
      + table(Pass.all.map { ["  " + $0.name, $0.summary] }))

  @Argument(help: "The .tir file; - reads IR text from the standard input.") var file: String
  @Option(help: "The passes to run, in order, separated by commas.") var passes: String = ""
  @Option(name: .customShort("o"), help: "The file to write, or - for the standard output.")
  var output: String = "-"
  @OptionGroup var targetOptions: TargetOptions
  @OptionGroup var passOptions: PassOptions
  @OptionGroup var diagnosticOptions: DiagnosticOptions

  func run(on console: Console) throws -> ExitStatus {
    let name = file == "-" ? "standard input.tir" : file
    var compilation = Compilation(name: name, bytes: try console.read(file))
    let log = PrintedText()
    let pipeline = try passOptions.cut(Pipeline(passOptions.passes(passes)))
    var options = try passOptions.pipelineOptions(log)
    options.target = try targetOptions.machine()
    let report = try compilation.run(pipeline, options: options)
    console.note(log.text)
    if passOptions.timePasses { console.note(passOptions.timingTable(report)) }
    let status = diagnosticOptions.report(
      compilation.diagnostics, compilation.sources, on: console)
    if status == .success, let module = compilation.module {
      try console.write(Array(module.description.utf8), to: output)
    }
    return status
  }
}
