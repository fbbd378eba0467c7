import TesseraIR

/// The arithmetic on whole numbers around loops, and conditions on them, done here and now as far as
/// numbers are known.
extension Scheduler {
  /// The number that `value` is, if it is a constant.
  func knownNumber(_ value: Value) -> Int64? { builder.function.integerConstant(value) }

  /// `true` iff `number` is known to be a multiple of `factor`.
  func isMultiple(_ number: Value, _ factor: Int) -> Bool {
    knownNumber(number).map { $0 % Int64(factor) == 0 } ?? false
  }

  /// The constant `number`.
  mutating func integer(_ number: Int64) -> Value {
    if let known = constants[number] { return known }
    let value = builder.constant(number)
    constants.insert(value, for: number)
    return value
  }

  /// The constant `number`.
  mutating func integer(_ number: Int) -> Value { integer(Int64(number)) }

  /// What `opcode` gives for two numbers.
  mutating func folded(_ opcode: Opcode, _ a: Value, _ b: Value) -> Value {
    if opcode == .subtract, knownNumber(b) == 0 { return a }
    if let x = knownNumber(a), let y = knownNumber(b) {
      switch opcode {
      case .minimum: return integer(min(x, y))
      case .maximum: return integer(max(x, y))
      case .add: return integer(x &+ y)
      case .subtract: return integer(x &- y)
      default: break
      }
    }
    return builder.arithmetic(opcode, a, b)
  }

  /// The smaller of two numbers.
  mutating func least(_ a: Value, _ b: Value) -> Value { folded(.minimum, a, b) }

  /// `number`, or one if that is more.
  mutating func atLeastOne(_ number: Value) -> Value { folded(.maximum, number, integer(1)) }

  /// The product of numbers.
  mutating func product(_ factors: [Value]) -> Value {
    var known: Int64 = 1
    var result: Value?
    for factor in factors {
      if let number = knownNumber(factor) {
        known &*= number
      } else {
        result = result.map { builder.arithmetic(.multiply, $0, factor) } ?? factor
      }
    }
    guard let result else { return integer(known) }
    return known == 1 ? result : builder.arithmetic(.multiply, result, integer(known))
  }

  /// The quotient rounded down.
  mutating func divided(_ number: Value, by divisor: Value) -> Value {
    if let divisor = knownNumber(divisor), divisor > 0 {
      if divisor == 1 { return number }
      if let number = knownNumber(number), number >= 0 { return integer(number / divisor) }
    }
    return builder.arithmetic(.divide, number, divisor)
  }

  /// The quotient rounded up.
  mutating func quotient(_ number: Value, roundedUpBy divisor: Value) -> Value {
    if let number = knownNumber(number), let divisor = knownNumber(divisor), divisor > 0,
      number >= 0
    {
      return integer(number / divisor + (number % divisor == 0 ? 0 : 1))
    }
    let less = folded(.subtract, divisor, integer(1))
    return divided(builder.arithmetic(.add, number, less), by: divisor)
  }

  /// How many blocks of `size` hold `count` things.
  mutating func blocks(of count: Value, _ size: Int64) -> Value {
    quotient(count, roundedUpBy: integer(size))
  }

  /// How many blocks of `size` hold `count` things.
  mutating func blocks(of count: Value, _ size: Int) -> Value { blocks(of: count, Int64(size)) }

  /// How many numbers a range has.
  mutating func count(of range: IndexRange) -> Value {
    let length =
      knownNumber(range.lower) == 0
      ? range.upper : builder.arithmetic(.subtract, range.upper, range.lower)
    let clamped = builder.arithmetic(.maximum, length, integer(0))
    if knownNumber(range.step) == 1 {
      return knownNumber(length).map { integer(max($0, 0)) } ?? clamped
    }
    return quotient(clamped, roundedUpBy: range.step)
  }

  // MARK: Truths

  /// Whether `a` is at most `b`.
  mutating func isAtMost(_ a: Value, _ b: Value) -> Truth {
    if let a = knownNumber(a), let b = knownNumber(b) { return .known(a <= b) }
    return .value(builder.compare(.lessOrEqual, a, b))
  }

  /// Whether both hold.
  mutating func both(_ a: Truth, _ b: Truth) -> Truth {
    switch (a, b) {
    case (.known(let isTrue), let other), (let other, .known(let isTrue)):
      isTrue ? other : .known(false)
    case (.value(let a), .value(let b)): .value(builder.arithmetic(.bitAnd, a, b))
    }
  }

  /// `number` if `truth` holds, else `other`.
  mutating func select(_ truth: Truth, _ number: Value, otherwise other: Value) -> Value {
    switch truth {
    case .known(let isTrue): return isTrue ? number : other
    case .value(let truth):
      if number == other { return number }
      return builder.emit(.select, [truth, number, other], results: [.index])[0]
    }
  }

  /// `number` if `a` is at most `b`, else `other`.
  mutating func select(
    ifOrdered a: Value, _ b: Value, _ number: Value, otherwise other: Value
  ) -> Value {
    number == other ? number : select(isAtMost(a, b), number, otherwise: other)
  }
}

/// A condition that may be known.
enum Truth {
  case known(Bool)
  case value(Value)
}
