import Foundation
import TesseraRuntime

/// The bytes of a tensor: a value, either in memory of its own as compiled code likes it, aligned to
/// vectors and in large pages where there are many, or in memory that somebody shares.
///
/// Copies and parts share memory until one is changed. While a value is neither copied nor changed by
/// others, its memory stays where it is.
public struct TensorBytes: RandomAccessCollection, Hashable, Sendable {
  private var memory: Memory
  /// Which bytes of the memory the value has.
  private var range: Range<Int>

  /// Memory with its owner.
  private final class Memory: @unchecked Sendable {
    // What lies there is changed only while one value refers to it, and only if it is ours.
    let bytes: UnsafeMutableRawBufferPointer
    /// What gives back memory that somebody shares; `nil` for ours.
    private let release: (@Sendable (UnsafeRawBufferPointer) -> Void)?

    /// Allocates `count` bytes; `nil` if there is no memory for them.
    init?(count: Int) {
      guard let address = tess_allocate(count) else { return nil }
      bytes = UnsafeMutableRawBufferPointer(start: address, count: count)
      release = nil
    }

    init(
      sharing bytes: UnsafeRawBufferPointer,
      release: @escaping @Sendable (UnsafeRawBufferPointer) -> Void
    ) {
      self.bytes = UnsafeMutableRawBufferPointer(mutating: bytes)
      self.release = release
    }

    /// `true` iff it may be changed.
    var isOwn: Bool { release == nil }

    deinit {
      if let release {
        release(UnsafeRawBufferPointer(bytes))
      } else {
        tess_release(bytes.baseAddress)
      }
    }
  }

  private init(_ memory: Memory) {
    self.memory = memory
    range = 0..<memory.bytes.count
  }

  /// Refers to `bytes` without copying them; `release` is called with them when nobody does any more.
  ///
  /// - Requires: nobody changes them until then.
  public init(
    sharing bytes: UnsafeRawBufferPointer,
    release: @escaping @Sendable (UnsafeRawBufferPointer) -> Void
  ) {
    self.init(Memory(sharing: bytes, release: release))
  }

  /// Takes memory for `count` bytes, which hold anything until they are written, by `body` or by who
  /// has kept their address; `nil` if there is no such memory.
  ///
  /// They stay at that address while the value is neither changed nor given back. Nobody should write
  /// there once the value is shown to others.
  public init?(
    uninitializedCount count: Int, _ body: (UnsafeMutableRawBufferPointer) -> Void
  ) {
    guard let memory = Memory(count: count) else { return nil }
    self.init(memory)
    body(memory.bytes)
  }

  /// Takes memory for `count` bytes.
  ///
  /// - Requires: there is so much.
  private init(_ count: Int) {
    guard let memory = Memory(count: count) else {
      preconditionFailure("there is no memory for \(count) bytes")
    }
    self.init(memory)
  }

  /// Creates `count` bytes that are 0.
  ///
  /// - Requires: there is memory for them.
  public init(zeros count: Int) {
    self.init(count)
    memory.bytes.initializeMemory(as: UInt8.self, repeating: 0)
  }

  /// Copies `bytes`.
  ///
  /// - Requires: there is memory for them.
  public init(_ bytes: UnsafeRawBufferPointer) {
    self.init(bytes.count)
    memory.bytes.copyMemory(from: bytes)
  }

  /// Copies `bytes`.
  ///
  /// - Requires: there is memory for them.
  public init(_ bytes: some Collection<UInt8>) {
    let copy = bytes.withContiguousStorageIfAvailable { TensorBytes(UnsafeRawBufferPointer($0)) }
    self = copy ?? Array(bytes).withUnsafeBytes { TensorBytes($0) }
  }

  /// The bytes in `range`, in the same memory.
  ///
  /// - Requires: there are such.
  public func part(_ range: Range<Int>) -> TensorBytes {
    precondition(indices.contains(range), "bytes \(range) of \(count)")
    var part = self
    part.range = self.range.lowerBound + range.lowerBound..<self.range.lowerBound + range.upperBound
    return part
  }

  public var startIndex: Int { 0 }
  public var endIndex: Int { range.count }

  public subscript(position: Int) -> UInt8 {
    precondition(indices.contains(position), "byte \(position) of \(count)")
    return withUnsafeBytes { $0[position] }
  }

  /// Calls `body` with the memory of the bytes.
  public func withUnsafeBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try withExtendedLifetime(memory) { memory throws(Failure) in
      try body(UnsafeRawBufferPointer(rebasing: memory.bytes[range]))
    }
  }

  public func withContiguousStorageIfAvailable<Result>(
    _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
  ) rethrows -> Result? {
    try withUnsafeBytes { try body($0.assumingMemoryBound(to: UInt8.self)) }
  }

  /// Calls `body` with the memory of the bytes, which it may change.
  public mutating func withUnsafeMutableBytes<Result>(
    _ body: (UnsafeMutableRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    if !isKnownUniquelyReferenced(&memory) || !memory.isOwn {
      self = withUnsafeBytes { TensorBytes($0) }
    }
    return try withExtendedLifetime(memory) {
      try body(UnsafeMutableRawBufferPointer(rebasing: $0.bytes[range]))
    }
  }

  public static func == (a: Self, b: Self) -> Bool {
    a.withUnsafeBytes { a in
      b.withUnsafeBytes { b in
        a.count == b.count && (a.isEmpty || memcmp(a.baseAddress!, b.baseAddress!, a.count) == 0)
      }
    }
  }

  public func hash(into hasher: inout Hasher) { withUnsafeBytes { hasher.combine(bytes: $0) } }
}
