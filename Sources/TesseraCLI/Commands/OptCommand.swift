import ArgumentParser
import Tessera
import TesseraIR
import TesseraPasses

/// `tess opt`: passes over IR.
struct OptCommand: TessCommand {
  static let configuration = CommandConfiguration(
    commandName: "opt", abstract: "Runs passes over a .tir file and prints what they leave.",
    discussion: "Passes:\n"
      + table(Pass.all.map { ["  " + $0.name, $0.summary] }))

  @Argument(help: "The .tir file; - reads IR text from the standard input.") var file: String
  @Option(name: .customShort("o"), help: "The file to write, or - for the standard output.")
  var output: String = "-"
  @OptionGroup var targetOptions: TargetOptions
  @Flag(help: "Say how long each pass took.") var timePasses = false
  @OptionGroup var passOptions: PassOptions
  @OptionGroup var diagnosticOptions: DiagnosticOptions

  func run(on console: Console) throws -> ExitStatus {
    guard file == "-" || file.hasSuffix(".tir") else {
      throw UsageError("'\(file)' is no .tir file; 'tess build --emit=tir' makes one of a program")
    }
    let name = file == "-" ? "standard input.tir" : file
    let pipeline = try passOptions.pipeline(usual: Pipeline([])) ?? Pipeline([])
    var compilation = Compilation(name: name, bytes: try console.read(file))
    let log = PrintedText()
    var options = PipelineOptions()
    options.target = try targetOptions.machine()
    options.verify = { verify($0) }
    options.printAfter = try passOptions.printedPasses
    options.show = { log.add(PassOptions.listing($0, $1)) }
    let report = try compilation.run(pipeline, options: options)
    console.note(log.text)
    if timePasses { console.note(timingTable(report)) }
    let status = diagnosticOptions.report(
      compilation.diagnostics, compilation.sources, on: console)
    if status == .success, let module = compilation.module {
      try console.write(Array(module.description.utf8), to: output)
    }
    return status
  }

  /// The table of how long passes took.
  private func timingTable(_ report: PipelineReport) -> String {
    table(
      report.timings.map {
        [$0.pass, milliseconds($0.duration), $0.changed ? "changed" : ""]
      })
  }
}
