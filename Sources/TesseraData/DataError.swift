/// Bytes or values that are not what a format or a shape asks for.
public struct DataError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was found.
  public var problem: String
  /// Where it was found, if that says more.
  public var place: String?
  /// What should have been there.
  public var expected: String?

  /// Creates an error: «`problem` at `place`; expected `expected`».
  public init(_ problem: String, at place: String? = nil, expected: String? = nil) {
    self.problem = problem
    self.place = place
    self.expected = expected
  }

  /// The same error with `context` put before its place: a file name or a key.
  public func inside(_ context: String) -> DataError {
    DataError(problem, at: place.map { "\(context), \($0)" } ?? context, expected: expected)
  }

  public var description: String {
    problem + (place.map { " at \($0)" } ?? "") + (expected.map { "; expected \($0)" } ?? "")
  }
}
