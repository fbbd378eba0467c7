import TesseraNumbers
import TesseraSource

/// An attribute as it was read: what a number means is known when the result's type is.
enum ParsedAttribute {
  case fixed(Attribute)
  case number(String, SourceSpan)
}

extension Parser {
  /// attribute = "{" ( number | string | function | dense | combiner ) "}" ;
  mutating func parseAttribute(_ opcode: Opcode) throws(SyntaxError) -> ParsedAttribute {
    if opcode.info.attribute == .none { return .fixed(.none) }
    try expect("{")
    let attribute = try parseAttributeContent(opcode)
    try expect("}")
    return attribute
  }

  private mutating func parseAttributeContent(
    _ opcode: Opcode
  ) throws(SyntaxError) -> ParsedAttribute {
    switch token.kind {
    case .number(let text):
      defer { advance() }
      return .number(text, token.span)
    case .string(let text):
      advance()
      return .fixed(.string(text))
    case .function(let name):
      advance()
      return .fixed(.symbol(name))
    case .word("dense"):
      advance()
      return .fixed(.dense(DenseConstant(bytes: try parseHexadecimal())))
    case .word("true"), .word("false"):
      defer { advance() }
      return .fixed(.integer(token.kind == .word("true") ? 1 : 0))
    case .word("inf"), .word("nan"):
      return try parseSpecialNumber()
    default:
      return .fixed(try parseCombination(opcode))
    }
  }

  // `inf`, `nan`, or a NaN with its bits as an f64, `nan 0x7ff8000000000001`.
  private mutating func parseSpecialNumber() throws(SyntaxError) -> ParsedAttribute {
    let span = token.span
    if acceptWord("inf") { return .number("inf", span) }
    advance()
    guard case .number(let digits) = token.kind else { return .number("nan", span) }
    guard digits.hasPrefix("0x"), let bits = UInt64(digits.dropFirst(2), radix: 16),
      Double(bitPattern: bits).isNaN
    else { throw fail(expected: "the bits of a NaN as an f64, after '0x'") }
    advance()
    return .fixed(.float(Double(bitPattern: bits)))
  }

  private mutating func parseHexadecimal() throws(SyntaxError) -> [UInt8] {
    guard case .string(let text) = token.kind, let bytes = hexadecimalBytes(text) else {
      throw fail(expected: "bytes as hexadecimal digits between quotes")
    }
    advance()
    return bytes
  }

  /// combination = combiner { "," ( "lanes" lanes | "permits" word { word } | "axis" number
  ///             | "reverse" | "exclusive" ) } ;
  private mutating func parseCombination(_ opcode: Opcode) throws(SyntaxError) -> Attribute {
    guard case .word(let word) = token.kind, let combiner = Combiner(rawValue: word) else {
      throw fail(expected: "an attribute")
    }
    advance()
    switch opcode.info.attribute {
    case .scan: return try parseScan(combiner)
    case .update: return .update(combiner)
    case .none, .number, .axis, .text, .function, .reduction: return try parseReduction(combiner)
    }
  }

  private mutating func parseReduction(_ combiner: Combiner) throws(SyntaxError) -> Attribute {
    var order = ReductionOrder.sequential
    var algorithms: Algorithms = []
    while accept(",") {
      if acceptWord("lanes") {
        order = .lanes(try parseLanes())
      } else if acceptWord("permits") {
        repeat { algorithms.formUnion(try parseAlgorithm()) } while !isAt(",") && !isAt("}")
      } else {
        throw fail(expected: "'lanes' or 'permits'")
      }
    }
    return .reduction(combiner, order, permits: algorithms)
  }

  /// lanes = number [ "then" number ] [ "over" number ] [ "fused" ] ;
  private mutating func parseLanes() throws(SyntaxError) -> ReductionOrder.Lanes {
    var lanes = ReductionOrder.Lanes(try parseCount())
    lanes.restCount = acceptWord("then") ? try parseCount() : lanes.count
    if acceptWord("over") { lanes.joinedIndices = try parseCount() }
    lanes.isFused = acceptWord("fused")
    return lanes
  }

  private mutating func parseAlgorithm() throws(SyntaxError) -> Algorithms {
    guard case .word(let word) = token.kind, let algorithm = Algorithms(spelling: word) else {
      throw fail(expected: "the name of an algorithm")
    }
    advance()
    return algorithm
  }

  private mutating func parseScan(_ combiner: Combiner) throws(SyntaxError) -> Attribute {
    try expect(",")
    guard acceptWord("axis") else { throw fail(expected: "'axis'") }
    let axis = try parseCount()
    var reverse = false
    var exclusive = false
    while accept(",") {
      if acceptWord("reverse") {
        reverse = true
      } else if acceptWord("exclusive") {
        exclusive = true
      } else {
        throw fail(expected: "'reverse' or 'exclusive'")
      }
    }
    return .scan(combiner, axis: axis, reverse: reverse, exclusive: exclusive)
  }

  /// Gives a number its meaning for `type`, or reports that it has none.
  mutating func resolve(_ attribute: ParsedAttribute, type: Type?) -> Attribute {
    switch attribute {
    case .fixed(let attribute): return attribute
    case .number(let text, let span):
      if case .scalar(let scalar) = type, scalar.isFloat {
        if let value = parseFloat(text, scalar) { return .float(value) }
        diagnostics.append(.irNumberForm(text, "a number", at: span))
        return .float(0)
      }
      if let value = Int64(text) { return .integer(value) }
      if let value = UInt64(text), type == .scalar(.u64) {
        return .integer(Int64(bitPattern: value))
      }
      diagnostics.append(.irNumberForm(text, "a whole number of 64 bits", at: span))
      return .integer(0)
    }
  }

  // Rounds once, from the text to the type where Swift can: `0.1` as an f32 is the nearest f32.
  private func parseFloat(_ text: String, _ type: ScalarType) -> Double? {
    if text == "nan" { return .nan }
    guard let value = Double(text), !value.isNaN else { return nil }
    if type == .f32 { return Float(text).map(Double.init) }
    return type.rounded(value)
  }
}

private func hexadecimalBytes(_ text: String) -> [UInt8]? {
  let digits = Array(text.utf8)
  guard digits.count % 2 == 0 else { return nil }
  var bytes: [UInt8] = []
  bytes.reserveCapacity(digits.count / 2)
  for index in stride(from: 0, to: digits.count, by: 2) {
    guard let high = hexadecimalDigit(digits[index]), let low = hexadecimalDigit(digits[index + 1])
    else { return nil }
    bytes.append(high << 4 | low)
  }
  return bytes
}

private func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
  switch byte {
  case 0x30...0x39: byte - 0x30
  case 0x61...0x66: byte - 0x61 + 10
  case 0x41...0x46: byte - 0x41 + 10
  default: nil
  }
}
