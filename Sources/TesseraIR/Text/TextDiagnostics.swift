import TesseraSource

/// What can be wrong with IR text before it is a module.
extension Diagnostic {
  /// Two functions have one name: `func @f() {…} func @f() {…}`.
  static func irDuplicateFunction(_ name: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "ir-duplicate-function", "a function '@\(name)' stands above already", at: span)
  }

  /// Two values of a function have one name: `%a = … %a = …`.
  static func irDuplicateValue(
    _ name: String, at span: SourceSpan, first: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .error, "ir-duplicate-value", "'%\(name)' names another value already", at: span,
      labels: [Label("the other one", at: first)])
  }

  /// Regions are nested so deeply that no program can be meant.
  static func irNestedTooDeeply(limit: Int, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "ir-nested-too-deeply", "more than \(limit) regions within each other", at: span)
  }

  /// A number has no meaning for the type: `constant {1.5} : i32`.
  static func irNumberForm(_ text: String, _ expected: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(.error, "ir-number-form", "'\(text)' is not \(expected)", at: span)
  }

  /// The text has another form: `func f() {}`.
  static func irSyntax(expected: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(.error, "ir-syntax", "expected \(expected)", at: span)
  }

  /// No operation is spelled so: `%a = plus %x, %y : f32`.
  static func irUnknownOperation(_ spelling: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(.error, "ir-unknown-operation", "there is no operation '\(spelling)'", at: span)
  }

  /// A value is used before, or without, its definition.
  static func irUnknownValue(_ name: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(.error, "ir-unknown-value", "no value '%\(name)' is defined above", at: span)
  }
}
