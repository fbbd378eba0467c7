/// A parser of the Python dictionary at the head of an npy file.
///
/// It knows as much of Python as the format uses: strings, `True`, `False`, tuples of integers.
struct NPYHeaderParser {
  /// What the dictionary says.
  struct Header {
    var descr: String
    var isFortranOrder: Bool
    var shape: [Int]
  }

  private let bytes: [UInt8]
  private let base: Int
  private var position = 0

  /// Creates a parser of `bytes`, which begin at offset `base` of their file.
  init(_ bytes: [UInt8], at base: Int) {
    self.bytes = bytes
    self.base = base
  }

  /// What the dictionary says.
  mutating func parse() throws(DataError) -> Header {
    var descr: String?
    var isFortranOrder: Bool?
    var shape: [Int]?
    try expect("{")
    while !accept("}") {
      let start = position
      let key = try string()
      try expect(":")
      switch key {
      case "descr" where descr == nil: descr = try string()
      case "fortran_order" where isFortranOrder == nil: isFortranOrder = try boolean()
      case "shape" where shape == nil: shape = try tuple()
      default:
        throw DataError(
          "key '\(key)'", at: "byte \(base + start)",
          expected: "descr, fortran_order and shape, each once")
      }
      if !accept(",") {
        try expect("}")
        break
      }
    }
    skipSpace()
    guard position == bytes.count else { throw unexpected("the end of the header") }
    guard let descr, let isFortranOrder, let shape else {
      throw DataError(
        "a key is missing", at: "the header", expected: "descr, fortran_order and shape")
    }
    return Header(descr: descr, isFortranOrder: isFortranOrder, shape: shape)
  }

  private mutating func skipSpace() {
    while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) {
      position += 1
    }
  }

  private mutating func accept(_ text: String) -> Bool {
    skipSpace()
    guard bytes[position...].starts(with: text.utf8) else { return false }
    position += text.utf8.count
    return true
  }

  private mutating func expect(_ text: String) throws(DataError) {
    if !accept(text) { throw unexpected("'\(text)'") }
  }

  private func unexpected(_ expected: String) -> DataError {
    let found =
      position < bytes.count
      ? "'\(Character(Unicode.Scalar(bytes[position])))'" : "the end of the header"
    return DataError(found, at: "byte \(base + position)", expected: expected)
  }

  private mutating func string() throws(DataError) -> String {
    let quote: UInt8
    if accept("'") {
      quote = UInt8(ascii: "'")
    } else {
      try expect("\"")
      quote = UInt8(ascii: "\"")
    }
    guard let end = bytes[position...].firstIndex(of: quote) else {
      position = bytes.count
      throw unexpected("the end of a string")
    }
    defer { position = end + 1 }
    return String(decoding: bytes[position..<end], as: UTF8.self)
  }

  private mutating func boolean() throws(DataError) -> Bool {
    if accept("True") { return true }
    if accept("False") { return false }
    throw unexpected("True or False")
  }

  private mutating func tuple() throws(DataError) -> [Int] {
    var result: [Int] = []
    try expect("(")
    while !accept(")") {
      skipSpace()
      let digits = bytes[position...].prefix { (0x30...0x39).contains($0) }
      guard let value = Int(String(decoding: digits, as: UTF8.self)) else {
        throw unexpected("a size below 2^63")
      }
      result.append(value)
      position += digits.count
      _ = accept("L")  // Python 2 wrote long integers so.
      if !accept(",") {
        try expect(")")
        break
      }
    }
    return result
  }
}
