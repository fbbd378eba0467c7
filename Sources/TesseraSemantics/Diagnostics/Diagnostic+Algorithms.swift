import TesseraSource

// What the checker says of `@algorithm`, in alphabetical order. Each factory is named as its
// identifier.

extension Diagnostic {
  /// `@algorithm` takes the names of algorithms, each after a point.
  ///
  ///     @algorithm("winograd2") fn f<N>(x: f32[N]) -> f32 { sum[i] x[i] }
  static func algorithmNames(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "algorithm-names", "'@algorithm' takes names of algorithms", at: span,
      notes: ["Write them as in '@algorithm(.\(NamedAlgorithm.winograd2.rawValue))'."])
  }

  /// `@algorithm` stands before functions and exports, whose reductions it speaks of.
  ///
  ///     @algorithm(.winograd2) struct S { x: f32 }
  static func algorithmNeedsFunction(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "algorithm-needs-function", "'@algorithm' stands before a function or an export of one",
      at: span)
  }

  /// `@algorithm` names what is no algorithm.
  ///
  ///     @algorithm(.strassen) fn f<N>(x: f32[N]) -> f32 { sum[i] x[i] }
  static func unknownAlgorithm(_ name: String, at span: SourceSpan) -> Diagnostic {
    let known = NamedAlgorithm.allCases.map { "'.\($0.rawValue)'" }
    return Diagnostic(
      "unknown-algorithm", "there is no algorithm '\(name)'", at: span,
      notes: ["The algorithms are \(list(known, joinedBy: "and"))."])
  }
}
