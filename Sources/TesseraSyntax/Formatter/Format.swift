import TesseraSource

/// Returns the text of `file` in the usual layout; a file with mistakes comes back as it is.
///
/// Line breaks stay where they are, except that a block on a line that is too long is opened and
/// several blank lines become one. Indentation, blanks between tokens and the columns of comments
/// behind code are made anew. Formatting twice gives the same text as formatting once.
public func format(_ file: SourceFile) -> String {
  let original = String(decoding: file.bytes, as: UTF8.self)
  let lexed = lex(file)
  var parser = Parser(file, lexed)
  _ = parser.module()
  guard parser.finishedDiagnostics(with: lexed.diagnostics).isEmpty else { return original }
  let formatter = Formatter(file, lexed, parser.layout)
  return formatter.text(of: formatter.opened(formatter.lines()))
}

/// A token with its text and the part that it plays.
struct FormatToken {
  var kind: TokenKind
  var text: String
  var start: UInt32
  var end: UInt32
  /// `true` iff the token is a `<` or `>` around generic parameters or arguments.
  var isAngle: Bool
}

/// A line of the formatted text: code, a comment, or both.
struct FormatLine {
  /// The tokens; none if there is only a comment.
  var tokens: [FormatToken]
  /// The comment behind the tokens, or alone.
  var comment: String?
  /// `true` iff a blank line stands before.
  var followsBlank: Bool
}

/// The formatting of one file.
struct Formatter {
  /// The columns beyond which a block on one line is opened.
  static let maximalWidth = 140

  /// The file, its tokens, and what the parser says of them.
  let file: SourceFile
  let lexed: LexedFile
  let layout: Layout

  /// Prepares to format `file`.
  init(_ file: SourceFile, _ lexed: LexedFile, _ layout: Layout) {
    self.file = file
    self.lexed = lexed
    self.layout = layout
  }

  /// The lines of the source, comments apart from code where they stand alone.
  func lines() -> [FormatLine] {
    var lines: [FormatLine] = []
    var end = 0
    var comments = lexed.comments[...]
    for token in lexed.tokens {
      while let comment = comments.first, comment.span.start < token.start {
        comments.removeFirst()
        let text = file.text(comment.span).trimmingTrailingBlanks
        let breaks = lineBreaks(from: end, to: Int(comment.span.start))
        if breaks == 0, let last = lines.indices.last {
          lines[last].comment = text
        } else {
          lines.append(FormatLine(tokens: [], comment: text, followsBlank: breaks > 1))
        }
        end = Int(comment.span.end)
      }
      if token.kind == .endOfFile { break }
      if token.beginsLine || lines.isEmpty {
        let breaks = lineBreaks(from: end, to: Int(token.start))
        lines.append(FormatLine(tokens: [], comment: nil, followsBlank: breaks > 1))
      }
      lines[lines.count - 1].tokens += halves(token)
      end = Int(token.end)
    }
    return lines
  }

  private func lineBreaks(from start: Int, to end: Int) -> Int {
    file.bytes[start..<max(start, end)].count { $0 == UInt8(ascii: "\n") }
  }

  /// The token, or its halves if a list of generic arguments ends within it.
  private func halves(_ token: Token) -> [FormatToken] {
    let text = file.text(of: token)
    let isAngle = layout.angles.contains(token.start)
    let whole = FormatToken(
      kind: token.kind, text: text, start: token.start, end: token.end, isAngle: isAngle)
    guard isAngle, token.kind == .shiftRight || token.kind == .greaterOrEqual else {
      return [whole]
    }
    let middle = token.start + 1
    let isSecondAngle = layout.angles.contains(middle)
    return [
      FormatToken(kind: .greater, text: ">", start: token.start, end: middle, isAngle: true),
      FormatToken(
        kind: token.kind == .shiftRight ? .greater : .assign, text: String(text.dropFirst()),
        start: middle, end: token.end, isAngle: isSecondAngle),
    ]
  }

  /// The lines with blocks opened where they are too wide.
  func opened(_ lines: [FormatLine]) -> [FormatLine] {
    var indenter = Indenter(layout)
    var result: [FormatLine] = []
    // Lines that are still to be measured, the next one last. Opening makes shorter lines.
    var pending = Array(lines.reversed())
    while let line = pending.popLast() {
      var trial = indenter
      let indentation = trial.indent(line, before: pending.last)
      let width = indentation + text(of: line.tokens).count
      if width > Formatter.maximalWidth, let parts = opening(line) {
        pending += parts.reversed()
        continue
      }
      indenter = trial
      result.append(line)
    }
    return result
  }

  /// The lines of `line` with its first block opened, or `nil` if there is none.
  private func opening(_ line: FormatLine) -> [FormatLine]? {
    guard let open = line.tokens.firstIndex(where: { $0.kind == .leftBrace }) else { return nil }
    var level = 0
    var inner: [[FormatToken]] = []
    for (index, token) in line.tokens.enumerated().dropFirst(open) {
      if token.kind == .rightBrace { level -= 1 }
      if level == 0, index > open {
        guard !inner.isEmpty else { return nil }
        let head = FormatLine(
          tokens: Array(line.tokens[...open]), comment: nil, followsBlank: line.followsBlank)
        let tail = FormatLine(
          tokens: Array(line.tokens[index...]), comment: line.comment, followsBlank: false)
        let body = inner.map { FormatLine(tokens: $0, comment: nil, followsBlank: false) }
        return [head] + body + [tail]
      }
      if index > open {
        if inner.isEmpty || level == 1 && layout.starts.contains(token.start) { inner.append([]) }
        inner[inner.count - 1].append(token)
      }
      if token.kind == .leftBrace { level += 1 }
    }
    return nil
  }

  /// The whole text.
  func text(of lines: [FormatLine]) -> String {
    var indenter = Indenter(layout)
    var code: [String] = []
    for (index, line) in lines.enumerated() {
      let next = index + 1 < lines.count ? lines[index + 1] : nil
      let indentation = indenter.indent(line, before: next)
      let tokens = tokensWithoutSemicolon(line, before: next)
      let text = line.tokens.isEmpty ? line.comment ?? "" : text(of: tokens)
      code.append(String(repeating: " ", count: indentation) + text)
    }
    let columns = commentColumns(lines, code)
    var result = ""
    for (index, line) in lines.enumerated() {
      if line.followsBlank, index > 0, !opensBlock(lines[index - 1]), !closesBlock(line) {
        result += "\n"
      }
      result += code[index]
      if !line.tokens.isEmpty, let comment = line.comment {
        result += String(repeating: " ", count: max(1, columns[index] - code[index].count))
        result += comment
      }
      result += "\n"
    }
    return result
  }

  private func opensBlock(_ line: FormatLine) -> Bool {
    switch line.tokens.last?.kind {
    case .leftBrace, .leftParenthesis, .leftBracket: true
    default: false
    }
  }

  private func closesBlock(_ line: FormatLine) -> Bool {
    switch line.tokens.first?.kind {
    case .rightBrace, .rightParenthesis, .rightBracket: true
    default: false
    }
  }

  /// The tokens of `line` without a `;` that the end of the line makes needless.
  private func tokensWithoutSemicolon(_ line: FormatLine, before next: FormatLine?) -> [FormatToken]
  {
    guard line.tokens.count > 1, line.tokens.last?.kind == .semicolon else { return line.tokens }
    if let first = next?.tokens.first, !first.kind.isWord, first.kind != .rightBrace {
      return line.tokens
    }
    if let next, next.tokens.isEmpty { return line.tokens }
    return Array(line.tokens.dropLast())
  }

  /// The columns of the comments behind code: equal in neighbouring lines of similar width.
  private func commentColumns(_ lines: [FormatLine], _ code: [String]) -> [Int] {
    var columns = code.map { $0.count + 2 }
    var index = 0
    while index < lines.count {
      guard lines[index].comment != nil, !lines[index].tokens.isEmpty else {
        index += 1
        continue
      }
      var end = index
      while end < lines.count, lines[end].comment != nil, !lines[end].tokens.isEmpty,
        end == index || !lines[end].followsBlank
      {
        end += 1
      }
      let widths = code[index..<end].map(\.count)
      if let widest = widths.max(), let narrowest = widths.min(), widest - narrowest <= 40 {
        for line in index..<end { columns[line] = widest + 2 }
      }
      index = end
    }
    return columns
  }
}
