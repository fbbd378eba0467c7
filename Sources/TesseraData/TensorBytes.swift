import Foundation
import TesseraRuntime

/// The bytes of a tensor: a value, in memory as compiled code likes it, aligned to vectors and in
/// large pages where there are many.
///
/// Copies share memory until one is changed. While a value is neither copied nor changed by others,
/// its memory stays where it is.
public struct TensorBytes: RandomAccessCollection, Hashable, Sendable {
  private var memory: Memory

  /// Memory with its owner.
  private final class Memory: @unchecked Sendable {
    // What lies there is changed only while one value refers to it.
    let bytes: UnsafeMutableRawBufferPointer

    init?(count: Int) {
      guard let address = tess_allocate(count) else { return nil }
      bytes = UnsafeMutableRawBufferPointer(start: address, count: count)
    }

    deinit { tess_release(bytes.baseAddress) }
  }

  /// Takes memory for `count` bytes, which hold anything until they are written; `nil` if there is
  /// none.
  public init?(uninitializedCount count: Int) {
    guard let memory = Memory(count: count) else { return nil }
    self.memory = memory
  }

  /// Takes memory for `count` bytes.
  ///
  /// - Requires: there is so much.
  private init(_ count: Int) {
    guard let memory = Memory(count: count) else {
      preconditionFailure("there is no memory for \(count) bytes")
    }
    self.memory = memory
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

  public var startIndex: Int { 0 }
  public var endIndex: Int { memory.bytes.count }

  public subscript(position: Int) -> UInt8 {
    precondition(indices.contains(position), "byte \(position) of \(count)")
    return withExtendedLifetime(memory) { $0.bytes[position] }
  }

  /// Calls `body` with the memory of the bytes.
  public func withUnsafeBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try withExtendedLifetime(memory) { memory throws(Failure) in
      try body(UnsafeRawBufferPointer(memory.bytes))
    }
  }

  public func withContiguousStorageIfAvailable<Result>(
    _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
  ) rethrows -> Result? {
    try withExtendedLifetime(memory) {
      try body(UnsafeBufferPointer($0.bytes.assumingMemoryBound(to: UInt8.self)))
    }
  }

  /// Calls `body` with the memory of the bytes, which it may change.
  public mutating func withUnsafeMutableBytes<Result>(
    _ body: (UnsafeMutableRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    if !isKnownUniquelyReferenced(&memory) { self = withUnsafeBytes { TensorBytes($0) } }
    return try withExtendedLifetime(memory) { try body($0.bytes) }
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
