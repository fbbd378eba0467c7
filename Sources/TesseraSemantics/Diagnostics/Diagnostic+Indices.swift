import TesseraSource

// What the checker says of indices, reads and writes, in alphabetical order. Each factory is named
// as its identifier.

extension Diagnostic {
  /// `argmax` and `argmin` give the place of one index and have no condition.
  ///
  ///     fn f(x: f32[2, 3]) -> int { argmax[i, j] x[i, j] }
  static func argmaxNeedsOneIndex(_ word: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "argmax-needs-one-index", "'\(word)' takes one index and no condition", at: span,
      notes: ["Its result is a place along one axis."])
  }

  /// `clamp`, `wrap` and `reflect` read another element instead, so there has to be one.
  ///
  ///     fn f<N>(x: f32[N], i: int) -> f32 { x[i clamp] }
  static func boundaryNeedsElement(
    _ word: String, _ size: String, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "boundary-needs-element", "'\(word)' needs an element, and '\(size)' may be 0", at: span,
      notes: ["State 'where \(size) >= 1' after the parameters, or read with 'else 0'."])
  }

  /// `else` belongs to the read of one element, and `clamp`, `wrap` and `reflect` to one index; the
  /// ends of a slice are checked once.
  ///
  ///     fn f(x: f32[4]) -> f32[2] { x[0..2 else 0] }
  static func boundaryOnSlice(_ word: String = "else", at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "boundary-on-slice", "a slice has no '\(word)'", at: span,
      notes: ["Read the elements: 'let part[i in 0..n] = x[i + a else 0]'."])
  }

  /// Tensors and sequences have elements; other values have none.
  ///
  ///     fn f(x: f32) -> f32 { x[0] }
  static func cannotIndex(_ type: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic("cannot-index", "'\(type)' has no elements to index", at: span)
  }

  /// The first statement on a named result or a `var` without value defines every element.
  ///
  ///     fn f<N>(x: f32[N]) -> (y: f32[N]) where N >= 1 { let i = 0; y[i] = 1 }
  static func definitionNotTotal(
    _ name: String, variables: [(String, SourceSpan)], at span: SourceSpan
  ) -> Diagnostic {
    var diagnostic = Diagnostic(
      "definition-not-total", "this does not define every element of '\(name)'", at: span,
      notes: ["Define all of it first, for example '\(name) = zeros(…)', then update a part."])
    for (variable, declared) in variables {
      diagnostic.labels += labels("'\(variable)' is a variable, declared here", at: declared)
      diagnostic.notes.append("'\(variable)' stands for its value here, not for an index.")
    }
    return diagnostic
  }

  /// In a definition a written range starts at 0, for it says how many elements there are.
  ///
  ///     fn f(x: f32[4]) -> f32 { let y[i in 1..4] = x[i]; sum(y) }
  static func definitionStartsAtZero(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "definition-starts-at-zero", "the range of a definition starts at 0", at: span,
      notes: ["Shift the reads instead: 'let y[i in 0..3] = x[i + 1]'."])
  }

  /// Writes outside are skipped or clamped; there is no value to give them.
  ///
  ///     fn f<N>(p: int[N], inout y: f32[N]) { y[p[i] else 0] = 1 }
  static func elseOnWrite(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "else-on-write", "a write outside has no value", at: span,
      fixIts: [FixIt("skip it with 'else skip'", replacing: span, with: "skip")])
  }

  /// A read or write is not proved to lie inside, and does not say what holds outside.
  ///
  ///     fn f<N>(x: f32[N]) -> (y: f32[N]) { y[i] = x[i + 1] }
  ///
  /// Conditions prove what they say only of numbers that cannot wrap: `if n >= 0 and n < N - 1`, and
  /// not `if n >= 0 and n + 1 < N`, which holds for the greatest `int`.
  static func indexOutOfBounds(
    _ name: String, index: String?, size: String, isAbove: Bool, isBelow: Bool, isWrite: Bool,
    neutral: String, labels: [Label], lastItem: SourceSpan?, at span: SourceSpan
  ) -> Diagnostic {
    let access = isWrite ? "write" : "read"
    var diagnostic = Diagnostic(
      "index-out-of-bounds", "this \(access) may lie outside '\(name)'", at: span, labels: labels)
    if let index {
      if !isAbove { diagnostic.notes.append("'\(index) >= 0' is not proved.") }
      if !isBelow { diagnostic.notes.append("'\(index) < \(size)' is not proved.") }
    } else {
      diagnostic.notes.append("The index is data, so nothing is known of it but its type.")
    }
    guard let lastItem else {
      diagnostic.notes.append("Put 'clamp' after the index, or state with 'where' what holds.")
      return diagnostic
    }
    let outside = isWrite ? "skip" : neutral
    diagnostic.notes.append(
      isWrite
        ? "Say 'else skip' before the bracket closes, or 'clamp' after the index."
        : "Say what lies outside: 'else \(neutral)' before the bracket closes, or 'clamp' or 'wrap'."
    )
    diagnostic.fixIts = [
      FixIt(
        isWrite
          ? "skip what lies outside with 'else skip'"
          : "read \(neutral) outside with 'else \(neutral)'",
        inserting: " else \(outside)", after: lastItem)
    ]
    return diagnostic
  }

  /// An index never hides another name.
  ///
  ///     fn f<N>(x: f32[N]) -> f32 { let i = 2.0; i * sum[i] x[i] }
  static func indexShadows(
    _ name: String, earlier: SourceSpan, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "index-shadows", "the index '\(name)' would hide another '\(name)'", at: span,
      labels: labels("'\(name)' is declared here", at: earlier),
      notes: ["Give the index another name."])
  }

  /// Indices are of type `int`.
  ///
  ///     fn f(x: f32[4], i: u8) -> f32 { x[i else 0] }
  static func indexType(_ type: String, fixIts: [FixIt], at span: SourceSpan) -> Diagnostic {
    Diagnostic("index-type", "an index is an 'int', not '\(type)'", at: span, fixIts: fixIts)
  }

  /// Targets that are written together are written at the same places.
  ///
  ///     fn f(inout a: f32[4], inout b: f32[4]) { (a[i in 0..3], b[i + 1]) = (1, 2) }
  static func jointPlacesDiffer(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "joint-places-differ", "targets that are written together have the same indices", at: span,
      notes: ["Write a statement for each."])
  }

  /// An index is declared on the left of a definition, or by a reduction.
  ///
  ///     fn f(x: f32[4]) -> f32 { let (a[i], b) = (x, 1.0); b }
  static func misplacedIndexPattern(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "misplaced-index-pattern", "no index can be declared here", at: span,
      notes: ["Indices are declared on the left, 'y[i in 0..4] = …', or by 'sum[i in 0..4] …'."])
  }

  /// A range is no value; it stands between brackets, in binders and in loops.
  ///
  ///     fn f() -> int { 0..4 }
  static func misplacedRange(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "misplaced-range", "a range is no value", at: span,
      notes: ["Ranges stand between brackets, 'x[0..4]', and after 'in'."])
  }

  /// Every read lies inside already, so the boundary says nothing.
  ///
  ///     fn f<N>(x: f32[N]) -> (y: f32[N]) { y[i] = x[i else 0] }
  static func needlessBoundary(_ word: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .remark, "needless-boundary", "'\(word)' is not needed: this always lies inside", at: span)
  }

  /// A new axis exists in reads only.
  ///
  ///     fn f(inout y: f32[4]) { y[.., _] = zeros(f32[4, 1]) }
  static func newAxisOnWrite(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "new-axis-on-write", "'_' makes a new axis, and a write cannot", at: span)
  }

  /// The range of an index is written, or follows from a read in which it stands alone.
  ///
  ///     fn f<N>(x: f32[2 * N]) -> f32 { sum[i] x[2 * i] }
  static func noRange(_ index: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "no-range", "nothing says over what '\(index)' runs", at: span,
      notes: [
        "Write the range, '\(index) in 0..n'; it follows by itself only where '\(index)' stands alone in a read."
      ])
  }

  /// After `in`, and after `for`, stands a range.
  ///
  ///     fn f(n: int) { for i in n { } }
  static func notARange(_ text: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "not-a-range", "'\(text)' is no range", at: span,
      fixIts: [FixIt("start at 0", inserting: "0..", before: span)])
  }

  /// The elements of a tensor are scalars, or structs or tuples of them.
  ///
  ///     fn f(x: f32[4]) -> int { let y[i in 0..2] = x; 0 }
  static func notAnElement(_ type: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "not-an-element", "'\(type)' cannot be the element of a tensor", at: span,
      notes: ["For more axes use more indices: 'let y[i, j] = …'."])
  }

  /// The shape of a definition is a box: the range of one index cannot depend on another.
  ///
  ///     fn f(x: f32[4]) -> f32 { let t[i in 0..4, j in 0..i] = x[i]; 0 }
  static func rangeUsesIndex(_ size: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "range-uses-index", "the size '\(size)' of an axis depends on an index", at: span,
      notes: ["A tensor has rows of one length. Reductions may run over triangles."])
  }

  /// An index stands alone in several reads, which say different ranges.
  ///
  ///     fn f(x: f32[3], y: f32[4]) -> f32 { sum[i] x[i] * y[i] }
  static func rangesDisagree(
    _ index: String, _ firstSize: String, _ secondSize: String, first: SourceSpan,
    second: SourceSpan, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "ranges-disagree", "the ranges of '\(index)' differ", at: span,
      labels: labels("here it runs over '\(firstSize)'", at: first)
        + labels("here it runs over '\(secondSize)'", at: second),
      notes: ["Write the range: '\(index) in 0..n'."])
  }

  /// `argmax` and `argmin` over nothing have no result, so there must be something.
  ///
  ///     fn f<N>(x: f32[N]) -> (y: int[N]) { y[i] = argmax[j in 0..i] x[j] }
  static func reductionMayBeEmpty(_ word: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "reduction-may-be-empty", "'\(word)' may have nothing to choose from", at: span,
      notes: ["Make the range not empty, '0..i + 1', or state it with 'where'."])
  }

  /// `else skip` is for writes; a read needs a value.
  ///
  ///     fn f<N>(x: f32[N]) -> (y: f32[N]) { y[i] = x[i + 1 else skip] }
  static func skipOnRead(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "skip-on-read", "a read cannot be skipped", at: span,
      notes: ["Say what it gives outside: 'else 0'."],
      fixIts: [FixIt("read 0 outside", replacing: span, with: "0")])
  }

  /// A statement has indices of its own or writes whole parts, not both.
  ///
  ///     fn f(p: int[4], inout y: f32[4, 3]) { (y[i, ..], y[i, ..]) = (1, 2) }
  static func sliceWithIndices(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "slice-with-indices", "a statement with indices writes elements, not parts", at: span,
      notes: ["Give this axis an index too."])
  }

  /// A tensor is indexed with as many indices as it has axes; `...` stands for the rest.
  ///
  ///     fn f(x: f32[2, 3]) -> f32[3] { x[0] }
  static func wrongIndexCount(
    _ type: String, expected: Int, given: Int, labels: [Label], at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "wrong-index-count",
      "'\(type)' has \(count(expected, "axis", "axes")), and \(given == 1 ? "1 is" : "\(given) are") indexed",
      at: span, labels: labels, notes: ["'..' takes a whole axis, '...' all the others."])
  }
}
