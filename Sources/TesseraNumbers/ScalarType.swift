/// The type of one number: the same in the language, in the IR and in host tensors.
///
/// The case is the spelling.
public enum ScalarType: String, Hashable, Sendable, CaseIterable {
  case bool
  case i8, i16, i32, i64
  case u8, u16, u32, u64
  case f16, bf16, f32, f64

  /// The width in memory, in bits; a `bool` takes one byte.
  public var bitWidth: Int {
    switch self {
    case .bool, .i8, .u8: 8
    case .i16, .u16, .f16, .bf16: 16
    case .i32, .u32, .f32: 32
    case .i64, .u64, .f64: 64
    }
  }

  /// The width in memory, in bytes.
  public var byteCount: Int { bitWidth / 8 }

  /// `true` iff values have a fraction and an exponent.
  public var isFloat: Bool {
    switch self {
    case .f16, .bf16, .f32, .f64: true
    case .bool, .i8, .i16, .i32, .i64, .u8, .u16, .u32, .u64: false
    }
  }

  /// `true` iff values are integers, signed or not.
  public var isInteger: Bool { self != .bool && !isFloat }

  /// `true` iff values are integers with a sign.
  public var isSigned: Bool {
    switch self {
    case .i8, .i16, .i32, .i64: true
    case .bool, .u8, .u16, .u32, .u64, .f16, .bf16, .f32, .f64: false
    }
  }
}
