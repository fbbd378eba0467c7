/// The name of the function of `name`'s parameters that gives the bytes of memory that one call of it
/// takes at its start; a function without one takes none then.
public func workspaceFunctionName(_ name: String) -> String { name + ".workspace" }
