import Foundation
import Tessera
import TesseraTesting
import Testing

/// The factories of diagnostics and their doc comments, as the sources have them.
private struct FactoryComments {
  private(set) var texts: [String: String] = [:]

  init() throws {
    let sources = PackageFiles.root.appendingPathComponent("Sources")
    for url in PackageFiles.files(below: sources, extensions: ["swift"]) {
      let text = try String(contentsOf: url, encoding: .utf8)
      if text.contains("extension Diagnostic {") { scan(text) }
    }
  }

  private mutating func scan(_ text: String) {
    let factory = /static func (\w+)\(((?:(?!static func)[\s\S])*?)\)\s*->\s*Diagnostic\b/
    for match in text.matches(of: factory) {
      let before = text[..<match.range.lowerBound].split(
        separator: "\n", omittingEmptySubsequences: false)
      // The last piece is the indentation and modifiers before `static`.
      let comment = before.dropLast().reversed()
        .map { $0.drop { $0 == " " } }
        .prefix { $0.hasPrefix("///") }
        .reversed().map { line in
          line.hasPrefix("/// ") ? String(line.dropFirst(4)) : String(line.dropFirst(3))
        }
      texts[Self.identifier(of: String(match.1))] = comment.joined(separator: "\n")
    }
  }

  /// The name in kebab case.
  private static func identifier(of name: String) -> String {
    name.map { $0.isUppercase ? "-\($0.lowercased())" : String($0) }.joined()
  }
}

@Suite struct ExplanationTests {
  @Test func everyFactoryHasADocComment() throws {
    for (identifier, text) in try FactoryComments().texts {
      #expect(!text.isEmpty, "the factory of '\(identifier)' says nothing of itself")
    }
  }

  @Test func explanationsAreTheDocComments() throws {
    let comments = try FactoryComments().texts.sorted { $0.key < $1.key }
    #expect(comments.count > 20)
    if ProcessInfo.processInfo.environment["TESSERA_BLESS"] == "1" {
      let entries = comments.map { identifier, text in
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let indented = lines.map { $0.isEmpty ? "" : "        \($0)" }.joined(separator: "\n")
        return """
              Explanation(
                identifier: "\(identifier)",
                text: #\"\"\"
          \(indented)
                  \"\"\"#),

          """
      }
      let file = """
        // Generated, so that doc comments are what `tess explain` shows, with no doc comments at
        // hand when it runs; made by `TESSERA_BLESS=1 swift test --filter ExplanationTests`.

        extension Explanation {
          /// The explanations of all diagnostics, in alphabetical order.
          public static let all: [Explanation] = [
        \(entries.joined())  ]
        }

        """
      let url = PackageFiles.root.appendingPathComponent("Sources/Tessera/Explanation+All.swift")
      try file.write(to: url, atomically: true, encoding: .utf8)
    } else {
      let stated = Dictionary(
        Explanation.all.map { ($0.identifier, $0.text) }, uniquingKeysWith: { first, _ in first })
      let stale = comments.filter { stated[$0.key] != $0.value }.map(\.key)
      #expect(
        stale.isEmpty && Explanation.all.count == comments.count, "run this with TESSERA_BLESS=1")
    }
  }

  // MARK: Examples

  /// The explanations with an example that says in a line what a whole program would take pages for, or
  /// that is no program: of files, locks, commands, and remarks on statements.
  private static let withoutProgram: Set<String> = [
    "ambiguous-name", "duplicate-module", "import-cycle", "lock-for-other-signature",
    "lock-for-other-target", "lock-for-unknown-function", "lock-malformed", "malformed-text",
    "nested-too-deeply", "not-scheduled", "too-many-axes",
  ]

  /// How the identifiers of remarks on statements begin.
  private static let remarks = ["computed-", "copied-", "stored-"]

  /// The explanations whose examples show the diagnostic when they are checked.
  static let withExample = Explanation.all.filter { explanation in
    !examples(in: explanation.text).isEmpty && !withoutProgram.contains(explanation.identifier)
      && !remarks.contains { explanation.identifier.hasPrefix($0) }
  }

  /// The indented lines of a text, each piece between other lines for itself.
  private static func examples(in text: String) -> [String] {
    var found: [[Substring]] = [[]]
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("    ") {
        found[found.count - 1].append(line.dropFirst(4))
      } else if !line.isEmpty {
        found.append([])
      }
    }
    return found.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") + "\n" }
  }

  @Test(arguments: withExample.map(\.identifier))
  func exampleShowsTheDiagnostic(identifier: String) throws {
    let explanation = try #require(Self.withExample.first { $0.identifier == identifier })
    var shown: Set<String> = []
    for example in Self.examples(in: explanation.text) {
      var compilation = Compilation(name: "example.tess", bytes: Array(example.utf8))
      compilation.check()
      shown.formUnion(compilation.diagnostics.map(\.identifier))
    }
    #expect(shown.contains(identifier), "\(shown)")
  }

  @Test func mostHaveAnExample() {
    #expect(Self.withExample.count > 150)
    #expect(Self.withoutProgram.isSubset(of: Explanation.all.map(\.identifier)))
  }
}
