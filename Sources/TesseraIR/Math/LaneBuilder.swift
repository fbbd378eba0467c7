import TesseraNumbers

extension ScalarType {
  /// What the second operand of `scaleByPower` holds beside the power: so large that adding it rounds
  /// and the whole number stands in the last bits, as an integer would, with twice the bias of
  /// exponents on top.
  public var powerAnchor: Double { self == .f64 ? 0x1.8p52 + 2046 : 0x1.8p23 + 254 }

  /// What the second operand of `powerOfEighths` holds beside the eighths: so large that adding it
  /// rounds an f32 to eighths, whose number then stands in the last bits.
  public static let eighthAnchor: Double = 0x1.8p20

  /// The powers of two from 2⁰ to 2^(7/8).
  public static let eighthPowers: [Float] = [
    1, 1.0905077, 1.1892071, 1.2968396, 1.4142135, 1.5422108, 1.6817929, 1.8340081,
  ]
}

/// Emission of arithmetic on scalars or vectors alike: constants take the shape of a value.
extension Builder {
  /// The type of `value`'s lanes.
  func lanes(_ value: Value) -> ScalarType { type(of: value).laneType ?? .f32 }

  private mutating func spread(_ scalar: Value, like value: Value) -> Value {
    guard case .vector(_, let lanes) = type(of: value),
      case .scalar(let type) = type(of: scalar)
    else { return scalar }
    return emit(.splat, [scalar], results: [.vector(type, lanes: lanes)])[0]
  }

  /// The float `number`, of the type of `value`.
  mutating func number(_ number: Double, like value: Value) -> Value {
    spread(constant(number, lanes(value)), like: value)
  }

  /// The integer `number`, of the type of `value`.
  mutating func integer(_ number: Int64, like value: Value) -> Value {
    spread(constant(number, lanes(value)), like: value)
  }

  /// Arithmetic on values of one type, each by its name.
  mutating func add(_ a: Value, _ b: Value) -> Value { arithmetic(.add, a, b) }
  mutating func subtract(_ a: Value, _ b: Value) -> Value { arithmetic(.subtract, a, b) }
  mutating func multiply(_ a: Value, _ b: Value) -> Value { arithmetic(.multiply, a, b) }
  mutating func divide(_ a: Value, _ b: Value) -> Value { arithmetic(.divide, a, b) }
  mutating func negate(_ a: Value) -> Value { arithmetic(.negate, a) }
  mutating func absolute(_ a: Value) -> Value { arithmetic(.absolute, a) }
  mutating func multiplyAdd(_ a: Value, _ b: Value, _ c: Value) -> Value {
    arithmetic(.multiplyAdd, a, b, c)
  }

  /// `a * b + c` with a number in the place of `b`.
  mutating func multiplyAdd(_ a: Value, _ b: Double, _ c: Value) -> Value {
    let factor = number(b, like: a)
    return multiplyAdd(a, factor, c)
  }

  /// `a * b + c` with a number in the place of `c`.
  mutating func multiplyAdd(_ a: Value, _ b: Value, _ c: Double) -> Value {
    let term = number(c, like: a)
    return multiplyAdd(a, b, term)
  }

  /// `a + b`.
  mutating func add(_ a: Value, _ b: Double) -> Value {
    let other = number(b, like: a)
    return add(a, other)
  }

  /// `a * b`.
  mutating func multiply(_ a: Value, _ b: Double) -> Value {
    let other = number(b, like: a)
    return multiply(a, other)
  }

  /// `a` where `condition` holds, or else `b`.
  mutating func select(_ condition: Value, _ a: Value, _ b: Value) -> Value {
    emit(.select, [condition, a, b], results: [type(of: a)])[0]
  }

  /// Compares each lane with a number.
  mutating func compare(_ opcode: Opcode, _ a: Value, _ b: Double) -> Value {
    let other = number(b, like: a)
    return compare(opcode, a, other)
  }

  /// Combines integers or bools with an integer.
  mutating func combine(_ opcode: Opcode, _ a: Value, _ b: Int64) -> Value {
    let other = integer(b, like: a)
    return arithmetic(opcode, a, other)
  }

  /// The lanes converted to `scalar`.
  mutating func converted(_ value: Value, to scalar: ScalarType) -> Value {
    if lanes(value) == scalar { return value }
    return emit(.convert, [value], results: [type(of: value).withScalar(scalar)])[0]
  }

  /// The lanes' bits read as `scalar`.
  mutating func bits(_ value: Value, as scalar: ScalarType) -> Value {
    emit(.bitcast, [value], results: [type(of: value).withScalar(scalar)])[0]
  }

  /// The polynomial with these coefficients, lowest power first, by Horner's rule.
  mutating func polynomial(_ x: Value, _ coefficients: [Double]) -> Value {
    var sum = number(coefficients[coefficients.count - 1], like: x)
    for coefficient in coefficients.dropLast().reversed() {
      let next = number(coefficient, like: x)
      sum = multiplyAdd(sum, x, next)
    }
    return sum
  }

  /// `value` held between two numbers; NaN stays, since it compares with neither.
  mutating func clamp(_ value: Value, _ low: Double, _ high: Double) -> Value {
    let lower = number(low, like: value)
    let raised = select(compare(.less, value, lower), lower, value)
    let upper = number(high, like: value)
    return select(compare(.greater, raised, upper), upper, raised)
  }

  /// The entries of `table` at the places that the last three bits of the integers tell.
  mutating func lookUp(_ places: Value, _ table: [Float]) -> Value {
    emit(
      .lookUp, [places], results: [type(of: places).withScalar(.f32)],
      attribute: .dense(DenseConstant(words: table.map(\.bitPattern))))[0]
  }

  // MARK: Whole numbers in floats

  // A float of this size has no room for a fraction, so adding it rounds; and the whole number stands
  // in the last bits, as an integer would.
  private func anchor(_ float: ScalarType) -> (number: Double, bits: Int64) {
    float == .f64 ? (0x1.8p52, 0x4338_0000_0000_0000) : (0x1.8p23, 0x4B40_0000)
  }

  /// `x * scale` rounded to a whole number, as a float and as an integer of the same width.
  ///
  /// - Requires: the number is below 2⁵¹ in f64, below 2²² in f32; for others the integer means
  ///   nothing.
  mutating func wholePart(
    _ x: Value, times scale: Double = 1
  ) -> (float: Value, integer: Value) {
    let (float, pattern) = wholePattern(x, times: scale)
    return (float, combine(.subtract, pattern, anchor(lanes(x)).bits))
  }

  /// `x * scale` rounded to a whole number, as a float and in the last bits of an integer.
  mutating func wholePattern(
    _ x: Value, times scale: Double
  ) -> (float: Value, pattern: Value) {
    let float = lanes(x)
    let shift = number(anchor(float).number, like: x)
    let shifted = scale == 1 ? add(x, shift) : multiplyAdd(x, scale, shift)
    let pattern = bits(shifted, as: float == .f64 ? .i64 : .i32)
    return (subtract(shifted, shift), pattern)
  }

  /// The small integer as a float of the same width.
  mutating func float(ofSmall integer: Value) -> Value {
    let float: ScalarType = lanes(integer) == .i64 ? .f64 : .f32
    let anchor = anchor(float)
    return add(bits(combine(.add, integer, anchor.bits), as: float), -anchor.number)
  }

  /// `magnitude`, not negative, with the sign of `x`.
  mutating func withSign(of x: Value, _ magnitude: Value) -> Value {
    let float = lanes(x)
    let integers: ScalarType = float == .f64 ? .i64 : .i32
    let sign = combine(
      .bitAnd, bits(x, as: integers), float == .f64 ? Int64.min : Int64(Int32.min))
    let signed = arithmetic(.bitOr, bits(magnitude, as: integers), sign)
    return bits(signed, as: float)
  }
}
