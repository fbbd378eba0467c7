import TesseraIR

/// Runs functions of IR at any stage: slowly, with every access checked.
///
/// It is the oracle of every numeric test: what it gives is what the operations mean. Functions are
/// translated to flat code when they are first called; mathematical functions run as the polynomial
/// code of `expandMath(_:)`, which machine code contains too.
///
/// - Requires: the module is valid, see `verify(_:stage:)`.
public struct Interpreter {
  /// What a run may use up.
  public struct Limits: Sendable {
    /// Steps, about one an executed operation.
    public var steps = Int.max
    /// Bytes of all tensors and buffers alive at once, arguments apart.
    public var bytes = Int.max
    /// Calls within each other that are not in tail position.
    public var callDepth = 100_000
    /// Asked every now and then; the run stops when it says `true`.
    public var isInterrupted: (@Sendable () -> Bool)?

    /// Creates limits.
    public init(
      steps: Int = .max, bytes: Int = .max, callDepth: Int = 100_000,
      isInterrupted: (@Sendable () -> Bool)? = nil
    ) {
      self.steps = steps
      self.bytes = bytes
      self.callDepth = callDepth
      self.isInterrupted = isInterrupted
    }
  }

  /// What runs may use up.
  public var limits: Limits
  /// Takes what `print` writes, a line with its end at a time; `nil` writes to standard output.
  public var output: ((String) -> Void)?
  private let program: Program

  /// Creates an interpreter of the functions of `module`.
  public init(
    _ module: Module, limits: Limits = Limits(), output: ((String) -> Void)? = nil
  ) {
    self.limits = limits
    self.output = output
    program = Program(module)
  }

  /// Runs the function called `name` and returns its results.
  ///
  /// Tensors that are passed where the function takes a buffer are read and written in place;
  /// everywhere else they never change.
  public func run(
    _ name: String, _ arguments: [InterpreterValue] = []
  ) throws(RunError) -> [InterpreterValue] {
    guard let index = program.index(of: name) else {
      throw RunError(.wrongCall, "there is no function '\(name)'")
    }
    let machine = Machine(program, function: index, limits: limits, output: output)
    return try machine.run(arguments)
  }
}
