import TesseraTesting
import Testing

@Suite struct GoldenChecksTests {
  private func problems(_ checks: String, _ output: String) -> [String] {
    GoldenChecks(checks).problems(with: output, file: "a.tess")
  }

  @Test func matchesInOrder() {
    #expect(problems("// check: one\n// check: two", "one\nx\ntwo").isEmpty)
    #expect(problems("// check: two\n// check: one", "one\ntwo").count == 1)
    #expect(problems("// check: one\n// check: one", "one").count == 1)
  }

  @Test func nextIsTheVeryNextLine() {
    #expect(problems("// check: a\n// check-next: b", "a\nb").isEmpty)
    #expect(problems("// check: a\n// check-next: b", "a\nx\nb").count == 1)
  }

  @Test func notLooksBetweenMatches() {
    #expect(problems("// check: a\n// check-not: x\n// check: b", "x\na\nb\nx").isEmpty)
    #expect(problems("// check: a\n// check-not: x\n// check: b", "a\nx\nb").count == 1)
    #expect(problems("// check: a\n// check-not: x", "a\nb\nx").count == 1)
  }

  @Test func patternsAreLiteralButForSpacesAndCaptures() {
    #expect(problems("// check: f(a,  b)[0]", "y = f(a, b)[0]").isEmpty)
    #expect(problems("// check: f.x", "fyx").count == 1)
    #expect(
      problems(#"// check: [[v:%\w+]] = add\#n// check: use [[v]]"#, "%a = add\nuse %a").isEmpty)
    #expect(
      problems(#"// check: [[v:%\w+]] = add\#n// check: use [[v]]"#, "%a = add\nuse %b").count == 1)
  }

  @Test func findingsMustAgreeExactly() {
    let output = "error[bad-shape]: text\n --> a.tess:2:5\n"
    #expect(problems("\nlet a // error[bad-shape]", output).isEmpty)
    #expect(problems("let a // error[bad-shape]", output).count == 2)
    #expect(problems("\nlet a // error[other]", output).count == 2)
  }
}
