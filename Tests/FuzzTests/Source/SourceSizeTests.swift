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
}
