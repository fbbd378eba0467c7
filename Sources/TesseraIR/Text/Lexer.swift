import TesseraSource

/// A word of the IR text.
struct Token: Hashable {
  /// What a token is.
  enum Kind: Hashable {
    /// The end of the text.
    case end
    /// A letter word: `func`, `add`, `f32`.
    case word(String)
    /// `%name`.
    case value(String)
    /// `@name`.
    case function(String)
    /// A number as it is written, or `inf` and `nan` with a sign.
    case number(String)
    /// Text between quotes, escapes replaced.
    case string(String)
    /// One of `( ) { } [ ] , : = ^ * ?` or `->`.
    case mark(String)
    /// Bytes that are none of these.
    case unknown
  }

  /// What it is, and where it stands.
  var kind: Kind
  var span: SourceSpan
  /// `true` iff only blanks stand before it on its line.
  var startsLine: Bool
}

/// Splits IR text into tokens; any bytes give some.
struct Lexer {
  private let file: FileID
  private let bytes: [UInt8]
  private var position = 0
  private var startsLine = true

  /// Begins at the start of `source`.
  init(_ source: SourceFile) {
    file = source.id
    bytes = source.bytes
  }

  /// The next token; `.end` again and again once the text is used up.
  mutating func next() -> Token {
    skipBlank()
    let start = position
    defer { startsLine = false }
    let kind = scan()
    let span = SourceSpan(
      file: file, start: UInt32(clamping: start), end: UInt32(clamping: position))
    return Token(kind: kind, span: span, startsLine: startsLine)
  }

  private func byte(_ offset: Int = 0) -> UInt8? {
    position + offset < bytes.count ? bytes[position + offset] : nil
  }

  private mutating func skipBlank() {
    while let next = byte() {
      switch next {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"):
        position += 1
      case UInt8(ascii: "\n"):
        position += 1
        startsLine = true
      case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "/"):
        while let other = byte(), other != UInt8(ascii: "\n") { position += 1 }
      default: return
      }
    }
  }

  // Each case moves on by at least one byte, so that lexing ends.
  private mutating func scan() -> Token.Kind {
    guard let first = byte() else { return .end }
    switch first {
    case UInt8(ascii: "%"): return scanName().map(Token.Kind.value) ?? .unknown
    case UInt8(ascii: "@"): return scanName().map(Token.Kind.function) ?? .unknown
    case UInt8(ascii: "\""): return scanString().map(Token.Kind.string) ?? .unknown
    case UInt8(ascii: "-") where byte(1) == UInt8(ascii: ">"):
      position += 2
      return .mark("->")
    case UInt8(ascii: "-"), 0x30...0x39: return .number(scanNumber())
    case _ where isNameByte(first): return .word(scanWord())
    case _ where "(){}[],:=^*?".utf8.contains(first):
      position += 1
      return .mark(String(UnicodeScalar(first)))
    default:
      position += 1
      return .unknown
    }
  }

  private mutating func scanWord() -> String {
    let start = position
    while let next = byte(), isNameByte(next) { position += 1 }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func scanName() -> String? {
    position += 1
    if byte() == UInt8(ascii: "\"") { return scanString() }
    let word = scanWord()
    return word.isEmpty ? nil : word
  }

  // Digits, letters and points; a sign belongs to it after an exponent's letter.
  private mutating func scanNumber() -> String {
    let start = position
    position += 1
    let isHexadecimal = bytes[start...].prefix(3).contains(UInt8(ascii: "x"))
    while let next = byte() {
      let last = bytes[position - 1] | 0x20
      let isExponent = last == UInt8(ascii: "p") || (last == UInt8(ascii: "e") && !isHexadecimal)
      let isSign = next == UInt8(ascii: "-") || next == UInt8(ascii: "+")
      guard isNameByte(next) || (isSign && isExponent) else { break }
      position += 1
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func scanString() -> String? {
    position += 1
    var content: [UInt8] = []
    while let next = byte(), next != UInt8(ascii: "\n") {
      position += 1
      switch next {
      case UInt8(ascii: "\""): return String(decoding: content, as: UTF8.self)
      case UInt8(ascii: "\\"):
        guard let escape = byte() else { return nil }
        position += 1
        switch escape {
        case UInt8(ascii: "n"): content.append(UInt8(ascii: "\n"))
        case UInt8(ascii: "t"): content.append(UInt8(ascii: "\t"))
        case UInt8(ascii: "r"): content.append(UInt8(ascii: "\r"))
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): content.append(escape)
        case UInt8(ascii: "u"):
          guard let scalar = scanScalarEscape() else { return nil }
          content += Array(String(scalar).utf8)
        default: return nil
        }
      default: content.append(next)
      }
    }
    return nil
  }

  // The rest of `\u{1F}`.
  private mutating func scanScalarEscape() -> Unicode.Scalar? {
    guard byte() == UInt8(ascii: "{") else { return nil }
    position += 1
    let digits = scanWord()
    guard byte() == UInt8(ascii: "}") else { return nil }
    position += 1
    return UInt32(digits, radix: 16).flatMap(Unicode.Scalar.init)
  }
}
