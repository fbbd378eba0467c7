/// A file or stream that cannot be read or written.
public struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The path as the user gave it.
  public var path: String
  /// What is wrong, as a clause: «cannot be read: no such file».
  public var problem: String

  /// Creates an error about the file at `path`.
  public init(_ path: String, _ problem: String) {
    self.path = path
    self.problem = problem
  }

  public var description: String { "'\(path)' \(problem)" }
}
