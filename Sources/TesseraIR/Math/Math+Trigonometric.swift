/// Sine, cosine and tangent. All work on f32 and f64 alone.
extension Builder {
  /// An angle as q π/2 + r with |r| ≤ π/4, r in f64 and q in i64, of which the last two bits count.
  private typealias Reduced = (r: Value, quadrant: Value)

  /// sin x, by the polynomial of sin r or cos r.
  ///
  /// Error: at most 1.6 ulp for f32; for f64 at most 2 ulp where |r| is above 2⁻³⁰.
  mutating func sine(_ x: Value) -> Value { sinusoid(x, phase: 0) }

  /// cos x, which is sine a quarter turn later.
  ///
  /// Error: as `sine`.
  mutating func cosine(_ x: Value) -> Value { sinusoid(x, phase: 1) }

  private mutating func sinusoid(_ x: Value, phase: Int64) -> Value {
    let (angle, turns) = reduced(x)
    let quadrant = combine(.add, turns, phase)
    let r = converted(angle, to: lanes(x))
    let waves = waves(r)
    let value = select(bit(0, of: quadrant), waves.cosine, waves.sine)
    let signed = select(bit(1, of: quadrant), negate(value), value)
    // Sums lose the sign of zero.
    return phase == 0 ? select(compare(.equal, x, 0), x, signed) : signed
  }

  /// tan x = sin r / cos r, or -cos r / sin r in odd quadrants; f32 by way of f64.
  ///
  /// Error: at most 0.5001 ulp for f32, 4 ulp for f64.
  mutating func tangent(_ x: Value) -> Value {
    let (r, quadrant) = reduced(x)
    let waves = waves(r)
    let isOdd = bit(0, of: quadrant)
    let numerator = select(isOdd, negate(waves.cosine), waves.sine)
    let denominator = select(isOdd, waves.sine, waves.cosine)
    let value = converted(divide(numerator, denominator), to: lanes(x))
    return select(compare(.equal, x, 0), x, value)
  }

  /// sin r and cos r for |r| ≤ π/4.
  private mutating func waves(_ r: Value) -> (sine: Value, cosine: Value) {
    let row: Coefficients = lanes(r) == .f64 ? .f64 : .f32
    let square = multiply(r, r)
    let cube = multiply(r, square)
    let sine = multiplyAdd(cube, polynomial(square, row.sine), r)
    let one = number(1, like: r)
    let start = multiplyAdd(square, -0.5, one)
    let fourth = multiply(square, square)
    return (sine, multiplyAdd(fourth, polynomial(square, row.cosine), start))
  }

  /// `true` iff the bit is set.
  private mutating func bit(_ position: Int64, of integer: Value) -> Value {
    let masked = combine(.bitAnd, integer, 1 << position)
    let zero = self.integer(0, like: integer)
    return compare(.notEqual, masked, zero)
  }

  // MARK: Reduction

  /// The angle within its quadrant: by π/2 in three parts up to 2⁴⁰, by the bits of 2/π beyond.
  private mutating func reduced(_ x: Value) -> Reduced {
    let wide = converted(x, to: .f64)
    let near = reducedNear(wide, parts: lanes(x) == .f64 ? 3 : 2)
    let isFar = compare(.greater, absolute(wide), 0x1p40)
    let wordCount = lanes(x) == .f64 ? Coefficients.twoOverPi.count : 6
    let condition = anyLane(isFar)
    let types = [type(of: near.r), type(of: near.quadrant)]
    let slow = buildRegion { builder, _ in
      let far = builder.reducedFar(wide, wordCount: wordCount)
      let r = builder.select(isFar, far.r, near.r)
      let quadrant = builder.select(isFar, far.quadrant, near.quadrant)
      builder.emit(.yield, [r, quadrant])
    }
    let fast = buildRegion { builder, _ in builder.emit(.yield, [near.r, near.quadrant]) }
    let results = emit(.if, [condition], results: types, regions: [slow, fast])
    return (results[0], results[1])
  }

  private mutating func anyLane(_ condition: Value) -> Value {
    guard case .vector = type(of: condition) else { return condition }
    return emit(
      .reduceLanes, [condition], results: [.bool], attribute: .reduction(.any, .sequential))[0]
  }

  private mutating func reducedNear(_ x: Value, parts: Int) -> Reduced {
    let n = wholePart(x, times: 0x1.45f306dc9c883p-1)
    var r = multiplyAdd(n.float, -Coefficients.halfPi.high, x)
    r = multiplyAdd(n.float, -Coefficients.halfPi.middle, r)
    if parts == 3 { r = multiplyAdd(n.float, -Coefficients.halfPi.low, r) }
    return (r, n.integer)
  }

  /// |x| = m 2ᵉ; of m 2ᵉ 2/π only the bits from weight 2 down matter, so m is multiplied by a window
  /// of the bits of 2/π that begins there.
  ///
  /// Algorithm: Payne and Hanek 1983, «Radian reduction for trigonometric functions».
  private mutating func reducedFar(_ x: Value, wordCount: Int) -> Reduced {
    let pattern = bits(absolute(x), as: .u64)
    let fraction = combine(.bitAnd, pattern, 1 << 52 - 1)
    let m = combine(.bitOr, fraction, 1 << 52)
    // e + 62 = biased exponent - 1075 + 62, counted in a table that begins with 64 zeros.
    let position = combine(.subtract, combine(.shiftRight, pattern, 52), 1013)
    let words = window(at: position, wordCount: wordCount)

    let second = wideProduct(m, words[1])
    let low = add(second.low, wideProduct(m, words[2]).high)
    let carry = converted(compare(.less, low, second.low), to: .u64)
    var high = add(multiply(m, words[0]), second.high)
    high = add(high, carry)

    // Two bits of quadrant, then the fraction; rounded to the nearest quadrant.
    let quadrant = combine(.shiftRight, combine(.add, high, 1 << 61), 62)
    let rest = bits(subtract(high, combine(.shiftLeft, quadrant, 62)), as: .i64)
    let lowPart = multiply(converted(low, to: .f64), 0x1p-126)
    let turns = multiplyAdd(converted(rest, to: .f64), 0x1p-62, lowPart)
    let small = multiply(turns, Coefficients.halfPi.middle)
    let r = multiplyAdd(turns, Coefficients.halfPi.high, small)

    // Infinite and NaN angles have no remainder.
    let checked = add(r, subtract(x, x))
    let isNegative = compare(.less, x, 0)
    let signedQuadrant = bits(quadrant, as: .i64)
    return (
      select(isNegative, negate(checked), checked),
      select(isNegative, negate(signedQuadrant), signedQuadrant)
    )
  }

  /// Three words of the bits of 2/π from bit `position` on.
  private mutating func window(at position: Value, wordCount: Int) -> [Value] {
    let index = combine(.shiftRight, position, 6)
    let shift = combine(.bitAnd, position, 63)
    let width = integer(64, like: shift)
    let back = subtract(width, shift)
    var words = (0..<4).map { table($0, like: position) }
    for start in 1..<(wordCount - 3) {
      let number = integer(Int64(start), like: index)
      let isHere = compare(.equal, index, number)
      words = (0..<4).map { offset in
        let word = table(start + offset, like: position)
        return select(isHere, word, words[offset])
      }
    }
    return (0..<3).map { offset in
      let high = arithmetic(.shiftLeft, words[offset], shift)
      let low = arithmetic(.shiftRight, words[offset + 1], back)
      return arithmetic(.bitOr, high, low)
    }
  }

  private mutating func table(_ index: Int, like value: Value) -> Value {
    integer(Int64(bitPattern: Coefficients.twoOverPi[index]), like: value)
  }

  /// The product of two u64 in two words, of which the first is below 2⁵³.
  private mutating func wideProduct(_ a: Value, _ b: Value) -> (high: Value, low: Value) {
    let (aHigh, aLow) = (combine(.shiftRight, a, 32), combine(.bitAnd, a, 0xFFFF_FFFF))
    let (bHigh, bLow) = (combine(.shiftRight, b, 32), combine(.bitAnd, b, 0xFFFF_FFFF))
    let lowProduct = multiply(aLow, bLow)
    let cross = multiply(aLow, bHigh)
    var middle = add(combine(.shiftRight, lowProduct, 32), multiply(aHigh, bLow))
    middle = add(middle, combine(.bitAnd, cross, 0xFFFF_FFFF))
    var high = add(multiply(aHigh, bHigh), combine(.shiftRight, cross, 32))
    high = add(high, combine(.shiftRight, middle, 32))
    return (high, multiply(a, b))
  }
}
