import ArgumentParser
import Tessera

/// `tess fmt`: programs in the usual layout.
struct FmtCommand: TessCommand {
  static let configuration = CommandConfiguration(
    commandName: "fmt", abstract: "Lays programs out in the usual way.",
    discussion: "Files are rewritten in place; - goes from the standard input to the output.")

  @Argument(help: "The .tess files, or -.") var files: [String]
  @Flag(help: "Write nothing; name the files that are not in the usual layout.") var check = false
  @Option(name: .customShort("o"), help: "The file to write instead, or - for the standard output.")
  var output: String?
  @OptionGroup var diagnosticOptions: DiagnosticOptions

  func run(on console: Console) throws -> ExitStatus {
    if output != nil, files.count != 1 { throw UsageError("-o is for one file") }
    var status = ExitStatus.success
    for path in files {
      let compilation = Compilation(name: path, bytes: try console.read(path))
      let found = diagnosticOptions.report(
        compilation.diagnostics, compilation.sources, on: console)
      guard found == .success else {
        status = found
        continue
      }
      let formatted = Array(compilation.formattedText.utf8)
      let isFormatted = formatted == compilation.bytes
      if check {
        if !isFormatted {
          console.write("\(path)\n")
          status = .programIsWrong
        }
      } else if let target = output ?? (path == "-" ? "-" : nil) {
        try console.write(formatted, to: target)
      } else if !isFormatted {
        try console.write(formatted, to: path)
      }
    }
    return status
  }
}
