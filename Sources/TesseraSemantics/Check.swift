import TesseraSource
import TesseraSyntax

/// A parsed file with its place in the program.
public struct SourceModule: Sendable {
  /// The name under which others import it, unless the file states one with `module`.
  public var name: String
  /// What parsing gave.
  public var file: ParsedFile
  /// `true` iff only what the program uses of it is checked, as in the standard library.
  public var isLibrary: Bool

  /// Creates a module.
  public init(name: String, file: ParsedFile, isLibrary: Bool = false) {
    self.name = name
    self.file = file
    self.isLibrary = isLibrary
  }
}

/// What checking gives; there is always a program, of which the correct parts can be used.
public struct CheckResult: Sendable {
  /// The typed program.
  public var program: Program
  /// What is wrong, in order of discovery; without the diagnostics of parsing.
  public var diagnostics: [Diagnostic]
}

/// Runs functions of constants while compiling; injected, so that no import runs back.
public protocol ConstantEvaluator: Sendable {
  /// Runs `function` of `program` on constants, one for each parameter.
  func evaluate(
    _ function: ID<TypedFunction>, arguments: [ConstantValue], in program: Program
  ) -> ConstantEvaluation
}

/// What running a function while compiling gives.
public enum ConstantEvaluation: Sendable {
  case value(ConstantValue)
  /// The run failed; the text completes «… cannot be computed: ».
  case failure(String)
}

/// Reads the files that tests and benches name by `data("…")`; injected, as the checker does no IO.
public protocol DataSource: Sendable {
  /// The tensor called `key` in the file at `path`.
  func tensor(_ key: String, in path: String) -> DataResult
}

/// What reading a tensor gives.
public enum DataResult: Sendable {
  /// A tensor; one without dimensions may also be a single number.
  case value(ConstantValue)
  /// There is none; the text is a sentence without its end.
  case failure(String)
}

/// Resolves names, types and shapes of a program; never fails and never throws.
///
/// Every module that is not a library is checked whole: functions whose only generics are
/// dimensions (or have defaults), exports, tests and benches become instances, and with them all
/// that they call.
public func check(
  modules: [SourceModule], evaluator: (any ConstantEvaluator)? = nil,
  data: (any DataSource)? = nil
) -> CheckResult {
  withLargeStack {
    let checker = Checker(evaluator: evaluator, data: data)
    checker.checkAll(modules)
    return CheckResult(program: checker.program, diagnostics: checker.diagnostics)
  }
}
