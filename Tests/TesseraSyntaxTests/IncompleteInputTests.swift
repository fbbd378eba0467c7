import Testing

@testable import TesseraSyntax

@Suite struct IncompleteInputTests {
  @Test(arguments: [
    "fn f(x: f32", "fn f(x: f32) {", "fn f(x: f32) -> f32", "let x =", "1 +", "f(1,", "[1, 2",
    "if a {", "if a { b() } else", "@checked", "for i in", "sum[k]", "x = sum[k in 0..", "fn f(",
    "import",
    "f((a) => {\n let b = a", "export", "struct S {\n  a: f32,", "kernel k(x: f32)", "a and", "let",
  ])
  func continues(text: String) { #expect(isIncomplete(text)) }

  @Test(arguments: [
    "", "1 + 2", "let x = 1", "fn f(x: f32) { x }", "f(1))", "if a { b() }", "}", "let = 1\n(",
    "\"open",
    "import nn", "x[i] = 2 * y[i]", "// comment", "const x = 3", "test \"a\" {}", "0x", "a b",
  ])
  func ends(text: String) { #expect(!isIncomplete(text)) }

  @Test func readsStatementsBesideDeclarations() {
    let parsed = parseInput(
      Check.file("import nn\nlet x = 1\nfn f() { x }\nf() + x\nconst K = 3\nconst if K > 2 { f() }")
    )
    #expect(parsed.diagnostics == [])
    let kinds = parsed.items.map { item in
      switch item {
      case .importLine: "import"
      case .declaration: "declaration"
      case .statement: "statement"
      }
    }
    #expect(
      kinds == ["import", "statement", "declaration", "statement", "declaration", "statement"])
  }
}
