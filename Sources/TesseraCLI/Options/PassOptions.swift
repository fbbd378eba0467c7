import ArgumentParser
import Tessera
import TesseraIR
import TesseraPasses

/// Which passes run, and which are watched; the same for every command that runs some.
struct PassOptions: ParsableArguments {
  @Option(help: "The passes to run, in order, separated by commas.")
  var passes: String?
  @Option(help: "Print the IR after these passes, on the standard error.")
  var printAfter: String?
  @Option(help: "Run no pass after this one.")
  var stopAfter: String?

  /// The pipeline that was asked for, which is `usual` unless passes are named; `nil` if nothing
  /// was said of passes.
  func pipeline(usual: Pipeline) throws -> Pipeline? {
    if passes == nil, printAfter == nil, stopAfter == nil { return nil }
    var pipeline = usual
    if let passes { pipeline = Pipeline(try named(passes)) }
    if let stopAfter {
      _ = try named(stopAfter)
      guard let last = pipeline.passes.lastIndex(where: { $0.name == stopAfter }) else {
        throw UsageError("no pass '\(stopAfter)' runs here, so nothing can stop after it")
      }
      pipeline.passes.removeSubrange((last + 1)...)
    }
    for name in try printedPasses where !pipeline.passes.contains(where: { $0.name == name }) {
      throw UsageError("no pass '\(name)' runs here, so nothing can be printed after it")
    }
    return pipeline
  }

  /// The names of the passes after which the IR is printed.
  var printedPasses: Set<String> {
    get throws { Set(try printAfter.map(named)?.map(\.name) ?? []) }
  }

  /// What IR looks like that is printed after a pass.
  static func listing(_ pass: String, _ module: Module) -> String { "// after \(pass)\n\(module)" }

  /// The passes called `names`, separated by commas.
  private func named(_ names: String) throws -> [Pass] {
    try names.split(separator: ",").map { name in
      guard let pass = Pass.named(String(name)) else {
        throw UsageError(
          "there is no pass '\(name)'; there are \(Pass.all.map(\.name).joined(separator: ", "))")
      }
      return pass
    }
  }
}
