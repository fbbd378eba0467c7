import TesseraSource

// What the lexer may say. Each factory is named as its identifier.

extension Diagnostic {
  /// The bytes are not UTF-8. Save the file as UTF-8.
  ///
  ///     fn caf\xE9(x: f32) -> f32 { x }
  static func malformedText(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "malformed-text", "these bytes are no text", at: span,
      notes: ["Source files are UTF-8."])
  }

  /// A number runs into letters, or ends with '_'. Numbers look like 1, 0x1F, 1_000, 1.5, 1e-5
  /// and 2.0i.
  ///
  ///     const WIDTH: int = 12px
  static func malformedNumber(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "malformed-number", "this is not a number that the language knows", at: span,
      notes: ["Numbers look like 1, 0x1F, 1_000, 1.5, 1e-5 and 2.0i."])
  }

  /// The character begins nothing in the language. Signs from typography have a plain form, which
  /// the fix-it writes.
  ///
  ///     fn difference(a: f32, b: f32) -> f32 { a − b }
  static func unexpectedCharacter(_ scalar: Unicode.Scalar, at span: SourceSpan) -> Diagnostic {
    var diagnostic = Diagnostic(
      "unexpected-character", "'\(scalar.escaped(asASCII: false))' means nothing here", at: span)
    if let replacement = lookalikes[scalar] {
      diagnostic.fixIts = [FixIt("write '\(replacement)'", replacing: span, with: replacement)]
    }
    return diagnostic
  }

  /// A backslash in a string stands before a character that it does not escape. The escapes are
  /// \n \t \r \0 \\ \" and \u{1F600}.
  ///
  ///     test "50\% done" {}
  static func unknownEscape(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "unknown-escape", "this escape is not known", at: span,
      notes: [#"The escapes are \n \t \r \0 \\ \" and \u{1F600}."#])
  }

  /// A string ends on the line on which it begins.
  ///
  ///     test "softmax
  ///     {}
  static func unterminatedString(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "unterminated-string", "this string has no end", at: span,
      notes: ["A string ends with '\"' on the line on which it begins."])
  }

  /// Signs of typography, and what a program means by them.
  private static var lookalikes: [Unicode.Scalar: String] {
    [
      "\u{2212}": "-", "\u{2013}": "-", "\u{00D7}": "*", "\u{22C5}": "*", "\u{00F7}": "/",
      "\u{2264}": "<=", "\u{2265}": ">=", "\u{2260}": "!=", "\u{2192}": "->", "\u{21D2}": "=>",
      "\u{2026}": "...", "\u{201C}": "\"", "\u{201D}": "\"", "\u{00A0}": " ",
    ]
  }
}
