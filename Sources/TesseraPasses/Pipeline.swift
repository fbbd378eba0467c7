import TesseraIR
import TesseraSource

extension Pass {
  /// Every pass, in alphabetical order; `--passes` and its help come from here.
  public static let all: [Pass] = [
    .schedule,
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
