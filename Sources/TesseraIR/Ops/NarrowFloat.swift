/// The encoding of a binary float of at most 16 bits.
///
/// Written out in integers, so that every host gives the same bits.
struct NarrowFloat: Sendable {
  /// The number of bits of the exponent.
  let exponentBits: Int
  /// The number of bits of the fraction.
  let fractionBits: Int

  static let f16 = NarrowFloat(exponentBits: 5, fractionBits: 10)
  static let bf16 = NarrowFloat(exponentBits: 8, fractionBits: 7)

  private var bias: Int { (1 << (exponentBits - 1)) - 1 }
  private var infinity: UInt64 { ((1 << UInt64(exponentBits)) - 1) << UInt64(fractionBits) }
  private var signBit: UInt64 { 1 << UInt64(exponentBits + fractionBits) }

  /// The value that `bits` stand for.
  func double(_ bits: UInt64) -> Double {
    let magnitude = bits & (signBit - 1)
    let sign: FloatingPointSign = bits & signBit == 0 ? .plus : .minus
    if magnitude > infinity { return .nan }
    if magnitude == infinity { return sign == .plus ? .infinity : -.infinity }
    let biased = Int(magnitude >> UInt64(fractionBits))
    let fraction = magnitude & ((1 << UInt64(fractionBits)) - 1)
    let significand = biased == 0 ? fraction : fraction | 1 << UInt64(fractionBits)
    return Double(
      sign: sign, exponent: max(biased, 1) - bias - fractionBits, significand: Double(significand))
  }

  /// The bits of the number nearest to `value`, ties to even.
  func bits(rounding value: Double) -> UInt64 {
    if value.isNaN { return infinity | 1 << UInt64(fractionBits - 1) }
    let sign = value.sign == .minus ? signBit : 0
    if value.isInfinite { return sign | infinity }
    if value.isZero { return sign }
    // The significand as an integer, `value` being `significand * 2^(exponent - 52)`; subnormal
    // doubles are so far below every narrow number that their exponent need not be exact.
    let exponent = Int(value.exponentBitPattern) - 1023
    let significand = value.significandBitPattern | 1 << 52
    let scale = max(exponent, 1 - bias)
    let shift = UInt64(scale - fractionBits - (exponent - 52))
    if shift > 54 { return sign }
    let kept = significand >> shift
    let lost = significand & ((1 << shift) - 1)
    let half: UInt64 = 1 << (shift - 1)
    let rounded = lost > half || (lost == half && kept & 1 == 1) ? kept + 1 : kept
    // The leading bit of `rounded` adds one to the exponent, as does a carry out of the fraction.
    let result = (UInt64(scale + bias - 1) << UInt64(fractionBits)) + rounded
    return sign | min(result, infinity)
  }
}
