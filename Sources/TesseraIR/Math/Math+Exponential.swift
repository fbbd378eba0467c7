import TesseraNumbers

/// Exponentials, logarithms and what is made of them. All work on f32 and f64 alone.
extension Builder {
  /// The coefficients for the type of `x`.
  func coefficients(_ x: Value) -> Coefficients { lanes(x) == .f64 ? .f64 : .f32 }

  /// eˣ = 2ⁿ eʳ with n the multiple of a step nearest to x / ln 2: of 1/8 for f32, of 1 for f64.
  ///
  /// Error: at most 1.2 ulp in f32, 1 ulp in f64; `isExact` makes that 1 ulp in f32 too.
  mutating func exponential(_ x: Value, isExact: Bool = false) -> Value {
    let row =
      isExact && lanes(x) == .f32 ? Coefficients.exactExponential : coefficients(x).exponential
    let isDouble = lanes(x) == .f64
    let (growth, power) = growth(x, row, from: isDouble ? -746 : -104, to: isDouble ? 710 : 89)
    return lanes(x) == .f32
      ? arithmetic(.powerOfEighths, growth, power.anchored)
      : arithmetic(.scaleByPower, add(growth, 1), power.anchored)
  }

  /// eˣ + `term` in f32, to the bits of the sum of both, where `term` is a number that leaves nothing
  /// of e⁻⁸⁰, see `isLargeTerm`.
  ///
  /// So no power need be below the normal numbers, and half of each is a product.
  mutating func exponential(_ x: Value, plus term: Value) -> Value {
    let (growth, power) = growth(x, Coefficients.f32.exponential, from: -80, to: 89)
    let places = bits(power.anchored, as: .i32)
    // Exponents are added up: to what is less by the bits of the place that come with them.
    let halves = ScalarType.eighthPowers.enumerated().map { place, power in
      Float(bitPattern: (power / 2).bitPattern &- UInt32(place) << 20)
    }
    let entries = bits(lookUp(places, halves), as: .i32)
    let half = bits(arithmetic(.add, entries, combine(.shiftLeft, places, 20)), as: .f32)
    return multiplyAdd(multiplyAdd(growth, half, half), 2, term)
  }

  /// `true` iff adding `number` to a float leaves nothing of what is below e⁻⁸⁰, and no infinity that
  /// was none.
  static func isLargeTerm(_ number: Double) -> Bool { 0x1p-60...0x1p60 ~= abs(number) }

  /// eʳ - 1 and n for x = r + n ln 2, x held to the range from `low` to `high`; `row` is of the
  /// polynomial in r.
  private mutating func growth(
    _ x: Value, _ row: [Double], from low: Double, to high: Double
  ) -> (growth: Value, power: NearPower) {
    let opposite = negated(x)
    // The sign of x goes into the numbers, where it costs nothing.
    let (s, power) = reduced(opposite ?? x, sign: opposite == nil ? 1 : -1, low, high)
    let signed = row.enumerated().map { opposite == nil || $0.isMultiple(of: 2) ? $1 : -$1 }
    let r = opposite == nil ? s : negate(s)
    return (multiplyAdd(multiply(s, s), polynomial(s, signed), r), power)
  }

  /// `sign` r and 2ⁿ with `sign` x = r + n ln 2, of an x that is held to the range.
  private mutating func reduced(
    _ x: Value, sign: Double, _ low: Double, _ high: Double
  ) -> (r: Value, power: NearPower) {
    let isDouble = lanes(x) == .f64
    let clamped = sign < 0 ? clamp(x, -high, -low) : clamp(x, low, high)
    let power = nearPower(clamped, times: sign * Coefficients.binaryLogarithmOfE.high)
    let ln2 = isDouble ? Coefficients.naturalLogarithmOf2 : Coefficients.naturalLogarithmOf2F32
    let r = multiplyAdd(power.float, -sign * ln2.high, clamped)
    return (multiplyAdd(power.float, -sign * ln2.low, r), power)
  }

  /// The number of which `x` is the negative, if it was made so.
  private func negated(_ x: Value) -> Value? {
    guard let definition = function.definition(of: x),
      function.operations[definition].opcode == .negate
    else { return nil }
    return function.operations[definition].operands[0]
  }

  /// 2ˣ = 2ⁿ 2ʳ with n the multiple of a step nearest to x: of 1/8 for f32, of 1 for f64.
  ///
  /// Error: at most 1.2 ulp.
  mutating func exponential2(_ x: Value) -> Value {
    let isDouble = lanes(x) == .f64
    let clamped = clamp(x, isDouble ? -1077 : -151, isDouble ? 1025 : 129)
    let power = nearPower(clamped)
    return raised(subtract(clamped, power.float), power)
  }

  /// 2ʳ times the power n.
  private mutating func raised(_ r: Value, _ power: NearPower) -> Value {
    let polynomial = polynomial(r, coefficients(r).exponential2)
    return lanes(r) == .f32
      ? arithmetic(.powerOfEighths, multiply(r, polynomial), power.anchored)
      : arithmetic(.scaleByPower, multiplyAdd(r, polynomial, 1), power.anchored)
  }

  /// A number n as a power of two.
  private struct NearPower {
    /// n.
    var float: Value
    /// n with the anchor of `Opcode.powerOfEighths` for f32, of `Opcode.scaleByPower` for f64.
    var anchored: Value
  }

  /// n = x * scale, rounded to eighths for f32, to a whole number for f64.
  private mutating func nearPower(_ x: Value, times scale: Double = 1) -> NearPower {
    let type = lanes(x)
    let anchor = number(type == .f32 ? ScalarType.eighthAnchor : type.powerAnchor, like: x)
    let anchored = scale == 1 ? add(x, anchor) : multiplyAdd(x, scale, anchor)
    return NearPower(float: subtract(anchored, anchor), anchored: anchored)
  }

  // MARK: Logarithms

  /// A positive finite number as m 2ᵉ with √½ ≤ m < √2; gives m - 1 and e.
  private mutating func split(_ x: Value) -> (fraction: Value, exponent: Value) {
    let isDouble = lanes(x) == .f64
    let integers: ScalarType = isDouble ? .i64 : .i32
    let width: Int64 = isDouble ? 52 : 23
    // Subnormal numbers are made normal first.
    let isTiny = compare(.less, x, isDouble ? 0x1p-1022 : 0x1p-126)
    let lift: Double = isDouble ? 54 : 24
    let normal = select(isTiny, multiply(x, isDouble ? 0x1p54 : 0x1p24), x)
    let pattern = bits(normal, as: integers)
    let rootOfHalf: Int64 = isDouble ? 0x3FE6_A09E_667F_3BCD : 0x3F35_04F3
    let exponent = combine(.shiftRight, combine(.subtract, pattern, rootOfHalf), width)
    let mantissa = bits(
      subtract(pattern, combine(.shiftLeft, exponent, width)), as: lanes(x))
    let zero = number(0, like: x)
    let lifted = number(lift, like: x)
    let correction = select(isTiny, lifted, zero)
    return (add(mantissa, -1), subtract(float(ofSmall: exponent), correction))
  }

  /// ln(1 + f) - f, and `extra` added while that is exact enough.
  private mutating func logarithmTail(_ f: Value, extra: Value?) -> Value {
    let square = multiply(f, f)
    let row = coefficients(f).logarithm
    if lanes(f) == .f32 {
      // f³ P(f) + extra - f²/2
      let cube = multiply(f, square)
      let head =
        if let extra { multiplyAdd(cube, polynomial(f, row), extra) } else {
          multiply(cube, polynomial(f, row))
        }
      return multiplyAdd(square, -0.5, head)
    }
    // With s = f / (2 + f): ln(1 + f) = 2 atanh s = f - f²/2 + s (f²/2 + s² R(s²)).
    let s = divide(f, add(f, 2))
    let z = multiply(s, s)
    let half = multiply(square, 0.5)
    let inner = multiplyAdd(z, polynomial(z, row), half)
    let head = if let extra { multiplyAdd(s, inner, extra) } else { multiply(s, inner) }
    return subtract(head, half)
  }

  /// `value` where `x` is positive and finite; else what a logarithm gives.
  private mutating func logarithmOrSpecial(_ x: Value, _ value: Value) -> Value {
    let infinity = number(.infinity, like: x)
    let isPositive = compare(.greater, x, 0)
    let isFinite = compare(.less, x, infinity)
    let isOrdinary = arithmetic(.bitAnd, isPositive, isFinite)
    let notANumber = number(.nan, like: x)
    let atInfinity = select(compare(.equal, x, infinity), infinity, notANumber)
    let lowest = number(-.infinity, like: x)
    let special = select(compare(.equal, x, 0), lowest, atInfinity)
    return select(isOrdinary, value, special)
  }

  /// ln x = e ln 2 + ln m.
  ///
  /// Error: at most 1.5 ulp.
  mutating func logarithm(_ x: Value) -> Value {
    let (f, exponent) = split(x)
    let ln2 =
      lanes(x) == .f64 ? Coefficients.naturalLogarithmOf2 : Coefficients.naturalLogarithmOf2F32
    let tail = logarithmTail(f, extra: multiply(exponent, ln2.low))
    let value = multiplyAdd(exponent, ln2.high, add(f, tail))
    return logarithmOrSpecial(x, value)
  }

  /// log₂ x = e + ln m log₂ e.
  ///
  /// Error: at most 2 ulp.
  mutating func logarithm2(_ x: Value) -> Value {
    let (f, exponent) = split(x)
    let value = add(exponent, binaryLogarithm(f))
    return logarithmOrSpecial(x, value)
  }

  private mutating func binaryLogarithm(_ f: Value) -> Value {
    let log2E =
      lanes(f) == .f64 ? Coefficients.binaryLogarithmOfE : Coefficients.binaryLogarithmOfEF32
    let tail = logarithmTail(f, extra: nil)
    // f + tail is rounded; what is lost comes back with the small product.
    let sum = add(f, tail)
    let lost = subtract(tail, subtract(sum, f))
    let small = multiplyAdd(sum, log2E.low, multiply(lost, log2E.high))
    return multiplyAdd(sum, log2E.high, small)
  }

  // MARK: Functions made of exponentials

  /// 1 / (1 + e⁻ˣ), by e^-|x| so that nothing overflows and small results keep their digits.
  ///
  /// Error: at most 2 ulp.
  mutating func sigmoid(_ x: Value) -> Value {
    let power = exponential(negate(absolute(x)), isExact: true)
    let one = number(1, like: x)
    let numerator = select(compare(.less, x, 0), power, one)
    // The sum is rounded; one step of division by hand takes what is lost into account.
    let divisor = add(power, 1)
    let lost = subtract(power, add(divisor, -1))
    let inverse = divide(one, divisor)
    let quotient = multiply(numerator, inverse)
    var rest = multiplyAdd(negate(quotient), divisor, numerator)
    rest = multiplyAdd(negate(quotient), lost, rest)
    return multiplyAdd(rest, inverse, quotient)
  }

  /// x + x³ P(x²) for |x| < 1, else 1 - 2 / (e^2|x| + 1) with the sign of x.
  ///
  /// Error: at most 2 ulp.
  mutating func hyperbolicTangent(_ x: Value) -> Value {
    let magnitude = absolute(x)
    let square = multiply(magnitude, magnitude)
    let cube = multiply(magnitude, square)
    let small = multiplyAdd(
      cube, polynomial(square, coefficients(x).hyperbolicTangent), magnitude)
    let (twice, one, two) = (add(magnitude, magnitude), number(1, like: x), number(2, like: x))
    let divisor =
      lanes(x) == .f32 ? exponential(twice, plus: one) : add(exponential(twice), one)
    let large = add(negate(divide(two, divisor)), 1)
    return withSign(of: x, select(compare(.less, magnitude, 1), small, large))
  }

  /// 1 / √x; both steps are correctly rounded.
  ///
  /// Error: at most 1.5 ulp.
  mutating func reciprocalSquareRoot(_ x: Value) -> Value {
    let one = number(1, like: x)
    return divide(one, arithmetic(.squareRoot, x))
  }

  // MARK: Powers

  /// xʸ = 2^(y log₂ |x|) with the sign that C's `pow` gives.
  ///
  /// For f32 all is done in f64, and the error is at most 1 ulp. For f64 the logarithm is a sum of
  /// two numbers, and the error is at most 1 ulp as well.
  mutating func power(_ x: Value, _ y: Value) -> Value {
    let float = lanes(x)
    let magnitude = converted(absolute(x), to: .f64)
    let exponent = converted(y, to: .f64)
    let value =
      float == .f64
      ? longPower(magnitude, exponent)
      : exponential2(multiply(exponent, logarithm2(magnitude)))
    return withSpecialPowers(x, y, converted(value, to: float))
  }

  /// `value` = |x|ʸ with the sign of xʸ, and the cases that no logarithm tells.
  private mutating func withSpecialPowers(_ x: Value, _ y: Value, _ value: Value) -> Value {
    let isWhole = compare(.equal, arithmetic(.floor, y), y)
    let half = multiply(y, 0.5)
    let isHalfWhole = compare(.equal, arithmetic(.floor, half), half)
    let isOdd = arithmetic(.bitAnd, isWhole, arithmetic(.bitNot, isHalfWhole))
    let plain = number(1, like: x)
    let sign = compare(.less, withSign(of: x, plain), 0)
    let signed = select(arithmetic(.bitAnd, sign, isOdd), negate(value), value)

    let infinity = number(.infinity, like: x)
    let isNegative = compare(.less, x, 0)
    let isFinite = compare(.less, absolute(x), infinity)
    let isRoot = arithmetic(.bitAnd, isNegative, arithmetic(.bitNot, isWhole))
    let notANumber = number(.nan, like: x)
    var result = select(arithmetic(.bitAnd, isRoot, isFinite), notANumber, signed)

    let isEndless = compare(.equal, absolute(y), infinity)
    let isUnit = compare(.equal, absolute(x), 1)
    var isOne = arithmetic(.bitAnd, isUnit, isEndless)
    isOne = arithmetic(.bitOr, isOne, compare(.equal, y, 0))
    isOne = arithmetic(.bitOr, isOne, compare(.equal, x, 1))
    result = select(isOne, plain, result)
    return result
  }

  /// |x|ʸ in f64, by a logarithm that is a sum of two numbers.
  ///
  /// With s = f / (2 + f): ln m = s (2 + s² (2/3 + s² R(s²))), where all but R is carried in two
  /// numbers.
  private mutating func longPower(_ x: Value, _ y: Value) -> Value {
    let (f, exponent) = split(x)
    // s = f / (2 + f)
    let divisor = add(f, 2)
    let divisorLow = subtract(f, add(divisor, -2))
    let s = divide(f, divisor)
    var rest = multiplyAdd(negate(s), divisor, f)
    rest = multiplyAdd(negate(s), divisorLow, rest)
    let sLow = divide(rest, divisor)
    // z = s²
    let z = multiply(s, s)
    var zLow = multiplyAdd(s, s, negate(z))
    zLow = multiplyAdd(add(s, s), sLow, zLow)
    // t = 2/3 + z R(z)
    let tail = multiply(z, polynomial(z, Coefficients.longLogarithm))
    let t = add(tail, Coefficients.twoThirds.high)
    var tLow = subtract(tail, add(t, -Coefficients.twoThirds.high))
    tLow = add(tLow, Coefficients.twoThirds.low)
    // w = 2 + z t
    let product = multiplied((z, zLow), (t, tLow))
    let w = add(product.high, 2)
    var wLow = subtract(product.high, add(w, -2))
    wLow = add(wLow, product.low)
    // log₂ x = e + s w log₂ e
    let logarithm = multiplied((s, sLow), (w, wLow))
    let log2E = (
      high: number(Coefficients.binaryLogarithmOfE.high, like: x),
      low: number(Coefficients.binaryLogarithmOfE.low, like: x)
    )
    let binary = multiplied(logarithm, (log2E.high, log2E.low))
    var high = add(exponent, binary.high)
    let low = add(subtract(binary.high, subtract(high, exponent)), binary.low)
    high = logarithmOrSpecial(x, high)

    // y log₂ x, beyond what a power can be without its low part, which may be NaN there.
    let p = multiply(y, high)
    let pLow = multiplyAdd(y, low, multiplyAdd(y, high, negate(p)))
    let isBeyond = compare(.greaterOrEqual, absolute(p), 1100)
    let zero = number(0, like: x)
    let lowPart = select(isBeyond, zero, pLow)
    let clamped = clamp(p, -1100, 1100)
    let n = nearPower(clamped)
    return raised(add(subtract(clamped, n.float), lowPart), n)
  }

  /// The product of two sums of two numbers.
  private mutating func multiplied(
    _ a: (high: Value, low: Value), _ b: (high: Value, low: Value)
  ) -> (high: Value, low: Value) {
    let high = multiply(a.high, b.high)
    var low = multiplyAdd(a.high, b.high, negate(high))
    low = multiplyAdd(a.high, b.low, low)
    low = multiplyAdd(a.low, b.high, low)
    return (high, low)
  }
}
