import TesseraIR

extension Pass {
  /// Every pass, in alphabetical order; `--passes` and its help come from here.
  public static let all: [Pass] = [
    .layoutAssignment,
    .copyPropagation,
    .commonSubexpressionElimination,
    .deadCodeElimination,
    .constantFolding,
    .fusion,
    .inlining,
    .programJoining,
    .sumJoining,
    .loopInvariantCodeMotion,
    .mathExpansion,
    .memoryPlan,
    .reductionOrder,
    .prepare,
    .unusedFunctionRemoval,
    .algebraicRules,
    .conditionalConstantPropagation,
    .schedule,
    .codeSharing,
    .controlSimplification,
    .axisSplitting,
    .productSplitting,
    .tailCalls,
    .unrolling,
    .wholeUpdates,
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

  // Calls in tail position use no stack at any level, since programs rely on it.
  private static let atLevel0 = Pipeline([
    .unusedFunctionRemoval,
    .tailCalls,
    .schedule,
    .mathExpansion,
  ])

  private static let atLevel1 = Pipeline([
    .unusedFunctionRemoval,
    .inlining,
    .unusedFunctionRemoval,
    .algebraicRules,
    .controlSimplification,
    .commonSubexpressionElimination,
    .deadCodeElimination,
    .tailCalls,
    .schedule,
    .unusedFunctionRemoval,
    .prepare,
    .memoryPlan,
    .codeSharing,
    .mathExpansion,
  ])

  private static let atLevel2 = Pipeline([
    // One function a network.
    .unusedFunctionRemoval,
    .inlining,
    .unusedFunctionRemoval,
    // Less of it.
    .algebraicRules,
    .copyPropagation,
    .controlSimplification,
    .commonSubexpressionElimination,
    .deadCodeElimination,
    // Recursion becomes loops, loops become simpler.
    .tailCalls,
    .conditionalConstantPropagation,
    .controlSimplification,
    .loopInvariantCodeMotion,
    // Tiles become what they cover.
    .sumJoining,
    .programJoining,
    .unrolling,
    // What all that has laid open.
    .algebraicRules,
    .commonSubexpressionElimination,
    .deadCodeElimination,
    // Fewer tensors, and more contractions.
    .wholeUpdates,
    .fusion,
    .productSplitting,
    .axisSplitting,
    .layoutAssignment,
    .commonSubexpressionElimination,
    .deadCodeElimination,
    .reductionOrder,
    .schedule,
    .unusedFunctionRemoval,
    // Only the borders that there are.
    .algebraicRules,
    .controlSimplification,
    .commonSubexpressionElimination,
    .deadCodeElimination,
    .prepare,
    .memoryPlan,
    // One function a kind of layer.
    .codeSharing,
    .mathExpansion,
    // What schedules and mathematics left in loops.
    .loopInvariantCodeMotion,
  ])
}
