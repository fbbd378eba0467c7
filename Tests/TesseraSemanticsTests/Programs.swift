import Foundation
import TesseraSource
import TesseraSyntax
import TesseraTesting
import Testing

@testable import TesseraSemantics

/// Programs that the suites of this target check, together with the library.
enum Programs {
  /// What checking a program gives, with the texts that its diagnostics point into.
  struct Checked {
    var sources: SourceMap
    var main: SourceFile
    var diagnostics: [Diagnostic]
    var program: Program

    /// The diagnostics as a person sees them.
    var rendering: String { DiagnosticRenderer(sources).render(diagnostics) }
  }

  private static let library: (sources: SourceMap, modules: [SourceModule]) = {
    var sources = SourceMap()
    let directory = PackageFiles.root.appending(path: "Runtime/Library")
    let modules = PackageFiles.files(below: directory, extensions: ["tess"]).map { url in
      let bytes = (try? Data(contentsOf: url)) ?? Data()
      let file = sources.add(name: url.lastPathComponent, bytes: Array(bytes))
      let name = url.deletingPathExtension().lastPathComponent
      return SourceModule(name: name, file: parse(file), isLibrary: true)
    }
    return (sources, modules)
  }()

  /// Checks `text`, in which lines `// file: NAME` begin further modules.
  static func check(_ text: String, name: String = "main.tess") -> Checked {
    check(Array(text.utf8), name: name)
  }

  /// Checks the text in `bytes`, in which lines `// file: NAME` begin further modules.
  static func check(_ bytes: [UInt8], name: String = "main.tess") -> Checked {
    var (sources, modules) = library
    let text = String(decoding: bytes, as: UTF8.self)
    var parts = text.components(separatedBy: "\n// file: ")
    // Text that is no UTF-8 is kept as it is.
    let first = parts.count > 1 ? Array((parts.removeFirst() + "\n").utf8) : bytes
    if first == bytes { parts = [] }
    let main = sources.add(name: name, bytes: first)
    var files = [SourceModule(name: "main", file: parse(main))]
    for part in parts {
      let lines = part.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
      let file = sources.add(
        name: "\(lines[0]).tess", bytes: Array(lines.dropFirst().joined().utf8))
      files.append(SourceModule(name: String(lines[0]), file: parse(file)))
    }
    var diagnostics = files.flatMap(\.file.diagnostics)
    modules += files
    let result = TesseraSemantics.check(modules: modules, data: StoredTensors())
    diagnostics += result.diagnostics
    return Checked(
      sources: sources, main: main, diagnostics: diagnostics, program: result.program)
  }

  /// The directory `path` below `Tests/Golden`.
  static func golden(_ path: String) -> URL {
    PackageFiles.root.appending(path: "Tests/Golden/\(path)")
  }

  /// The names, without `.tess`, of the programs in `directory`, sorted.
  static func names(in directory: URL) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
    return names.filter { $0.hasSuffix(".tess") }.map { String($0.dropLast(5)) }.sorted()
  }

  /// The text of the program `name` of `directory`.
  static func text(_ name: String, in directory: URL) throws -> String {
    try String(contentsOf: directory.appending(path: "\(name).tess"), encoding: .utf8)
  }
}

/// The data of the tests: two zeros called `x`, and the number 1.5 called `half`, in one file.
private struct StoredTensors: DataSource {
  func tensor(_ key: String, in path: String) -> DataResult {
    switch (path, key) {
    case ("stored.safetensors", "x"):
      return .value(.tensor(.f32, shape: [2], bytes: Array(repeating: 0, count: 8)))
    case ("stored.safetensors", "half"):
      return .value(.tensor(.f16, shape: [], bytes: [0x00, 0x3E]))
    default: return .failure("there is no '\(key)' in '\(path)'")
    }
  }
}
