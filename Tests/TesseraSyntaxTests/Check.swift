import Foundation
import Testing
import TesseraSource

@testable import TesseraSyntax

/// The files and helpers that the suites of this target share.
enum Check {
  /// The root of the package.
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// The directory `path` below `Tests/Golden`.
  static func golden(_ path: String) -> URL { root.appending(path: "Tests/Golden/\(path)") }

  /// The names, without `.tess`, of the programs in `directory`, sorted.
  static func programs(in directory: URL) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
    return names.filter { $0.hasSuffix(".tess") }.map { String($0.dropLast(5)) }.sorted()
  }

  /// The text of the file at `url`.
  static func text(_ url: URL) throws -> String { try String(contentsOf: url, encoding: .utf8) }

  /// A file that holds `text`.
  static func file(_ text: String, name: String = "test.tess") -> SourceFile {
    SourceFile(id: FileID(index: 0), name: name, bytes: Array(text.utf8))
  }

  /// The identifiers of the diagnostics that parsing `text` gives.
  static func identifiers(_ text: String) -> [String] {
    parse(file(text)).diagnostics.map(\.identifier)
  }

  /// Checks that `text` parses without diagnostics.
  static func accepts(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) {
    let file = file(text)
    let messages = parse(file).diagnostics.map { diagnostic in
      let place = file.location(of: diagnostic.span.start)
      return "\(place.line):\(place.column): \(diagnostic.message)"
    }
    #expect(messages.isEmpty, sourceLocation: sourceLocation)
  }
}

/// Where a test stands, beside `TesseraSource.SourceLocation`.
typealias SourceLocation = Testing.SourceLocation
