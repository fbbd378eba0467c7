import TesseraData
import TesseraIR
import TesseraInterpreter
import TesseraSource

/// A program that is ready to run.
///
/// It may be called from several threads at once.
public final class Executable: Sendable {
  /// What runs a function on the leaves of its parameters, and gives its results.
  typealias Engine =
    @Sendable (
      _ function: HostFunction, _ arguments: [Tensor], _ print: (@Sendable (String) -> Void)?
    ) throws(CallError) -> [Tensor]

  /// The functions that can be called, in order of declaration.
  public let functions: [HostFunction]
  private let engine: Engine
  private let preparing: Preparing?

  /// What prepares a function for the leaves of its constant parameters: the engine that then runs
  /// it.
  typealias Preparing =
    @Sendable (_ function: HostFunction, _ constants: [Tensor]) throws(CallError) -> Engine

  /// Creates what calls `functions` by `engine`.
  init(
    functions: [HostFunction], preparing: Preparing? = nil, engine: @escaping Engine
  ) {
    self.functions = functions
    self.preparing = preparing
    self.engine = engine
  }

  /// The function called `name`.
  public subscript(name: String) -> HostFunction? { functions.first { $0.name == name } }

  /// Calls the function called `name` with the leaves of its parameters in order.
  ///
  /// What the program prints goes to `print`, or to the standard output.
  ///
  /// - Returns: the leaves of `inout` parameters, then those of the results.
  /// - Throws: if there is no such function, the arguments are not what it takes, or it fails.
  public func call(
    _ name: String, _ arguments: [Tensor], print: (@Sendable (String) -> Void)? = nil
  ) throws(CallError) -> [Tensor] {
    let function = try function(name)
    try check(arguments, function.parameterLeaves, of: name)
    return try engine(function, arguments, print)
  }

  /// Packs what the constant parameters of the function called `name` hold, such as the weights of a
  /// network, once for many calls; those give the same, and sooner.
  ///
  /// - Parameter constants: the leaves of the constant parameters, in order.
  /// - Throws: if there is no such function, or they are not what it takes.
  public func prepare(_ name: String, _ constants: [Tensor]) throws(CallError) -> Prepared {
    let function = try function(name)
    try check(constants, function.constantLeaves, of: name)
    let prepared = try preparing?(function, constants)
    return Prepared(function: function, constants: constants, engine: prepared ?? engine)
  }

  /// A function together with its constant parameters, ready for calls.
  public struct Prepared: Sendable {
    /// The function.
    public let function: HostFunction
    private let constants: [Tensor]
    private let engine: Engine

    fileprivate init(function: HostFunction, constants: [Tensor], engine: @escaping Engine) {
      self.function = function
      self.constants = constants
      self.engine = engine
    }

    /// Calls the function with the leaves of its other parameters in order; as `Executable.call`.
    public func call(
      _ arguments: [Tensor], print: (@Sendable (String) -> Void)? = nil
    ) throws(CallError) -> [Tensor] {
      let others = function.parameters.filter { !$0.isConstant }.flatMap(\.leaves)
      try check(arguments, others, of: function.name)
      var (given, fixed) = (arguments[...], constants[...])
      let all = function.parameters.flatMap { parameter in
        parameter.leaves.map { _ in
          parameter.isConstant ? fixed.removeFirst() : given.removeFirst()
        }
      }
      return try engine(function, all, print)
    }
  }

  private func function(_ name: String) throws(CallError) -> HostFunction {
    if let function = self[name] { return function }
    throw CallError(.wrongCall, "there is no function '\(name)'")
  }
}

/// Checks that `arguments` are what `leaves` of the function called `name` ask for.
private func check(
  _ arguments: [Tensor], _ leaves: [HostFunction.Leaf], of name: String
) throws(CallError) {
  guard leaves.count == arguments.count else {
    throw CallError(
      .wrongCall, "'\(name)' takes \(leaves.count) tensors and was given \(arguments.count)")
  }
  for (leaf, argument) in zip(leaves, arguments) {
    func mismatch(_ status: RunError.Status) -> CallError {
      CallError(
        status,
        "'\(leaf.path)' is \(argument.typeDescription); expected \(leaf.typeDescription)")
    }
    guard argument.elementType == leaf.elementType else { throw mismatch(.wrongElementType) }
    guard argument.rank == leaf.shape.count else { throw mismatch(.wrongRank) }
    guard leaf.accepts(argument) else { throw mismatch(.wrongShape) }
  }
}

extension CallError {
  /// The error of this status.
  init(_ status: RunError.Status, _ message: String) {
    self.init(status: status.rawValue, message)
  }
}
