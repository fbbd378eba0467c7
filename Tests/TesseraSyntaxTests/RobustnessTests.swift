import Foundation
import TesseraSource
import TesseraTesting
import Testing

@testable import TesseraSyntax

@Suite struct RobustnessTests {
  @Test(arguments: [
    ("(", ")"), ("[", "]"), ("f(", ")"), ("x[", "]"), ("-", ""), ("not ", ""), ("a => ", ""),
    ("{", "}"),
    ("if a { ", " } else { b }"), ("sum[k] ", ""), ("(a, ", ")"), ("tail ", ""), ("~", ""),
    ("1 + (", ")"),
    ("fn() -> ", ""), ("[a for i in ", "]"), ("a == not ", ""), ("x[a else ", "]"),
    ("reduce[i by ", "] x"),
  ])
  func deepNestingIsDiagnosed(open: String, close: String) {
    let text =
      String(repeating: open, count: 10_000) + "1" + String(repeating: close, count: 10_000)
    #expect(Check.identifiers("const x = \(text)\n").contains("nesting-too-deep"))
    #expect(Check.identifiers("fn f() { \(text) }\n").contains("nesting-too-deep"))
  }

  @Test(arguments: [
    " + 1", " and a", ".f", "()", "[0]", " is null", "? ", " * 2", " == 1", ".0",
  ])
  func longChainsAreDiagnosed(link: String) {
    let chain = "f32" + String(repeating: link, count: 10_000)
    #expect(Check.identifiers("const x = \(chain)\n").contains("nesting-too-deep"))
  }

  @Test(arguments: ["* ", "Box<", "[", "(", "fn() -> ", "complex<", "(a: "])
  func deepTypesAreDiagnosed(open: String) {
    let text = String(repeating: open, count: 10_000)
    #expect(Check.identifiers("fn f(x: \(text)f32) { x }\n").contains("nesting-too-deep"))
  }

  @Test(arguments: ["? ", "[2]"])
  func longTypesAreDiagnosed(link: String) {
    let text = "f32" + String(repeating: link, count: 10_000)
    #expect(Check.identifiers("fn f(x: \(text)) { x }\n").contains("nesting-too-deep"))
  }

  @Test func usualDepthIsAccepted() {
    let parentheses = String(repeating: "(", count: 150) + "1" + String(repeating: ")", count: 150)
    let sum = "1" + String(repeating: " + 1", count: 300)
    let choices = String(repeating: "if a { 1 } else ", count: 2_000) + "{ 2 }"
    for text in [parentheses, sum, choices] {
      #expect(Check.identifiers("const x = \(text)\n") == [])
    }
  }

  @Test func longFilesAreNotDeep() {
    let function = "fn f<N>(x: f32[N]) -> f32[N] { x.f().g()[0] + sum[k] x[k] * 2 }\n"
    #expect(Check.identifiers(String(repeating: function, count: 1_000)) == [])
    let body = String(repeating: "f(x[0].g(), -(1 + 2))\n", count: 1_000)
    #expect(Check.identifiers("fn f() {\n\(body)}\n") == [])
  }

  @Test func wideInputIsFast() {
    let list = "const x = [" + String(repeating: "1, ", count: 20_000) + "]\n"
    #expect(Check.identifiers(list) == [])
  }

  /// Mutated programs: bytes are removed, doubled, replaced, and pieces of programs spliced.
  ///
  /// `TESSERA_FUZZ_COUNT` says how many, `TESSERA_FUZZ=long` asks for 100,000.
  @Test func mutationsNeitherCrashNorHang() throws {
    let environment = ProcessInfo.processInfo.environment
    let usual = environment["TESSERA_FUZZ"] == "long" ? 100_000 : 3_000
    let count = environment["TESSERA_FUZZ_COUNT"].flatMap(Int.init) ?? usual
    let seeds = try ["parse/samples", "parse/diagnostics", "fmt"].flatMap { path in
      try Check.programs(in: Check.golden(path)).map {
        try Check.program($0, in: Check.golden(path)).bytes
      }
    }
    let examples = Array(GrammarTests.text("Grammar/examples.tess").utf8)
    var mutator = Mutator(seeds: seeds + [examples])
    for _ in 0..<count {
      let file = Check.file(mutator.next())
      let parsed = parse(file)
      #expect(Int(parsed.module.span.end) == file.bytes.count)
      _ = parseInput(file)
      _ = dumpAST(parsed.module)
      for diagnostic in parsed.diagnostics {
        #expect(
          Int(diagnostic.span.end) <= file.bytes.count
            && diagnostic.span.start <= diagnostic.span.end)
      }
      if parsed.diagnostics.isEmpty { FormatTests.checkFormatting(of: file) }
      if let diagnostic = parsed.diagnostics.first {
        var map = SourceMap()
        map.add(name: "fuzz.tess", bytes: file.bytes)
        #expect(!DiagnosticRenderer(map).render(diagnostic).isEmpty)
      }
    }
  }
}
