import ArgumentParser
import Foundation
import Tessera
import TesseraData

/// Runs cases of reference data: inputs, parameters and outputs of the original models.
struct Reference: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reference", abstract: "Runs reference cases and compares with their outputs.",
    discussion: """
      A directory of cases holds a manifest.json and one .safetensors file a case. Without --dir it \
      is ../shared/golden where that exists, else the project's own data.
      """)

  @Option(help: "The directory of cases.") var dir: String?
  @Option(help: "Run only cases whose name matches this regular expression.") var cases: String?
  @Option(help: "Write the results to this file as JSON.") var json: String?
  @Option(help: "What runs the programs: jit or interpreter.") var engine: String = "jit"

  func run() throws {
    guard let engine = SessionOptions.Engine(rawValue: engine) else {
      throw ValidationError("--engine is jit or interpreter")
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
      let result = ReferenceCase(entry, name: name, directory: directory, files).run(options)
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
    return FileAccess().isReadable(shared + "/manifest.json") ? shared : "Examples/adapter/data"
  }
}

Reference.main()
