import TesseraSource

// What the lexer may say. Each factory is named as its identifier.

extension Diagnostic {
  /// Bytes that are no UTF-8.
  ///
  ///     let caf\xE9 = 1
  static func malformedText(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "malformed-text", "these bytes are no text", at: span,
      notes: ["Source files are UTF-8."])
  }

  /// A number with letters or a `_` behind it that do not belong there.
  ///
  ///     let n = 12px
  static func malformedNumber(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "malformed-number", "this is not a number that the language knows", at: span,
      notes: ["Numbers look like 1, 0x1F, 1_000, 1.5, 1e-5 and 2.0i."])
  }

  /// A character that begins nothing.
  ///
  ///     let a = 1 # 2
  static func unexpectedCharacter(_ scalar: Unicode.Scalar, at span: SourceSpan) -> Diagnostic {
    var diagnostic = Diagnostic(
      "unexpected-character", "'\(scalar.escaped(asASCII: false))' means nothing here", at: span)
    if let replacement = lookalikes[scalar] {
      diagnostic.fixIts = [
        FixIt("write '\(replacement)'", [FixIt.Edit(span, replacement)])
      ]
    }
    return diagnostic
  }

  /// A backslash before a character that it does not escape.
  ///
  ///     test "50\% done" {}
  static func unknownEscape(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "unknown-escape", "this escape is not known", at: span,
      notes: [#"The escapes are \n \t \r \0 \\ \" and \u{1F600}."#])
  }

  /// A string whose line ends before it does.
  ///
  ///     test "softmax {}
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
