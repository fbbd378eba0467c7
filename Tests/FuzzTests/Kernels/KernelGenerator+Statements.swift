import TesseraNumbers

extension KernelGenerator {
  /// Puts a statement, or a loop, into the program; what it makes can be read afterwards.
  mutating func addStatement() {
    switch random.below(10) {
    case 0, 1: _ = bind(elementwise(like: base(), depth: 2))
    case 2, 3: define(base())
    case 4: reduce(base())
    case 5, 6, 7: addProducts()
    case 8: addState()
    default: addScan(base())
    }
  }

  /// A tensor of the program, one that is there or one that is read.
  private mutating func base() -> Value {
    if let value = values.randomElement(using: &random), !random.once(in: 4) { return value }
    var list = dimensions.indices.filter { _ in !random.once(in: 4) }
    // What is written has the tiles of the grid.
    list += grid.filter { $0.value == .tile && !list.contains($0.key) }.map(\.key).sorted()
    return bind(load(input(list)))
  }

  // MARK: Elementwise

  /// An expression over whole tensors, of the shape of `base`.
  mutating func elementwise(like base: Value, depth: Int) -> Value {
    var value = operand(for: base.axes) ?? base
    if value.axes != base.axes { value = combined(base, value, "+", value.bound + base.bound) }
    for _ in 0..<depth {
      switch random.below(4) {
      case 0: value = unary(value)
      default:
        guard let other = operand(for: base.axes) else { continue }
        value = binary(value, other)
      }
    }
    return value
  }

  /// Something that can be combined with a tensor that has `axes`, whose text has their shape if it
  /// has any.
  private mutating func operand(for axes: [Axis]) -> Value? {
    if random.once(in: 6) {
      let number = random.below(4)
      return Value(text: "\(type.rawValue)(\(number))", axes: [], bound: Double(number))
    }
    if random.once(in: 4) {
      let list = axes.map(\.dimension).filter { _ in !random.once(in: 3) }
      let value = load(input(Array(Set(list)).sorted()), isPlain: true)
      if let text = broadcast(value, to: axes) { return with(value, text) }
    }
    let fitting = values.filter { broadcast($0, to: axes) != nil }
    guard let value = fitting.randomElement(using: &random) else { return nil }
    return with(value, broadcast(value, to: axes)!)
  }

  private func with(_ value: Value, _ text: String) -> Value {
    var value = value
    value.text = text
    return value
  }

  private func combined(
    _ a: Value, _ b: Value, _ operation: String, _ bound: Double
  ) -> Value {
    let axes = a.axes.count >= b.axes.count ? a.axes : b.axes
    let text =
      operation.first!.isLetter
      ? "\(operation)(\(a.text), \(b.text))" : "(\(a.text) \(operation) \(b.text))"
    return Value(
      text: text, axes: axes, bound: bound,
      isWhole: a.isWhole && b.isWhole && bound <= type.exactLimit, isExact: a.isExact && b.isExact)
  }

  private mutating func binary(_ a: Value, _ b: Value) -> Value {
    let (a, b) = (bounded(a), bounded(b))
    switch random.below(5) {
    case 0: return combined(a, b, "+", a.bound + b.bound)
    case 1: return combined(a, b, "-", a.bound + b.bound)
    case 2: return combined(a, b, "*", a.bound * b.bound)
    case 3: return combined(a, b, "max", max(a.bound, b.bound))
    default: return combined(a, b, "min", max(a.bound, b.bound))
    }
  }

  private mutating func unary(_ value: Value) -> Value {
    let value = bounded(value)
    var result = value
    if value.isExact, random.once(in: 6) {
      // By way of another type, which rounds; so only of what is exact.
      let other = random.pick([ScalarType.f32, .f64, .f16, .i8, .i32, .u8])
      result.text = "\(type.rawValue)(\(other.rawValue)(\(value.text)))"
      result.bound = max(256, value.bound)
      return result
    }
    let isPlain = !type.isFloat || random.once(in: 2)
    if isPlain {
      result.text =
        type.hasNegatives
        ? random.once(in: 2) ? "abs(\(value.text))" : "(-\(value.text))" : "(~\(value.text))"
      return result
    }
    (result.text, result.bound) = random.pick([
      ("exp(-abs(\(value.text)))", 1), ("tanh(\(value.text))", 1), ("sigmoid(\(value.text))", 1),
      ("sqrt(abs(\(value.text)))", max(1, value.bound)), ("(\(value.text) * 0.5)", value.bound),
    ])
    result.isWhole = false
    return result
  }

  // MARK: Index notation

  /// Defines a tensor like `base` element by element.
  private mutating func define(_ base: Value) {
    guard !base.axes.isEmpty, let first = element(base, at: base.axes) else {
      _ = bind(elementwise(like: base, depth: 2))
      return
    }
    var value = bounded(with(base, first))
    value.text = "(\(value.text))"
    for _ in 0..<(1 + random.below(2)) {
      let fitting = values.filter { element($0, at: base.axes) != nil }
      guard let other = fitting.randomElement(using: &random) else { continue }
      var second = with(other, element(other, at: base.axes)!)
      second.axes = base.axes
      if !other.axes.isEmpty, random.once(in: 2) { second.text = neighbour(other, base.axes) }
      switch random.below(4) {
      case 0:
        let condition = condition(on: base.axes)
        value = combined(value, bounded(second), "max", max(value.bound, second.bound))
        value.text = "(if \(condition) { \(value.text) } else { \(bounded(second).text) })"
      default: value = binary(value, second)
      }
    }
    let name = name("t")
    value = bounded(value)
    emit(
      "let \(name)[\(base.axes.indices.map { "i\($0)" }.joined(separator: ", "))] = \(value.text)")
    value.text = name
    value.axes = base.axes
    values.append(value)
  }

  /// An element of `value` beside the one at the indices of `axes`; a number where there is none.
  private mutating func neighbour(_ value: Value, _ axes: [Axis]) -> String {
    let moved = random.below(value.axes.count)
    let places = value.axes.enumerated().map { position, axis -> String in
      let index = "i\(axes.firstIndex(of: axis) ?? 0)"
      guard position == moved else { return index }
      if case .whole(let dimension) = axis, random.once(in: 4) {
        return "\(dimensions[dimension].text) - 1 - \(index) clamp"
      }
      return random.pick(["\(index) + 1", "\(index) - 1", "2 * \(index) - 1", "\(index) + 3"])
    }
    let list = places.joined(separator: ", ")
    return list.contains("clamp")
      ? "\(value.text)[\(list.replacing(" clamp", with: ""))]"
      : "\(value.text)[\(list) else \(random.below(3))]"
  }

  /// A condition on the indices of `axes`, the point of the program, or a mask.
  private mutating func condition(on axes: [Axis]) -> String {
    let index = "i\(random.below(axes.count))"
    if let point = grid.filter({ $0.value == .point }).keys.min(), random.once(in: 4) {
      return "\(Self.point(point)) % 2 == 0"
    }
    if random.once(in: 3) {
      let mask = addMask(Array(Set(axes.map(\.dimension))).sorted())
      let read = load(mask, isPlain: true)
      if Set(read.axes) == Set(axes), read.axes.count == axes.count {
        let name = name("w")
        emit("let \(name) = \(read.text)")
        return element(with(read, name), at: axes)!
      }
    }
    return random.pick(["\(index) % 2 == 0", "\(index) < \(1 + random.below(9))"])
  }

  // MARK: Reductions and scans

  private func count(_ axis: Axis) -> Double { Double(max(1, dimensions[axis.dimension].value)) }

  /// A sum of so many such elements.
  func summed(_ text: String, _ axes: [Axis], of value: Value, count: Double) -> Value {
    let bound = value.bound * count
    let isExact = !type.isFloat || value.isWhole && bound <= type.exactLimit
    return Value(
      text: text, axes: axes, bound: bound, isWhole: value.isWhole && isExact,
      isExact: value.isExact && isExact)
  }

  private mutating func reduce(_ base: Value) {
    guard let axis = base.axes.indices.randomElement(using: &random) else { return }
    var rest = base.axes
    let reduced = rest.remove(at: axis)
    switch random.below(4) {
    case 0:
      // Something to start from, since there may be nothing.
      var value = base
      value.axes = rest
      value.text = "max(max(\(base.text), axis: \(axis)), \(type.rawValue)(1))"
      value.bound = max(1, value.bound)
      _ = bind(value)
    case 1:
      let all = base.axes.reduce(1) { $0 * count($1) }
      _ = bind(summed("sum(\(base.text))", [], of: base, count: all))
    case 2: sumProducts(base, over: axis)
    default:
      _ = bind(
        summed("sum(\(base.text), axis: \(axis))", rest, of: base, count: count(reduced)))
    }
  }

  /// Sums elements of `base`, each times one beside it of another tensor.
  private mutating func sumProducts(_ base: Value, over axis: Int) {
    let indices = base.axes.indices.map { "i\($0)" }
    let factors = values.filter { element($0, at: base.axes) != nil && $0.bound <= 64 }
    var term = with(base, element(base, at: base.axes)!)
    if let factor = factors.randomElement(using: &random) {
      let other = with(factor, element(factor, at: base.axes)!)
      term = combined(term, other, "*", base.bound * factor.bound)
    }
    var rest = base.axes
    let reduced = rest.remove(at: axis)
    let left = indices.enumerated().filter { $0.offset != axis }.map(\.element)
    let name = name("t")
    let target = left.isEmpty ? name : "\(name)[\(left.joined(separator: ", "))]"
    emit("let \(target) = sum[\(indices[axis])] \(term.text)")
    _ = bind(summed(name, rest, of: term, count: count(reduced)))
  }

  /// What stands before each element along an axis, added up or compared.
  private mutating func addScan(_ base: Value) {
    guard let axis = base.axes.indices.randomElement(using: &random) else { return }
    let indices = base.axes.indices.map { "i\($0)" }
    var places = indices
    places[axis] = "q"
    let isSum = random.once(in: 2)
    let name = name("t")
    let read = "\(base.text)[\(places.joined(separator: ", "))]"
    // A read of its own gives each index its range.
    emit(
      "let \(name)[\(indices.joined(separator: ", "))] = "
        + "(\(isSum ? "sum" : "max")[q in 0..\(indices[axis]) + 1] \(read)) "
        + "+ \(base.text)[\(indices.joined(separator: ", "))]")
    var value =
      isSum ? summed(name, base.axes, of: base, count: count(base.axes[axis]) + 1) : base
    if !isSum { value.bound *= 2 }
    value.text = name
    _ = bind(value)
  }
}
