import Foundation
import Tessera

/// Where a command reads and writes: the process's streams, or a caller's.
public final class Console {
  /// A stream that a command writes to.
  public enum Stream { case output, errors }

  /// The files that the command reads and writes.
  public let files: FileAccess
  /// `true` iff messages may carry the escapes of a terminal.
  public let isColored: Bool
  private let sink: (Stream, [UInt8]) -> Void

  /// Creates a console that hands what is written to `sink`.
  public init(
    files: FileAccess, isColored: Bool, sink: @escaping (Stream, [UInt8]) -> Void
  ) {
    self.files = files
    self.isColored = isColored
    self.sink = sink
  }

  /// The console of this process; coloured if messages go to a terminal and `NO_COLOR` is not set.
  public static func standard() -> Console {
    let forbidsColor = ProcessInfo.processInfo.environment["NO_COLOR"].map { !$0.isEmpty } ?? false
    return Console(files: FileAccess(), isColored: !forbidsColor && isatty(STDERR_FILENO) != 0) {
      stream, bytes in
      var written = 0
      let descriptor = stream == .output ? STDOUT_FILENO : STDERR_FILENO
      while written < bytes.count {
        let count = bytes.withUnsafeBytes {
          Foundation.write(descriptor, $0.baseAddress! + written, bytes.count - written)
        }
        if count <= 0 { return }
        written += count
      }
    }
  }

  /// Writes a result.
  public func write(_ text: String) { sink(.output, Array(text.utf8)) }

  /// Writes a result of bytes.
  public func write(_ bytes: [UInt8]) { sink(.output, bytes) }

  /// Writes something that is no result.
  public func note(_ text: String) { sink(.errors, Array(text.utf8)) }

  /// The bytes of the file at `path`; `-` is the standard input.
  public func read(_ path: String) throws(FileError) -> [UInt8] {
    try files.read(path == "-" ? "/dev/stdin" : path)
  }

  /// Makes `bytes` the content of the file at `path`; `-` is the standard output.
  public func write(_ bytes: [UInt8], to path: String) throws(FileError) {
    if path == "-" { write(bytes) } else { try files.write(bytes, to: path) }
  }
}
