import TesseraRuntime

/// Counts the bytes that a run holds against its limit.
final class Meter {
  /// The bytes that are held.
  var bytes = 0
  /// The most bytes that may be held.
  let limit: Int

  /// Begins with nothing.
  init(limit: Int) { self.limit = limit }
}

/// Memory of one tensor or buffer, shared by the views of it.
final class Storage {
  /// The first byte.
  let base: UnsafeMutableRawPointer
  /// The number of bytes.
  let byteCount: Int
  private let meter: Meter?
  /// For each element the programs that used it; while the grid runs that changes it.
  private(set) var uses: UnsafeMutablePointer<ElementUse>?
  /// How many grids run around that one.
  private(set) var gridDepth = 0
  private var useCount = 0

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
    uses?.deallocate()
    meter?.bytes -= byteCount
  }

  /// Begins to note which programs, of a grid with so many around it, use which elements.
  func attachUses(elementCount: Int, gridDepth: Int) {
    detachUses()
    self.gridDepth = gridDepth
    useCount = elementCount
    uses = .allocate(capacity: max(1, elementCount))
    uses?.initialize(repeating: ElementUse(), count: max(1, elementCount))
  }

  /// Ends the notes on uses.
  func detachUses() {
    uses?.deallocate()
    uses = nil
  }

  /// Takes over what `other`, of as many elements, has noted.
  func copyUses(of other: Storage) {
    guard let noted = other.uses else { return }
    attachUses(elementCount: other.useCount, gridDepth: other.gridDepth)
    uses?.update(from: noted, count: other.useCount)
  }
}

/// Which programs of a grid used an element; -1 stands for none.
struct ElementUse {
  /// The one that wrote it.
  private(set) var writer = -1
  /// Two that read it.
  private var readers = (-1, -1)

  /// Notes a read, and returns another program that wrote the element, if there is one.
  mutating func read(by program: Int) -> Int? {
    if readers.0 < 0 || readers.0 == program {
      readers.0 = program
    } else {
      readers.1 = program
    }
    return writer >= 0 && writer != program ? writer : nil
  }

  /// Notes a write, and returns another program that wrote or read the element, if there is one.
  mutating func write(by program: Int) -> (program: Int, isWriter: Bool)? {
    defer { writer = program }
    if writer >= 0, writer != program { return (writer, true) }
    for reader in [readers.0, readers.1] where reader >= 0 && reader != program {
      return (reader, false)
    }
    return nil
  }
}
