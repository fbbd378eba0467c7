import Foundation
import TesseraSource
import TesseraTesting
import Testing

@testable import TesseraSemantics

@Suite struct CheckDiagnosticTests {
  static let directory = Programs.golden("check")
  static let accepted = Programs.golden("check/accepted")

  @Test(arguments: Programs.names(in: directory))
  func rendersAsExpected(name: String) throws {
    let checked = Programs.check(
      try Programs.text(name, in: Self.directory), name: "\(name).tess")
    let url = Self.directory.appending(path: "\(name).expected")
    if ProcessInfo.processInfo.environment["TESSERA_BLESS"] == "1" {
      try checked.rendering.write(to: url, atomically: true, encoding: .utf8)
    }
    #expect(checked.rendering == (try? String(contentsOf: url, encoding: .utf8)))
    #expect(checked.diagnostics.first?.identifier == name)
    // One mistake is one diagnostic.
    #expect(Set(checked.diagnostics.map(\.identifier)) == [name])
  }

  @Test(arguments: Programs.names(in: directory))
  func fixItsMend(name: String) throws {
    let checked = Programs.check(try Programs.text(name, in: Self.directory))
    for diagnostic in checked.diagnostics {
      let others = checked.diagnostics.filter { $0 != diagnostic }.map(\.message)
      for fixIt in diagnostic.fixIts {
        let mended = Programs.check(try #require(fixIt.applied(to: checked.main)))
        let left = Set(mended.diagnostics.map(\.message)).subtracting(others)
        #expect(left.isEmpty, "after «\(fixIt.message)»")
      }
    }
  }

  /// What no file shows, as a mistake has one there and its fix leaves none.
  @Test(arguments: [
    ("fn f(p: *i32, mine: bool) -> i32 { atomic_cas(p, 0, 1, mask: mine) }", "unknown-label"),
    ("fn f<N>(x: f32[N], n: int) -> f32 where n % 4 == 0, n < N { x[n] }", "index-out-of-bounds"),
  ])
  func refuses(program: String, identifier: String) {
    #expect(Programs.check(program + "\n").diagnostics.map(\.identifier) == [identifier])
  }

  @Test(arguments: Programs.names(in: accepted))
  func nearMissesAreAccepted(name: String) throws {
    #expect(Programs.check(try Programs.text(name, in: Self.accepted)).rendering == "")
  }

  @Test func everyDiagnosticHasAFileAndANearMiss() throws {
    let identifiers = Self.factories.map(\.identifier)
    #expect(identifiers.count > 100)
    #expect(identifiers.sorted() == Programs.names(in: Self.directory))
    var mentioned: Set<String> = []
    for name in Programs.names(in: Self.accepted) {
      for line in try Programs.text(name, in: Self.accepted).split(separator: "\n")
      where line.hasPrefix("// ") {
        mentioned.formUnion(line.dropFirst(3).split(separator: " ").map(String.init))
      }
    }
    #expect(Set(identifiers).subtracting(mentioned).isEmpty)
  }

  @Test func identifiersAreTheNamesOfTheFactories() {
    for (name, identifier) in Self.factories {
      let kebab = name.map { $0.isUppercase ? "-\($0.lowercased())" : String($0) }.joined()
      #expect(kebab == identifier)
    }
  }

  /// The factories of the module with the identifiers that they use.
  static let factories: [(name: String, identifier: String)] = {
    let folder = PackageFiles.root.appending(path: "Sources/TesseraSemantics/Diagnostics")
    let factory =
      /static func (\w+)\((?:(?!static func)[\s\S])*?-> Diagnostic\s*\{(?:(?!static func)[\s\S])*?Diagnostic\(\s*(?:\.(?:remark|warning),\s*)?"([a-z-]+)"/
    return PackageFiles.files(below: folder, extensions: ["swift"]).flatMap { url in
      let text = (try? String(contentsOf: url, encoding: .utf8)) ?? ""
      return text.matches(of: factory).map { (String($0.1), String($0.2)) }
    }
  }()
}
