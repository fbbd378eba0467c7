/// A 16-bit float with the exponent of an f32: its upper half.
public struct BFloat16: Hashable, Sendable, BitwiseCopyable {
  /// The bits of the number.
  public var bitPattern: UInt16

  /// Creates the number with these bits.
  public init(bitPattern: UInt16) { self.bitPattern = bitPattern }

  /// Creates the number nearest to `value`; of two equally near the one with an even last bit.
  public init(_ value: Float) {
    let bits = value.bitPattern
    if value.isNaN {
      // A quiet bit, so that cutting the lower half cannot turn it into an infinity.
      bitPattern = UInt16(truncatingIfNeeded: bits >> 16) | 0x40
    } else {
      let rounding = 0x7FFF + (bits >> 16 & 1)
      bitPattern = UInt16(truncatingIfNeeded: (bits &+ rounding) >> 16)
    }
  }

  /// The number as f32, exactly.
  public var widened: Float { Float(bitPattern: UInt32(bitPattern) << 16) }
}
