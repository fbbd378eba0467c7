import Foundation
import TesseraSource
import TesseraTesting
import Testing

@testable import TesseraSemantics

@Suite struct CheckRobustnessTests {
  /// Mutated programs are lexed, parsed and checked.
  ///
  /// `TESSERA_FUZZ_COUNT` says how many, `TESSERA_FUZZ=long` asks for 100,000.
  @Test func mutationsNeitherCrashNorHang() throws {
    let environment = ProcessInfo.processInfo.environment
    let usual = environment["TESSERA_FUZZ"] == "long" ? 100_000 : 300
    let count = environment["TESSERA_FUZZ_COUNT"].flatMap(Int.init) ?? usual
    let seeds = try ["parse/samples", "check", "check/accepted"].flatMap { path in
      let directory = Programs.golden(path)
      return try Programs.names(in: directory).map {
        Array(try Programs.text($0, in: directory).utf8)
      }
    }
    var mutator = Mutator(seeds: seeds)
    for number in 0..<count {
      let bytes = mutator.next()
      var diagnostics: [Diagnostic] = []
      let duration = ContinuousClock().measure { diagnostics = Programs.check(bytes).diagnostics }
      #expect(duration < .seconds(10), "input \(number)")
      #expect(!diagnostics.contains { $0.identifier.isEmpty || $0.message.isEmpty })
    }
  }

  @Test(arguments: ["a and ", "not ", "1 + ", "- ", "f(", "(x, "])
  func deepNestingIsSafe(open: String) {
    let text = String(repeating: open, count: 5_000)
    #expect(!Programs.check("fn f(x: int) -> int { \(text) }\n").diagnostics.isEmpty)
  }

  @Test func longChainsOfElseIfAreDiagnosed() {
    let chain = (0..<20_000).map { "if n == \($0) { \($0) }" }.joined(separator: " else ")
    let checked = Programs.check("fn f(n: int) -> int { \(chain) else { 0 } }\n")
    #expect(checked.diagnostics.map(\.identifier) == ["nested-too-deeply"])
  }
}
