import TesseraSource
import Testing

@testable import TesseraSyntax

@Suite struct ParserTests {
  /// The statements of `body`, a line each.
  private func statements(_ body: String) -> String {
    Check.tree("fn f() {\n\(body)\n}\n")
      .replacing("(fn f (parameters) (block ", with: "").replacing(/\)\)$/, with: "")
  }

  @Test func newlineEndsCompleteStatement() {
    #expect(statements("a = b\nc = d") == "(= a b) (= c d)")
    #expect(statements("a = b\n  + c") == "(= a (+ b c))")
    #expect(statements("a = b\n  .f()") == "(= a (call (. b f)))")
    #expect(statements("a = b\n  -c") == "(= a b) (- c)")
    #expect(statements("a = b\n(c, d) = e") == "(= a b) (= (tuple c d) e)")
    #expect(statements("a = b +\n  -c") == "(= a (+ b (- c)))")
    #expect(statements("a = f(b\n  -c)") == "(= a (call f (- b c)))")
    #expect(
      statements("if a { b() }\nelse { c() }") == "(if a (block (call b)) (else (block (call c))))")
    #expect(statements("a = sum[k]\n  x[k]") == "(= a (sum (k) ([] x k)))")
    #expect(statements("f((a) => {\n let b = a\n b\n})") == "(call f (=> (a) (block (let b a) b)))")
    #expect(statements("return\na()") == "(return) (call a)")
    #expect(statements("a = 1; b = 2") == "(= a 1) (= b 2)")
  }

  @Test(arguments: [
    ("c[i, j] = e", "(= ([] c i j) e)"),
    ("y[p[i], d else skip] += v", "(+= ([] y ([] p i) d (else skip)) v)"),
    ("(a[i], b[i in 0..2]) = e", "(= (tuple ([] a i) ([] b (in i (.. 0 2)))) e)"),
    ("y[i clamp] max= v", "(max= ([] y (clamp i)) v)"),
    ("s.m = v", "(= (. s m) v)"),
    ("let s[i, j in a..b] = e", "(let ([] s i (in j (.. a b))) e)"),
    (
      "let (a, (b, c)): (f32, (f32, f32)) = e",
      "(let (tuple a (tuple b c)) (: (tuple f32 (tuple f32 f32))) e)"
    ),
    ("var x: f32[4]", "(var x (: ([] f32 4)))"),
    ("const R = 2", "(const R 2)"),
    ("const for l in slot { f(l) }", "(const for l slot (block (call f l)))"),
    ("for i in 0..n by 2 {}", "(for i (.. 0 n 2) (block))"),
    ("while a {}", "(while a (block))"),
    ("assert a == b, \"text\"", "(assert (== a b) \"text\")"),
    ("print(a, b)", "(print a b)"),
    ("print \"a\", b", "(print \"a\" b)"),
    ("return a + b", "(return (+ a b))"),
  ])
  func readsStatements(text: String, tree: String) {
    #expect(statements(text) == tree)
    #expect(Check.identifiers("fn f() {\n\(text)\n}\n") == [])
  }

  @Test(arguments: [
    ("i64?[N]", "([] (? i64) N)"), ("*f32", "(* f32)"),
    ("Conv<I, 2 * O, (a > b)>", "(<> Conv I (* 2 O) (> a b))"),
    ("Adam<Adapter<192, [1, 2]>>", "(<> Adam (type (<> Adapter 192 (array 1 2))))"),
    ("[Box<i>[2] for i in 0..4]", "(each i (.. 0 4) ([] (<> Box i) 2))"),
    ("[f32; n]", "(array f32 n)"),
    ("fn(T, f32[N]) -> fn(T) -> U", "(fn (T ([] f32 N)) (fn (T) U))"),
    ("(A, (), B)", "(tuple A (tuple) B)"),
    ("(A,)", "(tuple A)"), ("(v: f32, i: int)", "(tuple (v: f32) (i: int))"),
    ("decimal(15, 2)?", "(? (decimal 15 2))"), ("complex<f64>[N]", "([] (complex f64) N)"),
    ("nn.Norm<C>", "(<> nn.Norm C)"),
    ("f32[..S, N]", "([] f32 (.. S) N)"),
    ("Pair<f32?[4], *i32>", "(<> Pair ([] (type (? f32)) 4) (type (* i32)))"),
  ])
  func readsTypes(text: String, tree: String) {
    let file = Check.file("struct S { x: \(text), y: f32 }\nfn f(x: \(text)= 1) { x }")
    let parsed = parse(file)
    #expect(parsed.diagnostics == [])
    guard case .structure(let it)? = parsed.module.declarations.first?.kind else { return }
    #expect(it.fields.count == 2)
    #expect(Dump(it.fields[0].type).text(indentation: 0) == tree)
  }

  @Test func keepsDocumentation() {
    let module = parse(Check.file("// no\n/// One.\n/// Two.\nfn f() { 1 }\n")).module
    #expect(module.declarations[0].documentation == "One.\nTwo.")
  }

  @Test func anyWordNamesBeforeColonAndAfterPoint() {
    Check.accepts(
      Check.file(
        "struct S { in: f32, where: f32 }\nfn f(s: S, out: f32, table: int) { s.in + s.where + table[0] + out }"
      ))
  }

  @Test func goesOnBehindMistakes() {
    let file = Check.file(
      "fn f( { 1 }\nfn g() { 2 ) }\nstruct S { a b: f32 }\nfn h(x: f32) { x }\n")
    let parsed = parse(file)
    #expect(parsed.module.declarations.last?.name?.text == "h")
    #expect(parsed.module.declarations.count == 4)
    #expect(parsed.diagnostics.map { file.location(of: $0.span.start).line } == [1, 2, 3])
  }

  @Test func declarationEndsOpenBody() {
    let file = Check.file("fn f() {\n  if a {\n    b()\n\nfn g() { 2 }\n")
    let parsed = parse(file)
    #expect(parsed.module.declarations.map { $0.name?.text } == ["f", "g"])
    #expect(parsed.diagnostics.map(\.identifier) == ["missing-closing"])
  }
}
