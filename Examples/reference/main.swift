import ArgumentParser
import Foundation
import Tessera
import TesseraData

/// Runs cases of reference data: inputs, parameters and outputs of the original models.
struct Cases: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs reference cases and compares with their outputs.",
    discussion: """
      A directory of cases holds a manifest.json and one .safetensors file a case. Without --dir it \
      is ../shared/golden where that exists, else the project's own data.
      """)

  @Option(help: "The directory of cases.") var dir: String?
  @Option(help: "Run only cases whose name matches this regular expression.") var cases: String?
  @Option(help: "Write the results to this file as JSON.") var json: String?
  @Option(help: "What runs the programs: jit, interpreter, or aot for objects linked with C.")
  var engine: String = "jit"

  func run() throws {
    let isAheadOfTime = engine == "aot"
    guard let engine = SessionOptions.Engine(rawValue: isAheadOfTime ? "jit" : engine) else {
      throw ValidationError("--engine is jit, interpreter or aot")
    }
    let directory = dir ?? Self.usualDirectory
    let pattern = try cases.map { try Regex($0) }
    let files = FileAccess()
    let manifest = try JSON(parsing: try files.read("\(directory)/manifest.json"))
    var results: [CaseResult] = []
    var options = SessionOptions()
    options.engine = engine
    for entry in manifest["cases"]?.elements ?? [] {
      guard let name = entry["name"]?.text else { continue }
      if let pattern, name.firstMatch(of: pattern) == nil { continue }
      var one = ReferenceCase(entry, name: name, directory: directory, files)
      one.isAheadOfTime = isAheadOfTime
      let result = one.run(options)
      print(result.line)
      results.append(result)
    }
    let counts = CaseResult.Verdict.allCases.map { verdict in
      "\(results.filter { $0.verdict == verdict }.count) \(verdict.rawValue)"
    }
    print("\(results.count) cases of \(directory): \(counts.joined(separator: ", "))")
    if let json {
      let text = JSON.array(results.map(\.json)).description + "\n"
      try files.write(Array(text.utf8), to: json)
    }
    if results.contains(where: { $0.verdict == .failed }) { throw ExitCode(2) }
  }

  private static var usualDirectory: String {
    let shared = "../shared/golden"
    return FileAccess().exists(shared + "/manifest.json") ? shared : "Examples/adapter/data"
  }
}

/// Programs on real data.
struct Reference: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reference", abstract: "Runs the examples on real data.",
    subcommands: [Cases.self, Demo.self], defaultSubcommand: Cases.self)
}

Reference.main()
