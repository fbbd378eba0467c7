import TesseraNumbers
import TesseraSource

/// A word, number, string or sign of a source text.
///
/// The bytes between the ends of two neighbours are blanks and comments, so that the tokens of a
/// file and its bytes together lose nothing.
public struct Token: Hashable, Sendable {
  /// What the token is.
  public var kind: TokenKind
  /// The offset of the first byte.
  public var start: UInt32
  /// The offset one past the last byte.
  public var end: UInt32
  /// The offset at which the blanks and comments before the token begin.
  public var triviaStart: UInt32
  /// `true` iff an end of line, or the beginning of the file, stands directly before the token.
  public var beginsLine: Bool
}

/// What a token is; the raw value is its spelling, or a description for those that have many.
public enum TokenKind: String, Hashable, Sendable, CaseIterable {
  case endOfFile = "end of file"
  /// Bytes that belong to no other token.
  case unknown = "unknown text"
  case identifier = "name"
  case integer = "integer"
  case float = "number"
  case imaginary = "imaginary number"
  case string = "string"
  /// `f32`, `bool`, `decimal`, …
  case typeWord = "type word"
  /// `sum`, `argmax`, `fold`, …
  case reductionWord = "reduction"

  case leftParenthesis = "("
  case rightParenthesis = ")"
  case leftBracket = "["
  case rightBracket = "]"
  case leftBrace = "{"
  case rightBrace = "}"
  case comma = ","
  case colon = ":"
  case semicolon = ";"
  case at = "@"
  case point = "."
  case twoPoints = ".."
  case threePoints = "..."
  case arrow = "->"
  case doubleArrow = "=>"
  case question = "?"

  case plus = "+"
  case minus = "-"
  case star = "*"
  case slash = "/"
  case percent = "%"
  case ampersand = "&"
  case bar = "|"
  case caret = "^"
  case tilde = "~"
  case shiftLeft = "<<"
  case shiftRight = ">>"
  case coalesce = "??"
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
  case equal = "=="
  case notEqual = "!="
  /// Operators of other languages, lexed so that a diagnostic can name ours.
  case doubleAmpersand = "&&"
  case doubleBar = "||"
  case exclamation = "!"
  case doubleStar = "**"

  case assign = "="
  case plusAssign = "+="
  case minusAssign = "-="
  case starAssign = "*="
  case slashAssign = "/="
  case percentAssign = "%="
  case ampersandAssign = "&="
  case barAssign = "|="
  case caretAssign = "^="

  case and, `as`, assert, combiner, const, `else`, export, `false`, fn, `for`, `if`, `import`
  case `in`, `inout`, `is`, kernel, `let`, not, null, or, print, `private`, `return`
  case `struct`, `true`, `var`, `where`, `while`

  /// `true` iff all tokens of the kind are spelled alike, as the raw value says.
  private var hasOneSpelling: Bool {
    switch self {
    case .endOfFile, .unknown, .identifier, .integer, .float, .imaginary, .string, .typeWord,
      .reductionWord:
      false
    default: true
    }
  }

  /// The words that the language reserves, by spelling.
  public static let words: [String: TokenKind] = {
    var table: [String: TokenKind] = [:]
    for kind in allCases
    where kind.hasOneSpelling && kind.rawValue.utf8.allSatisfy(Lexer.isWordByte) {
      table[kind.rawValue] = kind
    }
    for word in typeWords { table[word] = .typeWord }
    for word in ReductionOperator.allCases { table[word.rawValue] = .reductionWord }
    return table
  }()

  /// The number of bytes of the longest reserved word.
  static let longestWord = words.keys.map(\.utf8.count).max() ?? 0

  /// The words that spell types.
  static let typeWords =
    ScalarType.allCases.map(\.rawValue)
    + ["int", "complex", "decimal", "date", "datetime", "duration", "string"]

  /// The signs, longest first within a first character, so that the first match is the longest.
  static let signs: [(bytes: [UInt8], kind: TokenKind)] = {
    let kinds = allCases.filter { $0.hasOneSpelling && words[$0.rawValue] == nil }
    return kinds.map { (Array($0.rawValue.utf8), $0) }.sorted { $0.bytes.count > $1.bytes.count }
  }()

  /// `true` iff the token is a word, reserved or not.
  public var isWord: Bool {
    switch self {
    case .identifier, .typeWord, .reductionWord: true
    default: TokenKind.words[rawValue] == self
    }
  }

  /// `true` iff a name, a number or a string begins with the token.
  var beginsValue: Bool {
    switch self {
    case .identifier, .typeWord, .reductionWord, .integer, .float, .imaginary, .string: true
    default: false
    }
  }

  /// The token in a sentence: `'('`, or «a name».
  var described: String {
    switch self {
    case .endOfFile: "the end of the text"
    case .identifier: "a name"
    case .integer: "an integer"
    case .float: "a number"
    case .imaginary: "an imaginary number"
    case .string: "a string"
    case .typeWord: "a type"
    case .reductionWord: "a reduction"
    case .unknown: "this text"
    default: "'\(rawValue)'"
    }
  }
}

extension SourceFile {
  /// The place of `token`, which is one of this file.
  public func span(of token: Token) -> SourceSpan {
    SourceSpan(file: id, start: token.start, end: token.end)
  }

  /// The text of `token`, which is one of this file.
  public func text(of token: Token) -> String { text(span(of: token)) }
}

/// The tokens of a file and what stands between them.
public struct LexedFile: Sendable {
  /// The tokens in source order; the last is `endOfFile`.
  public var tokens: [Token]
  /// The comments in source order.
  public var comments: [Comment]
  /// What is wrong with single tokens, in source order.
  public var diagnostics: [Diagnostic]
}
