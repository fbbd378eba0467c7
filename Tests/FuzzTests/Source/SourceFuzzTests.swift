import Foundation
import Tessera
import TesseraIR
import TesseraTesting
import Testing

/// Mutated programs go through parser, checker, lowering, passes and interpreter: nothing crashes
/// or hangs, what the checker accepts is lowered to valid IR, and passes keep its meaning.
@Suite struct SourceFuzzTests {
  @Test func acceptedProgramsAreLoweredToValidIR() throws {
    let directories = [
      "Tests/Golden/parse/samples", "Tests/NumericTests/Programs", "Examples", "Runtime/Library",
    ]
    let texts = try directories.flatMap { path in
      try PackageFiles.files(
        below: PackageFiles.root.appendingPathComponent(path), extensions: ["tess"]
      ).map { Array(try Data(contentsOf: $0)) }
    }
    for seed in FuzzRun.seeds(short: 150, long: 20_000) {
      var mutator = TextMutator(.source, seeds: texts, seed: seed)
      let text = mutator.next()
      FuzzRun.trace(seed, text)
      if let complaint = complaint(text, seed: seed) {
        Issue.record("seed \(seed): \(complaint)\nof\n\(String(decoding: text, as: UTF8.self))")
      }
    }
  }

  /// What is wrong; `nil` if nothing is.
  private func complaint(_ text: [UInt8], seed: UInt64) -> String? {
    var compilation = Compilation(name: "fuzz.tess", bytes: text)
    compilation.check()
    for diagnostic in compilation.diagnostics where diagnostic.span.start > diagnostic.span.end {
      return "the place of '\(diagnostic.message)' ends before it begins"
    }
    compilation.lower(entries: compilation.functionNames.flatMap(compilation.functions(called:)))
    guard let module = compilation.module else { return nil }
    let problems = verify(module, stage: .tensor)
    if !problems.isEmpty {
      return "lowering breaks the rules: \(problems.map(\.message))\n\(module)"
    }
    return IRTrial(text: text, seed: seed).check(module, .tensor)
  }
}
