import Synchronization

/// What a program has printed, collected from whichever thread it came.
public final class PrintedText: Sendable {
  private let lines = Mutex("")

  /// Creates an empty text.
  public init() {}

  /// Adds `text` at the end.
  public func add(_ text: String) { lines.withLock { $0 += text } }

  /// All that was added.
  public var text: String { lines.withLock { $0 } }

  /// All that was added, which is gone afterwards.
  public func take() -> String {
    lines.withLock { text in
      defer { text = "" }
      return text
    }
  }
}
