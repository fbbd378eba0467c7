import TesseraData
import TesseraNumbers
import TesseraTesting

/// Makes random programs that are correct by construction.
///
/// Sums and products of floats are made of whole numbers so small that every order of addition gives
/// the same bits; all else is elementwise. So whoever runs a program must give the same bits.
struct ProgramGenerator {
  var random: SplitMix
  var dimensions: [GeneratedDimension] = []
  var tensors: [GeneratedTensor] = []
  /// The indices in scope, with the dimension inside which they lie.
  var indices: [(name: String, dimension: GeneratedDimension)] = []
  /// Functions of two scalars of one type that expressions can call.
  var functions: [(name: String, type: ScalarType)] = []
  private var declarations: [String] = []
  private var parameters: [GeneratedTensor] = []
  private var arguments: [Tensor] = []
  private var body: [String] = []
  private var nameCount = 0

  static let lengths = [0, 1, 1, 2, 3, 4, 5, 7, 8, 9, 13, 16, 17, 31, 33]
  static let types: [ScalarType] =
    [.f32, .f32, .f32, .f32, .i64, .i64, .bool] + ScalarType.allCases

  init(seed: UInt64) { random = SplitMix(seed: seed) }

  /// A program and its arguments.
  mutating func program() -> GeneratedProgram {
    for _ in 0..<random.below(3) { addFunction() }
    for name in ["N", "M", "K"].prefix(1 + random.below(3)) {
      dimensions.append(GeneratedDimension(text: name, value: random.pick(Self.lengths)))
    }
    // Every dimension stands alone in some parameter, so that calls give it.
    for dimension in dimensions { addParameter([dimension]) }
    for _ in 0..<(1 + random.below(3)) {
      addParameter((0..<random.below(4)).map { _ in anyDimension() })
    }
    for _ in 0..<(1 + random.below(4)) { addStatement() }
    let result = addResult()
    let list = parameters.map { "\($0.name): \(spelling($0))" }.joined(separator: ", ")
    let facts = dimensions.filter { $0.value >= 1 }.map { "\($0.text) >= 1" }
    let condition = facts.isEmpty ? "" : "\n    where " + facts.joined(separator: ", ")
    let names = dimensions.map(\.text).joined(separator: ", ")
    let lines = body.map { "  \($0)\n" }.joined()
    let text = """
      fn twice(x: f32) -> f32 { x + x }
      fn pick(c: bool, a: f32, b: f32) -> f32 { if c { a } else { b } }
      \(declarations.joined())fn f<\(names)>(\(list)) -> (y: \(spelling(result)))\(condition) {
      \(lines)}

      """
    return GeneratedProgram(text: text, arguments: arguments)
  }

  // MARK: Names and shapes

  mutating func name(_ stem: String) -> String {
    nameCount += 1
    return "\(stem)\(nameCount)"
  }

  mutating func anyDimension() -> GeneratedDimension {
    if random.once(in: 5) {
      let value = random.pick([0, 1, 2, 3, 4, 5, 8])
      return GeneratedDimension(text: String(value), value: value)
    }
    return random.pick(dimensions)
  }

  private func spelling(_ tensor: GeneratedTensor) -> String {
    let element = tensor.type.rawValue
    if tensor.dimensions.isEmpty { return element }
    return "\(element)[\(tensor.dimensions.map(\.text).joined(separator: ", "))]"
  }

  // MARK: Parameters

  private mutating func addParameter(_ dimensions: [GeneratedDimension]) {
    let type = random.pick(Self.types)
    let parameter = GeneratedTensor(
      name: name("x"), type: type, dimensions: dimensions, bound: type.isFloat ? 4 : .infinity)
    let count = dimensions.reduce(1) { $0 * $1.value }
    let least = type == .bool ? 0 : Int64.min
    let values = (0..<count).map { _ in max(least, Int64(random.below(9) - 4)) }
    parameters.append(parameter)
    tensors.append(parameter)
    arguments.append(Tensor(values, shape: dimensions.map(\.value)).converted(to: type))
  }

  // MARK: Functions

  /// A function of scalars with a loop, a branch and a `return` inside both.
  private mutating func addFunction() {
    let type = random.pick([ScalarType.i64, .i32, .f32])
    let name = self.name("g")
    tensors = ["a", "b", "s"].map {
      GeneratedTensor(name: $0, type: type, dimensions: [], bound: .infinity)
    }
    dimensions = [GeneratedDimension(text: "3", value: 3)]
    let start = tensors.removeLast()
    let first = expression(type, depth: 2)
    tensors.append(start)
    let next = expression(type, depth: 2)
    let condition = expression(.bool, depth: 2)
    let early = expression(type, depth: 1)
    let guarded = expression(.bool, depth: 1)
    declarations.append(
      """
      fn \(name)(a: \(type.rawValue), b: \(type.rawValue)) -> \(type.rawValue) {
        var s = \(first.text)
        for q in 0..\(1 + random.below(5)) {
          if \(condition.text) { return \(early.text) }
          s = \(next.text)
        }
        if \(guarded.text) { return s }
        max(s, a)
      }

      """)
    tensors = []
    dimensions = []
    functions.append((name, type))
  }

  // MARK: Statements

  private mutating func addStatement() {
    switch random.below(8) {
    case 0: addLoop()
    case 1: addElementwise()
    case 2: addScatter()
    case 3: addRectangle()
    case 4: addScalar()
    default: addDefinition()
    }
  }

  /// `let t[i in 0..N] = e`.
  private mutating func addDefinition() {
    let type = random.pick(Self.types)
    let shape = (0..<(1 + random.below(3))).map { _ in anyDimension() }
    let binders = bind(shape)
    let value = expression(type, depth: 3)
    indices = []
    let tensor = GeneratedTensor(name: name("t"), type: type, dimensions: shape, bound: value.bound)
    let list = binders.map { "\($0.name) in 0..\($0.dimension.text)" }.joined(separator: ", ")
    body.append("let \(tensor.name)[\(list)] = \(value.text)")
    tensors.append(tensor)
  }

  /// `let t = a + b` of whole tensors, or a scalar function over one.
  private mutating func addElementwise() {
    guard
      let tensor = tensors.filter({ $0.type == .f32 && !$0.dimensions.isEmpty }).randomElement(
        using: &random)
    else { return addDefinition() }
    let other = tensors.filter { $0.type == .f32 && $0.dimensions == tensor.dimensions }
      .randomElement(using: &random)!
    let (text, bound): (String, Double) =
      switch random.below(4) {
      case 0: ("\(tensor.name) + \(other.name)", tensor.bound + other.bound)
      case 1: ("max(\(tensor.name), \(other.name))", max(tensor.bound, other.bound))
      case 2: ("twice(\(tensor.name))", 2 * tensor.bound)
      default: ("-\(tensor.name)", tensor.bound)
      }
    let result = GeneratedTensor(
      name: name("t"), type: .f32, dimensions: tensor.dimensions,
      bound: bound <= ScalarType.f32.exactLimit ? bound : .infinity)
    body.append("let \(result.name) = \(text)")
    tensors.append(result)
  }

  /// `let s = e`.
  private mutating func addScalar() {
    let type = random.pick(Self.types)
    let value = expression(type, depth: 3)
    let scalar = GeneratedTensor(name: name("s"), type: type, dimensions: [], bound: value.bound)
    body.append("let \(scalar.name) = \(value.text)")
    tensors.append(scalar)
  }

  /// A scalar that a loop changes.
  private mutating func addLoop() {
    let type = random.pick([ScalarType.i64, .i32, .f32])
    let start = expression(type, depth: 1)
    let variable = name("v")
    let dimension = anyDimension()
    let index = name("q")
    body.append("var \(variable) = \(start.text)")
    indices = [(index, dimension)]
    let value = expression(type, depth: 2)
    let condition = expression(.bool, depth: 1)
    indices = []
    let operation = type.isFloat ? "max(\(variable), \(value.text))" : "\(variable) + \(value.text)"
    body.append(
      "for \(index) in 0..\(dimension.text) { if \(condition.text) { \(variable) = \(operation) } }"
    )
    tensors.append(
      GeneratedTensor(
        name: variable, type: type, dimensions: [], bound: max(start.bound, value.bound)))
  }

  /// `v[x[i] else skip] += e`: in order of i, whatever the threads.
  private mutating func addScatter() {
    guard
      let places = tensors.filter({ $0.type == .i64 && $0.dimensions.count == 1 }).randomElement(
        using: &random),
      let target = tensors.filter({ $0.dimensions.count == 1 && $0.type != .bool }).randomElement(
        using: &random)
    else { return addDefinition() }
    let variable = name("v")
    let index = name("p")
    body.append("var \(variable) = \(target.name)")
    indices = [(index, places.dimensions[0])]
    let value = expression(target.type, depth: 2)
    indices = []
    let operation = target.type.isInteger && random.once(in: 2) ? "+=" : "="
    body.append(
      "\(variable)[\(places.name)[\(index)] else skip] \(operation) \(value.text)")
    tensors.append(
      GeneratedTensor(
        name: variable, type: target.type, dimensions: target.dimensions,
        bound: max(target.bound, value.bound)))
  }

  /// `v[i in a..b] = e` with a part of the range.
  private mutating func addRectangle() {
    guard
      let target = tensors.filter({ !$0.dimensions.isEmpty && $0.type != .bool }).randomElement(
        using: &random)
    else { return addDefinition() }
    let variable = name("v")
    body.append("var \(variable) = \(target.name)")
    let binders = bind(target.dimensions)
    let value = expression(target.type, depth: 2)
    indices = []
    let list = binders.map { binder -> String in
      let dimension = binder.dimension
      let isKnown = Int(dimension.text) != nil
      let half = isKnown ? "\(dimension.value / 2)..\(dimension.text)" : "0..\(dimension.text)"
      return "\(binder.name) in \(half)"
    }
    body.append("\(variable)[\(list.joined(separator: ", "))] = \(value.text)")
    tensors.append(
      GeneratedTensor(
        name: variable, type: target.type, dimensions: target.dimensions,
        bound: max(target.bound, value.bound)))
  }

  private mutating func addResult() -> GeneratedTensor {
    let type = random.pick(Self.types)
    let shape = (0..<(1 + random.below(3))).map { _ in anyDimension() }
    let binders = bind(shape)
    let value = expression(type, depth: 4)
    let list = binders.map(\.name).joined(separator: ", ")
    body.append("y[\(list)] = \(value.text)")
    return GeneratedTensor(name: "y", type: type, dimensions: shape, bound: value.bound)
  }

  /// Brings fresh indices over `shape` into scope.
  private mutating func bind(
    _ shape: [GeneratedDimension]
  ) -> [(name: String, dimension: GeneratedDimension)] {
    indices = shape.map { (name("p"), $0) }
    return indices
  }
}
