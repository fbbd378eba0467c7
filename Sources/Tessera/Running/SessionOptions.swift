import TesseraIR
import TesseraPasses

/// How programs are compiled and run.
public struct SessionOptions: Sendable {
  /// What runs a program.
  public enum Engine: String, Sendable, CaseIterable {
    /// Machine code, made in memory.
    case jit
    /// The interpreter: slow, and checks every access.
    case interpreter
  }

  /// What runs programs.
  public var engine = Engine.jit
  /// How hard the compiler tries.
  public var level = OptimizationLevel.standard
  /// Whether floats may be treated as real numbers everywhere.
  public var allowsRelaxedFloats = false
  /// The named algorithms that are asked for wherever the program permits some.
  public var algorithms: Algorithms = []
  /// The number of threads that runs use; 0 for what the environment or the machine says.
  public var threads = 0
  /// The passes that run in place of those of `level`; the interpreter runs none unless told so.
  public var pipeline: Pipeline?
  /// The names of the passes after which `show` is called.
  public var printAfter: Set<String> = []
  /// The schedules that were found by measuring, as the text of a lock and its name; functions that
  /// it does not name are scheduled as usual.
  public var lock: (name: String, bytes: [UInt8])?
  /// `true` iff diagnostics should tell what became of each statement: schedules, vectors, fusion.
  public var wantsRemarks = false
  /// Is given the name of a pass of `printAfter` and the IR that it left.
  public var show: (@Sendable (_ pass: String, _ module: TesseraIR.Module) -> Void)?

  /// Creates the usual options: machine code, well optimized, floats as written.
  public init() {}
}
