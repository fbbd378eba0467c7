// The functions that passes make beside another one.

/// The name of the function that tells the shapes of the tensor results of the one called `name`.
public func shapeFunctionName(_ name: String) -> String { name + ".shapes" }

/// The name of the function of `name`'s parameters that gives the bytes of memory that one call of it
/// takes at its start; a function without one takes none then.
public func workspaceFunctionName(_ name: String) -> String { name + ".workspace" }

/// The name of the function that computes what depends on the constant parameters of `name` alone:
/// it takes those, and the bytes to write it to.
public func prepareFunctionName(_ name: String) -> String { name + ".prepare" }

/// The name of the function that gives the number of those bytes, by the constant parameters.
public func packedFunctionName(_ name: String) -> String { name + ".packed" }

/// The name of the function that does the rest of `name`: it takes all of its parameters, and the
/// bytes that were prepared.
public func preparedFunctionName(_ name: String) -> String { name + ".prepared" }

extension Module {
  /// The bytes that the companion called `name` gives in any call: 0 where there is none, `nil` where
  /// the arguments tell.
  public func constantByteCount(_ name: String) -> Int? {
    guard let companion = self[name] else { return 0 }
    guard let end = companion.terminator(of: companion.body),
      let result = companion.operations[end].operands.first,
      let definition = companion.definition(of: result),
      companion.operations[definition].opcode == .constant,
      case .integer(let byteCount) = companion.operations[definition].attribute
    else { return nil }
    return Int(byteCount)
  }

  /// The bytes that any call of the function called `name` takes at its start, by itself and, where
  /// something of it is prepared, with what was; `nil` where the arguments tell.
  public func constantWorkspace(of name: String) -> (whole: Int, prepared: Int)? {
    guard let own = constantByteCount(workspaceFunctionName(name)) else { return nil }
    if self[preparedFunctionName(name)] == nil { return (own, own) }
    let prepare = workspaceFunctionName(prepareFunctionName(name))
    let prepared = workspaceFunctionName(preparedFunctionName(name))
    guard let first = constantByteCount(prepare), let rest = constantByteCount(prepared) else {
      return nil
    }
    // It prepares first, then does the rest, in the same memory.
    return (own + max(first, rest), rest)
  }
}
