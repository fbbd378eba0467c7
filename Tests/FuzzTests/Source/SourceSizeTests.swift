import Tessera
import Testing

/// Programs that ask for more than there is time or room for get an answer soon.
@Suite struct SourceSizeTests {
  /// Programs that ask for too much.
  private static let programs: [(name: String, text: String)] = [
    (
      "product of sums",
      "fn f<A, B, C, D>(x: f32[A, B, C, D]) -> (y: f32["
        + Array(repeating: "(A + B + C + D)", count: 24).joined(separator: "*")
        + "]) { y[i] = 1.0 }\n"
    ),
    ("extrema of extrema", chain("min(a# + 1, max(a#, 3 * a#))")),
    ("squares of squares", chain("a# * a# + 1")),
    (
      "loops of copies",
      "fn f() -> int {\n  var s = 0\n  const for i in 0..50000 {\n"
        + "    const for j in 0..50000 { s += i }\n  }\n  s\n}\n"
    ),
  ]

  /// Forty numbers, each made from the one before, and a tensor of that length.
  private static func chain(_ step: String) -> String {
    let steps = (0..<40).map { "  let a\($0 + 1) = \(step.replacing("#", with: "\($0)"))\n" }
    return "fn f<N>(x: f32[N]) -> int {\n  let a0 = N\n\(steps.joined())"
      + "  let y = zeros(f32[a40])\n  1\n}\n"
  }

  private func hasErrors(_ text: String) -> Bool {
    var compilation = Compilation(name: "size.tess", bytes: Array(text.utf8))
    compilation.check()
    return compilation.hasErrors
  }

  @Test(arguments: programs.map(\.name))
  func isRefused(name: String) throws {
    let isRefused = hasErrors(try #require(Self.programs.first { $0.name == name }).text)
    #expect(isRefused)
  }

  /// What is too large to reason about is a number that is known when the program runs.
  @Test func quotientsOfQuotientsAreAccepted() {
    let isRefused = hasErrors(Self.chain("a# % (a# / 3 + 1) + a# / (a# / 5 + 2)"))
    #expect(!isRefused)
  }

  /// Programs of numbers that are each made from the two before, or in two ways: there are a hundred
  /// million ways back to the first, and nobody may go them all.
  private static let rabbits: [(name: String, text: String)] = [
    (
      "factor of a product",
      rabbits("*", "f32")
        + """
        export fn f<M, N, K>(a: f32[M, K], b: f32[K, N]) -> (y: f32[M, N]) {
          let e[i, k] = exp(a[i, k])
          y[i, j] = sum[k] e[i, k] * rabbits(b[k, j])
        }
        """
    ),
    (
      "end of a range",
      rabbits("+", "int")
        + """
        export fn f<N>(x: f32[N], n: int) -> (y: f32[N]) {
          y[i] = sum[k in 0..rabbits(n)] x[i + k else 0]
        }
        """
    ),
    (
      "condition",
      rabbits("-", "int")
        + """
        export fn f<N>(x: f32[N], n: int) -> (y: f32[N]) {
          y[i] = if rabbits(i) < rabbits(n) { x[i] } else { 0 }
        }
        """
    ),
    (
      "rows of rows",
      """
      kernel scaled<M, N>(x: f32[M, N], out y: f32[M, N]) over (row in M) {
        let cols = tile(N)
        let a0 = x[row, cols]
        let a1 = a0 * sum(a0)
      \(rabbitSteps("*"))
        y[row, cols] = a39 / sum(a39)
      }
      export f = scaled()
      """
    ),
    (
      "extrema within each other",
      "export fn f<A, B>(x: f32[A], y: f32[B]) -> (z: f32["
        + (0..<14).reduce("A + 1") { length, _ in "min(A, max(B, \(length)))" }
        + "]) { z[i] = 1 }\n"
    ),
  ]

  /// Forty numbers of `type`, each the sum, or the like, of the two before.
  private static func rabbits(_ sign: String, _ type: String) -> String {
    "fn rabbits(a0: \(type)) -> \(type) {\n  let a1 = a0\n\(rabbitSteps(sign))  a39\n}\n\n"
  }

  private static func rabbitSteps(_ sign: String) -> String {
    (0..<38).map { "  let a\($0 + 2) = a\($0 + 1) \(sign) a\($0)\n" }.joined()
  }

  @Test(arguments: rabbits.map(\.name))
  func isCompiled(name: String) throws {
    let text = try #require(Self.rabbits.first { $0.name == name }).text
    #expect(try Session().compile(text).functions.map(\.name) == ["f"])
  }
}
