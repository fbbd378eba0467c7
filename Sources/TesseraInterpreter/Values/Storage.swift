import TesseraRuntime

/// Counts the bytes that a run holds against its limit.
final class Meter {
  var bytes = 0
  let limit: Int

  init(limit: Int) { self.limit = limit }
}

/// Memory of one tensor or buffer, shared by the views of it.
final class Storage {
  let base: UnsafeMutableRawPointer
  let byteCount: Int
  private let meter: Meter?
  /// For each element the program of the grid that replaced it, or -1; while a grid runs.
  private(set) var writers: UnsafeMutablePointer<Int32>?
  private var writerCount = 0

  /// Creates memory with unspecified content; `nil` if the host has none left.
  init?(byteCount: Int, meter: Meter?) {
    guard let base = tess_allocate(byteCount) else { return nil }
    self.base = base
    self.byteCount = byteCount
    self.meter = meter
    meter?.bytes += byteCount
  }

  deinit {
    tess_release(base)
    writers?.deallocate()
    meter?.bytes -= byteCount
  }

  /// Begins to note who replaces which of `elementCount` elements.
  func attachWriters(elementCount: Int) {
    detachWriters()
    writerCount = elementCount
    writers = .allocate(capacity: max(1, elementCount))
    writers?.initialize(repeating: -1, count: max(1, elementCount))
  }

  func detachWriters() {
    writers?.deallocate()
    writers = nil
  }

  /// Takes over what `other`, of as many elements, has noted.
  func copyWriters(of other: Storage) {
    guard let noted = other.writers else { return }
    attachWriters(elementCount: other.writerCount)
    writers?.update(from: noted, count: other.writerCount)
  }
}
