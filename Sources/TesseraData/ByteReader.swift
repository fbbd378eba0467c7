/// A cursor over bytes that refuses to read past their end.
struct ByteReader {
  let bytes: TensorBytes
  private(set) var offset = 0

  /// Begins at the first byte.
  init(_ bytes: TensorBytes) { self.bytes = bytes }

  /// The number of bytes that are left.
  var remaining: Int { bytes.count - offset }

  /// Reads `count` bytes that are `what`.
  mutating func read(_ count: Int, _ what: String) throws(DataError) -> TensorBytes {
    guard count <= remaining else {
      throw DataError(
        "the file ends after \(remaining) bytes of \(what)", at: "byte \(offset)",
        expected: "\(count) bytes")
    }
    defer { offset += count }
    return bytes.part(offset..<offset + count)
  }

  /// Reads an unsigned number of `width` bytes, little end first.
  mutating func readInteger(_ width: Int, _ what: String) throws(DataError) -> UInt64 {
    try read(width, what).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}

/// The `width` bytes of `value`, little end first.
func littleEndian(_ value: Int, width: Int) -> [UInt8] {
  (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}
