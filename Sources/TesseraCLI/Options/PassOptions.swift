import ArgumentParser
import Tessera
import TesseraIR
import TesseraPasses

/// How passes are run and watched; the same for every command that runs some.
struct PassOptions: ParsableArguments {
  @Option(help: "Print the IR after these passes, on the standard error.")
  var printAfter: String?
  @Option(help: "Run no pass after this one.")
  var stopAfter: String?
  @Flag(help: "Say how long each stage and pass took.")
  var timePasses = false

  /// The passes called `names`, separated by commas.
  func passes(_ names: String) throws -> [Pass] {
    try names.split(separator: ",").map { name in
      guard let pass = Pass.named(String(name)) else {
        throw UsageError(
          "there is no pass '\(name)'; there are \(Pass.all.map(\.name).joined(separator: ", "))")
      }
      return pass
    }
  }

  /// `pipeline` up to the pass to stop after.
  func cut(_ pipeline: Pipeline) throws -> Pipeline {
    guard let stopAfter else { return pipeline }
    guard let last = pipeline.passes.lastIndex(where: { $0.name == stopAfter }) else {
      throw UsageError("no pass '\(stopAfter)' runs here, so nothing can stop after it")
    }
    return Pipeline(Array(pipeline.passes[...last]))
  }

  /// The options under which a pipeline runs; what is printed on the way is added to `log`.
  func pipelineOptions(_ log: PrintedText) throws -> PipelineOptions {
    var options = PipelineOptions()
    options.verify = { verify($0) }
    if let printAfter {
      options.printAfter = Set(try passes(printAfter).map(\.name))
      options.show = { pass, module in log.add("// after \(pass)\n\(module)") }
    }
    return options
  }

  /// The table of how long passes took.
  func timingTable(_ report: PipelineReport) -> String {
    let rows = report.timings.map { timing in
      [timing.pass, milliseconds(timing.duration), timing.changed ? "changed" : ""]
    }
    return table(rows)
  }
}

/// `duration` in milliseconds with three digits after the point.
func milliseconds(_ duration: Duration) -> String {
  let (seconds, attoseconds) = duration.components
  let micros = seconds * 1_000_000 + attoseconds / 1_000_000_000_000
  let fraction = String(micros % 1000)
  return "\(micros / 1000).\(String(repeating: "0", count: 3 - fraction.count))\(fraction) ms"
}
