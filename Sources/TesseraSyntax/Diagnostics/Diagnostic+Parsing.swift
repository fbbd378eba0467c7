import TesseraSource

// What the parser may say, in alphabetical order, but for what it expected: that is in a file of its
// own. Each factory is named as its identifier.

extension Diagnostic {
  /// '=' assigns and '==' compares; a condition needs the latter.
  ///
  ///     fn choose(a: int, b: int) -> int { if a = b { 1 } else { 0 } }
  static func assignmentInCondition(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "assignment-in-condition", "'=' does not compare", at: span,
      fixIts: [FixIt("compare with '=='", replacing: span, with: "==")])
  }

  /// A comparison gives a truth, so a second one would compare that. Compare twice and join with
  /// 'and'.
  ///
  ///     fn inside(i: int, n: int) -> bool { 0 <= i < n }
  static func chainedComparison(
    _ sign: String, at span: SourceSpan, first: SourceSpan, middle: (String, SourceSpan)?
  ) -> Diagnostic {
    var diagnostic = Diagnostic(
      "chained-comparison", "comparisons do not chain", at: span,
      labels: [Label("the first comparison", at: first)],
      notes: ["'\(sign)' would compare the truth of the first comparison."])
    if let (text, place) = middle {
      diagnostic.fixIts = [FixIt("compare twice", inserting: " and \(text)", after: place)]
    }
    return diagnostic
  }

  /// The operator belongs to another language. Logic is written and, or, not; powers are written
  /// pow(x, n).
  ///
  ///     fn both(a: bool, b: bool) -> bool { a && b }
  static func foreignOperator(_ sign: String, at span: SourceSpan) -> Diagnostic {
    var diagnostic = Diagnostic(
      "foreign-operator", "'\(sign)' is not an operator here", at: span)
    if let word = ["&&": "and", "||": "or", "!": "not"][sign] {
      // What stands behind '!' may follow it at once.
      let text = word == "not" ? "not " : word
      diagnostic.fixIts = [FixIt("write '\(word)'", replacing: span, with: text)]
    } else {
      diagnostic.notes = ["A power is written pow(x, n)."]
    }
    return diagnostic
  }

  /// In an expression '<' compares. Generic arguments are inferred, constants are passed by
  /// label, and a type is an argument: zeros(f32[4]).
  ///
  ///     fn nothing() -> f32 { zeros<f32>(4) }
  static func genericArgumentsInExpression(_ name: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "generic-arguments-in-expression", "'<' compares in an expression", at: span,
      notes: [
        "Generic arguments of '\(name)' are inferred, or passed by label when they are constants.",
        "A type is an argument: zeros(f32[M, N]).",
      ])
  }

  /// An integer literal fits into 64 bits.
  ///
  ///     const MANY: u64 = 99999999999999999999
  static func integerTooLarge(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "integer-too-large", "this integer needs more than 64 bits", at: span,
      notes: ["The greatest is 18446744073709551615."])
  }

  /// The type of a result stands behind '->'.
  ///
  ///     fn half(x: f32): f32 { x / 2 }
  static func missingArrow(at span: SourceSpan, replacing place: SourceSpan) -> Diagnostic {
    Diagnostic(
      "missing-arrow", "expected '->' before the type of the result", at: span,
      fixIts: [FixIt("write '->'", replacing: place, with: " ->")])
  }

  /// A bracket is opened and not closed.
  ///
  ///     fn half(x: f32) -> f32 {
  ///       max(x / 2, 0
  ///     }
  static func missingClosing(
    _ closing: TokenKind, opening: SourceSpan, openingText: String, found: String,
    at span: SourceSpan, mayGoOn: Bool, insertion: SourceSpan?
  ) -> Diagnostic {
    let sign = closing.rawValue
    let comma = mayGoOn ? "',' or " : ""
    var diagnostic = Diagnostic(
      "missing-closing", "expected \(comma)'\(sign)', not \(found)", at: span,
      labels: [Label("closes this '\(openingText)'", at: opening)])
    if let insertion {
      let text = closing == .rightBrace ? "\n}" : sign
      diagnostic.fixIts = [FixIt("insert '\(sign)'", replacing: insertion, with: text)]
    }
    return diagnostic
  }

  /// 'reduce' names the combiner that it uses: reduce[i by f] x[i].
  ///
  ///     fn total<N>(x: f32[N]) -> f32 { reduce[i] x[i] }
  static func missingCombiner(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "missing-combiner", "'reduce' needs a combiner", at: span,
      notes: ["It is written reduce[i by f] x[i], where f is a combiner."])
  }

  /// A kernel says over which grid its programs run.
  ///
  ///     kernel copy<N>(x: f32[N], out y: f32[N]) {
  ///       y[tile(N)] = x[tile(N)]
  ///     }
  static func missingGrid(found: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "missing-grid", "expected 'over (…)' and the grid of the kernel, not \(found)", at: span,
      notes: ["A grid is written over (m in tiles(M, 64), h in H)."])
  }

  /// A combiner says what the reduction of nothing is.
  ///
  ///     combiner add(a: f32, b: f32) -> f32 { a + b }
  static func missingIdentity(found: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "missing-identity", "expected 'from' and the identity of the combiner, not \(found)",
      at: span,
      notes: ["The identity is the reduction of nothing: 0 of +, 1 of *, -inf of max."])
  }

  /// Two statements or declarations stand on one line. Begin a new line, or write ';' between
  /// them.
  ///
  ///     fn half(x: f32) -> f32 { let y = x / 2 y }
  static func missingSeparator(
    found: String, at span: SourceSpan, notes: [String], insertion: SourceSpan?
  ) -> Diagnostic {
    var diagnostic = Diagnostic(
      "missing-separator", "expected a new line or ';' before \(found)", at: span, notes: notes)
    if let insertion {
      diagnostic.fixIts = [FixIt("insert ';'", replacing: insertion, with: ";")]
    }
    return diagnostic
  }

  /// Only 'reduce' takes a combiner; the other reductions have their own.
  ///
  ///     fn total<N>(x: f32[N]) -> f32 { sum[i by best] x[i] }
  static func misplacedCombiner(_ word: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "misplaced-combiner", "'\(word)' has a combiner already", at: span,
      notes: ["A combiner of one's own is used by reduce[i by f] x[i]."])
  }

  /// 'export' makes a symbol of a function or kernel, 'private' keeps a name in its file; neither
  /// goes with this declaration, or with the other.
  ///
  ///     export test "halves" {}
  static func misplacedModifier(_ word: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "misplaced-modifier", "'\(word)' has no meaning for this declaration", at: span,
      notes: ["Functions and kernels are exported; what is exported is not private."])
  }

  /// Brackets and blocks nest up to a fixed depth, so that no program can exhaust the compiler's
  /// stack. Name a part of the value with 'let'.
  static func nestingTooDeep(limit: Int, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "nesting-too-deep", "this is nested too deeply to be read", at: span,
      notes: [
        "Expressions, types and blocks nest up to \(limit) levels; the rest of the file is skipped."
      ])
  }

  /// The left side of an assignment is a name, a field, an element, a slice, or a tuple of these.
  ///
  ///     fn half(x: f32) {
  ///       f(x) = x / 2
  ///     }
  static func notAssignable(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "not-assignable", "this cannot be assigned to", at: span,
      notes: ["Names, fields, elements and slices can, and tuples of these."])
  }

  /// A range writes both ends. '..b' between brackets is an index pack.
  ///
  ///     fn rest<N>(x: f32[N]) { x[1..] }
  static func openEndedRange(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "open-ended-range", "this range has no upper end", at: span,
      notes: ["'..b' is the index pack b, so ranges write both ends: 1..N."])
  }

  /// 'i in a..b' declares an index, which is possible on the left of a definition and in a
  /// reduction only. A slice is written x[a..b].
  ///
  ///     fn part<N>(x: f32[N]) { let y = x[i in 0..4]; y }
  static func rangeOutsideDefinition(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "range-outside-definition", "an index is declared here, but nothing is defined", at: span,
      notes: ["Ranges stand on the left of a definition, y[i in a..b] = …, or in a reduction."])
  }

  /// A reduction takes the whole product to its right, which after '/' or '%' reads as something
  /// else. Put it in parentheses.
  ///
  ///     fn ratio<N>(a: f32, b: f32[N], c: f32[N]) -> f32 { a / sum[k] b[k] * c[k] }
  static func reductionAfterDivision(
    _ span: SourceSpan, _ operation: BinaryOperator, extent: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "reduction-after-division", "a reduction after '\(operation.rawValue)' needs parentheses",
      at: span, notes: ["A reduction takes the whole product to its right."],
      fixIts: [FixIt("put the reduction in parentheses", enclosing: extent, in: "(", ")")])
  }

  /// A modifier is written once.
  ///
  ///     private private fn half(x: f32) -> f32 { x / 2 }
  static func repeatedModifier(_ word: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic("repeated-modifier", "'\(word)' is written twice", at: span)
  }

  /// The word has a meaning in the language. After a point and before a colon any word may be a
  /// name.
  ///
  ///     fn half(x: f32) -> f32 {
  ///       let sum = x / 2
  ///       x
  ///     }
  static func reservedWord(_ word: String, _ what: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "reserved-word", "'\(word)' is a word of the language and cannot name \(what)", at: span)
  }

  /// 'by' gives the step of a range a..b.
  ///
  ///     fn count_up(n: int) {
  ///       for i in n by 2 { print(i) }
  ///     }
  static func stepWithoutRange(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "step-without-range", "a step needs a range", at: span,
      notes: ["It is written a..b by s."])
  }

  /// The statement computes a value and drops it. A line that begins with '-', '(' or '[' is a
  /// new statement; an operator at the end of the line before continues it.
  ///
  ///     fn difference(a: f32, b: f32) -> f32 {
  ///       let y = a
  ///       - b
  ///       y
  ///     }
  static func unusedValue(at span: SourceSpan, moving gap: SourceSpan?) -> Diagnostic {
    var diagnostic = Diagnostic("unused-value", "this value is not used", at: span)
    if let gap {
      diagnostic.notes = ["A line that begins with '-' is a new statement."]
      let sign = SourceSpan(file: gap.file, start: span.start, end: gap.end)
      diagnostic.fixIts = [
        FixIt("move the operator up", [FixIt.Edit(gap.leadingEdge, " -"), FixIt.Edit(sign, "")])
      ]
    }
    return diagnostic
  }
}
