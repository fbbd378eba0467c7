import ArgumentParser
import Tessera
import TesseraPasses
import TesseraSource

/// `tess tune`: measures schedules of a function and keeps the best in a lock.
struct TuneCommand: TessCommand {
  static let configuration = CommandConfiguration(
    commandName: "tune", abstract: "Measures schedules of a function, and locks the best.",
    discussion: """
      The lock is a text to keep with the program: commands read it by --schedule and measure \
      nothing. What it says of other functions and targets stays, and so do comments that stand \
      before entries. A schedule changes no result, unless it takes another algorithm that the \
      function permits.
      """)

  @Argument(help: "The .tess file.") var file: String
  @Argument(help: "The exported function.") var function: String
  @Option(help: "The lengths of its dimensions: M=512,N=512,K=512.") var dims: String = ""
  @Option(help: "The lock; the program's name with the ending .lock, unless told otherwise.")
  var schedule: String?
  @Option(help: "How long to compare two schedules, in seconds.")
  var seconds = MeasuringTime(argument: "0.2")!
  @Option(help: "The level to make code for, which this machine must have.")
  var target: String = "native"
  @OptionGroup var engineOptions: EngineOptions
  @OptionGroup var diagnosticOptions: DiagnosticOptions

  func run(on console: Console) throws -> ExitStatus {
    let machine = try TargetOptions.machine(named: target)
    guard machine.canRunHere else {
      throw UsageError("'\(target)' is not the level of this machine, so nothing can be measured")
    }
    if schedule == nil, file == "-" {
      throw UsageError(
        "a program from the standard input has no name, so --schedule has to be said")
    }
    let lockFile = schedule ?? file.replacingSuffix(".tess", by: ".lock")
    var compilation = try console.compilation(of: file)
    let old = console.files.exists(lockFile) ? try console.read(lockFile) : nil
    var problems: [Diagnostic] = []
    var sources = SourceMap()
    var lock =
      old.map { ScheduleLock(sources.add(name: lockFile, bytes: $0), &problems) }
      ?? ScheduleLock()
    guard diagnosticOptions.report(problems, sources, on: console) == .success else {
      return .programIsWrong
    }
    let tuner = Tuner(
      target: machine, options: try engineOptions.options(PrintedText()),
      duration: seconds.duration)
    let result: Tuner.Result?
    do {
      result = try tuner.tune(function, of: &compilation, dimensions: dimensions())
    } catch let failure as Tuner.Failure {
      throw UsageError(failure.description)
    } catch let error as CallError {
      console.note("tess: \(error)\n")
      return .checkFailed
    }
    let status = diagnosticOptions.report(compilation.diagnostics, compilation.sources, on: console)
    guard let result, status == .success else { return status }
    var entry = ScheduleLock.Entry(
      target: machine.level, function: function, signature: result.signature.text,
      choice: result.choice)
    let sizes = dims.isEmpty ? "" : "\(dims): "
    entry.comments = [
      "  // \(sizes)\(milliseconds(result.best)), by the usual schedule \(milliseconds(result.usual))"
    ]
    lock.set(entry)
    try console.write(Array(lock.text.utf8), to: lockFile)
    console.note(
      "\(function): \(result.triedCount) schedules, \(milliseconds(result.usual)) by the usual one, "
        + "\(milliseconds(result.best)) by the best; \(lockFile)\n")
    return .success
  }

  /// The lengths that `dims` tells.
  private func dimensions() throws -> [String: Int] {
    var lengths: [String: Int] = [:]
    for pair in dims.split(separator: ",") {
      let sides = pair.split(separator: "=")
      guard sides.count == 2, let length = Int(sides[1]), length >= 0 else {
        throw UsageError("'\(pair)' tells no length; expected NAME=NUMBER")
      }
      guard lengths.updateValue(length, forKey: String(sides[0])) == nil else {
        throw UsageError("the length of '\(sides[0])' is told twice")
      }
    }
    return lengths
  }
}

extension String {
  /// The string with `ending` at its end, in the place of `suffix` if it has that.
  fileprivate func replacingSuffix(_ suffix: String, by ending: String) -> String {
    (hasSuffix(suffix) ? String(dropLast(suffix.count)) : self) + ending
  }
}
