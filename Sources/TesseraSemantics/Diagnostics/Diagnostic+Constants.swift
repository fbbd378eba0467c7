import TesseraSource

// What the checker says of constants and unrolled code, in alphabetical order. Each factory is
// named as its identifier.

extension Diagnostic {
  /// Computing a constant fails.
  ///
  ///     fn spin(n: int) -> int { if n == 0 { 0 } else { spin(n) } }
  ///     const N: int = spin(1)
  static func constantFails(
    _ what: String, because reason: String, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic("constant-fails", "\(what) cannot be computed: \(reason)", at: span)
  }

  /// The value of a constant uses the constant itself.
  ///
  ///     const N: int = N + 1
  static func constantNeedsItself(_ name: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic("constant-needs-itself", "the value of '\(name)' depends on itself", at: span)
  }

  /// The value is needed while compiling, and depends on what is known only when the program runs.
  ///
  ///     fn f(n: int) -> int { const m = n; m }
  static func notConstant(_ what: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "not-constant", "\(what) has to be known while compiling", at: span,
      notes: ["Constants come from literals, 'const' and calls of functions on them."])
  }

  /// `const for`, `[T; n]` and the like make a copy for each number; there are limits.
  ///
  ///     fn f(x: f32) { const for i in 0..1000000 { } }
  static func tooManyCopies(_ number: Int, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "too-many-copies",
      number < 0 ? "a length cannot be \(number)" : "\(number) copies are too many", at: span,
      notes: ["At most \(Limits.unrolledCopies) are made; a plain 'for' runs any number of times."])
  }
}
