import TesseraData
import TesseraNumbers
import TesseraTesting

/// Makes random programs of the kinds that loop nests are made for: elementwise chains, reductions
/// along any axes, patterns like softmax and norms, scans, over tensors of any rank and type whose
/// sizes have tails or are zero, read transposed, reversed, by strides and past their ends.
///
/// Values stay small, and no choice hangs on a sum of floats, so that another order of addition
/// changes results by a little only.
struct NestGenerator {
  /// A tensor that statements can read.
  struct Operand {
    var name: String
    /// Its axes, as positions in `dimensions`.
    var axes: [Int]
    /// The elements are at most this large, if they are floats.
    var bound: Double
    /// `true` iff the order of additions plays no part in it.
    var isExact: Bool
  }

  var random: SplitMix
  /// The type of all elements but those of masks.
  let type: ScalarType
  private(set) var dimensions: [GeneratedDimension] = []
  private(set) var operands: [Operand] = []
  private(set) var masks: [Operand] = []
  /// A number of the host by which places are moved, if there is one.
  private(set) var shift: (name: String, value: Int64)?
  /// The names of the parameters that are `inout`.
  private var changed: Set<String> = []
  /// The dimensions that must not be zero.
  var notEmpty: Set<String> = []
  private var parameters: [String] = []
  private var arguments: [Tensor] = []
  private var body: [String] = []
  private var nameCount = 0

  /// Ends of vectors of 4 to 16 lanes, and of several of them, lie before, at and after these.
  private static let lengths = [
    0, 1, 2, 3, 4, 5, 7, 8, 9, 13, 15, 16, 17, 24, 31, 32, 33, 47, 63, 64, 65, 100, 130,
  ]
  /// The most elements of a tensor with all axes, for the interpreter runs it too.
  private static let mostElements = 1500

  init(seed: UInt64) {
    random = SplitMix(seed: seed)
    type = random.pick([
      .f32, .f32, .f32, .f32, .f64, .f16, .bf16, .i8, .i16, .i32, .i64, .u8, .u16, .u32,
    ])
  }

  /// A program, its arguments, and whether its results are the same in any order of addition; one that
  /// changes some of its arguments, if it `changes` any.
  mutating func program(changes: Bool = false) -> (generated: GeneratedProgram, isExact: Bool) {
    for name in ["A", "B", "C", "D"].prefix(1 + random.below(4)) {
      dimensions.append(GeneratedDimension(text: name, value: random.pick(Self.lengths)))
    }
    while dimensions.reduce(1, { $0 * max(1, $1.value) }) > Self.mostElements {
      // Ends since each turn makes the longest axis shorter.
      let longest = dimensions.indices.max { dimensions[$0].value < dimensions[$1].value }!
      dimensions[longest].value = random.below(dimensions[longest].value)
    }
    // Some lengths are known while compiling.
    for place in dimensions.indices where random.once(in: 4) {
      dimensions[place].text = "\(dimensions[place].value)"
    }
    let axes = Array(dimensions.indices)
    addParameter(axes)
    for _ in 0..<(1 + random.below(3)) { addParameter(axes.filter { _ in !random.once(in: 3) }) }
    if random.once(in: 2) { addMask(axes.filter { _ in random.once(in: 2) }) }
    if random.once(in: 3) { addShift() }
    if changes {
      let names = operands.filter { !$0.axes.isEmpty }.map(\.name)
      changed = Set(names.filter { _ in random.once(in: 2) } + names.prefix(1))
      for position in parameters.indices
      where changed.contains(where: { parameters[position].hasPrefix("\($0):") }) {
        parameters[position] = "inout " + parameters[position]
      }
    }
    for _ in 0..<(1 + random.below(4)) {
      if changes, !random.once(in: 3) { addChange() } else { addStatement() }
    }
    return finished()
  }

  // MARK: Parameters

  private mutating func name(_ stem: String) -> String {
    nameCount += 1
    return "\(stem)\(nameCount)"
  }

  private func spelling(_ type: String, _ axes: [Int]) -> String {
    axes.isEmpty
      ? type : "\(type)[\(axes.map { dimensions[$0].text }.joined(separator: ", "))]"
  }

  private mutating func addParameter(_ axes: [Int]) {
    var axes = axes
    if random.once(in: 3) { axes.shuffle(using: &random) }
    let parameter = Operand(name: name("x"), axes: axes, bound: 4, isExact: true)
    let shape = axes.map { dimensions[$0].value }
    let least = type.hasNegatives ? -16 : 0
    let values = (0..<shape.reduce(1, *)).map { _ in
      let number = Double(random.below(33 + least) + least)
      return type.isFloat ? number / 4 : number
    }
    operands.append(parameter)
    parameters.append("\(parameter.name): \(spelling(type.rawValue, axes))")
    arguments.append(
      Tensor(values, shape: shape).converted(to: type))
  }

  private mutating func addMask(_ axes: [Int]) {
    let mask = Operand(name: name("m"), axes: axes, bound: 1, isExact: true)
    let shape = axes.map { dimensions[$0].value }
    masks.append(mask)
    parameters.append("\(mask.name): \(spelling("bool", axes))")
    arguments.append(
      Tensor((0..<shape.reduce(1, *)).map { _ in random.once(in: 2) }, shape: shape))
  }

  private mutating func addShift() {
    let numbers: [Int64] = [0, 1, -1, 3, -7, 16, 40, -100, .max, .min, 1 << 56, 1 << 60]
    let shift = (name: name("s"), value: random.pick(numbers))
    self.shift = shift
    parameters.append("\(shift.name): int")
    arguments.append(Tensor([shift.value], shape: []))
  }

  // MARK: Statements

  private mutating func addStatement() {
    switch random.below(8) {
    case 0, 1, 2: define(Array(dimensions.indices), depth: 3)
    case 3, 4: define(dimensions.indices.filter { _ in !random.once(in: 3) }, depth: 3)
    case 5 where type.isFloat: addSoftmax()
    case 6 where type.isFloat: addNorm()
    default: addScan()
    }
  }

  /// `let t[i in 0..A, j in 0..B] = e`.
  private mutating func define(_ axes: [Int], depth: Int) {
    var axes = axes
    if random.once(in: 4) { axes.shuffle(using: &random) }
    var value = expression(Scope(axes), depth: depth)
    bind(&value)
    add(name("t"), axes, value)
  }

  /// Keeps a value small.
  private mutating func bind(_ value: inout Value) {
    guard type.isFloat, value.bound > 64 else { return }
    value.text = "max(min(\(value.text), 64), -64)"
    value.bound = 64
  }

  private mutating func add(_ name: String, _ axes: [Int], _ value: Value) {
    body.append("let \(target(name, axes)) = \(value.text)")
    operands.append(
      Operand(name: name, axes: axes, bound: value.bound, isExact: value.isExact))
  }

  /// What stands before the sign of a definition.
  private func target(_ name: String, _ axes: [Int]) -> String {
    let places = axes.map { "\(Scope.index($0)) in 0..\(dimensions[$0].text)" }
    return axes.isEmpty ? name : "\(name)[\(places.joined(separator: ", "))]"
  }

  /// Defines a parameter anew, most often by its own elements.
  mutating func addChange() {
    let position = random.pick(operands.indices.filter { changed.contains(operands[$0].name) })
    let (name, axes) = (operands[position].name, operands[position].axes)
    if type.isFloat, !axes.isEmpty, random.once(in: 4) {
      // What a softmax or a norm gives of the parameter takes its place.
      let (before, others) = (body.count, operands)
      operands = [operands[position]]
      if random.once(in: 2) { addSoftmax() } else { addNorm() }
      if body.count > before {
        let made = operands.removeLast()
        let line = body.removeLast()
        body.append(target(name, axes) + line[line.firstRange(of: " = ")!.lowerBound...])
        operands = others
        operands[position].bound = made.bound
        operands[position].isExact = made.isExact
        return
      }
      operands = others
    }
    // Or by neighbours of these.
    let moved = random.once(in: 3) ? random.pick(axes) : -1
    let places = axes.map { axis in
      axis != moved
        ? Scope.index(axis)
        : random.pick(["\(dimensions[axis].text) - 1 - i\(axis)", "i\(axis) - 1", "i\(axis) + 9"])
    }
    let read = "\(name)[\(places.joined(separator: ", ")) else 0]"
    let own = Value(
      text: moved < 0 ? name + place(axes) : read, bound: operands[position].bound,
      isExact: operands[position].isExact)
    var value = expression(Scope(axes), depth: random.below(3))
    if !random.once(in: 4) {
      value = Value(
        text: "(\(own.text) + \(value.text))", bound: own.bound + value.bound,
        isExact: own.isExact && value.isExact)
    }
    // Or a sum of products is added.
    if axes.count > 1, let reduced = dimensions.indices.first(where: { !axes.contains($0) }),
      random.once(in: 2)
    {
      let row = self.read(Scope(axes.dropLast() + [reduced]))
      let column = self.read(Scope([axes.last!, reduced]))
      let range = "i\(reduced) in 0..\(dimensions[reduced].text)"
      value = Value(
        text: "sum[\(range)] \(row.text) * \(column.text)",
        bound: row.bound * column.bound * Double(max(1, dimensions[reduced].value)),
        isExact: row.isExact && column.isExact && !type.isFloat)
      let opcode = random.pick(["+", "-"])
      body.append("\(target(name, axes)) \(opcode)= \(value.text)")
      operands[position].isExact = own.isExact && value.isExact
      // Keeps it small.
      value = Value(text: name + place(axes), bound: .infinity, isExact: true)
    }
    bind(&value)
    var line = "\(target(name, axes)) = \(value.text)"
    switch random.below(6) {
    case 0 where value.bound <= 64:
      line = "\(target(name, axes)) += \(value.text)"
      value.bound += own.bound
      value.isExact = value.isExact && own.isExact
    case 1 where !type.isFloat || value.bound <= 64:
      value.bound = max(value.bound, own.bound, 64)
      line = "for turn in 0..2 { \(line) }"
    default: break
    }
    body.append(line)
    operands[position].bound = value.bound
    operands[position].isExact = operands[position].isExact && value.isExact
  }

  /// A tensor that statements can walk along `axis`, with how it is read.
  private mutating func walked() -> (operand: Operand, axis: Int)? {
    guard let operand = operands.filter({ !$0.axes.isEmpty }).randomElement(using: &random) else {
      return nil
    }
    return (operand, random.pick(operand.axes))
  }

  private func place(_ axes: [Int]) -> String {
    axes.isEmpty ? "" : "[\(axes.map(Scope.index).joined(separator: ", "))]"
  }

  /// The greatest of each row, exponentials, their sum, quotients.
  private mutating func addSoftmax() {
    guard let (operand, axis) = walked() else { return define([], depth: 2) }
    let (axes, rest) = (operand.axes, operand.axes.filter { $0 != axis })
    let range = "[\(Scope.index(axis)) in 0..\(dimensions[axis].text)]"
    let read = operand.name + place(axes)
    let (most, power, sum) = (name("t"), name("t"), name("t"))
    let isExact = operand.isExact
    add(most, rest, Value(text: "max\(range) \(read)", bound: .infinity, isExact: isExact))
    let scale = random.once(in: 2) ? " * 0.5" : ""
    add(
      power, axes,
      Value(text: "exp((\(read) - \(most)\(place(rest)))\(scale))", bound: 1, isExact: isExact))
    // Nothing else reads what may be infinite, or a sum of any size.
    operands.removeAll { $0.name == most }
    add(sum, rest, Value(text: "sum\(range) \(power)\(place(axes))", bound: 1, isExact: false))
    let total = operands.removeLast()
    let quotient = "\(power)\(place(axes)) / \(total.name)\(place(rest))"
    add(name("t"), axes, Value(text: quotient, bound: 1, isExact: false))
  }

  /// The mean of each row, the mean of squared differences, and what is left when both are taken out.
  private mutating func addNorm() {
    guard let (operand, axis) = walked() else { return define([], depth: 2) }
    let (axes, rest) = (operand.axes, operand.axes.filter { $0 != axis })
    let range = "[\(Scope.index(axis)) in 0..\(dimensions[axis].text)]"
    let read = operand.name + place(axes)
    let (mean, variance) = (name("t"), name("t"))
    add(mean, rest, Value(text: "mean\(range) \(read)", bound: .infinity, isExact: false))
    let difference = "(\(read) - \(mean)\(place(rest)))"
    operands.removeLast()
    add(
      variance, rest,
      Value(
        text: "mean\(range) (\(difference) * \(difference))", bound: .infinity, isExact: false))
    operands.removeLast()
    var value = Value(
      text: "\(difference) * rsqrt(\(variance)\(place(rest)) + 0.25)", bound: 12, isExact: false)
    let factors = operands.filter { !$0.axes.isEmpty && Set($0.axes).isSubset(of: axes) }
    if let factor = factors.randomElement(using: &random), random.once(in: 2) {
      value.text += " * \(factor.name)\(place(factor.axes))"
      value.bound *= factor.bound
    }
    bind(&value)
    add(name("t"), axes, value)
  }

  /// What stands before each element of a row, or after it, summed or compared.
  private mutating func addScan() {
    guard let (operand, axis) = walked() else { return define([], depth: 2) }
    let index = Scope.index(axis)
    let read =
      "\(operand.name)[\(operand.axes.map { $0 == axis ? "q" : Scope.index($0) }.joined(separator: ", "))]"
    let range = random.pick(["0..\(index) + 1", "\(index)..\(dimensions[axis].text)"])
    let isSum = random.once(in: 2)
    var value = Value(
      text: "\(isSum ? "sum" : "max")[q in \(range)] \(read)",
      bound: isSum ? operand.bound * Double(max(1, dimensions[axis].value)) : operand.bound,
      isExact: operand.isExact && (!isSum || !type.isFloat))
    bind(&value)
    add(name("t"), operand.axes, value)
  }

  // MARK: Results

  /// The program that gives one or two of the last tensors.
  private mutating func finished() -> (generated: GeneratedProgram, isExact: Bool) {
    let count = 1 + random.below(2)
    let made = operands.filter { $0.name.hasPrefix("t") }.suffix(count)
    let given = !made.isEmpty || !changed.isEmpty ? made : operands.suffix(1)
    var results: [String] = []
    var lines = body
    for (number, operand) in given.enumerated() {
      results.append("y\(number): \(spelling(type.rawValue, operand.axes))")
      lines.append("y\(number) = \(operand.name)")
    }
    let names = dimensions.map(\.text).filter { Int($0) == nil }
    let generic = names.isEmpty ? "" : "<\(names.joined(separator: ", "))>"
    let demands = notEmpty.filter { Int($0) == nil }.sorted().map { "\($0) >= 1" }
    let demanded = demands.isEmpty ? "" : " where \(demands.joined(separator: " and "))"
    let arrow = results.isEmpty ? "   " : "    -> (\(results.joined(separator: ", ")))"
    let text = """
      export fn f\(generic)(\(parameters.joined(separator: ", ")))
      \(arrow)\(demanded) {
      \(lines.map { "  \($0)" }.joined(separator: "\n"))
      }

      """
    return (
      GeneratedProgram(text: text, arguments: arguments),
      operands.filter { changed.contains($0.name) }.allSatisfy(\.isExact)
        && given.allSatisfy(\.isExact)
    )
  }
}
