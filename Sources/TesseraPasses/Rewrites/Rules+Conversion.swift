import TesseraIR
import TesseraNumbers

/// Conversions and reinterpreted bits.
let conversionRules: [Rule] = [
  Rule("convert(x) = x to the same type", .convert, .bitcast, on: .all) {
    $0.function.type(of: $0.left) == $0.resultType ? $0.left : nil
  },
  Rule("convert(convert(x)) = convert(x) if the inner one loses nothing", .convert, on: .all) {
    site in
    guard let inner = site.operands(of: site.left, .convert),
      let source = site.function.type(of: inner[0]).laneType,
      let middle = site.function.type(of: site.left).laneType,
      let target = site.resultType.laneType, source.isExact(in: middle)
    else { return nil }
    // A float saturates where an integer wraps, so the way round a float is not the same.
    if !source.isFloat && middle.isFloat && !target.isFloat && !source.isExact(in: target) {
      return nil
    }
    return site.emit(.convert, inner, site.resultType)
  },
  Rule(
    "convert(convert(x)) = convert(x) for integers that only get narrower", .convert, on: .integers
  ) {
    site in
    guard let inner = site.operands(of: site.left, .convert),
      let source = site.function.type(of: inner[0]).laneType, source.isInteger,
      let middle = site.function.type(of: site.left).laneType,
      let target = site.resultType.laneType, target.isInteger,
      target.bitWidth <= middle.bitWidth
    else { return nil }
    return site.emit(.convert, inner, site.resultType)
  },
  Rule("bitcast(bitcast(x)) = bitcast(x)", .bitcast, on: .all) {
    guard let inner = $0.operands(of: $0.left, .bitcast) else { return nil }
    return $0.emit(.bitcast, inner, $0.resultType)
  },
]

extension ScalarType {
  /// `true` iff every number of this type is one of `other`.
  fileprivate func isExact(in other: ScalarType) -> Bool {
    if self == other || self == .bool { return true }
    switch (isFloat, other.isFloat) {
    case (true, true): return other == .f64 || (other == .f32 && bitWidth == 16)
    case (false, true): return bitWidth - (isSigned ? 1 : 0) <= other.digits
    case (false, false):
      return isSigned
        ? other.isSigned && bitWidth <= other.bitWidth
        : bitWidth < other.bitWidth || (!other.isSigned && bitWidth == other.bitWidth)
    case (true, false): return false
    }
  }

  /// The binary digits of a float, the leading one included.
  private var digits: Int {
    switch self {
    case .f64: 53
    case .f32: 24
    case .f16: 11
    case .bf16: 8
    default: 0
    }
  }
}
