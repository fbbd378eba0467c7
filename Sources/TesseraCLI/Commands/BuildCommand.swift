import ArgumentParser
import Tessera

/// `tess build`: a program as files of any stage.
struct BuildCommand: TessCommand {
  static let configuration = CommandConfiguration(
    commandName: "build", abstract: "Compiles a program ahead of time.",
    discussion: """
      Forms are tokens, ast, types, tir, llvm, asm, obj, static, shared, header and manifest. Files \
      are named after the program and end in .tokens, .ast, .types, .tir, .ll, .s, .o, .a, .so, .h \
      and .json. The tir is what lowering makes, or, where passes are spoken of, what they leave.
      """)

  @Argument(help: "The .tess file; - reads the standard input.") var file: String
  @Option(help: "The forms to write, separated by commas.") var emit: String = "obj,header"
  @Option(
    name: .customShort("o"),
    help: "The file to write, its name without ending for several forms, or - for the output.")
  var output: String?
  @OptionGroup var targetOptions: TargetOptions
  @OptionGroup var lockOptions: LockOptions
  @OptionGroup var engineOptions: EngineOptions
  @OptionGroup var diagnosticOptions: DiagnosticOptions

  func run(on console: Console) throws -> ExitStatus {
    let emissions = try emit.split(separator: ",").map { name in
      guard let emission = Emission(rawValue: String(name)) else {
        let known = Emission.allCases.map(\.rawValue).joined(separator: ", ")
        throw UsageError("there is no form '\(name)'; there are \(known)")
      }
      return emission
    }
    var compilation = try console.compilation(of: file)
    let log = PrintedText()
    let forms = try compilation.emit(
      emissions, lockOptions.add(to: engineOptions.options(log), on: console),
      target: targetOptions.machine())
    engineOptions.report(compilation, log, on: console)
    let status = diagnosticOptions.report(
      compilation.diagnostics, compilation.sources, on: console)
    // Tokens and trees are there whatever is wrong; later forms of a wrong program are not.
    if status == .success || emissions.allSatisfy({ $0 == .tokens || $0 == .ast }) {
      if compilation.exportsNothing, emissions.contains(where: \.isForHosts) {
        console.note(
          "tess: '\(compilation.name)' exports no function, so there is nothing that could be called; "
            + "write 'export' before 'fn'\n"
        )
      }
      for (emission, bytes) in zip(emissions, forms) {
        try console.write(bytes, to: path(for: emission, of: emissions.count))
      }
    }
    return status
  }

  private func path(for emission: Emission, of count: Int) -> String {
    if let output, count == 1 || output == "-" { return output }
    return "\(output ?? stem).\(emission.fileExtension)"
  }

  /// The path of the program without its ending.
  private var stem: String {
    for ending in [".tess", ".tir"] where file.hasSuffix(ending) {
      return String(file.dropLast(ending.count))
    }
    return file == "-" ? "out" : file
  }
}
