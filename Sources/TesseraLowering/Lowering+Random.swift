import TesseraIR
import TesseraNumbers
import TesseraSemantics

// Element number `position` of a random tensor is made from the four words that Philox-4x32-10
// gives for the counter (position, stream) and the key (seed), low halves first: so an element
// depends on nothing but these three numbers.
// Algorithm: Salmon and others 2011, «Parallel random numbers: as easy as 1, 2, 3», table 2.

extension FunctionLowering {
  /// The elements of a random tensor; operands are seed and stream.
  mutating func random(
    _ builtin: Builtin, _ operands: [TypedExpression], _ type: ValueType
  ) -> ElementSource {
    let seed = words(lowerValue(operands[0]))
    let stream = words(operands.count > 1 ? lowerValue(operands[1]) : constant(0, .u64))
    let extents = extents(type.dimensions)
    let scalar = type.scalarElement ?? .f32
    return ElementSource(type: type, extents: extents, cost: .computed) { lowering, place in
      let position = lowering.words(lowering.rowMajor(place, extents))
      let words = lowering.philox(counter: position + stream, key: seed)
      switch builtin {
      case .randomUniform: return .value(lowering.uniform(words, scalar))
      case .randomNormal: return .value(lowering.normal(words, scalar))
      default: return .value(lowering.bits(words, scalar))
      }
    }
  }

  /// The low and the high 32 bits of an integer.
  private mutating func words(_ value: Value) -> [Value] {
    let wide = builder.convert(value, to: .u64)
    let high = builder.arithmetic(.shiftRight, wide, constant(32, .u64))
    return [builder.convert(wide, to: .u32), builder.convert(high, to: .u32)]
  }

  /// Four words of random bits.
  private mutating func philox(counter: [Value], key: [Value]) -> [Value] {
    var state = counter
    var key = key
    for round in 0..<10 {
      if round > 0 {
        key[0] = builder.arithmetic(.add, key[0], constant(0x9E37_79B9, .u32))
        key[1] = builder.arithmetic(.add, key[1], constant(0xBB67_AE85, .u32))
      }
      let first = product(state[0], 0xD251_1F53)
      let second = product(state[2], 0xCD9E_8D57)
      let mixed = [
        builder.arithmetic(.bitXor, builder.arithmetic(.bitXor, second.high, state[1]), key[0]),
        builder.arithmetic(.bitXor, builder.arithmetic(.bitXor, first.high, state[3]), key[1]),
      ]
      state = [mixed[0], second.low, mixed[1], first.low]
    }
    return state
  }

  /// The 64 bits of a product with a constant, in halves.
  private mutating func product(_ value: Value, _ factor: Int) -> (low: Value, high: Value) {
    let wide = builder.arithmetic(
      .multiply, builder.convert(value, to: .u64), constant(factor, .u64))
    let halves = words(wide)
    return (halves[0], halves[1])
  }

  /// Random bits as an integer type.
  private mutating func bits(_ words: [Value], _ type: ScalarType) -> Value {
    guard type.bitWidth == 64 else { return builder.convert(words[0], to: type) }
    return builder.convert(joined(words[0], words[1]), to: type)
  }

  /// Two words as one number of 64 bits.
  private mutating func joined(_ low: Value, _ high: Value) -> Value {
    let upper = builder.arithmetic(
      .shiftLeft, builder.convert(high, to: .u64), constant(32, .u64))
    return builder.arithmetic(.bitOr, builder.convert(low, to: .u64), upper)
  }

  /// A multiple of 2^-p in 0 ..< 1, where p is the precision of the type.
  private mutating func uniform(_ words: [Value], _ type: ScalarType) -> Value {
    switch type {
    case .f64: fraction(joined(words[0], words[1]), of: 64, bits: 53, type)
    case .f16: fraction(words[0], of: 32, bits: 11, type)
    case .bf16: fraction(words[0], of: 32, bits: 8, type)
    default: fraction(words[0], of: 32, bits: 24, type)
    }
  }

  /// The highest `bits` of a word as a fraction in 0 ..< 1.
  private mutating func fraction(
    _ word: Value, of width: Int, bits: Int, _ type: ScalarType, fromOne: Bool = false
  ) -> Value {
    let own = width == 64 ? ScalarType.u64 : .u32
    var high = builder.arithmetic(.shiftRight, word, constant(width - bits, own))
    if fromOne { high = builder.arithmetic(.add, high, constant(1, own)) }
    let scale = builder.constant(1 / Double(sign: .plus, exponent: bits, significand: 1), type)
    return builder.arithmetic(.multiply, builder.convert(high, to: type), scale)
  }

  /// A normal number by Box and Muller: sqrt(-2 ln u) cos(2 pi v).
  private mutating func normal(_ words: [Value], _ type: ScalarType) -> Value {
    let isDouble = type == .f64
    let work: ScalarType = isDouble ? .f64 : .f32
    let u: Value
    let v: Value
    if isDouble {
      u = fraction(joined(words[0], words[1]), of: 64, bits: 53, work, fromOne: true)
      v = fraction(joined(words[2], words[3]), of: 64, bits: 53, work)
    } else {
      u = fraction(words[0], of: 32, bits: 24, work, fromOne: true)
      v = fraction(words[1], of: 32, bits: 24, work)
    }
    let power = builder.arithmetic(
      .multiply, builder.constant(-2.0 as Double, work), builder.arithmetic(.logarithm, u))
    let angle = builder.arithmetic(
      .multiply, builder.constant(work.rounded(2 * Double.pi), work), v)
    let result = builder.arithmetic(
      .multiply, builder.arithmetic(.squareRoot, power), builder.arithmetic(.cosine, angle))
    return builder.convert(result, to: type)
  }
}
