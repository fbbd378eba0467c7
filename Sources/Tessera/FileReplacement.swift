import Foundation

/// A file that is written beside another one, in whose place it is put when it is whole.
struct FileReplacement {
  /// What is written to.
  let descriptor: Int32
  private let target: String
  private let part: String

  /// Starts to replace the file at `path`, behind all links, which errors call `name`; `nil` if only
  /// writing in place will do.
  ///
  /// That is where something other than a regular file lies there, where it may not be written, and
  /// where nobody may make another file beside it that looks like it.
  ///
  /// - Throws: an error if another file may be made there, but cannot be for lack of room.
  init?(of path: String, name: String) throws(FileError) {
    // These stand for files that are open, which others go on writing to.
    if ["/dev/std", "/dev/fd/", "/proc/"].contains(where: path.hasPrefix) { return nil }
    var status = stat()
    let isNew = stat(path, &status) != 0
    if isNew {
      // A link to nothing is followed by the call that makes its file.
      guard errno == ENOENT, lstat(path, &status) != 0 else { return nil }
      target = path
    } else {
      guard status.st_mode & S_IFMT == S_IFREG, access(path, W_OK) == 0,
        let resolved = realpath(path, nil)
      else { return nil }
      defer { free(resolved) }
      target = String(cString: resolved)
    }
    guard let (part, descriptor) = Self.makeFile(beside: target) else {
      if Self.isForbidden(errno) { return nil }
      throw FileError(name, "cannot be written: \(FileAccess.reason())")
    }
    self.part = part
    self.descriptor = descriptor
    if isNew { return }
    // A change of owner may take rights away, so they come after it.
    guard fchown(descriptor, status.st_uid, status.st_gid) == 0,
      fchmod(descriptor, status.st_mode & 0o7777) == 0
    else {
      let (number, reason) = (errno, FileAccess.reason())
      abandon()
      if Self.isForbidden(number) { return nil }
      throw FileError(name, "cannot be written: \(reason)")
    }
  }

  /// Makes a file with a name of its own; `nil`, with the reason in `errno`, if that is not possible.
  private static func makeFile(beside target: String) -> (part: String, descriptor: Int32)? {
    // A process that was ended may have left one, and had the number that this one has.
    for attempt in 0..<100 {
      let part = "\(target).\(getpid()).\(attempt).part"
      let descriptor = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
      if descriptor >= 0 { return (part, descriptor) }
      if errno != EEXIST { return nil }
    }
    return nil
  }

  /// `true` iff `number` says that a file may never be made, renamed or changed in this way, however
  /// much room there is.
  private static func isForbidden(_ number: Int32) -> Bool {
    switch number {
    case EACCES, EPERM, EROFS, EBUSY, EXDEV, ENAMETOOLONG, EINVAL, ENOTSUP: true
    default: false
    }
  }

  /// Puts the file in its place; `false` if nobody may do that, so that it has to be written there.
  ///
  /// - Throws: an error that calls the file `name`, if not all that was written has arrived, or there
  ///   is no room for its name.
  func finish(_ name: String) throws(FileError) -> Bool {
    if close(descriptor) != 0 {
      let reason = FileAccess.reason()
      unlink(part)
      throw FileError(name, "cannot be written: \(reason)")
    }
    if rename(part, target) == 0 { return true }
    let (number, reason) = (errno, FileAccess.reason())
    unlink(part)
    if Self.isForbidden(number) { return false }
    throw FileError(name, "cannot be written: \(reason)")
  }

  /// Removes what was written.
  func abandon() {
    close(descriptor)
    unlink(part)
  }
}
