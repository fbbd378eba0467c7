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

  init(functions: [HostFunction], engine: @escaping Engine) {
    self.functions = functions
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
    guard let function = self[name] else {
      throw CallError(.wrongCall, "there is no function '\(name)'")
    }
    let leaves = function.parameterLeaves
    guard leaves.count == arguments.count else {
      throw CallError(
        .wrongCall, "'\(name)' takes \(leaves.count) tensors and was given \(arguments.count)")
    }
    for (leaf, argument) in zip(leaves, arguments) {
      guard argument.elementType == leaf.elementType else {
        throw CallError(.wrongElementType, mismatch(leaf, argument))
      }
      guard argument.rank == leaf.shape.count else {
        throw CallError(.wrongRank, mismatch(leaf, argument))
      }
      guard leaf.accepts(argument) else { throw CallError(.wrongShape, mismatch(leaf, argument)) }
    }
    return try engine(function, arguments, print)
  }

  private func mismatch(_ leaf: HostFunction.Leaf, _ argument: Tensor) -> String {
    "'\(leaf.path)' is \(argument.typeDescription); expected \(leaf.typeDescription)"
  }
}

extension CallError {
  init(_ status: RunError.Status, _ message: String) {
    self.init(status: status.rawValue, message)
  }
}
