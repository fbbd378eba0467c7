/// One number as whoever computes with it without a machine sees it: a type and the bits that memory
/// would hold.
///
/// Invariant, kept by the initialisers: bits above the width of the type are 0.
public struct ScalarValue: Hashable, Sendable {
  /// The type of the number.
  public let type: ScalarType
  /// The bits of the number, from bit 0 up; a `bool` is 0 or 1.
  public let bits: UInt64

  /// Creates the number whose low bits are those of `bits`.
  public init(bits: UInt64, _ type: ScalarType) {
    self.type = type
    self.bits = type == .bool ? bits & 1 : bits & type.bitMask
  }

  /// Creates an integer or bool, wrapped to the width of `type`.
  public init(_ value: Int64, _ type: ScalarType) {
    self.init(bits: UInt64(bitPattern: value), type)
  }

  /// Creates a bool.
  public init(_ value: Bool) { self.init(bits: value ? 1 : 0, .bool) }

  /// Creates a float: `value` rounded to the nearest of `type`, ties to even.
  ///
  /// - Requires: `type.isFloat`.
  public init(rounding value: Double, _ type: ScalarType) {
    switch type {
    case .f64: self.init(bits: value.isNaN ? Double.nan.bitPattern : value.bitPattern, .f64)
    case .f32:
      self.init(bits: UInt64((value.isNaN ? Float.nan : Float(value)).bitPattern), .f32)
    case .f16: self.init(bits: UInt64(bitsOfF16(value.isNaN ? .nan : value)), .f16)
    case .bf16:
      let rounded = Float(FloatFormat.bf16.rounded(value.isNaN ? .nan : value))
      self.init(bits: UInt64(BFloat16(rounded).bitPattern), .bf16)
    default: preconditionFailure("\(type) holds no float")
    }
  }

  /// The value of a bool.
  public var bool: Bool { bits != 0 }

  /// The value of an integer or bool; the bits of a `u64` reinterpreted.
  public var integer: Int64 {
    let unused = 64 - type.bitWidth
    return type.isSigned
      ? Int64(bitPattern: bits << unused) >> unused : Int64(bitPattern: bits)
  }

  /// The value of a float, exactly.
  public var double: Double {
    switch type {
    case .f64: Double(bitPattern: bits)
    case .f32: Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
    case .f16: Double(floatOfF16(UInt16(truncatingIfNeeded: bits)))
    case .bf16: Double(BFloat16(bitPattern: UInt16(truncatingIfNeeded: bits)).widened)
    default: preconditionFailure("\(type) holds no float")
    }
  }

  /// `true` iff the value is a float that is not a number.
  public var isNaN: Bool { type.isFloat && double.isNaN }

  /// The number 0, or `false`.
  public static func zero(_ type: ScalarType) -> ScalarValue { ScalarValue(bits: 0, type) }

  /// The number 1, or `true`.
  public static func one(_ type: ScalarType) -> ScalarValue {
    type.isFloat ? ScalarValue(rounding: 1, type) : ScalarValue(bits: 1, type)
  }

  /// The least number, for floats -inf, or `false`.
  public static func least(_ type: ScalarType) -> ScalarValue {
    if type.isFloat { return ScalarValue(rounding: -.infinity, type) }
    return type.isSigned ? ScalarValue(bits: ~(type.bitMask >> 1), type) : .zero(type)
  }

  /// The greatest number, for floats inf, or `true`.
  public static func greatest(_ type: ScalarType) -> ScalarValue {
    if type.isFloat { return ScalarValue(rounding: .infinity, type) }
    return ScalarValue(bits: type.isSigned ? type.bitMask >> 1 : type.bitMask, type)
  }
}

extension ScalarType {
  /// As many low bits as the type is wide.
  public var bitMask: UInt64 { bitWidth == 64 ? .max : (1 << UInt64(bitWidth)) - 1 }
}

extension ScalarValue: CustomStringConvertible {
  public var description: String {
    switch type {
    case .bool: "\(bool)"
    case .u64: "\(bits)"
    case _ where type.isFloat: "\(double)"
    default: "\(integer)"
    }
  }
}
