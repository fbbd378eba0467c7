import TesseraNumbers

extension KernelGenerator {
  /// The axes that programs have of the dimensions other than `dimension`.
  private func axes(without dimension: Int) -> [Axis] {
    dimensions.indices.compactMap { other in
      if other == dimension || points.contains(other) || blocks.contains(other) { return nil }
      switch grid[other] {
      case .point: return nil
      case .tile: return .tile(other)
      case nil: return .whole(other)
      }
    }
  }

  /// The dimensions over which neither the grid nor a loop runs.
  private var freeDimensions: [Int] {
    dimensions.indices.filter {
      grid[$0] == nil && !blocks.contains($0) && !points.contains($0)
    }
  }

  /// Some points of the grid, for what differs from program to program.
  private mutating func somePoints() -> [Int] {
    grid.filter { $0.value == .point }.keys.sorted().filter { _ in random.once(in: 2) }
  }

  /// A read whose axes are `axes`, in this order.
  private mutating func read(_ axes: [Axis]) -> Value {
    let list = axes.map(\.dimension) + somePoints()
    var value = load(input(list), isPlain: true)
    if value.axes != axes {
      value.text += ".transpose()"
      value.axes = axes
    }
    return value
  }

  private mutating func loop(
    over dimension: Int, byTiles: Bool, _ body: (inout KernelGenerator) -> Void
  ) {
    let length = dimensions[dimension].text
    if byTiles {
      let capacity = capacity(of: dimension)
      emit("for \(Self.block(dimension)) in tiles(\(length), \(capacity)) {")
      blocks.insert(dimension)
    } else {
      emit("for \(Self.point(dimension)) in 0..\(length) {")
      points.insert(dimension)
    }
    depth += 1
    let outside = values
    body(&self)
    values = outside
    depth -= 1
    emit("}")
    blocks.remove(dimension)
    points.remove(dimension)
  }

  private func shape(_ element: String, _ axes: [Axis]) -> String {
    "\(element)[\(axes.map { length(of: $0) }.joined(separator: ", "))]"
  }

  /// What a loop starts with: a number everywhere, or a tensor that is there.
  private mutating func initial(_ element: String, _ axes: [Axis]) -> Value {
    let fitting = values.filter { $0.axes == axes && $0.isWhole && $0.isExact }
    if element == type.rawValue, let value = fitting.randomElement(using: &random),
      random.once(in: 3)
    {
      return value
    }
    if axes.isEmpty { return Value(text: "\(element)(0)", axes: [], bound: 0) }
    if random.once(in: 3) {
      return Value(text: "full(\(shape(element, axes)), 1)", axes: axes, bound: 1)
    }
    return Value(text: "zeros(\(shape(element, axes)))", axes: axes, bound: 0)
  }

  // MARK: Products

  /// Adds up products of matrices, or of rows and columns, over one dimension or two.
  mutating func addProducts() {
    guard let reduced = freeDimensions.randomElement(using: &random) else { return addStatement() }
    let others = axes(without: reduced).shuffled(using: &random)
    guard others.count > 1 else { return addState() }
    let (row, column) = (others[0], others[1])
    let isWide = [.i8, .u8, .f16, .bf16].contains(type) && random.once(in: 2)
    let element = isWide ? (type.isFloat ? "f32" : "i32") : type.rawValue
    let start = initial(element, [row, column])
    let sum = name("s")
    emit("var \(sum) = \(start.text)")
    let another = random.once(in: 8) ? name("s") : nil
    let also = another == nil ? nil : initial(type.rawValue, [row])
    if let another, let also { emit("var \(another) = \(also.text)") }

    let second = freeDimensions.filter {
      $0 != reduced && $0 != row.dimension && $0 != column.dimension
    }
    .randomElement(using: &random)
    let byTiles = isWide || !random.once(in: 6)
    var product = Value(text: "", axes: [row, column], bound: 0)
    var rows = product
    let put = { (generator: inout KernelGenerator) in
      generator.loop(over: reduced, byTiles: byTiles) { generator in
        if byTiles {
          (product, rows) = generator.addTileProduct(to: sum, row, column, .block(reduced), isWide)
        } else {
          (product, rows) = generator.addPointProduct(to: sum, row, column)
        }
        if let another {
          generator.emit(
            byTiles ? "\(another) += sum(\(rows.text), axis: 1)" : "\(another) += \(rows.text)")
        }
      }
    }
    var count = Double(max(1, dimensions[reduced].value))
    if let second, random.once(in: 3) {
      count *= Double(max(1, dimensions[second].value))
      loop(over: second, byTiles: false, put)
    } else {
      put(&self)
    }

    func whole(_ text: String, _ term: Value, _ start: Value, _ limit: Double) -> Value {
      let bound = term.bound * count + start.bound
      let isExact = !type.isFloat || term.isWhole && start.isWhole && bound <= limit
      return Value(
        text: text, axes: start.axes, bound: bound, isWhole: isExact && bound <= type.exactLimit,
        isExact: isExact && term.isExact && start.isExact)
    }
    let limit = isWide ? ScalarType.f32.exactLimit : type.exactLimit
    let result = whole(isWide ? "\(type.rawValue)(\(sum))" : sum, product, start, limit)
    if let another, let also { _ = bind(whole(another, rows, also, type.exactLimit)) }
    _ = bind(result)
    if random.once(in: 2) { _ = bind(elementwise(like: values.last!, depth: 2)) }
  }

  /// Adds a product of two tiles to `sum`, and returns a term of it and the left tile.
  private mutating func addTileProduct(
    to sum: String, _ row: Axis, _ column: Axis, _ block: Axis, _ isWide: Bool
  ) -> (Value, Value) {
    var a = read([row, block])
    var b = read([block, column])
    if random.once(in: 3) { a = bind(a) }
    if random.once(in: 8) { b = bind(elementwise(like: bind(b), depth: 1)) }
    let text = "dot(\(a.text), \(b.text))"
    var bound = a.bound * b.bound
    if isWide {
      emit("\(sum) = dot(\(a.text), \(b.text), \(sum))")
    } else {
      switch random.below(8) {
      case 0: emit("\(sum) = \(sum) + \(text)")
      case 1: emit("\(sum) = dot(\(a.text), \(b.text), \(sum))")
      case 2:
        emit("\(sum) += \(text) * 2")
        bound *= 2
      default: emit("\(sum) += \(text)")
      }
    }
    let isWhole = a.isWhole && b.isWhole
    let isExact = a.isExact && b.isExact
    return (Value(text: text, axes: [], bound: bound, isWhole: isWhole, isExact: isExact), a)
  }

  /// Adds a product of a column and a row to `sum`, and returns a term of it and the column.
  private mutating func addPointProduct(
    to sum: String, _ row: Axis, _ column: Axis
  ) -> (Value, Value) {
    let reduced = Array(points)
    func read(_ generator: inout KernelGenerator, _ axis: Axis) -> Value {
      let list = [axis.dimension] + reduced.filter { _ in !generator.random.once(in: 4) }
      return generator.load(generator.input(list), isPlain: true)
    }
    let (a, b) = (read(&self, row), read(&self, column))
    emit("\(sum) += \(a.text)[.., _] * \(b.text)[_, ..]")
    return (Value(text: "", axes: [], bound: a.bound * b.bound), a)
  }

  // MARK: State

  /// Carries a tensor from turn to turn that is not merely added to.
  mutating func addState() {
    guard let dimension = freeDimensions.randomElement(using: &random) else {
      _ = bind(load(input(Array(dimensions.indices))))
      return
    }
    let others = axes(without: dimension).shuffled(using: &random)
    // What is written has the tiles of the grid.
    let tiles = others.filter { if case .tile = $0 { true } else { false } }
    let axes = Array((tiles + others.filter { !tiles.contains($0) }).prefix(max(1, tiles.count)))
    guard axes.count < 2 || axes.count == 2 else {
      _ = bind(load(input(Array(dimensions.indices))))
      return
    }
    let start = initial(type.rawValue, axes)
    let state = name("s")
    emit("var \(state) = \(start.text)")
    let byTiles = axes.count < 2 && random.once(in: 2)
    var result = Value(text: state, axes: axes, bound: 0)
    loop(over: dimension, byTiles: byTiles) { generator in
      if byTiles {
        let tile = generator.read(axes + [.block(dimension)])
        let most = "max(\(tile.text), axis: \(axes.count))"
        generator.emit("\(state) = max(\(state), \(most))")
        result.bound = max(start.bound, tile.bound)
        result.isWhole = start.isWhole && tile.isWhole
        result.isExact = start.isExact && tile.isExact
        return
      }
      let list = axes.map(\.dimension) + [dimension]
      var term = generator.load(generator.input(list), isPlain: true)
      if term.axes != axes { term.text += ".transpose()" }
      if generator.type.isFloat {
        generator.emit("\(state) = \(state) * 0.5 + \(term.text)")
        result.isWhole = false
        result.bound = start.bound + 2 * term.bound
      } else {
        generator.emit("\(state) = max(\(state) * 3, \(term.text))")
      }
      result.isExact = start.isExact && term.isExact
    }
    _ = bind(result)
  }

  // MARK: Attention

  /// Rows against keys, block by block, with sums that are carried along.
  mutating func addAttention() {
    let (rows, keys, columns): (Axis, Axis, Axis) = (.tile(0), .block(1), .whole(2))
    let query = bind(read([rows, columns]))
    let keepsMaximum = !random.once(in: 4)
    let (top, total, sum) = (name("s"), name("s"), name("s"))
    let element = type.rawValue
    if keepsMaximum { emit("var \(top) = full(\(element)[\(length(of: rows))], -inf)") }
    emit("var \(total) = zeros(\(element)[\(length(of: rows))])")
    emit("var \(sum) = zeros(\(shape(element, [rows, columns])))")
    let scale = random.pick(["", " * 0.5", " * 0.125", " * rsqrt(\(element)(3))"])
    loop(over: 1, byTiles: true) { generator in
      let key = generator.read([keys, columns])
      var score = "dot(\(query.text), \(key.text).transpose())\(scale)"
      if generator.random.once(in: 4) { score += " + \(generator.read([rows, keys]).text)" }
      let scores = generator.name("v")
      generator.emit("let \(scores) = \(score)")
      let value = generator.read([keys, columns])
      let weights = generator.name("t")
      if keepsMaximum {
        let (new, keep) = (generator.name("v"), generator.name("v"))
        generator.emit("let \(new) = max(\(top), max(\(scores), axis: 1))")
        generator.emit(
          generator.random.once(in: 2)
            ? "let \(weights)[i, j] = exp(\(scores)[i, j] - \(new)[i])"
            : "let \(weights) = exp(\(scores) - \(new)[.., _])")
        generator.emit("let \(keep) = exp(\(top) - \(new))")
        generator.emit("\(total) = \(total) * \(keep) + sum(\(weights), axis: 1)")
        generator.emit("\(sum) = \(sum) * \(keep)[.., _] + dot(\(weights), \(value.text))")
        generator.emit("\(top) = \(new)")
      } else {
        generator.emit("let \(weights) = sigmoid(\(scores))")
        generator.emit("\(total) += sum(\(weights), axis: 1)")
        generator.emit("\(sum) += dot(\(weights), \(value.text))")
      }
    }
    // Weights are not negative, so the sum of one with their own quotient is an average.
    let average = Value(
      text: "\(sum) / \(total)[.., _]", axes: [rows, columns], bound: 4, isWhole: false,
      isExact: false)
    _ = bind(average)
    if keepsMaximum, random.once(in: 3) {
      let most = Value(
        text: top, axes: [rows], bound: 16 * Double(dimensions[2].value) + 4, isWhole: false)
      _ = bind(most)
    }
    values.removeAll { $0.text == query.text }
    values.swapAt(0, values.count - 1)
  }
}
