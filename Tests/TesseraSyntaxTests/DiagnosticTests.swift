import Foundation
import TesseraSource
import TesseraTesting
import Testing

@testable import TesseraSyntax

@Suite struct DiagnosticTests {
  static let directory = Check.golden("parse/diagnostics")

  @Test(arguments: Check.programs(in: directory))
  func rendersAsExpected(name: String) throws {
    let file = try Check.program(name, in: Self.directory)
    try Check.expect(Check.diagnostics(file), matches: name, in: Self.directory)
  }

  @Test(arguments: identifiers)
  func hasGoldenFileThatRaisesIt(identifier: String) throws {
    let file = try Check.program(identifier, in: Self.directory)
    #expect(parse(file).diagnostics.first?.identifier == identifier)
  }

  @Test(arguments: Check.programs(in: directory))
  func fixItsMend(name: String) throws {
    let file = try Check.program(name, in: Self.directory)
    for diagnostic in parse(file).diagnostics {
      for fixIt in diagnostic.fixIts {
        Check.accepts(Check.file(try #require(fixIt.applied(to: file))))
      }
    }
  }

  @Test func findsTheIdentifiers() {
    #expect(Self.identifiers.count > 30)
    #expect(Self.identifiers == Check.programs(in: Self.directory))
  }

  /// The identifiers that the factories of the module use, sorted.
  static let identifiers: [String] = {
    let sources = PackageFiles.root.appending(path: "Sources/TesseraSyntax/Diagnostics")
    var identifiers: Set<String> = []
    for name in ["Expected", "Lexing", "Parsing"] {
      let url = sources.appending(path: "Diagnostic+\(name).swift")
      let text = (try? String(contentsOf: url, encoding: .utf8)) ?? ""
      identifiers.formUnion(text.matches(of: /Diagnostic\(\s*"([a-z-]+)"/).map { String($0.1) })
    }
    return identifiers.sorted()
  }()
}
