import TesseraSource

// What the parser expected and did not find, in alphabetical order.

extension Diagnostic {
  /// A body in braces is missing.
  ///
  ///     fn half(x: f32) -> f32
  static func expectedBlock(
    _ owner: String, found: String, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic("expected-block", "expected '{' and the body of \(owner), not \(found)", at: span)
  }

  /// 'group' and 'order' are followed by 'by'.
  ///
  ///     query cheap(t: Part) {
  ///       scan t
  ///       order price
  ///     }
  static func expectedBy(
    after word: String, found: String, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "expected-by", "expected 'by' after '\(word)', not \(found)", at: span,
      fixIts: [FixIt("insert 'by'", inserting: "by ", before: span)])
  }

  /// A query consists of the clauses scan, where, select, group by, aggregate, order by and
  /// limit, in the order in which they work.
  ///
  ///     query cheap(t: Part) {
  ///       from t
  ///       limit 3
  ///     }
  static func expectedClause(found: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "expected-clause", "expected a clause of the query, not \(found)", at: span,
      notes: ["The clauses are scan, where, select, group by, aggregate, order by and limit."])
  }

  /// At the top level of a file stand declarations only: fn, kernel, struct, combiner, const,
  /// export, test, bench, table and query.
  ///
  ///     func half(x: f32) -> f32 { x / 2 }
  static func expectedDeclaration(
    found: String, kind: TokenKind, at span: SourceSpan
  ) -> Diagnostic {
    var diagnostic = Diagnostic(
      "expected-declaration", "expected a declaration, not \(found)", at: span)
    if let word = foreignWords[found] {
      diagnostic.fixIts = [FixIt("write '\(word)'", replacing: span, with: word)]
    } else if found == "'module'" {
      diagnostic.notes = ["The name of the module stands first in its file."]
    } else if kind == .let || kind == .var {
      diagnostic.notes = [
        "Statements stand inside functions; at the top level there are constants."
      ]
    }
    return diagnostic
  }

  /// A value is missing, or something stands in its place that has none.
  ///
  ///     fn half(x: f32) -> f32 { x / }
  static func expectedExpression(found: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic("expected-expression", "expected an expression, not \(found)", at: span)
  }

  /// A fold takes its start and its function in parentheses behind the indices.
  ///
  ///     fn total<N>(x: f32[N]) -> f32 { fold[k] x[k] }
  static func expectedFoldArguments(found: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "expected-fold-arguments",
      "expected '(' with the start and the function of 'fold', not \(found)",
      at: span, notes: ["A fold is written fold[k](0.0, (a, v) => a + v) x[k]."])
  }

  /// Before '=>' stand names in parentheses, or one name.
  ///
  ///     fn twice(x: f32) -> f32 { apply((a + b) => a, x) }
  static func expectedLambdaParameters(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "expected-lambda-parameters", "expected the names of parameters before '=>'", at: span,
      notes: ["A function is written (a, b) => a + b."])
  }

  /// A declaration, field or option needs a name.
  ///
  ///     fn (x: f32) -> f32 { x }
  static func expectedName(_ what: String, found: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic("expected-name", "expected the name of \(what), not \(found)", at: span)
  }

  /// A type in brackets is a sequence and says how long it is, [T; n] or [T for i in a..b]. A
  /// tensor is T[n].
  ///
  ///     fn first(x: [f32]) -> f32 { x }
  static func expectedSequenceLength(found: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "expected-sequence-length", "expected ';' and a length, or 'for', not \(found)", at: span,
      notes: ["Sequences are written [T; n] or [T for i in a..b], tensors T[n]."])
  }

  /// A sign or word that the grammar demands is missing.
  ///
  ///     fn count_up(n: int) {
  ///       for i 0..n { print(i) }
  ///     }
  static func expectedToken(
    _ kind: TokenKind, _ purpose: String, found: String, at span: SourceSpan,
    insertion: SourceSpan? = nil
  ) -> Diagnostic {
    let sign = kind.rawValue
    var diagnostic = Diagnostic(
      "expected-token", "expected '\(sign)' \(purpose), not \(found)", at: span)
    if let insertion {
      let text = kind == .comma || kind == .colon ? sign : " \(sign)"
      diagnostic.fixIts = [FixIt("insert '\(sign)'", replacing: insertion, with: text)]
    }
    return diagnostic
  }

  /// A type is missing, or something stands in its place that is none.
  ///
  ///     fn half(x: 2) -> f32 { x }
  static func expectedType(found: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic("expected-type", "expected a type, not \(found)", at: span)
  }

  /// Words of other languages, as they are found, and ours.
  private static var foreignWords: [String: String] {
    [
      "'func'": "fn", "'def'": "fn", "'function'": "fn", "'fun'": "fn",
      "'class'": "struct", "'record'": "struct", "'use'": "import", "'from'": "import",
    ]
  }
}
