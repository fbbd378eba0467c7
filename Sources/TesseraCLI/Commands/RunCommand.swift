import ArgumentParser
import Tessera
import TesseraData

/// `tess run`: a function of a program, on data.
struct RunCommand: TessCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Runs a function of a program.",
    discussion: """
      An argument is for the next parameter, or NAME=ARGUMENT for the one of that name: a number, \
      true or false, a list [[1, 2], [3, 4]], a .npy or .png file, or FILE.safetensors#KEY; for a \
      struct all tensors whose keys begin with KEY. Results go to the standard output, or into \
      files by -o NAME=FILE, of the kinds .npy, .safetensors and .png.
      """)

  @Argument(help: "The .tess or .tir file.") var file: String
  @Argument(
    parsing: .allUnrecognized,
    help: "The function, if there are several, and its arguments.")
  var words: [String] = []
  @Option(name: .customShort("o"), help: "Write result NAME to FILE: NAME=FILE, or only FILE.")
  var outputs: [String] = []
  @OptionGroup var lockOptions: LockOptions
  @OptionGroup var engineOptions: EngineOptions
  @OptionGroup var diagnosticOptions: DiagnosticOptions

  func run(on console: Console) throws -> ExitStatus {
    let start = ContinuousClock.now
    let log = PrintedText()
    let options = try lockOptions.add(to: engineOptions.options(log), on: console)
    let preparation = MachineCodePreparation(for: options)
    defer { preparation.finish() }
    var compilation = try console.compilation(of: file)
    var words = words
    compilation.check()
    let name = try entry(of: compilation, &words)
    let executable = try compilation.executable(
      options, entries: name.map { [$0] } ?? [], isClosed: true)
    let compileTime = ContinuousClock.now - start
    let status = diagnosticOptions.report(
      compilation.diagnostics, compilation.sources, on: console)
    engineOptions.report(compilation, log, on: console)
    guard let executable, status == .success else { return status }
    guard let function = name.flatMap({ executable[$0] }) else {
      throw UsageError(
        "'\(name ?? file)' takes raw pointers, which cannot be given on the command line"
          + offer(compilation.functionNames.filter { !compilation.takesPointers($0) }))
    }
    var arguments = HostArguments(function, console)
    let bound = try arguments.bind(words)
    do {
      let called = ContinuousClock.now
      let results = try engineOptions.call(executable, function.name, bound, on: console)
      engineOptions.report(
        [
          ("compile", compileTime), ("first run", ContinuousClock.now - called),
        ], on: console)
      try HostResults(function: function, results: results).write(outputs, on: console)
      return .success
    } catch let error as CallError {
      console.note("tess: \(error)\n")
      return .checkFailed
    }
  }

  /// The name of the function to run, taken from `words` unless there is only one, or only one
  /// that is exported.
  private func entry(of compilation: Compilation, _ words: inout [String]) throws -> String? {
    if compilation.hasErrors { return nil }
    // What comes after is not for `tess` itself.
    words = words.filter { $0 != "--" }
    let known = compilation.functionNames
    if let first = words.first, known.contains(first) { return words.removeFirst() }
    let offered = compilation.exportNames.isEmpty ? known : compilation.exportNames
    if offered.count == 1 { return offered[0] }
    if known.isEmpty { throw UsageError("there is no function to run in '\(file)'") }
    let found = words.first.map { "no function '\($0)' to run" } ?? "which function"
    throw UsageError("\(found) in '\(file)'" + offer(known))
  }

  private func offer(_ names: [String]) -> String {
    names.isEmpty ? "" : "; expected one of \(names.joined(separator: ", "))"
  }
}
