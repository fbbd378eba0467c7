/// The shape of a float type: how many bits the fraction has, and which exponents are normal.
///
/// f16 and bf16 have no Swift type everywhere, so their numbers are held in wider floats and are
/// rounded here; every number of them is exact in f32.
public struct FloatFormat: Hashable, Sendable {
  /// The bits of the fraction that are stored.
  public let fractionBits: Int
  /// The exponent of the smallest normal number.
  public let minimumExponent: Int
  /// The exponent of the largest number.
  public let maximumExponent: Int

  /// The format of IEEE binary16.
  public static let f16 = FloatFormat(
    fractionBits: 10, minimumExponent: -14, maximumExponent: 15)
  /// The upper half of an f32.
  public static let bf16 = FloatFormat(
    fractionBits: 7, minimumExponent: -126, maximumExponent: 127)

  /// The number of this format that is nearest to `value`, ties to even; NaN stays as it is.
  public func rounded(_ value: Double) -> Double {
    if !value.isFinite || value == 0 { return value }
    let exponent = max(Int(value.exponent), minimumExponent) - fractionBits
    let quantum = Double(sign: .plus, exponent: exponent, significand: 1)
    let result = (value / quantum).rounded(.toNearestOrEven) * quantum
    if result != 0, Int(result.exponent) > maximumExponent {
      return value < 0 ? -.infinity : .infinity
    }
    return result == 0 && value.sign == .minus ? -0.0 : result
  }
}

extension ScalarType {
  /// The number of this float type that is nearest to `value`, ties to even.
  ///
  /// - Requires: the type is a float.
  public func rounded(_ value: Double) -> Double {
    switch self {
    case .f16: FloatFormat.f16.rounded(value)
    case .bf16: FloatFormat.bf16.rounded(value)
    case .f32: Double(Float(value))
    default: value
    }
  }
}

/// The bits of the f16 nearest to `value`.
public func bitsOfF16(_ value: Double) -> UInt16 {
  let sign: UInt16 = value.sign == .minus ? 0x8000 : 0
  if value.isNaN {
    // The upper bits of the payload survive; the quiet bit is set.
    return sign | 0x7E00 | UInt16(truncatingIfNeeded: value.significandBitPattern >> 42) & 0x3FF
  }
  let rounded = FloatFormat.f16.rounded(value).magnitude
  if rounded == .infinity { return sign | 0x7C00 }
  if rounded < 0x1p-14 { return sign | UInt16(rounded * 0x1p24) }
  let exponent = UInt16(rounded.exponent + 15)
  return sign | exponent << 10 | UInt16(rounded.significandBitPattern >> 42)
}

/// The number whose f16 bits are `bits`.
public func floatOfF16(_ bits: UInt16) -> Float {
  let sign = UInt32(bits & 0x8000) << 16
  let exponent = UInt32(bits >> 10 & 0x1F)
  let fraction = UInt32(bits & 0x3FF)
  switch exponent {
  case 0:
    let magnitude = Float(fraction) * 0x1p-24
    return sign == 0 ? magnitude : -magnitude
  case 0x1F:
    return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
  default:
    return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
  }
}
