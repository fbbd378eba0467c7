import TesseraSource

/// Why a run stopped: the first error in program order.
public struct RunError: Error, Hashable, Sendable {
  /// The kinds of error, numbered as the C interface numbers them.
  public enum Status: Int32, Hashable, Sendable {
    case wrongRank = 2
    case wrongElementType = 3
    case wrongShape = 4
    case assertionFailed = 32
    case divisionByZero = 33
    case outOfBounds = 34
    case recursionTooDeep = 37
    case outOfMemory = 38
    case interrupted = 39
    /// The limit of steps is reached; only the interpreter counts them.
    case outOfSteps = 64
    /// Two programs of a grid use one element, and one writes it; only the interpreter looks.
    case race = 65
    /// There is no such function, or the arguments are of other types.
    case wrongCall = 66
  }

  /// The kind of error.
  public var status: Status
  /// What happened, in a sentence without full stop.
  public var message: String
  /// The source text that failed.
  public var span: SourceSpan

  /// Creates an error.
  public init(_ status: Status, _ message: String, at span: SourceSpan = .none) {
    self.status = status
    self.message = message
    self.span = span
  }
}
