import TesseraSource

// What the checker says of structs and sequences, in alphabetical order. Each factory is named as
// its identifier.

extension Diagnostic {
  /// The field exists only under its condition, which does not hold for this struct.
  ///
  ///     struct S<const N: int> { x: f32 if N > 1 }
  ///     fn f(s: S<1>) -> f32 { s.x }
  static func absentField(
    _ field: String, of type: String, condition: String, declared: SourceSpan, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "absent-field", "'\(type)' has no field '\(field)'", at: span,
      labels: labels("it exists only if '\(condition)'", at: declared),
      notes: ["Use it under 'const if \(condition)'."])
  }

  /// A struct has two fields of one name whose conditions both hold.
  ///
  ///     struct S { x: f32, x: int }
  ///     fn f(s: S) { }
  static func duplicateField(
    _ field: String, earlier: SourceSpan, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "duplicate-field", "the field '\(field)' is declared twice", at: span,
      labels: labels("it is declared here first", at: earlier),
      notes: ["Two fields may share a name if their conditions exclude each other."])
  }

  /// The fields of a generic struct are given by label, so that its parameters can be inferred.
  ///
  ///     struct P<T: float> { x: T }
  ///     fn f(x: f32) -> f32 { let p = P(x); p.x }
  static func fieldNeedsLabel(_ name: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "field-needs-label", "the fields of '\(name)' are given by label", at: span,
      notes: ["Write '\(name)(field: value)'."])
  }

  /// A tuple or sequence has no component at this position.
  ///
  ///     fn f(p: (f32, f32)) -> f32 { p.2 }
  static func noSuchPosition(
    _ position: Int, count: Int, of type: String, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "no-such-position", "'\(type)' has no component \(position)", at: span,
      notes: [
        count == 0
          ? "It has no components." : "It has \(count), counted from 0."
      ])
  }

  /// A struct contains itself, so it would have no end.
  ///
  ///     struct List { head: f32, tail: List }
  ///     fn f(l: List) { }
  static func recursiveStructure(_ name: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic("recursive-structure", "'\(name)' contains itself without end", at: span)
  }

  /// A sequence grows in code that runs an unknown number of times.
  ///
  ///     fn f(c: bool) -> int { var s = (1, 2); if c { s = s + (3,) }; 0 }
  static func sequenceGrowsInLoop(
    _ name: String, declared: SourceSpan, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "sequence-grows-in-loop", "'\(name)' changes its length where the number of runs is unknown",
      at: span, labels: labels("'\(name)' is declared here", at: declared),
      notes: ["Sequences grow in straight-line code and in 'const for' only."])
  }

  /// A sequence is indexed by one constant.
  ///
  ///     fn f(s: (f32, f32), t: f32) -> f32 { s[0, 1] }
  static func sequenceIndex(at span: SourceSpan) -> Diagnostic {
    Diagnostic("sequence-index", "a sequence is indexed by one constant", at: span)
  }

  /// The elements of a sequence may have different types, so the loop is unrolled.
  ///
  ///     fn f(s: (f32, f32)) { for x in s { } }
  static func sequenceNeedsConstFor(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "sequence-needs-const-for", "a sequence is walked with 'const for'", at: span,
      fixIts: [FixIt("write 'const for'", inserting: "const ", before: span)])
  }

  /// Structs, tuples and sequences inside each other multiply; there are limits to the parts of a
  /// value.
  ///
  ///     fn f(x: [[f32; 1000]; 1000]) -> f32 { x[0][0] }
  static func tooManyParts(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "too-many-parts", "this has more than \(Limits.parts) parts", at: span,
      notes: ["Parts are the fields and elements of all that is inside; a tensor is one part."])
  }

  /// The struct or tuple has no such field.
  ///
  ///     struct P { x: f32 }
  ///     fn f(p: P) -> f32 { p.y }
  static func unknownField(
    _ field: String, of type: String, fields: [String], at span: SourceSpan
  ) -> Diagnostic {
    let near = fields.filter { EditDistance.isClose($0, field) }
    return Diagnostic(
      "unknown-field", "'\(type)' has no field '\(field)'", at: span,
      notes: fields.isEmpty || fields.count > 12
        ? [] : ["It has \(list(fields.map { "'\($0)'" }, joinedBy: "and"))."],
      fixIts: replacement(near, at: span))
  }
}
