import Foundation
import TesseraSource
import TesseraTesting
import Testing

@testable import TesseraSyntax

@Suite struct GrammarTests {
  /// Productions that are said in words, or are the parts of one token.
  static let withoutMethod: Set<String> = [
    "binaryOperator", "escape", "exponent", "integer", "reductionWord", "separator", "typeWord",
  ]
  static let withoutExample: Set<String> = [
    "escape", "exponent", "integer", "reductionWord", "separator", "typeWord",
  ]

  static let grammar = text("Grammar/tessera.ebnf")
  static let productions = grammar.matches(of: #/(?m)^([a-z][A-Za-z]*) = /#).map { String($0.1) }
  static let sections: [(name: String, text: String)] = text("Grammar/examples.tess")
    .components(separatedBy: "\n//// ").dropFirst().map { section in
      let lines = section.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
      return (String(lines[0]), lines.count > 1 ? String(lines[1]) : "")
    }

  static func text(_ path: String) -> String {
    (try? String(contentsOf: PackageFiles.root.appending(path: path), encoding: .utf8)) ?? ""
  }

  @Test(arguments: sections.map(\.name))
  func exampleParses(production: String) throws {
    let section = try #require(Self.sections.first { $0.name == production })
    Check.accepts(Check.file(section.text))
    #expect(!section.text.isEmpty)
  }

  @Test func everyProductionHasItsExample() {
    #expect(
      Set(Self.sections.map(\.name)) == Set(Self.productions).subtracting(Self.withoutExample))
    #expect(Self.productions.count > 80)
  }

  @Test func everyProductionIsMethod() throws {
    var methods: Set<String> = []
    for folder in ["Lexer", "Parser"] {
      let directory = PackageFiles.root.appending(path: "Sources/TesseraSyntax/\(folder)")
      for name in try FileManager.default.contentsOfDirectory(atPath: directory.path) {
        let source = Self.text("Sources/TesseraSyntax/\(folder)/\(name)")
        methods.formUnion(source.matches(of: /func ([A-Za-z]+)[<(]/).map { String($0.1) })
      }
    }
    #expect(Set(Self.productions).subtracting(Self.withoutMethod).subtracting(methods) == [])
  }

  @Test func everyUsedProductionIsDefined() {
    let body = Self.grammar
      .replacing(#/'"'|"[^"\s]*"/#, with: "").replacing(#/(?s)\(\*.*?\*\)/#, with: "")
      .replacing(#/(?s)\? .*? \?(?=[\s;])/#, with: "")
    let used = Set(body.matches(of: /[A-Za-z]+/).map { String($0.0) })
    #expect(used.subtracting(Self.productions) == [])
  }
}
