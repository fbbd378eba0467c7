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
      // A machine that does something else takes its time once; what hangs does so every time.
      let isSlow = (0..<3).allSatisfy { _ in
        ContinuousClock().measure { diagnostics = Programs.check(bytes).diagnostics } > .seconds(5)
      }
      #expect(!isSlow, "input \(number)")
      #expect(!diagnostics.contains { $0.identifier.isEmpty || $0.message.isEmpty })
    }
  }

  @Test(arguments: ["a and ", "not ", "1 + ", "- ", "f(", "(x, "])
  func deepNestingIsSafe(open: String) {
    let text = String(repeating: open, count: 5_000)
    #expect(!Programs.check("fn f(x: int) -> int { \(text) }\n").diagnostics.isEmpty)
  }

  /// Time does not double with each level of nesting; `#` stands for the level below.
  @Test(
    .timeLimit(.minutes(1)),
    arguments: [
      ("x", "pow((#, x), x)"), ("x", "pow(#, x)"), ("1", "next(#)"), ("x", "first([#])"),
      ("x", "(sum[k$] more(v, #)[k$])"),
    ])
  func deepNestingIsChecked(start: String, step: String) {
    var text = start
    for depth in 0..<60 {
      text = step.replacing("$", with: "\(depth)").replacing("#", with: text)
    }
    let program = """
      fn pow(a: (f32, f32), b: f32) -> f32 { pow(a.0, b) }
      fn next(const n: int) -> int { n + 1 }
      fn first<N>(x: f32[N]) -> f32 where N >= 1 { x[0] }
      fn more<N>(x: f32[N], by: f32) -> f32[N] { x + by }
      fn f<N>(v: f32[N], x: f32) { \(text) }

      """
    #expect(Programs.check(Array(program.utf8)).diagnostics.map(\.message) == [])
  }

  @Test(arguments: [
    "fn f(x: f32[9223372036854775807]) -> f32 { x[9223372036854775807 + 1 else 0] }",
    "fn f<N>(x: f32[N * 9223372036854775807 * N]) -> f32 { 1 }",
    "fn f<N>(x: f32[N - 9223372036854775807], y: f32[N]) -> f32 { 1 }",
    "fn f(x: [f32; 9223372036854775807]) { }",
    "fn f(x: f32[4]) -> f32 { sum(x, axis: -9223372036854775808) }",
    "fn f() { const for i in -9223372036854775808..9223372036854775807 { } }",
    "fn f(a: int) -> f32[a / 9223372036854775807 - 9223372036854775807] { 1 }",
    "const N: int = int(1e300) + 1\nfn f(x: f32[N * N]) -> f32 { 1 }",
    "struct S<const N: S<4>> { x: f32[2] }\nfn f(p: S<4>) -> f32 { sum(p.x) }",
  ])
  func numbersAtTheLimitsAreSafe(text: String) {
    #expect(!Programs.check(text + "\n").diagnostics.isEmpty)
  }

  /// Each `let` doubles the polynomial before it.
  @Test(arguments: ["a * a", "min(a * 2, a + N)", "a * (a / (N + 1))", "a + a % (N + 1)"])
  func growingDimensionsEnd(step: String) {
    let steps = (0..<60).map { "let \($0 == 59 ? "z" : "a") = \(step)" }
    let text = (["let a = N + M"] + steps).enumerated().map { depth, line in
      "if N > \(depth) {\n\(line)"
    }.joined(separator: "\n")
    let end = String(repeating: "\n}", count: 61)
    let checked = Programs.check(
      "fn f<N, M>(x: f32[N], y: f32[M]) -> (s: f32) {\ns = 0\n\(text)\ns = x[z else 0]\(end)\n}\n")
    #expect(checked.rendering == "")
  }

  @Test func longChainsOfElseIfAreDiagnosed() {
    let chain = (0..<20_000).map { "if n == \($0) { \($0) }" }.joined(separator: " else ")
    let checked = Programs.check("fn f(n: int) -> int { \(chain) else { 0 } }\n")
    #expect(checked.diagnostics.map(\.identifier) == ["nested-too-deeply"])
  }
}
