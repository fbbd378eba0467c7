import TesseraSource

// What the checker may say about data of tests, in alphabetical order.

extension Diagnostic {
  /// A file of data, and what is read from it, are named by texts.
  ///
  ///     test "reads" { let g = data(1) }
  static func dataArguments(_ form: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic("data-arguments", "data is named by a text: \(form)", at: span)
  }

  /// A file of data, or a tensor in it, is missing or has another type. The test is compiled all
  /// the same, and fails when it runs.
  ///
  ///     test "reads" { let x = data("missing.safetensors").tensor("in.x", f32[2]) }
  static func dataMissing(
    _ path: String, _ problems: [String], at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .warning, "data-missing", "'\(path)' does not give this value", at: span,
      notes: Array(problems.prefix(8)))
  }

  /// What is read from a file of data has the type that the program says.
  ///
  ///     test "reads" { let x = data("file.safetensors").tensor("in.x") }
  static func dataNeedsType(_ word: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "data-needs-type", "the type of what is read here is not known", at: span,
      notes: [
        word == "struct"
          ? "Write it where the value is bound: let p: Conv<1, 2, 3> = g.struct(\"param\")."
          : "Write it behind the key: g.tensor(\"in.x\", f32[2, 3])."
      ])
  }

  /// Files are read in tests, benches and at the prompt only; a function takes its data as
  /// parameters.
  ///
  ///     fn weights() -> f32[2] { data("file.safetensors").tensor("w", f32[2]) }
  static func dataOutsideTest(at span: SourceSpan) -> Diagnostic {
    Diagnostic("data-outside-test", "only tests and benches read files", at: span)
  }
}
