/// A mistake of the compiler: the user's program is not to blame.
public struct InternalFailure: Error, Sendable, CustomStringConvertible {
  /// What went wrong, with what helps to find out why.
  public var description: String

  /// Creates a failure that says `description`.
  public init(_ description: String) { self.description = description }
}
