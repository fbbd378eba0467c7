import TesseraNumbers

extension NestGenerator {
  /// The indices that an expression can use, one an axis at most.
  struct Scope {
    var axes: [Int]

    init(_ axes: [Int]) { self.axes = axes }

    /// The index that walks along `axis`.
    static func index(_ axis: Int) -> String { "i\(axis)" }
  }

  /// An expression with what is known of it.
  struct Value {
    var text: String
    /// The largest that it may be, if it is a float.
    var bound: Double
    /// `true` iff the order of additions plays no part in it.
    var isExact: Bool
  }

  /// An expression over the indices in `scope`.
  mutating func expression(_ scope: Scope, depth: Int) -> Value {
    if depth == 0 { return random.once(in: 5) ? literal() : read(scope) }
    switch random.below(12) {
    case 0: return read(scope)
    case 1, 2, 3, 4: return binary(scope, depth)
    case 5, 6: return choice(scope, depth)
    case 7: return conversion(scope, depth)
    case 8, 9: return reduction(scope, depth)
    default: return unary(scope, depth)
    }
  }

  private mutating func literal() -> Value {
    let number = random.below(4)
    return Value(text: "\(type.rawValue)(\(number))", bound: 4, isExact: true)
  }

  /// An element of a tensor whose axes are in scope.
  mutating func read(_ scope: Scope) -> Value {
    let readable = operands.filter { Set($0.axes).isSubset(of: scope.axes) }
    guard let operand = readable.randomElement(using: &random) else { return literal() }
    if operand.axes.isEmpty {
      return Value(text: operand.name, bound: operand.bound, isExact: operand.isExact)
    }
    var isBounded = true
    let moved = random.once(in: 3) ? random.pick(operand.axes) : -1
    let places = operand.axes.map { axis -> String in
      let index = Scope.index(axis)
      if axis != moved { return index }
      let offset = 1 + random.below(3)
      if let place = place(beside: index, axis, offset) { return place }
      switch random.below(8) {
      case 0: return "\(dimensions[axis].text) - 1 - \(index)"
      case 1, 6: return "\(index) / \(random.pick([2, 2, 3, 4, 8]))"
      case 7:
        isBounded = false
        return "(\(index) + \(offset)) / \(random.pick([2, 2, 4]))"
      case 2:
        isBounded = false
        return "2 * \(index) - \(offset)"
      case 3:
        isBounded = false
        return "\(index) + \(offset)"
      case 4:
        isBounded = false
        return "\(index) - \(offset)"
      default: return index
      }
    }
    let list = places.joined(separator: ", ")
    let outside = isBounded ? "" : " else \(random.below(3))"
    return Value(
      text: "\(operand.name)[\(list)\(outside)]", bound: operand.bound, isExact: operand.isExact)
  }

  /// A place that lies inside because it is brought there, or, with no boundary of its own, that the
  /// host moves by any number; `nil` for one of another kind.
  private mutating func place(beside index: String, _ axis: Int, _ offset: Int) -> String? {
    guard dimensions[axis].value > 0, random.once(in: 3) else { return nil }
    notEmpty.insert(dimensions[axis].text)
    let boundary = random.once(in: 2) ? "clamp" : "wrap"
    switch random.below(4) {
    case 0 where shift != nil: return "\(index) + \(shift!.name) \(boundary)"
    case 1: return "\(index) + \(offset) \(boundary)"
    default: return "\(index) - \(offset) \(boundary)"
    }
  }

  /// A condition on the indices in scope.
  private mutating func condition(_ scope: Scope, _ axis: Int) -> String {
    let index = Scope.index(axis)
    let other = Scope.index(random.pick(scope.axes))
    let length = dimensions[axis].text
    let number = 1 + random.below(20)
    return random.pick([
      "\(index) < \(number)", "\(index) % 2 == 0", "\(index) >= \(length) / 2",
      "\(index) <= \(other)", "\(other) + \(number) > \(index)", "2 * \(index) < \(length)",
      "\(index) != \(number)", "\(index) >= \(number) and \(index) < \(length) - 2",
      "\(index) < \(number) or not \(index) < \(length) - 1",
    ])
  }

  private mutating func binary(_ scope: Scope, _ depth: Int) -> Value {
    let a = expression(scope, depth: depth - 1)
    let b = expression(scope, depth: depth - 1)
    let isExact = a.isExact && b.isExact
    let (text, bound): (String, Double) =
      switch random.below(6) {
      case 0, 1: ("(\(a.text) + \(b.text))", a.bound + b.bound)
      case 2: ("(\(a.text) - \(b.text))", a.bound + b.bound)
      case 3: ("(\(a.text) * \(b.text))", a.bound * b.bound)
      case 4: ("max(\(a.text), \(b.text))", max(a.bound, b.bound))
      default: ("min(\(a.text), \(b.text))", max(a.bound, b.bound))
      }
    return Value(text: text, bound: bound, isExact: isExact)
  }

  /// A choice by what no order of additions changes.
  private mutating func choice(_ scope: Scope, _ depth: Int) -> Value {
    let a = expression(scope, depth: depth - 1)
    let b = expression(scope, depth: depth - 1)
    var condition = "\(1 + random.below(3)) > 2"
    if let mask = masks.filter({ Set($0.axes).isSubset(of: scope.axes) }).first,
      random.once(in: 2)
    {
      let indices = mask.axes.map(Scope.index).joined(separator: ", ")
      condition = mask.axes.isEmpty ? mask.name : "\(mask.name)[\(indices)]"
    } else if let axis = scope.axes.randomElement(using: &random) {
      condition = self.condition(scope, axis)
    }
    return Value(
      text: "(if \(condition) { \(a.text) } else { \(b.text) })", bound: max(a.bound, b.bound),
      isExact: a.isExact && b.isExact)
  }

  /// By way of another type, which rounds; so only of what is exact.
  private mutating func conversion(_ scope: Scope, _ depth: Int) -> Value {
    let value = expression(scope, depth: depth - 1)
    guard value.isExact else { return value }
    let other = random.pick([ScalarType.f32, .f64, .f16, .bf16, .i8, .i32, .i64, .u8])
    return Value(
      text: "\(type.rawValue)(\(other.rawValue)(\(value.text)))", bound: max(256, value.bound),
      isExact: true)
  }

  private mutating func unary(_ scope: Scope, _ depth: Int) -> Value {
    let a = expression(scope, depth: depth - 1)
    guard type.isFloat else {
      if !type.hasNegatives { return Value(text: "(~\(a.text))", bound: 0, isExact: true) }
      return Value(
        text: random.once(in: 2) ? "abs(\(a.text))" : "(-\(a.text))", bound: 0, isExact: true)
    }
    let (text, bound): (String, Double) =
      switch random.below(8) {
      case 0: ("exp(-abs(\(a.text)))", 1)
      case 1: ("tanh(\(a.text))", 1)
      case 2: ("sigmoid(\(a.text))", 1)
      case 3: ("sqrt(abs(\(a.text)) + 1)", max(2, a.bound))
      case 4: ("rsqrt(abs(\(a.text)) + 1)", 1)
      case 5: ("(\(a.text) / (abs(\(a.text)) + 1))", 1)
      case 6: ("erf(\(a.text) * 0.25)", 1)
      default: ("(-\(a.text))", a.bound)
      }
    return Value(text: text, bound: bound, isExact: a.isExact)
  }

  /// A reduction along some axes that are not in scope.
  private mutating func reduction(_ scope: Scope, _ depth: Int) -> Value {
    let others = dimensions.indices.filter { !scope.axes.contains($0) }
    guard let first = others.randomElement(using: &random) else {
      return unary(scope, depth)
    }
    let second = others.first { $0 != first && random.once(in: 3) }
    let axes = [first] + (second.map { [$0] } ?? [])
    var value = expression(Scope(scope.axes + axes), depth: depth - 1)
    let count = axes.reduce(1) { $0 * max(1, dimensions[$1].value) }
    let ranges = axes.map { "\(Scope.index($0)) in 0..\(dimensions[$0].text)" }
    let list = "[\(ranges.joined(separator: ", "))]"
    // The least of nothing is infinite, and infinity less infinity no number at all.
    let isEmpty = axes.contains { dimensions[$0].value == 0 }
    if type.isFloat, value.bound > 64 {
      value = Value(
        text: "max(min(\(value.text), 64), -64)", bound: 64, isExact: value.isExact)
    }
    switch random.below(6) {
    case 5 where !isEmpty && axes.count == 1 && value.isExact:
      let word = random.pick(["argmax", "argmin"])
      value.text = "\(type.rawValue)(\(word)\(list) (\(value.text)))"
      value.bound = Double(count)
    case 0 where !isEmpty: value.text = "(max\(list) (\(value.text)))"
    case 1 where !isEmpty: value.text = "(min\(list) (\(value.text)))"
    default:
      value.text = "(sum\(list) (\(value.text)))"
      value.bound *= Double(count)
      value.isExact = value.isExact && !type.isFloat
    }
    return value
  }
}
