extension KernelGenerator {
  /// A read of `parameter` by one program: a point, a tile or the whole of each axis; just what the
  /// grid and the loops say, if `isPlain`.
  mutating func load(_ parameter: Parameter, isPlain: Bool = false) -> Value {
    let hasStride = parameter.strides.contains { $0 > 1 }
    if hasStride { return strided(parameter) }
    var axes: [Axis] = []
    var items: [String] = []
    for dimension in parameter.dimensions {
      let (item, axis) = item(of: dimension, isPlain)
      items.append(item)
      if let axis { axes.append(axis) }
    }
    var base = parameter.name
    if parameter.padding.contains(where: { $0.before + $0.after > 0 }) {
      let parts = parameter.dimensions.indices.map { axis in
        let before = parameter.padding[axis].before
        let text = dimensions[parameter.dimensions[axis]].text
        return before == 0 ? "0..\(text)" : "\(before)..\(text) + \(before)"
      }
      base += "[\(parts.joined(separator: ", "))]"
    }
    let text = items.isEmpty ? base : "\(base)[\(items.joined(separator: ", "))]"
    return Value(text: text, axes: axes, bound: 4)
  }

  /// How a program reads `dimension`, and the axis that is left of it.
  private mutating func item(of dimension: Int, _ isPlain: Bool) -> (String, Axis?) {
    if points.contains(dimension) { return (Self.point(dimension), nil) }
    if blocks.contains(dimension) { return (Self.block(dimension), .block(dimension)) }
    switch grid[dimension] {
    case .point:
      let point = Self.point(dimension)
      // Beside nothing there is nothing to read.
      switch isPlain || dimensions[dimension].value == 0 ? 7 : random.below(8) {
      case 0: return ("\(point) + 1 clamp", nil)
      case 1: return ("\(point) - 1 clamp", nil)
      case 2: return ("..", .whole(dimension))
      default: return (point, nil)
      }
    case .tile:
      return !isPlain && random.once(in: 12)
        ? ("..", .whole(dimension)) : (Self.tile(dimension), .tile(dimension))
    case nil: return ("..", .whole(dimension))
    }
  }

  /// Every second element along an axis, in index notation.
  private mutating func strided(_ parameter: Parameter) -> Value {
    var axes: [Axis] = []
    var indices: [String] = []
    var places: [String] = []
    for (position, dimension) in parameter.dimensions.enumerated() {
      let index: String
      if points.contains(dimension) || grid[dimension] == .point {
        index = Self.point(dimension)
      } else {
        index = "i\(position)"
        axes.append(.whole(dimension))
        indices.append("\(index) in 0..\(dimensions[dimension].text)")
      }
      let (stride, before) = (parameter.strides[position], parameter.padding[position].before)
      let scaled = stride == 1 ? index : "\(stride) * \(index)"
      places.append(before == 0 ? scaled : "\(scaled) + \(before)")
    }
    let read = "\(parameter.name)[\(places.joined(separator: ", "))]"
    if axes.isEmpty { return Value(text: read, axes: [], bound: 4) }
    let name = name("g")
    emit("let \(name)[\(indices.joined(separator: ", "))] = \(read)")
    var items: [String] = []
    axes = axes.map { axis in
      if blocks.contains(axis.dimension) {
        items.append(Self.block(axis.dimension))
        return .block(axis.dimension)
      }
      if grid[axis.dimension] == .tile {
        items.append(Self.tile(axis.dimension))
        return .tile(axis.dimension)
      }
      items.append("..")
      return axis
    }
    return Value(text: "\(name)[\(items.joined(separator: ", "))]", axes: axes, bound: 4)
  }

  /// `value` as an operand of what has `axes`, of which it has some in the same order; `nil` if it
  /// has others, or has them in another order.
  func broadcast(_ value: Value, to axes: [Axis]) -> String? {
    if value.axes.isEmpty || value.axes == axes { return value.text }
    var rest = value.axes[...]
    var items: [String] = []
    for axis in axes {
      if rest.first == axis {
        rest.removeFirst()
        items.append("..")
      } else {
        items.append("_")
      }
    }
    guard rest.isEmpty else { return nil }
    let text =
      value.text.contains { !($0.isLetter || $0.isNumber) } ? "(\(value.text))" : value.text
    return "\(text)[\(items.joined(separator: ", "))]"
  }

  /// `value` as an element, by the indices of `axes`; `nil` if it has other axes.
  func element(_ value: Value, at axes: [Axis]) -> String? {
    if value.axes.isEmpty { return value.text }
    let indices = value.axes.compactMap { axes.firstIndex(of: $0) }.map { "i\($0)" }
    guard indices.count == value.axes.count else { return nil }
    return "\(value.text)[\(indices.joined(separator: ", "))]"
  }
}
