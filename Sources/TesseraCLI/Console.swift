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
  /// Why results did not reach the output, if they did not; what came after is lost as well.
  private(set) var outputFailure: FileError?
  private let sink: (Stream, [UInt8]) throws(FileError) -> Void

  /// Creates a console that hands what is written to `sink`.
  public init(
    files: FileAccess, isColored: Bool,
    sink: @escaping (Stream, [UInt8]) throws(FileError) -> Void
  ) {
    self.files = files
    self.isColored = isColored
    self.sink = sink
  }

  /// The console of this process; coloured if messages go to a terminal and `NO_COLOR` is not set.
  public static func standard() -> Console {
    let forbidsColor = ProcessInfo.processInfo.environment["NO_COLOR"].map { !$0.isEmpty } ?? false
    return Console(files: FileAccess(), isColored: !forbidsColor && isatty(STDERR_FILENO) != 0) {
      stream, bytes throws(FileError) in
      switch stream {
      case .output: try FileAccess.write(bytes, to: STDOUT_FILENO, "the standard output")
      case .errors: try FileAccess.write(bytes, to: STDERR_FILENO, "the standard error")
      }
    }
  }

  /// Writes a result.
  func write(_ text: String) { write(Array(text.utf8)) }

  /// Writes a result of bytes.
  func write(_ bytes: [UInt8]) {
    if outputFailure != nil { return }
    do { try sink(.output, bytes) } catch { outputFailure = error }
  }

  /// Writes something that is no result; where that is not possible nobody could be told so.
  func note(_ text: String) { try? sink(.errors, Array(text.utf8)) }

  /// The bytes of the file at `path`; `-` is the standard input.
  public func read(_ path: String) throws(FileError) -> [UInt8] {
    let bytes = try files.read(path == "-" ? "/dev/stdin" : path)
    if path == "-" || [".tess", ".tir"].contains(where: path.hasSuffix) {
      CrashGuard.add(path, bytes)
    }
    return bytes
  }

  /// The program in the file at `path`, which imports what lies beside it; `-` is the standard input.
  func compilation(of path: String) throws(FileError) -> Compilation {
    Compilation(
      name: path == "-" ? "standard input" : path, bytes: try read(path),
      modules: .beside(path, files))
  }

  /// Makes `bytes` the content of the file at `path`; `-` is the standard output.
  public func write(_ bytes: [UInt8], to path: String) throws(FileError) {
    if path == "-" { write(bytes) } else { try files.write(bytes, to: path) }
  }
}
