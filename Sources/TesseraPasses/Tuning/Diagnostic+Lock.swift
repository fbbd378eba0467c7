import TesseraSource

/// What may be wrong with a lock of schedules.
extension Diagnostic {
  /// A function has another signature than when its schedule was measured, so that what was best
  /// then may be bad now.
  ///
  ///     function matmul
  ///       signature matmul<M, N>(a: f32[M, N]) -> (c: f32[M, N])
  static func lockForOtherSignature(
    _ function: String, was: String, is now: String, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "lock-for-other-signature", "'\(function)' has changed since it was tuned", at: span,
      notes: [
        was.isEmpty ? "The lock tells no signature." : "It was '\(was)'.", "It is '\(now)'.",
        "Tune it again, or take it out of the lock.",
      ])
  }

  /// A lock speaks of other targets than the one that code is made for.
  ///
  ///     tess build --target=x86-64-v3 --schedule=measured-on-v4.lock program.tess
  static func lockForOtherTarget(
    _ target: String, _ wanted: String, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "lock-for-other-target", "the lock has no schedule for \(wanted)", at: span,
      notes: [
        "It speaks of \(target), whose vectors and caches are others.",
        "Tune for \(wanted) by 'tess tune --target \(wanted)', or build without the lock.",
      ])
  }

  /// A lock has a schedule for a function that the program does not export.
  ///
  ///     function matmull
  static func lockForUnknownFunction(_ function: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "lock-for-unknown-function", "the program exports no function '\(function)'", at: span,
      notes: ["Take it out of the lock, or tune the function that it has become."])
  }

  /// A line of a lock says nothing that a lock can say.
  ///
  ///     block_depth -5
  static func lockMalformed(
    _ problem: String, _ expectation: String, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "lock-malformed", problem, at: span,
      notes: [expectation.prefix(1).uppercased() + expectation.dropFirst() + "."])
  }
}
