import TesseraSource

// What the parser may say, in alphabetical order. Each factory is named as its identifier.

extension Diagnostic {
  /// A single `=` in a condition.
  ///
  ///     if a = b { c }
  static func assignmentInCondition(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "assignment-in-condition", "'=' does not compare", at: span,
      fixIts: [FixIt("compare with '=='", [FixIt.Edit(span, "==")])])
  }

  /// A comparison of the result of a comparison; `middle` is what both compare.
  ///
  ///     0 <= i < n
  static func chainedComparison(
    _ sign: String, at span: SourceSpan, first: SourceSpan, middle: (String, SourceSpan)?
  ) -> Diagnostic {
    var diagnostic = Diagnostic(
      "chained-comparison", "comparisons do not chain", at: span,
      labels: [Label("the first comparison", at: first)],
      notes: ["'\(sign)' would compare the truth of the first comparison."])
    if let (text, place) = middle {
      let end = SourceSpan(file: place.file, start: place.end, end: place.end)
      diagnostic.fixIts = [
        FixIt("compare twice", [FixIt.Edit(end, " and \(text)")])
      ]
    }
    return diagnostic
  }

  /// A body that is missing.
  ///
  ///     fn f(x: f32) -> f32
  static func expectedBlock(
    _ owner: String, found: String, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic("expected-block", "expected '{' and the body of \(owner), not \(found)", at: span)
  }

  /// A clause of a query without its `by`.
  ///
  ///     order price
  static func expectedBy(
    after word: String, found: String, at span: SourceSpan
  ) -> Diagnostic {
    let place = SourceSpan(file: span.file, start: span.start, end: span.start)
    return Diagnostic(
      "expected-by", "expected 'by' after '\(word)', not \(found)", at: span,
      fixIts: [FixIt("insert 'by'", [FixIt.Edit(place, "by ")])])
  }

  /// Something in a query that begins no clause.
  ///
  ///     query q(t: T) { from t }
  static func expectedClause(found: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "expected-clause", "expected a clause of the query, not \(found)", at: span,
      notes: ["The clauses are scan, where, select, group by, aggregate, order by and limit."])
  }

  /// Something at the top level that declares nothing.
  ///
  ///     let x = 1
  static func expectedDeclaration(
    found: String, kind: TokenKind, at span: SourceSpan
  ) -> Diagnostic {
    var diagnostic = Diagnostic(
      "expected-declaration", "expected a declaration, not \(found)", at: span)
    if let word = foreignWords[found] {
      diagnostic.fixIts = [FixIt("write '\(word)'", [FixIt.Edit(span, word)])]
    } else if kind == .let || kind == .var {
      diagnostic.notes = ["Statements stand inside functions; at the top level there are constants."]
    }
    return diagnostic
  }

  /// A place for a value that holds none.
  ///
  ///     let x = * 2
  static func expectedExpression(found: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic("expected-expression", "expected an expression, not \(found)", at: span)
  }

  /// A `fold` without its start and function.
  ///
  ///     fold[k] x[k]
  static func expectedFoldArguments(found: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "expected-fold-arguments", "expected '(' with the start and the function of 'fold', not \(found)",
      at: span, notes: ["A fold is written fold[k](0.0, (a, v) => a + v) x[k]."])
  }

  /// Something before `=>` that names no parameter.
  ///
  ///     (a + b) => a
  static func expectedLambdaParameters(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "expected-lambda-parameters", "expected the names of parameters before '=>'", at: span,
      notes: ["A function is written (a, b) => a + b."])
  }

  /// A place for a name that holds none; `what` is what would be named.
  ///
  ///     fn (x: f32) { x }
  static func expectedName(_ what: String, found: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic("expected-name", "expected the name of \(what), not \(found)", at: span)
  }

  /// A type in brackets that says nothing about its length.
  ///
  ///     fn f(x: [f32]) { 0 }
  static func expectedSequenceLength(found: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "expected-sequence-length", "expected ';' and a length, or 'for', not \(found)", at: span,
      notes: ["Sequences are written [T; n] or [T for i in a..b], tensors T[n]."])
  }

  /// A sign or word that the grammar demands; `purpose` completes the sentence.
  ///
  ///     for i 0..n {}
  static func expectedToken(
    _ kind: TokenKind, _ purpose: String, found: String, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic("expected-token", "expected '\(kind.rawValue)' \(purpose), not \(found)", at: span)
  }

  /// A place for a type that holds none.
  ///
  ///     fn f(x: 3) { x }
  static func expectedType(found: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic("expected-type", "expected a type, not \(found)", at: span)
  }

  /// An operator of another language.
  ///
  ///     a && b
  static func foreignOperator(_ sign: String, at span: SourceSpan) -> Diagnostic {
    let word = ["&&": "and", "||": "or", "!": "not "][sign]
    guard let word else {
      return Diagnostic(
        "foreign-operator", "'\(sign)' is not an operator here", at: span,
        notes: ["A power is written pow(x, n)."])
    }
    let name = word == "not " ? "not" : word
    return Diagnostic(
      "foreign-operator", "'\(sign)' is not an operator here", at: span,
      fixIts: [FixIt("write '\(name)'", [FixIt.Edit(span, word)])])
  }

  /// Generic arguments where `<` compares.
  ///
  ///     zeros<f32>(n)
  static func genericArgumentsInExpression(_ name: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "generic-arguments-in-expression", "'<' compares in an expression", at: span,
      notes: [
        "Generic arguments of '\(name)' are inferred, or passed by label when they are constants.",
        "A type is an argument: zeros(f32[M, N]).",
      ])
  }

  /// An integer that needs more than 64 bits.
  ///
  ///     let n = 99999999999999999999
  static func integerTooLarge(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "integer-too-large", "this integer needs more than 64 bits", at: span,
      notes: ["The greatest is 18446744073709551615."])
  }

  /// A bracket that is not closed.
  ///
  ///     f(a, b
  static func missingClosing(
    _ closing: TokenKind, opening: SourceSpan, openingText: String, found: String,
    at span: SourceSpan, insertion: SourceSpan?
  ) -> Diagnostic {
    let sign = closing.rawValue
    var diagnostic = Diagnostic(
      "missing-closing", "expected '\(sign)', not \(found)", at: span,
      labels: [Label("closes this '\(openingText)'", at: opening)])
    if let insertion {
      diagnostic.fixIts = [FixIt("insert '\(sign)'", [FixIt.Edit(insertion, sign)])]
    }
    return diagnostic
  }

  /// A `reduce` that does not say how it combines.
  ///
  ///     reduce[i] x[i]
  static func missingCombiner(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "missing-combiner", "'reduce' needs a combiner", at: span,
      notes: ["It is written reduce[i by f] x[i], where f is a combiner."])
  }

  /// A kernel without a grid.
  ///
  ///     kernel k(x: f32[4]) { }
  static func missingGrid(found: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "missing-grid", "expected 'over (…)' and the grid of the kernel, not \(found)", at: span,
      notes: ["A grid is written over (m in tiles(M, 64), h in H)."])
  }

  /// A combiner without identity.
  ///
  ///     combiner add(a: f32, b: f32) -> f32 { a + b }
  static func missingIdentity(found: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "missing-identity", "expected 'from' and the identity of the combiner, not \(found)", at: span,
      notes: ["The identity is the reduction of nothing: 0 of +, 1 of *, -inf of max."])
  }

  /// Two statements or declarations on one line.
  ///
  ///     let a = 1 let b = 2
  static func missingSeparator(
    found: String, at span: SourceSpan, insertion: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "missing-separator", "expected a new line or ';' before \(found)", at: span,
      fixIts: [FixIt("insert ';'", [FixIt.Edit(insertion, ";")])])
  }

  /// A combiner in a reduction that has one already.
  ///
  ///     sum[i by f] x[i]
  static func misplacedCombiner(_ word: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "misplaced-combiner", "'\(word)' has a combiner already", at: span,
      notes: ["A combiner of one's own is used by reduce[i by f] x[i]."])
  }

  /// `export` or `private` where it means nothing.
  ///
  ///     export test "t" {}
  static func misplacedModifier(_ word: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "misplaced-modifier", "'\(word)' has no meaning for this declaration", at: span,
      notes: ["Functions and kernels are exported; what is exported is not private."])
  }

  /// Nesting beyond the limit of the parser.
  static func nestingTooDeep(limit: Int, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "nesting-too-deep", "this is nested too deeply to be read", at: span,
      notes: [
        "Expressions, types and blocks nest up to \(limit) levels; the rest of the file is skipped."
      ])
  }

  /// An assignment to something that is no place.
  ///
  ///     f(x) = 1
  static func notAssignable(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "not-assignable", "this cannot be assigned to", at: span,
      notes: ["Names, fields, elements and slices can, and tuples of these."])
  }

  /// A range without upper end.
  ///
  ///     x[1..]
  static func openEndedRange(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "open-ended-range", "this range has no upper end", at: span,
      notes: ["'..b' is the index pack b, so ranges write both ends: 1..N."])
  }

  /// A range of an index where no index is declared.
  ///
  ///     let y = x[i in 0..4]
  static func rangeOutsideDefinition(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "range-outside-definition", "an index is declared here, but nothing is defined", at: span,
      notes: ["Ranges stand on the left of a definition, y[i in a..b] = …, or in a reduction."])
  }

  /// A reduction directly after `/` or `%`; `extent` is what it would reduce.
  ///
  ///     y[i] = a[i] / sum[k] b[k] * c[k]
  static func reductionAfterDivision(
    _ span: SourceSpan, _ operation: BinaryOperator, extent: SourceSpan
  ) -> Diagnostic {
    let start = SourceSpan(file: extent.file, start: extent.start, end: extent.start)
    let end = SourceSpan(file: extent.file, start: extent.end, end: extent.end)
    return Diagnostic(
      "reduction-after-division", "a reduction after '\(operation.rawValue)' needs parentheses",
      at: span, notes: ["A reduction takes the whole product to its right."],
      fixIts: [
        FixIt("put the reduction in parentheses", [FixIt.Edit(start, "("), FixIt.Edit(end, ")")])
      ])
  }

  /// `export export` and the like.
  ///
  ///     private private fn f() { 0 }
  static func repeatedModifier(_ word: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic("repeated-modifier", "'\(word)' is written twice", at: span)
  }

  /// A reserved word as the name of `what`.
  ///
  ///     let sum = 0
  static func reservedWord(_ word: String, _ what: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "reserved-word", "'\(word)' is a word of the language and cannot name \(what)", at: span)
  }

  /// A step behind something that is no range.
  ///
  ///     for i in n by 2 {}
  static func stepWithoutRange(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "step-without-range", "a step needs a range", at: span,
      notes: ["It is written a..b by s."])
  }

  /// A statement that computes a value and drops it; `moving` is the text from the end of the
  /// statement before to the operand of a leading `-`.
  ///
  ///     let y = a
  ///     - b
  ///     y
  static func unusedValue(at span: SourceSpan, moving gap: SourceSpan?) -> Diagnostic {
    var diagnostic = Diagnostic("unused-value", "this value is not used", at: span)
    if let gap {
      diagnostic.notes = ["A line that begins with '-' is a new statement."]
      let end = SourceSpan(file: gap.file, start: gap.start, end: gap.start)
      let sign = SourceSpan(file: gap.file, start: span.start, end: gap.end)
      diagnostic.fixIts = [
        FixIt("move the operator up", [FixIt.Edit(end, " -"), FixIt.Edit(sign, "")])
      ]
    }
    return diagnostic
  }

  /// Words of other languages, as they are found, and ours.
  private static var foreignWords: [String: String] {
    [
      "'func'": "fn", "'def'": "fn", "'function'": "fn", "'fun'": "fn",
      "'class'": "struct", "'record'": "struct", "'use'": "import", "'from'": "import",
    ]
  }
}
