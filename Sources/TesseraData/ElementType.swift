/// The type of a tensor's elements.
public enum ElementType: String, CaseIterable, Hashable, Sendable {
  case bool, i8, i16, i32, i64, u8, u16, u32, u64, f16, bf16, f32, f64

  /// The number of bytes that one element takes.
  public var byteWidth: Int {
    switch self {
    case .bool, .i8, .u8: 1
    case .i16, .u16, .f16, .bf16: 2
    case .i32, .u32, .f32: 4
    case .i64, .u64, .f64: 8
    }
  }

  /// `true` iff elements are floating-point numbers.
  public var isFloat: Bool {
    switch self {
    case .f16, .bf16, .f32, .f64: true
    default: false
    }
  }

  /// `true` iff elements are integers with a sign.
  public var isSigned: Bool {
    switch self {
    case .i8, .i16, .i32, .i64: true
    default: false
    }
  }
}

/// A 16-bit float with the exponent of an f32: its upper half.
public struct BFloat16: Hashable, Sendable {
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
