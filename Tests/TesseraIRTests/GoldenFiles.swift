import Foundation
import TesseraSource
import Testing

/// A file of a folder of `Tests/Golden`.
struct GoldenFile: CustomTestStringConvertible, Sendable {
  let name: String
  let url: URL
  let text: String

  var testDescription: String { name }
  var source: SourceFile {
    SourceFile(id: FileID(index: 0), name: name, bytes: Array(text.utf8))
  }

  /// The files of `folder` in order of name.
  static func all(in folder: String) -> [GoldenFile] {
    let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Golden/\(folder)")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
    return names.filter { $0.hasSuffix(".tir") }.sorted().compactMap { name in
      let url = directory.appendingPathComponent(name)
      guard let text = try? String(contentsOf: url, encoding: .utf8) else { return nil }
      return GoldenFile(name: name, url: url, text: text)
    }
  }
}
