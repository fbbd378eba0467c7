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
