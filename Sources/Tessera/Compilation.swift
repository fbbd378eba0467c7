import TesseraSource
import TesseraSyntax

/// A program on its way from text to code, with what was found wrong on the way.
public struct Compilation: Sendable {
  /// The files that diagnostics point into.
  public private(set) var sources = SourceMap()
  /// What was found so far, in order of the stages.
  public private(set) var diagnostics: [Diagnostic] = []
  private let root: SourceFile
  private let parsed: ParsedFile

  /// Parses `bytes`, which diagnostics call `name`.
  public init(name: String, bytes: [UInt8]) {
    root = sources.add(name: name, bytes: bytes)
    parsed = parse(root)
    diagnostics = parsed.diagnostics
  }

  /// `true` iff something makes the program wrong.
  public var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

  /// The tokens of the file, a line each: place, kind, text.
  public var tokenLines: String {
    lex(root).tokens.map { token in
      let place = root.location(of: token.start)
      let span = SourceSpan(file: root.id, start: token.start, end: token.end)
      return "\(place.line):\(place.column) \(token.kind.rawValue) \(root.text(span))\n"
    }.joined()
  }

  /// The syntax tree of the file as indented lines.
  public var treeLines: String { treeDescription(of: parsed.module) }
}
