import TesseraIR

extension Pass {
  /// Every pass, in alphabetical order; `--passes` and its help come from here.
  public static let all: [Pass] = [
    .copyPropagation,
    .commonSubexpressionElimination,
    .deadCodeElimination,
    .constantFolding,
    .loopInvariantCodeMotion,
    .algebraicRules,
    .schedule,
    .controlSimplification,
  ]

  /// The pass called `name`.
  public static func named(_ name: String) -> Pass? { all.first { $0.name == name } }
}

/// Passes in the order in which they run.
public struct Pipeline: Sendable {
  /// The passes.
  public var passes: [Pass]

  /// Creates a pipeline of `passes`.
  public init(_ passes: [Pass]) { self.passes = passes }
}

/// How hard the compiler tries.
public enum OptimizationLevel: Int, Hashable, Sendable, CaseIterable, Comparable {
  case none, light, standard, full

  public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

extension Pipeline {
  /// What runs by default at `level`, from what lowering makes to what code generation takes.
  public static func standard(_ level: OptimizationLevel) -> Pipeline {
    switch level {
    case .none: atLevel0
    case .light: atLevel1
    case .standard, .full: atLevel2
    }
  }

  private static let atLevel0 = Pipeline([
    .schedule
  ])

  private static let atLevel1 = Pipeline([
    .algebraicRules,
    .controlSimplification,
    .commonSubexpressionElimination,
    .deadCodeElimination,
    .schedule,
  ])

  private static let atLevel2 = Pipeline([
    .algebraicRules,
    .copyPropagation,
    .controlSimplification,
    .commonSubexpressionElimination,
    .deadCodeElimination,
    .loopInvariantCodeMotion,
    .commonSubexpressionElimination,
    .algebraicRules,
    .deadCodeElimination,
    .schedule,
  ])
}
