import Foundation
import TesseraData

extension FileAccess {
  /// The bytes of the file at `path`, which are read when somebody looks at them, and are not copied.
  ///
  /// A file that is replaced by another of its name, as `write` does it, stays as it was. Nobody should
  /// change one in place until the bytes are released: what is changed may be seen or not, and a
  /// process that looks at what was cut off ends by the signal SIGBUS; `tess` says so and exits with
  /// code 66. Who cannot be sure of that takes `read`.
  ///
  /// What is no regular file, such as a pipe, is read at once.
  public func mapped(_ path: String) throws(FileError) -> TensorBytes {
    try withOpenFile(path) { descriptor, status throws(FileError) in
      // The system maps no empty files, and keeps no size of some that it makes up, as in /proc.
      guard status.isRegularFile, status.st_size > 0 else {
        return TensorBytes(try Self.read(path, descriptor, status))
      }
      let count = Int(status.st_size)
      let address = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0)
      guard let address, address != MAP_FAILED else {
        throw FileError(path, "cannot be read: \(Self.reason())")
      }
      return TensorBytes(sharing: UnsafeRawBufferPointer(start: address, count: count)) {
        munmap(UnsafeMutableRawPointer(mutating: $0.baseAddress), $0.count)
      }
    }
  }
}
