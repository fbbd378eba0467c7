extension JSON {
  /// The value that `bytes` hold as JSON text, and nothing beside it but space.
  ///
  /// - Throws: if the text is no JSON by RFC 8259, repeats a key, or nests deeper than 100.
  public init(parsing bytes: some Collection<UInt8>) throws(DataError) {
    var parser = JSONParser(bytes: Array(bytes))
    self = try parser.document()
  }
}

/// A strict parser of JSON by recursive descent.
private struct JSONParser {
  let bytes: [UInt8]
  var position = 0
  var depth = 0

  /// Begins at the first byte.
  init(bytes: [UInt8]) { self.bytes = bytes }

  /// The value that is all of the text.
  mutating func document() throws(DataError) -> JSON {
    let result = try value()
    skipSpace()
    guard position == bytes.count else { throw unexpected("the end") }
    return result
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
  }

  private mutating func accept(_ text: StaticString) -> Bool {
    skipSpace()
    let wanted = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    guard bytes[position...].starts(with: wanted) else { return false }
    position += wanted.count
    return true
  }

  private func unexpected(_ expected: String) -> DataError {
    let found = next.map { "'\(Character(Unicode.Scalar($0)))'" } ?? "the end of the text"
    return DataError(found, at: "byte \(position)", expected: expected)
  }

  private mutating func value() throws(DataError) -> JSON {
    depth += 1
    defer { depth -= 1 }
    guard depth <= 100 else {
      throw DataError("more than 100 levels of nesting", at: "byte \(position)")
    }
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return try object()
    case UInt8(ascii: "["): return try array()
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "-"), .some(0x30...0x39): return .number(try number())
    default:
      if accept("true") { return .bool(true) }
      if accept("false") { return .bool(false) }
      if accept("null") { return .null }
      throw unexpected("a value")
    }
  }

  private mutating func object() throws(DataError) -> JSON {
    var members: [JSON.Member] = []
    var keys: Set<String> = []
    position += 1
    if accept("}") { return .object([]) }
    repeat {
      skipSpace()
      let start = position
      guard next == UInt8(ascii: "\"") else { throw unexpected("a key") }
      let key = try string()
      guard keys.insert(key).inserted else {
        throw DataError("key '\(key)' for the second time", at: "byte \(start)")
      }
      guard accept(":") else { throw unexpected("':'") }
      members.append(JSON.Member(key, try value()))
    } while accept(",")
    guard accept("}") else { throw unexpected("',' or '}'") }
    return .object(members)
  }

  private mutating func array() throws(DataError) -> JSON {
    var elements: [JSON] = []
    position += 1
    if accept("]") { return .array([]) }
    repeat { elements.append(try value()) } while accept(",")
    guard accept("]") else { throw unexpected("',' or ']'") }
    return .array(elements)
  }

  private mutating func digits() throws(DataError) {
    guard let first = next, (0x30...0x39).contains(first) else { throw unexpected("a digit") }
    while let byte = next, (0x30...0x39).contains(byte) { position += 1 }
  }

  private mutating func number() throws(DataError) -> String {
    let start = position
    if next == UInt8(ascii: "-") { position += 1 }
    if next == UInt8(ascii: "0") { position += 1 } else { try digits() }
    if next == UInt8(ascii: ".") {
      position += 1
      try digits()
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      position += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
      try digits()
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func string() throws(DataError) -> String {
    let start = position
    var content: [UInt8] = []
    position += 1
    while let byte = next, byte != UInt8(ascii: "\"") {
      guard byte >= 0x20 else { throw unexpected("an escape for a control character") }
      position += 1
      if byte == UInt8(ascii: "\\") {
        content += Array(String(try escape()).utf8)
      } else {
        content.append(byte)
      }
    }
    guard next != nil else { throw unexpected("the end of a string") }
    position += 1
    guard let text = String(validating: content, as: UTF8.self) else {
      throw DataError("a string that is no UTF-8", at: "byte \(start)")
    }
    return text
  }

  private mutating func escape() throws(DataError) -> Unicode.Scalar {
    guard let byte = next else { throw unexpected("the rest of an escape") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try unicodeEscape()
    default:
      position -= 1
      throw unexpected("an escape")
    }
  }

  private mutating func unicodeEscape() throws(DataError) -> Unicode.Scalar {
    let start = position - 2
    let high = try hexadecimal()
    if let scalar = Unicode.Scalar(high) { return scalar }
    guard (0xD800..<0xDC00).contains(high), accept("\\u") else {
      throw DataError("half a surrogate pair", at: "byte \(start)")
    }
    let low = try hexadecimal()
    guard (0xDC00..<0xE000).contains(low),
      let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
    else { throw DataError("half a surrogate pair", at: "byte \(start)") }
    return scalar
  }

  private mutating func hexadecimal() throws(DataError) -> UInt32 {
    let digits = bytes[position...].prefix(4)
    guard digits.count == 4, !digits.contains(UInt8(ascii: "+")),
      !digits.contains(UInt8(ascii: "-")),
      let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw unexpected("four hexadecimal digits") }
    position += 4
    return value
  }
}
