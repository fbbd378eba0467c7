import Foundation

/// A file that is written beside another one, in whose place it is put when it is whole.
struct FileReplacement {
  /// What is written to.
  let descriptor: Int32
  private let target: String
  private let part: String

  /// Starts to replace the file at `path`, behind all links; `nil` if only writing in place will do.
  ///
  /// That is where something other than a regular file lies there, where it may not be written, and
  /// where no other file can be made beside it that looks like it.
  init?(of path: String) {
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
    part = "\(target).\(getpid()).part"
    descriptor = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { return nil }
    if isNew { return }
    // A change of owner may take rights away, so they come after it.
    guard fchown(descriptor, status.st_uid, status.st_gid) == 0,
      fchmod(descriptor, status.st_mode & 0o7777) == 0
    else {
      abandon()
      return nil
    }
  }

  /// Puts the file in its place; `false` if that is not possible, so that it has to be written there.
  ///
  /// - Throws: an error that calls the file `name`, if not all that was written has arrived.
  func finish(_ name: String) throws(FileError) -> Bool {
    if close(descriptor) != 0 {
      let reason = FileAccess.reason()
      unlink(part)
      throw FileError(name, "cannot be written: \(reason)")
    }
    if rename(part, target) == 0 { return true }
    unlink(part)
    return false
  }

  /// Removes what was written.
  func abandon() {
    close(descriptor)
    unlink(part)
  }
}
