import Foundation
import TesseraSource
import TesseraTesting
import Testing

@testable import TesseraSyntax

/// The files and helpers that the suites of this target share.
enum Check {
  /// The directory `path` below `Tests/Golden`.
  static func golden(_ path: String) -> URL {
    PackageFiles.root.appending(path: "Tests/Golden/\(path)")
  }

  /// The names, without `.tess`, of the programs in `directory`, sorted.
  static func programs(in directory: URL) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
    return names.filter { $0.hasSuffix(".tess") }.map { String($0.dropLast(5)) }.sorted()
  }

  /// The program `name` of `directory`.
  static func program(_ name: String, in directory: URL) throws -> SourceFile {
    let bytes = try Data(contentsOf: directory.appending(path: "\(name).tess"))
    return file(Array(bytes), name: "\(name).tess")
  }

  /// A file that holds `text`.
  static func file(_ text: String) -> SourceFile { file(Array(text.utf8), name: "test.tess") }

  /// A file that holds `bytes`.
  static func file(_ bytes: [UInt8], name: String = "test.tess") -> SourceFile {
    var map = SourceMap()
    return map.add(name: name, bytes: bytes)
  }

  /// Checks that `output` is what `name.expected` in `directory` says.
  ///
  /// With `TESSERA_BLESS=1` in the environment the file is written instead.
  static func expect(
    _ output: String, matches name: String, in directory: URL,
    sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) throws {
    let url = directory.appending(path: "\(name).expected")
    if ProcessInfo.processInfo.environment["TESSERA_BLESS"] == "1" {
      try output.write(to: url, atomically: true, encoding: .utf8)
    }
    let expected = (try? String(contentsOf: url, encoding: .utf8)) ?? ""
    #expect(output == expected, sourceLocation: sourceLocation)
  }

  /// Returns the rendering of what parsing `file` has to say.
  static func diagnostics(_ file: SourceFile) -> String {
    var map = SourceMap()
    map.add(name: file.name, bytes: file.bytes)
    return DiagnosticRenderer(map).render(parse(file).diagnostics)
  }

  /// The identifiers of the diagnostics that parsing `text` gives.
  static func identifiers(_ text: String) -> [String] {
    parse(file(text)).diagnostics.map(\.identifier)
  }

  /// Checks that `file` parses without diagnostics.
  static func accepts(
    _ file: SourceFile, sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) {
    #expect(diagnostics(file) == "", sourceLocation: sourceLocation)
  }

  /// The text of the only declaration of `text`, or of its body's only statement.
  static func tree(_ text: String) -> String {
    dumpAST(parse(file(text)).module).trimmingCharacters(in: .newlines)
  }

  /// The text of `text` read as an expression.
  static func expression(_ text: String) -> String {
    let module = parse(file("const x = \(text)\n")).module
    guard case .constant(let constant)? = module.declarations.first?.kind else { return "" }
    return Dump(constant.value).text(indentation: 0)
  }
}
