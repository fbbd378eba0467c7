import TesseraSource

extension Lexer {
  /// Consumes a number: `1`, `0x1F`, `1_000`, `1.5`, `1e-5`, `2.0i`.
  ///
  /// Digits stand on both sides of a point, and behind a point there are digits alone, so that
  /// `0..n` and `t.0.1` lex.
  mutating func number() -> TokenKind {
    let start = position
    if tokens.last?.kind == .point, tokens.last.map({ Int($0.end) }) == start {
      digits()
      return finishNumber(.integer, from: start)
    }
    if peek() == UInt8(ascii: "0"), peek(1) | 0x20 == UInt8(ascii: "x") {
      position += 2
      return finishNumber(.integer, from: start, isHexadecimal: true)
    }
    var kind = TokenKind.integer
    digits()
    if peek() == UInt8(ascii: "."), isDigit(peek(1)) {
      kind = .float
      position += 1
      digits()
    }
    if peek() | 0x20 == UInt8(ascii: "e") {
      let sign = peek(1) == UInt8(ascii: "+") || peek(1) == UInt8(ascii: "-") ? 1 : 0
      if isDigit(peek(1 + sign)) {
        kind = .float
        position += 1 + sign
        digits()
      }
    }
    if peek() == UInt8(ascii: "i"), !Lexer.isWordByte(peek(1)) {
      kind = .imaginary
      position += 1
    }
    return finishNumber(kind, from: start)
  }

  private func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private mutating func digits() {
    while isDigit(peek()) || peek() == UInt8(ascii: "_") { position += 1 }
  }

  /// Consumes what is stuck to a number, and says so unless it belongs there.
  private mutating func finishNumber(
    _ kind: TokenKind, from start: Int, isHexadecimal: Bool = false
  ) -> TokenKind {
    let tail = position
    while Lexer.isWordByte(peek()) { position += 1 }
    let text = bytes[tail..<position]
    let isHexadecimalTail =
      isHexadecimal && text.contains { $0 != UInt8(ascii: "_") }
      && text.allSatisfy { isDigit($0) || $0 == UInt8(ascii: "_") || isHexadecimalLetter($0) }
    if isHexadecimal ? !isHexadecimalTail : !text.isEmpty {
      diagnostics.append(.malformedNumber(at: span(from: start)))
    } else if bytes[position - 1] == UInt8(ascii: "_") {
      diagnostics.append(.malformedNumber(at: span(from: start)))
    }
    return kind
  }

  private func isHexadecimalLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
  }

  /// Consumes a string up to its closing quote or the end of its line.
  mutating func string() -> TokenKind {
    let start = position
    position += 1
    while position < bytes.count, bytes[position] != UInt8(ascii: "\n") {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        position += 1
        return .string
      case UInt8(ascii: "\\"):
        escape()
      default:
        position += 1
      }
    }
    diagnostics.append(.unterminatedString(at: span(from: start)))
    return .string
  }

  /// Consumes a backslash and what it escapes.
  private mutating func escape() {
    let start = position
    position += 1
    switch peek() {
    case UInt8(ascii: "n"), UInt8(ascii: "t"), UInt8(ascii: "r"), UInt8(ascii: "0"),
      UInt8(ascii: "\\"), UInt8(ascii: "\""):
      position += 1
    case UInt8(ascii: "u") where peek(1) == UInt8(ascii: "{"):
      position += 2
      while isDigit(peek()) || isHexadecimalLetter(peek()) { position += 1 }
      let digits = String(decoding: bytes[start + 3..<position], as: UTF8.self)
      let isScalar = UInt32(digits, radix: 16).flatMap(Unicode.Scalar.init) != nil
      if peek() == UInt8(ascii: "}"), isScalar {
        position += 1
      } else {
        diagnostics.append(.unknownEscape(at: span(from: start)))
      }
    case UInt8(ascii: "\n"), 0:
      break
    default:
      position += scalar()?.1 ?? 1
      diagnostics.append(.unknownEscape(at: span(from: start)))
    }
  }
}

/// The characters that `literal`, a string with its quotes, stands for.
func unescaped(_ literal: String) -> String {
  var result = String.UnicodeScalarView()
  var rest = literal.unicodeScalars.dropFirst()
  // Each round removes a character, so this ends.
  while let scalar = rest.popFirst() {
    if scalar == "\"" { break }
    guard scalar == "\\", let escaped = rest.popFirst() else {
      result.append(scalar)
      continue
    }
    switch escaped {
    case "n": result.append("\n")
    case "t": result.append("\t")
    case "r": result.append("\r")
    case "0": result.append("\0")
    case "u":
      let digits = rest.dropFirst().prefix { $0 != "}" && $0 != "\"" }
      rest = rest.dropFirst(digits.count + 2)
      let value = UInt32(String(String.UnicodeScalarView(digits)), radix: 16)
      result.append(value.flatMap(Unicode.Scalar.init) ?? "\u{FFFD}")
    default: result.append(escaped)
    }
  }
  return String(result)
}
