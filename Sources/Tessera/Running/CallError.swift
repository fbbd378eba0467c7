import TesseraRuntime

/// Why a call of compiled or interpreted code gave no results.
public struct CallError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kind of error, numbered as in the C interface; what only the interpreter finds follows.
  public var status: Int32
  /// What happened.
  public var message: String
  /// The file of the source text that failed, if a text is to blame.
  public var file: String?
  /// The line in it, counted from 1.
  public var line: Int
  /// The column in it, counted from 1.
  public var column: Int

  /// Creates an error, at a place if one is given.
  public init(
    status: Int32, _ message: String, file: String? = nil, line: Int = 0, column: Int = 0
  ) {
    self.status = status
    self.message = message
    self.file = file
    self.line = line
    self.column = column
  }

  public var description: String {
    let place = file.map { "\($0):\(line):\(column): " } ?? ""
    let kind = String(cString: tess_status_text(status))
    return place + (message.isEmpty ? kind : message)
  }
}
