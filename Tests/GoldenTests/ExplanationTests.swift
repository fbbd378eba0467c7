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
}
