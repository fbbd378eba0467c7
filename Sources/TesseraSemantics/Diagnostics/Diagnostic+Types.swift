import TesseraSource

// What the checker says of types, in alphabetical order. Each factory is named as its identifier.

extension Diagnostic {
  /// `bitcast` reads the same bits as another type, so both have equally many.
  ///
  ///     fn f(x: f32) -> u64 { bitcast(u64, x) }
  static func bitcastWidth(
    _ actual: String, to wanted: String, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "bitcast-width", "the bits of '\(actual)' cannot be read as '\(wanted)'", at: span,
      notes: ["'bitcast' goes between numbers of equal width; '\(wanted)(x)' converts the value."])
  }

  /// One branch of an `if` has a value and the other has none.
  ///
  ///     fn f(c: bool) -> f32 { if c { 1.0 } else { } }
  static func branchWithoutValue(_ type: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "branch-without-value", "one branch gives '\(type)' and the other gives nothing", at: span,
      notes: ["The value of a branch is its last expression."])
  }

  /// Only numbers, and tensors of them, are converted by the name of a type.
  ///
  ///     struct P { x: f32 }
  ///     fn f(p: P) -> f32 { f32(p) }
  static func cannotConvert(
    _ actual: String, to wanted: String, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic("cannot-convert", "'\(actual)' does not convert to '\(wanted)'", at: span)
  }

  /// `if`, `while`, `assert` and `select` decide by a `bool`; numbers are compared first.
  ///
  ///     fn f(n: int) -> int { if n { 1 } else { 0 } }
  static func conditionType(_ actual: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "condition-type", "a condition is a 'bool', not '\(actual)'", at: span,
      notes: ["Compare it: 'x != 0'. Of a tensor say 'any(x)' or 'all(x)'."])
  }

  /// A conversion takes one value.
  ///
  ///     fn f(a: int, b: int) -> f32 { f32(a, b) }
  static func conversionArguments(_ type: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic("conversion-arguments", "'\(type)(…)' converts one value", at: span)
  }

  /// Functions are known while compiling, so only `const` parameters have function types.
  ///
  ///     fn apply(f: fn(f32) -> f32, x: f32) -> f32 { x }
  static func functionTypeOutsideConst(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "function-type-outside-const", "only a 'const' parameter can be a function", at: span,
      notes: ["Write 'const f: fn(f32) -> f32'."])
  }

  /// A literal takes the type of its context, and must be a number of it.
  ///
  ///     fn f() -> u8 { 300 }
  static func literalDoesNotFit(
    _ literal: String, type: String, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic("literal-does-not-fit", "\(literal) is no '\(type)'", at: span)
  }

  /// An integer is asked for, and a number with a fraction is written. Convert it, or write
  /// an integer.
  ///
  ///     fn f(n: int) -> int { n + 1.5 }
  static func literalHasFraction(
    _ literal: String, type: String, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "literal-has-fraction", "\(literal) is no '\(type)', which asks for an integer here",
      at: span)
  }

  /// A number stands where a truth is asked for. Truths are `true` and `false`.
  ///
  ///     fn f() -> bool { 1 }
  static func literalIsNoBool(_ literal: String, at span: SourceSpan) -> Diagnostic {
    var diagnostic = Diagnostic("literal-is-no-bool", "\(literal) is no 'bool'", at: span)
    if let truth = ["0": "false", "1": "true"][literal] {
      diagnostic.fixIts = [FixIt("write '\(truth)'", replacing: span, with: truth)]
    }
    return diagnostic
  }

  /// The operands have different types. Nothing is converted unasked, for a conversion may round.
  ///
  ///     fn f(x: f32, n: int) -> f32 { x * n }
  static func mixedOperands(
    _ operation: String, _ left: String, _ right: String, fixIts: [FixIt],
    left leftSpan: SourceSpan, right rightSpan: SourceSpan, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "mixed-operands", "'\(operation)' takes operands of one type, not '\(left)' and '\(right)'",
      at: span, labels: [Label("'\(left)'", at: leftSpan), Label("'\(right)'", at: rightSpan)],
      notes: ["Types are converted only where the program says so."], fixIts: fixIts)
  }

  /// Expressions or types stand inside each other too deeply.
  ///
  ///     fn f(x: f32) -> f32 { ((((x)))) }   // some hundred levels more
  static func nestedTooDeeply(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "nested-too-deeply", "this is nested too deeply", at: span,
      notes: ["Give the inner parts names with 'let'."])
  }

  /// The elements of tensors, and what pointers point to, are scalars; the elements of tensors may
  /// be structs or tuples of scalars too.
  ///
  ///     fn f(x: *string) { }
  static func notAScalarType(
    _ type: String, of owner: String, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "not-a-scalar-type", "'\(type)' cannot be the element of \(owner)", at: span)
  }

  /// The text of an assertion is a string in quotation marks.
  ///
  ///     fn f(n: int) { assert n > 0, n }
  static func notAString(at span: SourceSpan) -> Diagnostic {
    Diagnostic("not-a-string", "the text of an assertion is a string: \"…\"", at: span)
  }

  /// The name of a value or function stands where a type is needed.
  ///
  ///     const N: int = 4
  ///     fn f(x: N) { }
  static func notAType(_ name: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic("not-a-type", "'\(name)' is no type", at: span)
  }

  /// The end of a range, the extent of a grid and the like are integers.
  ///
  ///     fn f(x: f32) { for i in 0..x { } }
  static func notAnInteger(_ actual: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic("not-an-integer", "an integer is needed here, not '\(actual)'", at: span)
  }

  /// The language describes the construct, and this version of the compiler does not compile it.
  ///
  ///     fn slope(x: f32) -> f32 { grad(square)(x) }
  static func notSupportedYet(_ construct: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic("not-supported-yet", "\(construct) is not compiled yet", at: span)
  }

  /// The operation is not defined for values of this type.
  ///
  ///     fn f(a: bool, b: bool) -> bool { a * b }
  static func operandType(
    _ operation: String, _ actual: String, notes: [String] = [], at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "operand-type", "'\(operation)' is not defined for '\(actual)'", at: span, notes: notes)
  }

  /// A value of another type stands where a certain type is needed. Nothing is converted unasked.
  ///
  ///     fn f(n: int) -> f32 { n }
  static func typeMismatch(
    _ actual: String, wanted: String, fixIts: [FixIt], labels: [Label], at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "type-mismatch", "'\(wanted)' is needed here, not '\(actual)'", at: span, labels: labels,
      fixIts: fixIts)
  }

  /// A value is computed and nothing uses it.
  ///
  ///     fn f(x: f32) -> f32 { exp(x); x }
  static func valueWithoutUse(_ type: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "value-without-use", "nothing uses this '\(type)'", at: span,
      notes: ["Return it, name it with 'let', or remove it; functions have no hidden effects."])
  }

  /// A type parameter asks for a kind: `any`, `number`, `integer`, `float`, `struct` or
  /// `sequence`.
  ///
  ///     struct Box<T: float> { x: T }
  ///     fn f(b: Box<int>) { }
  static func wrongKind(_ type: String, kind: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "wrong-kind", "'\(type)' is not of the kind '\(kind)' that the parameter asks for", at: span)
  }

  /// The number of names and the number of values differ.
  ///
  ///     fn f(x: f32) -> f32 { let (a, b) = (x, x, x); a + b }
  static func wrongPartCount(
    expected: Int, _ actual: String, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "wrong-part-count", "\(expected) values are needed here, not '\(actual)'", at: span)
  }
}

extension FixIt {
  /// The fix-it that converts the expression at `span` to the type spelled `type`.
  static func convert(_ span: SourceSpan, to type: String) -> FixIt {
    FixIt("convert with '\(type)(…)'", enclosing: span, in: "\(type)(", ")")
  }
}
