import Foundation

/// Reading and writing of whole files below a directory.
public struct FileAccess: Sendable {
  /// The directory that relative paths start from; `nil` for that of the process.
  public var directory: String?

  /// Creates access to files, relative ones below `directory`.
  public init(directory: String? = nil) { self.directory = directory }

  /// The path at which the file called `path` lies.
  public func resolve(_ path: String) -> String {
    guard let directory, !path.hasPrefix("/") else { return path }
    return directory + "/" + path
  }

  /// The most bytes that are taken from what is no regular file.
  private static let mostPipedBytes = 1 << 30

  /// `true` unless it is certain that nothing is at `path`.
  public func exists(_ path: String) -> Bool {
    access(resolve(path), F_OK) == 0 || errno != ENOENT
  }

  /// The bytes of the file at `path`.
  public func read(_ path: String) throws(FileError) -> [UInt8] {
    try withOpenFile(path) { descriptor, status throws(FileError) in
      try Self.read(path, descriptor, status)
    }
  }

  /// What `body` makes of the open file at `path` and of what the system says of it.
  func withOpenFile<Result>(
    _ path: String, _ body: (_ descriptor: Int32, _ status: stat) throws(FileError) -> Result
  ) throws(FileError) -> Result {
    let descriptor = open(resolve(path), O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(path, "cannot be read: \(Self.reason())") }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw FileError(path, "cannot be read: \(Self.reason())")
    }
    return try body(descriptor, status)
  }

  /// The bytes of the open file `descriptor`, which errors call `path`.
  static func read(
    _ path: String, _ descriptor: Int32, _ status: stat
  ) throws(FileError) -> [UInt8] {
    // A pipe tells no size, so reading goes on until nothing comes; some devices never end.
    let most = status.isRegularFile ? Int.max : mostPipedBytes
    var bytes: [UInt8] = []
    var chunk = max(Int(status.st_size), 1 << 12)
    while true {
      let filled = bytes.count
      var count = 0
      let more = [UInt8](unsafeUninitializedCapacity: chunk) { buffer, initialized in
        count = Foundation.read(descriptor, buffer.baseAddress, chunk)
        initialized = max(count, 0)
      }
      if count < 0 { throw FileError(path, "cannot be read: \(reason())") }
      if count == 0 { return bytes }
      if filled + count > most { throw FileError(path, "cannot be read: it does not end") }
      if filled == 0 { bytes = more } else { bytes += more }
      chunk = 1 << 16
    }
  }

  /// Makes `bytes` the content of the file at `path`.
  ///
  /// A regular file is replaced at once when all bytes are written, so that a full disk or an end
  /// halfway leaves the old one. Devices, pipes, and what cannot be replaced are written in place.
  public func write(_ bytes: [UInt8], to path: String) throws(FileError) {
    if let replacement = try FileReplacement(of: resolve(path), name: path) {
      do { try Self.write(bytes, to: replacement.descriptor, path) } catch {
        replacement.abandon()
        throw error
      }
      if try replacement.finish(path) { return }
    }
    let descriptor = open(resolve(path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw FileError(path, "cannot be written: \(Self.reason())") }
    defer { close(descriptor) }
    try Self.write(bytes, to: descriptor, path)
  }

  /// Writes `bytes` to the open file `descriptor`, which errors call `name`.
  public static func write(
    _ bytes: [UInt8], to descriptor: Int32, _ name: String
  ) throws(FileError) {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes {
        Foundation.write(descriptor, $0.baseAddress! + written, bytes.count - written)
      }
      if count < 0, errno == EINTR { continue }
      if count < 0 { throw FileError(name, "cannot be written: \(reason())") }
      written += count
    }
  }

  /// Why the last call of the system failed.
  static func reason() -> String { String(cString: strerror(errno)).lowercased() }
}

extension stat {
  /// `true` iff it is of a file whose bytes lie on a disk.
  var isRegularFile: Bool { st_mode & S_IFMT == S_IFREG }
}
