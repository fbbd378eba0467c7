/// What a diagnostic means, as `tess explain` shows it.
///
/// `Explanation.all` is made from the doc comments of the factories that make the diagnostics, by
/// the test that holds the two against each other.
public struct Explanation: Sendable {
  /// The identifier of the diagnostic.
  public let identifier: String
  /// When it is raised, with a small example that raises it.
  public let text: String

  /// The first sentence.
  public var summary: String {
    let line = text.prefix { $0 != "\n" }
    return String(line.firstRange(of: ". ").map { line[..<$0.lowerBound] + "." } ?? line)
  }
}
