import TesseraIR
import TesseraNumbers

/// The largest and the smallest float of many by way of integers that are ordered alike.
///
/// x86 has no instruction for a maximum that hands NaN on and puts -0 below +0, and the handful in
/// its place wait for each other. Of integers it has one, so that only what makes the integers takes
/// more, and that waits for nothing.
extension Scheduler {
  /// `true` iff reductions of `type` by `combiner` go by way of integers.
  func goesByKeys(_ combiner: Combiner, _ type: ScalarType) -> Bool {
    (combiner == .maximum || combiner == .minimum) && type == .f32
      && target.architecture == .x86_64
  }

  /// The integers for floats: those below 0 in the reverse order of their bits, and for NaN one that
  /// `combiner` prefers to those of numbers.
  mutating func keys(_ floats: Value, _ combiner: Combiner) -> Value {
    let type = builder.type(of: floats).withScalar(.i32)
    let bits = builder.emit(.bitcast, [floats], results: [type])[0]
    // The key of the NaN that arithmetic makes, which is beyond that of either infinity.
    let preferred: Int64 = combiner == .maximum ? 0x7FC0_0000 : -0x7FC0_0001
    let nan = splat(builder.constant(preferred, .i32), like: type)
    let isNumber = builder.compare(.equal, floats, floats)
    return builder.emit(.select, [isNumber, reversedBelowZero(bits), nan], results: [type])[0]
  }

  /// The float for a key; a NaN for that of NaN.
  mutating func float(ofKey key: Value) -> Value {
    let type = builder.type(of: key).withScalar(.f32)
    return builder.emit(.bitcast, [reversedBelowZero(key)], results: [type])[0]
  }

  private mutating func reversedBelowZero(_ bits: Value) -> Value {
    let type = builder.type(of: bits)
    let width = splat(builder.constant(Int64(31), .i32), like: type)
    let rest = splat(builder.constant(Int64(Int32.max), .i32), like: type)
    let sign = builder.arithmetic(.shiftRight, bits, width)
    return builder.arithmetic(.bitXor, bits, builder.arithmetic(.bitAnd, sign, rest))
  }

  private mutating func splat(_ number: Value, like type: Type) -> Value {
    guard case .vector = type else { return number }
    return builder.emit(.splat, [number], results: [type])[0]
  }
}
