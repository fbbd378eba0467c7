import TesseraIR
import TesseraNumbers

/// What holds for floats alone.
let floatRules: [Rule] = [
  Rule("x / 2^k = x * 2^-k", .divide, on: .floats) { site in
    guard let divisor = site.constant(site.right)?.double, divisor.isNormal,
      divisor.significand == 1, let type = site.resultType.laneType
    else { return nil }
    let inverse = ScalarValue(rounding: 1 / divisor, type)
    guard inverse.double == 1 / divisor, inverse.isNormal else { return nil }
    return site.number(inverse).map { site.emit(.multiply, site.left, $0) }
  },
  Rule("x / a = x * (1 / a)", .divide, on: .relaxedFloats) { site in
    guard let divisor = site.constant(site.right), divisor.double.isFinite,
      let inverse = Opcode.divide.evaluate(.one(divisor.type), divisor, result: divisor.type),
      inverse.isNormal, let number = site.number(inverse)
    else { return nil }
    return site.emit(.multiply, site.left, number)
  },
  Rule("floor(floor(x)) = floor(x)", .floor, .ceil, .round, .truncate, on: .floats) { site in
    for opcode: Opcode in [.floor, .ceil, .round, .truncate]
    where site.operands(of: site.left, opcode) != nil {
      return site.left
    }
    return nil
  },
  Rule("floor(x) = x for a converted integer", .floor, .ceil, .round, .truncate, on: .floats) {
    guard let source = $0.operands(of: $0.left, .convert),
      let type = $0.function.type(of: source[0]).laneType, !type.isFloat
    else { return nil }
    return $0.left
  },
]

extension ScalarValue {
  /// `true` iff a float has its full precision: neither 0 nor subnormal, infinite or NaN.
  fileprivate var isNormal: Bool {
    switch type {
    case .f64: double.isNormal
    case .f32, .bf16: Float(double).isNormal
    case .f16: double.isFinite && abs(double) >= 0x1p-14
    default: false
    }
  }
}
