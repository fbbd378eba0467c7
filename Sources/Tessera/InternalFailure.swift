import TesseraCodeGen

/// A mistake of the compiler: the user's program is not to blame.
public struct InternalFailure: Error, Sendable, CustomStringConvertible {
  /// What went wrong, with what helps to find out why.
  public var description: String

  /// Creates a failure that says `description`.
  public init(_ description: String) { self.description = description }

  /// Calls `handler` with the reason, a text that ends in NUL, when the code generator cannot go on;
  /// without it the process ends. It holds for the whole process, and must not come back.
  public static func onFatalError(
    _ handler: @escaping @convention(c) (UnsafePointer<CChar>?) -> Void
  ) {
    handleFatalErrors(by: handler)
  }
}
