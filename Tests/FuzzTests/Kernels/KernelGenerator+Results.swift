import TesseraData

extension KernelGenerator {
  // MARK: Results

  /// Writes a value to a tensor of its own, or one that is changed.
  mutating func addOutput() {
    let writable = values.filter { value in
      value.axes.allSatisfy { if case .block = $0 { false } else { true } }
        && Set(value.axes.map(\.dimension)).count == value.axes.count
        && grid.allSatisfy { $0.value == .point || value.axes.contains(.tile($0.key)) }
    }
    let value =
      writable.last.flatMap { random.once(in: 3) ? random.pick(writable) : $0 }
      ?? bind(load(input(Array(dimensions.indices)), isPlain: true))
    guard grid.allSatisfy({ $0.value == .point || value.axes.contains(.tile($0.key)) }) else {
      return
    }
    isExact = isExact && value.isExact
    // Points stand anywhere among the axes of the value.
    var axes: [(dimension: Int, item: String, axis: Axis?)] = value.axes.map { axis in
      if case .tile = axis { return (axis.dimension, length(of: axis), axis) }
      return (axis.dimension, "..", axis)
    }
    for (dimension, kind) in grid.sorted(by: { $0.key < $1.key }) where kind == .point {
      axes.insert((dimension, Self.point(dimension), nil), at: random.below(axes.count + 1))
    }
    var text = value.text
    if value.axes.count == 2, random.once(in: 3) {
      let places = axes.indices.filter { axes[$0].axis != nil }
      axes.swapAt(places[0], places[1])
      text = "\(text).transpose()"
    }
    let parameter = Parameter(
      name: name("y"), dimensions: axes.map(\.dimension), padding: axes.map { _ in (0, 0) },
      strides: axes.map { _ in 1 })
    let place = axes.isEmpty ? "" : "[\(axes.map(\.item).joined(separator: ", "))]"
    let spelled = spelling(type.rawValue, parameter)
    let isChanged = random.once(in: 6)
    if isChanged {
      let before = addInput(parameter.dimensions, isPlain: true)
      // Its axes may stand in another order, so its own type is taken.
      guard before.dimensions == parameter.dimensions else {
        return emitOutput(parameter.name, spelled, place, text)
      }
      changed.append((parameter.name, spelled, before.name))
      let old = "\(parameter.name)\(place)"
      emit(
        random.once(in: 2)
          ? "\(old) += \(text)" : "\(old) = \(text) - \(old)")
      return
    }
    emitOutput(parameter.name, spelled, place, text)
  }

  private mutating func emitOutput(
    _ name: String, _ type: String, _ place: String, _ text: String
  ) {
    outs.append((name, type))
    // What no program writes is zero.
    let point = grid.filter { $0.value == .point }.keys.min()
    if let point, random.once(in: 12) {
      emit("if \(Self.point(point)) % 3 > 0 { \(name)\(place) = \(text) }")
      return
    }
    emit("\(name)\(place) = \(text)")
    if random.once(in: 16) { emit("\(name)\(place) = \(name)\(place) + 1") }
  }

  // MARK: The program

  /// The program, its arguments, and whether it gives the same in any order of addition.
  mutating func finished() -> (generated: GeneratedProgram, isExact: Bool) {
    if outs.isEmpty && changed.isEmpty {
      // No value has the axes of the grid: a copy does.
      values = []
      addOutput()
    }
    let axes = grid.sorted { $0.key < $1.key }.map { dimension, kind in
      switch kind {
      case .point: "\(Self.point(dimension)) in \(dimensions[dimension].text)"
      case .tile:
        "\(Self.tile(dimension)) in tiles(\(dimensions[dimension].text), \(capacities[dimension]!))"
      }
    }
    let names = dimensions.map(\.text).filter { Int($0) == nil }
    let generic = names.isEmpty ? "" : "<\(names.joined(separator: ", "))>"
    let facts = dimensions.filter { Int($0.text) == nil && $0.value >= 1 }.map { "\($0.text) >= 1" }
    let condition = facts.isEmpty ? "" : " where \(facts.joined(separator: ", "))"
    let declared =
      declarations + changed.map { "inout \($0.name): \($0.type)" }
      + outs.map { "out \($0.name): \($0.type)" } + constants
    let results = (changed.map { ($0.name, $0.type) } + outs.map { ($0.name, $0.type) })
      .map { "\($0.0): \($0.1)" }
    let parameters = declarations.map { String($0.prefix { $0 != ":" }) }
    // What stands around a kernel may be computed where its statements are.
    let given = parameters.map { name in
      name.hasPrefix("b") || !random.once(in: 8)
        ? name : random.once(in: 2) && type.hasNegatives ? "-\(name)" : "max(\(name), 1)"
    }
    let call = "k(\((given + changed.map { "c\($0.name)" }).joined(separator: ", ")))"
    var lines = changed.map { "var c\($0.name) = \($0.input)" }
    switch outs.count {
    case 0: lines.append(call)
    case 1: lines.append("\(outs[0].name) = \(call)")
    default:
      lines.append("let (\(outs.map { "r\($0.name)" }.joined(separator: ", "))) = \(call)")
      for out in outs {
        let result = "r\(out.name)"
        lines.append("\(out.name) = \(random.once(in: 6) ? "min(\(result), 8)" : result)")
      }
    }
    lines += changed.map { "\($0.name) = c\($0.name)" }
    let text = """
      kernel k\(generic)(\(declared.joined(separator: ", ")))
          over (\(axes.joined(separator: ", ")))\(condition) {
      \(body.joined(separator: "\n"))
      }

      export fn f\(generic)(\(declarations.joined(separator: ", ")))
          -> (\(results.joined(separator: ", ")))\(condition) {
      \(lines.map { "  \($0)" }.joined(separator: "\n"))
      }

      """
    return (GeneratedProgram(text: text, arguments: arguments), isExact)
  }
}
