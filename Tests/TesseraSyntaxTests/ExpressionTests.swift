import Testing

@testable import TesseraSyntax

@Suite struct ExpressionTests {
  @Test(arguments: [
    ("a + b * c - d", "(- (+ a (* b c)) d)"),
    ("a or b and not c == d", "(or a (and b (not (== c d))))"),
    ("a ?? b < c | d & e << f + g", "(< (?? a b) (| c (& d (<< e (+ f g)))))"),
    ("-x.f(y)[0]", "(- ([] (call (. x f) y) 0))"),
    ("~-x * y", "(* (~ (- x)) y)"),
    ("a is null and b is not null", "(and (is-null a) (is-not-null b))"),
    ("0..n + 1", "(.. 0 (+ n 1))"),
    ("a < b == (c < d)", "error"),
    ("t.0.1", "(. (. t 0) 1)"),
  ])
  func bindsByPrecedence(text: String, tree: String) {
    #expect(Check.expression(text) == tree)
  }

  @Test(arguments: [
    ("b + sum[k] x[k] * w[k] + c", "(+ (+ b (sum (k) (* ([] x k) ([] w k)))) c)"),
    ("a * max[k] x[k] / 2", "(* a (max (k) (/ ([] x k) 2)))"),
    ("-sum[k] x[k] * 2", "(- (sum (k) (* ([] x k) 2)))"),
    (
      "sum[i, ..s, j in 0..n by 2 where i > j] x[i]",
      "(sum (i ..s (in j (.. 0 n 2))) (where (> i j)) ([] x i))"
    ),
    ("reduce[k in 0..n by f] x[k]", "(reduce ((in k (.. 0 n))) (by f) ([] x k))"),
    ("reduce[k in 0..n by 2 by f] x[k]", "(reduce ((in k (.. 0 n 2))) (by f) ([] x k))"),
    (
      "reduce[k in 0..n by 2, j by f where p] x[k]",
      "(reduce ((in k (.. 0 n 2)) j) (where p) (by f) ([] x k))"
    ),
    (
      "fold[k](0, (a, v) => a + v) x[k] * 2",
      "(fold (k) (with 0 (=> (a v) (+ a v))) (* ([] x k) 2))"
    ),
    ("max(a, b) + sum(e, axis: 1)", "(+ (call max a b) (call sum e (axis: 1)))"),
  ])
  func reductionTakesTheProduct(text: String, tree: String) {
    #expect(Check.expression(text) == tree)
  }

  @Test(arguments: [
    ("x[i - 1 wrap, v else 0]", "([] x (wrap (- i 1)) v (else 0))"),
    ("x[2, a..b, .., ..., _, ..s reflect]", "([] x 2 (.. a b) .. ... _ (reflect ..s))"),
    ("x[.. clamp]", "([] x (clamp ..))"),
    ("x[clamp]", "([] x clamp)"),
    ("x[a..b by 2]", "([] x (.. a b 2))"),
    ("x[if c { i } else { j } else 0]", "([] x (if c (block i) (else (block j))) (else 0))"),
    ("f32[N]", "([] f32 N)"),
  ])
  func readsBrackets(text: String, tree: String) {
    #expect(Check.expression(text) == tree)
  }

  @Test(arguments: [
    ("()", "(tuple)"), ("(a)", "a"), ("(a,)", "(tuple a)"),
    ("(v: a, i: b)", "(tuple (v: a) (i: b))"),
    ("[1, 2]", "(array 1 2)"), ("[i for i in 0..n]", "(each i (.. 0 n) i)"),
    ("(a, b) => a", "(=> (a b) a)"), ("q => q => 1", "(=> (q) (=> (q) 1))"),
    ("(x: f32) => x", "(=> ((x f32)) x)"), ("() => 1", "(=> () 1)"),
    ("f(.ortho, wrt: (.a, .b))", "(call f .ortho (wrt: (tuple .a .b)))"),
    ("complex<f32>[N]", "([] (type (complex f32)) N)"),
    ("decimal(15, 2)(x)", "(call (type (decimal 15 2)) x)"),
    ("zeros(f32?[N])", "(call zeros ([] (type (? f32)) N))"),
    ("zeros([f32; 4])", "(call zeros (type (array f32 4)))"),
    ("tail f(x)", "(tail (call f x))"), ("tail + 1", "(+ tail 1)"),
    ("grad(f, wrt: .a)(x)", "(call (call grad f (wrt: .a)) x)"),
    (
      "const if c { a } else if d { b } else { e }",
      "(const if c (block a) d (block b) (else (block e)))"
    ),
    ("18446744073709551615", "18446744073709551615"), ("0xFF", "255"), ("1_0.5e1", "10.5e1"),
  ])
  func readsOperands(text: String, tree: String) {
    #expect(Check.expression(text) == tree)
    #expect(Check.identifiers("const x = \(text)\n") == [])
  }

  @Test func spansCoverParentheses() throws {
    let file = Check.file("const x = (a + b) * c\n")
    guard case .constant(let constant)? = parse(file).module.declarations.first?.kind,
      case .binary(_, let left, _) = constant.value.kind
    else { return #expect(Bool(false), "not a product") }
    #expect(file.text(left.span) == "(a + b)")
    #expect(file.text(constant.value.span) == "(a + b) * c")
  }

  @Test func typesAsArgumentsBecomeTypes() throws {
    for text in ["f32[N, ..S]", "(f32, i32)", "complex<f32>[N]", "nn.Norm", "f32?[2]"] {
      guard
        case .constant(let constant)? = parse(Check.file("const x = \(text)")).module.declarations
          .first?.kind
      else { continue }
      #expect(TypeNode(constant.value) != nil, "\(text)")
    }
  }
}
