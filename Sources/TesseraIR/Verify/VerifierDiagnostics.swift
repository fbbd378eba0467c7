import TesseraSource

/// What can be wrong with a module that was built or parsed; `verify(_:stage:)` lists it.
///
/// Factories without a span are placed by `Verifier.fail(_:_:)`.
extension Diagnostic {
  /// An attribute does not fit its operation or type: `dimension %x {7}` of a matrix.
  static func irAttribute(_ message: String) -> Diagnostic {
    Diagnostic(.error, "ir-attribute", message, at: .none)
  }

  /// A call does not fit the function that it names.
  static func irCall(_ message: String) -> Diagnostic {
    Diagnostic(.error, "ir-call", message, at: .none)
  }

  /// A value is used where its definition is not around: after its region ended, or before it.
  static func irNotVisible(_ name: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(.error, "ir-not-visible", "\(name) is not defined on the way to here", at: span)
  }

  /// An operation has more or fewer operands: `add %a`.
  static func irOperandCount(_ spelling: String, _ wanted: String, _ found: Int) -> Diagnostic {
    Diagnostic(
      .error, "ir-operand-count", "'\(spelling)' takes \(wanted) operands, not \(found)", at: .none)
  }

  /// An operand has another type: `add %f32, %f64`.
  static func irOperandType(
    _ spelling: String, _ position: Int, _ wanted: String, _ found: Type
  ) -> Diagnostic {
    Diagnostic(
      .error, "ir-operand-type",
      "operand \(position + 1) of '\(spelling)' must be \(wanted), not \(found)", at: .none)
  }

  /// An operation has regions that its kind has not, or lacks one.
  static func irRegionCount(_ spelling: String, _ found: Int) -> Diagnostic {
    Diagnostic(.error, "ir-region-count", "'\(spelling)' does not have \(found) regions", at: .none)
  }

  /// A region takes other parameters than its operation gives.
  static func irRegionParameters(_ spelling: String, _ wanted: [Type]) -> Diagnostic {
    Diagnostic(
      .error, "ir-region-parameters",
      "the region of '\(spelling)' must take \(listed(wanted))", at: .none)
  }

  /// An operation gives more or fewer results.
  static func irResultCount(_ spelling: String, _ wanted: Int, _ found: Int) -> Diagnostic {
    Diagnostic(
      .error, "ir-result-count", "'\(spelling)' gives \(wanted) results, not \(found)", at: .none)
  }

  /// A function has the name of one that a pass will make.
  static func irReservedName(_ name: String, of other: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "ir-reserved-name", "'@\(name)' is what 'schedule' makes of '@\(other)'", at: span)
  }

  /// A result has another type: `less %a, %b : f32`.
  static func irResultType(
    _ spelling: String, _ position: Int, _ wanted: String, _ found: Type
  ) -> Diagnostic {
    Diagnostic(
      .error, "ir-result-type",
      "result \(position + 1) of '\(spelling)' must be \(wanted), not \(found)", at: .none)
  }

  /// A parameter that is no buffer is said to be written: `%x: output f32`.
  static func irRole(_ role: String, _ type: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(.error, "ir-role", "a parameter of type \(type) cannot be \(role)", at: span)
  }

  /// An operation or type has no place in the stage: a tensor after scheduling.
  static func irStage(_ what: String, _ stage: String) -> Diagnostic {
    Diagnostic(.error, "ir-stage", "\(what) does not occur in the stage '\(stage)'", at: .none)
  }

  /// The tables of a function contradict each other; text cannot say so, only code can.
  static func irStructure(_ message: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(.error, "ir-structure", message, at: span)
  }

  /// A region does not end as it must.
  static func irTerminator(_ message: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(.error, "ir-terminator", message, at: span)
  }

  /// A type cannot be: `vector f32 x 3`.
  static func irType(_ message: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(.error, "ir-type", message, at: span)
  }

  /// A region gives other types than its operation asks for.
  static func irYield(_ spelling: String, _ wanted: [Type]) -> Diagnostic {
    Diagnostic(
      .error, "ir-yield", "'\(spelling)' must give \(listed(wanted)) here", at: .none)
  }
}

private func listed(_ types: [Type]) -> String {
  types.isEmpty ? "nothing" : types.map(\.description).joined(separator: ", ")
}
