import TesseraSource

/// Splits the bytes of `file` into tokens; any bytes give some.
public func lex(_ file: SourceFile) -> LexedFile {
  var lexer = Lexer(file)
  lexer.run()
  return LexedFile(tokens: lexer.tokens, comments: lexer.comments, diagnostics: lexer.diagnostics)
}

/// The state of lexing one file.
struct Lexer {
  /// What is read.
  let file: SourceFile
  let bytes: [UInt8]
  /// The offset of the next byte.
  var position = 0
  /// What was found so far, in order.
  var tokens: [Token] = []
  var comments: [Comment] = []
  var diagnostics: [Diagnostic] = []

  /// Begins at the start of `file`.
  init(_ file: SourceFile) {
    self.file = file
    bytes = file.bytes
    tokens.reserveCapacity(bytes.count / 3 + 1)
  }

  /// The byte `distance` after the next one, or 0 behind the end.
  func peek(_ distance: Int = 0) -> UInt8 {
    position + distance < bytes.count ? bytes[position + distance] : 0
  }

  /// The span from `start` to the next byte.
  func span(from start: Int) -> SourceSpan {
    SourceSpan(file: file.id, start: UInt32(start), end: UInt32(position))
  }

  /// Lexes everything. Each round consumes a byte or ends, so it ends.
  mutating func run() {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    var triviaStart = 0
    while true {
      let beginsLine = skipTrivia() || tokens.isEmpty
      let start = position
      let kind = start < bytes.count ? token() : .endOfFile
      tokens.append(
        Token(
          kind: kind, start: UInt32(start), end: UInt32(position),
          triviaStart: UInt32(triviaStart), beginsLine: beginsLine))
      if kind == .endOfFile { return }
      triviaStart = position
    }
  }

  /// Skips blanks and comments; returns `true` iff a line ended.
  private mutating func skipTrivia() -> Bool {
    var endedLine = false
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\n"):
        endedLine = true
        position += 1
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"):
        position += 1
      case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "/"):
        comment()
      default:
        return endedLine
      }
    }
    return endedLine
  }

  private mutating func comment() {
    let start = position
    while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
    var end = position
    if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    let slashes = bytes[start..<end].prefix { $0 == UInt8(ascii: "/") }.count
    let span = SourceSpan(file: file.id, start: UInt32(start), end: UInt32(end))
    comments.append(Comment(span: span, isDocumentation: slashes == 3))
  }

  /// Consumes one token, which is not empty, and returns its kind.
  private mutating func token() -> TokenKind {
    let byte = bytes[position]
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "_"):
      return word()
    case UInt8(ascii: "0")...UInt8(ascii: "9"):
      return number()
    case UInt8(ascii: "\""):
      return string()
    case 0x80...:
      if let (scalar, _) = scalar(), scalar.properties.isAlphabetic { return word() }
      return unknown()
    default:
      for sign in TokenKind.signs where sign.bytes[0] == byte {
        if bytes[position...].starts(with: sign.bytes) {
          position += sign.bytes.count
          return sign.kind
        }
      }
      return unknown()
    }
  }

  /// Consumes letters, digits and `_`.
  private mutating func word() -> TokenKind {
    let start = position
    var isASCII = true
    while position < bytes.count {
      if Lexer.isWordByte(bytes[position]) {
        position += 1
      } else if bytes[position] >= 0x80, let (scalar, length) = scalar(), scalar.isWordScalar {
        position += length
        isASCII = false
      } else {
        break
      }
    }
    guard isASCII, position - start <= TokenKind.longestWord else { return .identifier }
    return TokenKind.words[String(decoding: bytes[start..<position], as: UTF8.self)] ?? .identifier
  }

  /// `true` iff `byte` may stand inside a word.
  static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
      true
    default:
      false
    }
  }

  /// Consumes characters that begin no token and say so.
  private mutating func unknown() -> TokenKind {
    let start = position
    guard let (scalar, length) = scalar() else {
      while position < bytes.count, bytes[position] >= 0x80, self.scalar() == nil { position += 1 }
      diagnostics.append(.malformedText(at: span(from: start)))
      return .unknown
    }
    position += length
    // A file that is no text may hold any number of one character in a row.
    while position < bytes.count, let (next, _) = self.scalar(), next == scalar {
      position += length
    }
    diagnostics.append(.unexpectedCharacter(scalar, at: span(from: start)))
    return .unknown
  }

  /// The character at the next byte and its length in bytes; `nil` if it is malformed.
  func scalar() -> (Unicode.Scalar, Int)? {
    let byte = peek()
    if byte < 0x80 { return (Unicode.Scalar(byte), 1) }
    let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2
    guard byte >= 0xC2, position + length <= bytes.count else { return nil }
    var value = UInt32(byte) & (0x7F >> UInt32(length))
    for next in bytes[position + 1..<position + length] {
      guard next & 0xC0 == 0x80 else { return nil }
      value = value << 6 | UInt32(next & 0x3F)
    }
    let shortest: [UInt32] = [0, 0, 0x80, 0x800, 0x10000]
    guard value >= shortest[length], let scalar = Unicode.Scalar(value) else { return nil }
    return (scalar, length)
  }
}

extension Unicode.Scalar {
  /// `true` iff the character may stand inside a name.
  fileprivate var isWordScalar: Bool {
    let category = properties.generalCategory
    return properties.isAlphabetic || category == .decimalNumber || category == .nonspacingMark
  }
}
