import TesseraSource

/// Returns the tokens of `file`, one a line: place, kind, text.
public func dumpTokens(_ file: SourceFile) -> String {
  lex(file).tokens.map { token in
    let place = file.location(of: token.start)
    return "\(place.line):\(place.column) \(token.kind.rawValue) \(file.text(of: token))\n"
  }.joined()
}

/// Returns the tree of `module` as nested lists of words; spans are left out.
public func dumpAST(_ module: Module) -> String {
  var parts: [Dump] = []
  if let name = module.name { parts.append(["module", .init(name)]) }
  parts += module.imports.map(Dump.init)
  parts += module.declarations.map(Dump.init)
  return parts.map { $0.text(indentation: 0) + "\n" }.joined()
}

/// A word or a list, the two things of which the text of a tree consists.
indirect enum Dump: ExpressibleByStringLiteral, ExpressibleByArrayLiteral {
  case word(String)
  case list([Dump])

  init(stringLiteral value: String) { self = .word(value) }
  init(arrayLiteral elements: Dump...) { self = .list(elements) }
  /// The word that `name` is, or `_missing_`.
  init(_ name: Name) { self = .word(name.text.isEmpty ? "_missing_" : name.text) }

  /// The list of `head` and `parts`.
  init(_ head: String, _ parts: [Dump]) { self = .list([.word(head)] + parts) }

  /// A string in quotes with line ends escaped.
  static func quoted(_ text: String) -> Dump {
    let escaped = text.unicodeScalars.map { $0 == "\"" ? "\\\"" : $0.escaped(asASCII: false) }
    return .word("\"" + escaped.joined() + "\"")
  }

  /// The text on one line.
  private var line: String {
    switch self {
    case .word(let word): word
    case .list(let parts): "(" + parts.map(\.line).joined(separator: " ") + ")"
    }
  }

  /// The number of characters of `line`, at least as far as `limit`.
  private func width(limit: Int) -> Int {
    switch self {
    case .word(let word):
      return word.utf8.count
    case .list(let parts):
      var width = 1
      for part in parts where width <= limit { width += part.width(limit: limit - width) + 1 }
      return width
    }
  }

  /// The text, broken into lines where it is too wide for one.
  func text(indentation: Int) -> String {
    let room = 98 - indentation
    guard case .list(let parts) = self, width(limit: room) > room else { return line }
    let blanks = "\n" + String(repeating: " ", count: indentation + 2)
    // The head and the words behind it stay on the first line.
    let head = parts.prefix { if case .word = $0 { true } else { false } }
    let rest = parts.dropFirst(head.count)
    return "(" + head.map(\.line).joined(separator: " ")
      + rest.map { blanks + $0.text(indentation: indentation + 2) }.joined() + ")"
  }
}
