import TesseraData
import TesseraNumbers
import TesseraTesting

/// Makes random tile kernels, called by a function `f` that makes tensors of what they write.
///
/// Grids have points and tiles of any capacity, with and without a shorter last one. Programs read
/// tiles, whole axes, parts that begin anywhere, every second element and their neighbours; make
/// tensors of them in either notation; add up products, or anything else, over tiles and points of
/// further axes; keep running maxima and sums as attention does; and write several tensors, whole,
/// in part, transposed, or in place.
///
/// As in `NestGenerator`, values stay small and no choice hangs on a sum of floats. Floats are
/// whole numbers at first: as long as they are, and small enough, every order of addition gives the
/// same.
struct KernelGenerator {
  /// An axis of what a program computes.
  enum Axis: Hashable {
    /// A tile of the dimension, which is an axis of the grid.
    case tile(Int)
    /// The whole dimension.
    case whole(Int)
    /// The tile of a dimension over which a loop runs.
    case block(Int)

    /// The position of the dimension.
    var dimension: Int {
      switch self {
      case .tile(let dimension), .whole(let dimension), .block(let dimension): dimension
      }
    }
  }

  /// A tensor or number of a program, or an expression for one.
  struct Value {
    var text: String
    var axes: [Axis]
    /// The largest that an element may be.
    var bound: Double
    /// `true` iff the elements are whole numbers.
    var isWhole = true
    /// `true` iff the order of additions plays no part in it.
    var isExact = true
  }

  /// A tensor that the kernel is given or gives.
  struct Parameter {
    var name: String
    /// The dimensions of its axes.
    var dimensions: [Int]
    /// How many elements lie before and after those that belong to the dimension.
    var padding: [(before: Int, after: Int)]
    /// How far apart those are.
    var strides: [Int]
  }

  /// What a program is made around.
  private enum Form { case any, products, attention }

  /// How the grid runs over a dimension.
  enum GridAxis { case point, tile }

  var random: SplitMix
  private let form: Form
  /// The type of all elements but those of masks.
  let type: ScalarType
  private(set) var dimensions: [GeneratedDimension] = []
  /// How the grid runs over the dimensions over which it does.
  private(set) var grid: [Int: GridAxis] = [:]
  /// The dimensions over whose points loops run where statements are put now.
  var points: Set<Int> = []
  /// The dimensions over whose tiles loops run.
  var blocks: Set<Int> = []
  /// What statements can read, in scope.
  var values: [Value] = []
  var body: [String] = []
  /// How many loops there are around what is put next.
  var depth = 0
  /// `false` iff results of additions in another order would differ.
  var isExact = true
  private var inputs: [Parameter] = []
  private(set) var constants: [String] = []
  private(set) var declarations: [String] = []
  private(set) var arguments: [Tensor] = []
  /// The tensors that the kernel gives.
  var outs: [(name: String, type: String)] = []
  /// The tensors that the kernel changes, each with the input that it starts as.
  var changed: [(name: String, type: String, input: String)] = []
  private(set) var capacities: [Int: String] = [:]
  private var nameCount = 0

  /// Ends of vectors, and of register tiles, lie before, at and after these.
  private static let lengths = [0, 1, 2, 3, 4, 5, 7, 8, 9, 13, 16, 17, 31, 33, 40, 65]

  init(seed: UInt64) {
    random = SplitMix(seed: seed)
    form = random.pick([.any, .any, .any, .products, .products, .attention])
    type = random.pick(
      form == .attention
        ? [.f32, .f32, .f32, .f32, .f64, .f16, .bf16]
        : [.f32, .f32, .f32, .f32, .f32, .f64, .f16, .bf16, .i8, .i32, .i32, .i64, .u8])
  }

  /// A program, its arguments, and whether its results are the same in any order of addition.
  mutating func program() -> (generated: GeneratedProgram, isExact: Bool) {
    switch form {
    case .attention:
      chooseAttentionDimensions()
      addInput(Array(dimensions.indices), isPlain: true)
      addAttention()
      if random.once(in: 2) { addStatement() }
    case .products:
      chooseProductDimensions()
      addInput(Array(dimensions.indices), isPlain: true)
      addProducts()
      if random.once(in: 2) { addStatement() }
    case .any:
      chooseDimensions()
      addInput(Array(dimensions.indices), isPlain: true)
      for _ in 0..<(1 + random.below(3)) { addStatement() }
    }
    for _ in 0..<(1 + random.below(2)) { addOutput() }
    return finished()
  }

  // MARK: Dimensions and the grid

  private mutating func chooseDimensions() {
    for name in ["A", "B", "C", "D"].prefix(2 + random.below(3)) {
      dimensions.append(GeneratedDimension(text: name, value: random.pick(Self.lengths)))
    }
    shrinkDimensions(to: 1200)
    let count = 1 + random.below(min(3, dimensions.count))
    for dimension in dimensions.indices.shuffled(using: &random).prefix(count) {
      setGrid(dimension, random.once(in: 3) ? .point : .tile)
    }
    fixDimensions()
  }

  /// Rows and columns of a product, the dimension that it sums over, and times that it is done at
  /// times.
  private mutating func chooseProductDimensions() {
    for name in ["A", "B", "C", "D"].prefix(random.once(in: 3) ? 4 : 3) {
      dimensions.append(GeneratedDimension(text: name, value: random.pick(Self.lengths)))
    }
    shrinkDimensions(to: 2500)
    setGrid(0, .tile)
    if !random.once(in: 4) { setGrid(1, .tile) }
    if dimensions.count > 3 { setGrid(3, .point) }
    fixDimensions()
  }

  /// Rows, keys and columns of attention, and heads at times; enough rows for a lane each.
  private mutating func chooseAttentionDimensions() {
    let rows = random.pick([1, 5, 16, 17, 32, 33, 48, 70])
    for (name, value) in [
      ("A", rows), ("B", random.pick([1, 2, 7, 8, 13, 20])), ("C", random.pick([1, 2, 4, 5, 8])),
    ] {
      dimensions.append(GeneratedDimension(text: name, value: value))
    }
    setGrid(0, .tile, capacities: [16, 32, 33, 64, 100])
    if random.once(in: 3) {
      dimensions.append(GeneratedDimension(text: "D", value: 1 + random.below(2)))
      setGrid(3, .point)
    }
    fixDimensions()
  }

  private mutating func shrinkDimensions(to most: Int) {
    while dimensions.reduce(1, { $0 * max(1, $1.value) }) > most {
      // Ends since each turn makes the longest axis shorter.
      let longest = dimensions.indices.max { dimensions[$0].value < dimensions[$1].value }!
      dimensions[longest].value = random.below(dimensions[longest].value)
    }
  }

  /// Some lengths are known while compiling.
  private mutating func fixDimensions() {
    for place in dimensions.indices where random.once(in: form == .attention ? 8 : 4) {
      dimensions[place].text = "\(dimensions[place].value)"
    }
  }

  private mutating func setGrid(_ dimension: Int, _ axis: GridAxis, capacities: [Int]? = nil) {
    grid[dimension] = axis
    guard axis == .tile else { return }
    self.capacities[dimension] = capacity(of: dimension, among: capacities)
  }

  /// How many indices a tile of `dimension` has at most: a number, or a constant of the kernel.
  mutating func capacity(of dimension: Int, among choices: [Int]? = nil) -> String {
    let length = max(1, dimensions[dimension].value)
    // Tiles that fit, tiles that do not, one tile with room to spare.
    let usual = [1, 2, 3, 4, 7, 8, 16, 16, 64, 64, length, max(1, length / 2), length + 1, 1 << 40]
    let number = random.pick(choices ?? usual)
    if !random.once(in: 3) { return "\(number)" }
    let constant = name("T")
    constants.append("const \(constant): int = \(number)")
    return constant
  }

  /// The length of an axis, as an expression that can stand in a type.
  func length(of axis: Axis) -> String {
    switch axis {
    case .tile(let dimension): Self.tile(dimension)
    case .whole(let dimension): dimensions[dimension].text
    case .block(let dimension): Self.block(dimension)
    }
  }

  static func tile(_ dimension: Int) -> String { "m\(dimension)" }
  static func point(_ dimension: Int) -> String { "p\(dimension)" }
  static func block(_ dimension: Int) -> String { "k\(dimension)" }

  // MARK: Names and lines

  mutating func name(_ stem: String) -> String {
    nameCount += 1
    return "\(stem)\(nameCount)"
  }

  mutating func emit(_ line: String) {
    body.append(String(repeating: "  ", count: depth + 1) + line)
  }

  /// Declares a value of the program.
  mutating func bind(_ value: Value) -> Value {
    var value = bounded(value)
    let name = name("v")
    emit("let \(name) = \(value.text)")
    value.text = name
    values.append(value)
    return value
  }

  /// `value`, kept small.
  func bounded(_ value: Value) -> Value {
    guard type.isFloat, value.bound > 64 else { return value }
    var value = value
    value.text = "max(min(\(value.text), 64), -64)"
    value.bound = 64
    return value
  }

  // MARK: Parameters

  /// The type of `parameter`, whose elements are `element`s.
  func spelling(_ element: String, _ parameter: Parameter) -> String {
    if parameter.dimensions.isEmpty { return element }
    let extents = parameter.dimensions.indices.map { axis in
      let (before, after) = parameter.padding[axis]
      let text = dimensions[parameter.dimensions[axis]].text
      let stride = parameter.strides[axis]
      let length = stride == 1 ? text : "\(stride) * \(text)"
      return before + after == 0 ? length : "\(length) + \(before + after)"
    }
    return "\(element)[\(extents.joined(separator: ", "))]"
  }

  private func shape(_ parameter: Parameter) -> [Int] {
    parameter.dimensions.indices.map { axis in
      let (before, after) = parameter.padding[axis]
      return parameter.strides[axis] * dimensions[parameter.dimensions[axis]].value + before + after
    }
  }

  /// Adds a parameter whose axes are `list`; with `isPlain`, so that its shape tells them.
  @discardableResult
  mutating func addInput(_ list: [Int], isPlain: Bool = false) -> Parameter {
    var list = list
    if random.once(in: 4) { list.shuffle(using: &random) }
    var parameter = Parameter(
      name: name("x"), dimensions: list, padding: list.map { _ in (0, 0) },
      strides: list.map { _ in 1 })
    if !isPlain, let axis = list.indices.randomElement(using: &random) {
      if random.once(in: 3) { parameter.padding[axis] = (random.below(3), random.below(3)) }
      // That twice a point below a number lies below twice the number is not proved.
      if Int(dimensions[list[axis]].text) == nil, random.once(in: 14) {
        parameter.strides[axis] = 2
      }
    }
    let shape = shape(parameter)
    let numbers = type.hasNegatives ? -4...4 : 0...4
    let values = (0..<shape.reduce(1, *)).map { _ in
      Double(Int.random(in: numbers, using: &random))
    }
    inputs.append(parameter)
    declarations.append("\(parameter.name): \(spelling(type.rawValue, parameter))")
    arguments.append(
      Tensor(values, shape: shape).converted(to: type))
    return parameter
  }

  /// A parameter, one that is there or a new one, whose axes are the dimensions of `list`.
  mutating func input(_ list: [Int]) -> Parameter {
    let like = inputs.filter { Set($0.dimensions) == Set(list) }
    if let parameter = like.randomElement(using: &random), !random.once(in: 3) { return parameter }
    return addInput(list)
  }

  /// A parameter of truth values whose axes are `list`.
  mutating func addMask(_ list: [Int]) -> Parameter {
    let mask = Parameter(
      name: name("b"), dimensions: list, padding: list.map { _ in (0, 0) },
      strides: list.map { _ in 1 })
    declarations.append("\(mask.name): \(spelling("bool", mask))")
    let shape = shape(mask)
    arguments.append(
      Tensor((0..<shape.reduce(1, *)).map { _ in random.once(in: 2) }, shape: shape))
    return mask
  }
}
