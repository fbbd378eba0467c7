import TesseraIR
import TesseraNumbers
import TesseraSource
import TesseraTesting

/// A random sum of products as IR, with arguments for it.
///
/// Result axes belong to one factor or to both, stand in any order, and are read in any order, by
/// strides, dilations and offsets, inside bounds or guarded; reductions have one to four indices,
/// with any lower ends and steps. Numbers are small and whole, so that sums are exact in any order.
struct ContractionGenerator {
  /// The module with the function `f`.
  var text = ""
  /// The arguments of `f`.
  var arguments: [(shape: [Int], type: ScalarType, values: [Double])] = []
  /// The integer arguments of `f`, which come first.
  var numbers: [Int] = []
  /// The type of sums and results.
  let type: ScalarType
  /// The types of the factors' elements, which are converted where they are read.
  private var factorTypes: [ScalarType]

  /// What is thrown for each choice.
  var random: SplitMix
  /// The operations for an element, and those before the results.
  var body: [String] = []
  var head: [String] = []
  private var parameters: [String] = []
  private var tensorParameters: [String] = []
  private var constants: [Int: String] = [:]
  private var nextName = 0
  /// `true` iff it is a long matrix by few columns, or few rows by one, of plain reads.
  var isSkinny = false

  init(seed: UInt64) {
    random = SplitMix(seed: seed)
    let types: [(ScalarType, ScalarType)] = [
      (.f32, .f32), (.f32, .f32), (.f64, .f64), (.i32, .i32), (.f32, .f16), (.f32, .bf16),
      (.i32, .i8), (.i32, .u8), (.i32, .i16), (.f64, .f32),
    ]
    let factorType: ScalarType
    (type, factorType) = random.pick(types)
    factorTypes = [factorType, factorType]
    if factorType == .i8, random.once(in: 2) { factorTypes[random.below(2)] = .u8 }
    generate()
  }

  /// Creates one that has nothing yet.
  init(random: SplitMix, type: ScalarType) {
    (self.random, self.type, factorTypes) = (random, type, [])
  }

  /// The parameters of the function, numbers first.
  var allParameters: String { (parameters + tensorParameters).joined(separator: ", ") }

  /// The text as a module; `nil` if it has errors.
  var module: Module? {
    let file = SourceFile(id: FileID(index: 0), name: "contraction.tir", bytes: Array(text.utf8))
    let (module, diagnostics) = parseModule(file)
    return diagnostics.isEmpty ? module : nil
  }

  // MARK: Names

  /// A name that nothing has yet.
  mutating func fresh(_ stem: String) -> String {
    nextName += 1
    return "%\(stem)\(nextName)"
  }

  /// A value that is `number`: a constant, or a parameter of the function.
  mutating func value(_ number: Int) -> String {
    if let known = constants[number] { return known }
    let name = fresh("n")
    if random.once(in: 2) {
      head.append("%\(name.dropFirst()) = constant {\(number)} : i64")
    } else {
      parameters.append("\(name): i64")
      numbers.append(number)
    }
    if random.once(in: 2) { constants[number] = name }
    return name
  }

  /// A number as a constant of the elements' type is written.
  private func literal(_ number: Int) -> String { type.isFloat ? "\(number).0" : "\(number)" }

  /// Emits an operation for an element, and gives the name of its result.
  mutating func emit(_ operation: String, _ type: String = "i64") -> String {
    let name = fresh("v")
    body.append("\(name) = \(operation) : \(type)")
    return name
  }

  // MARK: Generation

  private mutating func generate() {
    let (axes, reduced) = chosenAxes()
    let bounds = ends(of: reduced)
    let extents = axes.map { value($0.count) }
    let sums = makeSums(axes, reduced)
    let elements = makeElements(of: sums, axes)
    let shape = axes.indices.map { shownLength(of: axes[$0], extents[$0]) }.joined(separator: ", ")
    write(sums, overAll: bounds, elements, as: "\(type.rawValue)[\(shape)]", axes, extents)
  }

  /// The lower and upper ends and the steps of the indices of reductions.
  private mutating func ends(of reduced: [Axis]) -> [String] {
    let lowers = reduced.map { value($0.lower) }
    let uppers = reduced.map { axis in
      axis.count == 0
        ? value(axis.lower - random.below(2))
        : value(axis.last + 1 + random.below(axis.step))
    }
    return lowers + uppers + reduced.map { value($0.step) }
  }

  /// A sum: its name, its indices, and what makes its terms.
  private struct Sum {
    var name: String
    var indices: [Axis]
    var lines: [String]
  }

  /// Sums with one factor of rows, and each with one of columns.
  private mutating func makeSums(_ axes: [Axis], _ reduced: [Axis]) -> [Sum] {
    let columnType = factorTypes[0]
    let rows = factor(axes.filter(\.isOfRows) + reduced.filter(\.isOfRows))
    let rowLines = body
    var sums: [Sum] = []
    for number in 0..<(random.once(in: 3) ? 2 + random.below(2) : 1) {
      // The sums have indices of their own, and the same row factor otherwise.
      let indices = reduced.map { axis in
        var axis = axis
        if number > 0 { axis.name += "s\(number)" }
        return axis
      }
      func renamed(_ text: String) -> String {
        number == 0 ? text : suffixed(text, with: "s\(number)", in: rowLines, reduced)
      }
      body = rowLines.map(renamed)
      if number > 0 { factorTypes.append(columnType) }
      let columns = factor(axes.filter(\.isOfColumns) + indices.filter(\.isOfColumns))
      let product = [renamed(rows), columns]
      let ordered = random.once(in: 2) ? product : product.reversed()
      let term = emit("multiply \(ordered.joined(separator: ", "))", type.rawValue)
      body.append("yield \(term)")
      sums.append(Sum(name: number == 0 ? "%sum" : "%sum\(number)", indices: indices, lines: body))
    }
    return sums
  }

  /// Makes one element or two of all `sums`, in a body of their own; returns how many.
  private mutating func makeElements(of sums: [Sum], _ axes: [Axis]) -> Int {
    body = []
    var sum = sums[0].name
    for other in sums.dropFirst() {
      let operation = random.pick(["add", "subtract", "maximum", "multiply"])
      sum = emit("\(operation) \(sum), \(other.name)", type.rawValue)
    }
    var elements = [epilogue(sum, axes)]
    if random.once(in: 4) { elements.append(epilogue(sum, axes)) }
    body.append("yield \(elements.joined(separator: ", "))")
    return elements.count
  }

  /// The length of an axis of the results as their type says it, which may keep quiet about it.
  private mutating func shownLength(of axis: Axis, _ extent: String) -> String {
    let isKnown = head.contains { $0.hasPrefix(extent + " =") }
    return isKnown && random.once(in: 2) ? "\(axis.count)" : "?"
  }

  /// Writes the function that computes results of so many `elements` of `sums`.
  private mutating func write(
    _ sums: [Sum], overAll bounds: [String], _ elements: Int, as resultType: String,
    _ axes: [Axis], _ extents: [String]
  ) {
    let results = (0..<elements).map { "%y\($0)" }.joined(separator: ", ")
    let types = (0..<elements).map { _ in resultType }.joined(separator: ", ")
    let indices = { (axes: [Axis]) in axes.map { "\($0.name): i64" }.joined(separator: ", ") }
    let inner = sums.map { sum in
      """
          \(sum.name) = reduce \(bounds.joined(separator: ", ")) {sum} : \(type.rawValue) {
          ^(\(indices(sum.indices))):
      \(sum.lines.map { "      " + $0 }.joined(separator: "\n"))
          }
      """
    }.joined(separator: "\n")
    text = """
      func @f(\(allParameters)) -> (\(types)) {
      \(head.map { "  " + $0 }.joined(separator: "\n"))
        \(results) = compute \(extents.joined(separator: ", ")) : \(types) {
        ^(\(indices(axes))):
      \(inner)
      \(body.map { "    " + $0 }.joined(separator: "\n"))
        }
        return \(results)
      }

      """
  }

  /// `text` with other names for the indices of `axes` and for what `lines` define.
  private func suffixed(
    _ text: String, with suffix: String, in lines: [String], _ axes: [Axis]
  ) -> String {
    let defined = lines.flatMap { line in
      line.split(separator: " ").indices.compactMap { place -> String? in
        let words = line.split(separator: " ")
        guard words[place].hasPrefix("%"), place + 1 < words.count, words[place + 1] == "="
        else { return nil }
        return String(words[place])
      }
    }
    let names = Set(defined + axes.map(\.name))
    var result = ""
    var word = ""
    for character in text + " " {
      if character.isLetter || character.isNumber || character == "%" {
        word.append(character)
      } else {
        result += names.contains(word) ? word + suffix : word
        result.append(character)
        word = ""
      }
    }
    return String(result.dropLast())
  }

  // MARK: Factors

  /// Emits a factor that depends on `axes`.
  private mutating func factor(_ axes: [Axis]) -> String {
    var axes = axes
    axes.shuffle(using: &random)
    let isPlain = isSkinny && !random.once(in: 4)
    var groups: [[Axis]] = []
    for axis in axes {
      if !groups.isEmpty, !isPlain, random.once(in: 4) {
        groups[random.below(groups.count)].append(axis)
      } else {
        groups.append([axis])
      }
    }
    let name = fresh("x")
    var places: [String] = []
    var shape: [Int] = []
    var conditions: [String] = []
    for group in groups {
      var place = ""
      var (least, most) = (0, 0)
      for axis in group {
        let stride = isPlain ? 1 : random.pick([1, 1, 1, 2, 3, -1])
        let scaled = stride == 1 ? axis.name : emit("multiply \(axis.name), \(value(stride))")
        place = place.isEmpty ? scaled : emit("add \(place), \(scaled)")
        let ends = [axis.lower * stride, axis.last * stride]
        least += ends.min() ?? 0
        most += ends.max() ?? 0
      }
      let isGuarded = !isPlain && random.once(in: 3)
      let offset = isGuarded ? random.below(5) - 2 - least : -least
      if offset != 0 {
        place =
          random.once(in: 2)
          ? emit("add \(place), \(value(offset))") : emit("subtract \(place), \(value(-offset))")
      }
      var length = isGuarded ? random.below(most - least + 3) : most - least + 1
      if isGuarded { conditions += inside(place, value(length)) }
      // Elements that several neighbours have in a row, as of an image that is made larger.
      if !isPlain, random.once(in: 6) {
        let times = random.pick([2, 2, 3, 4])
        place = emit("divide \(place), \(value(times))")
        length = (length + times - 1) / times
      }
      places.append(place)
      shape.append(length)
    }
    let factorType = factorTypes.removeLast()
    addTensor(name, shape, factorType)
    let read = "read \(([name] + places).joined(separator: ", "))"
    guard var condition = conditions.first else {
      return scaled(converted(emit(read, factorType.rawValue), from: factorType))
    }
    for other in conditions.dropFirst() {
      condition = emit("bit_and \(condition), \(other)", "bool")
    }
    let inner = fresh("g")
    let none = fresh("z")
    let stored = factorType.rawValue
    let result = emit(
      "if \(condition) : \(stored) { \(inner) = \(read) : \(stored) yield \(inner) } { "
        + "\(none) = constant {\(literal(0))} : \(stored) yield \(none) }")
    // `emit` puts the type last; an `if` has its own before the regions.
    body[body.count - 1] = String(body[body.count - 1].dropLast(" : i64".count))
    return scaled(converted(result, from: factorType))
  }

  /// An element of a factor in the type of the sum.
  private mutating func converted(_ element: String, from factorType: ScalarType) -> String {
    factorType == type ? element : emit("convert \(element)", type.rawValue)
  }

  /// Conditions that `place` is at least 0 and below `length`.
  private mutating func inside(_ place: String, _ length: String) -> [String] {
    let zero = value(0)
    let low =
      random.once(in: 2)
      ? emit("less_or_equal \(zero), \(place)", "bool")
      : emit("greater_or_equal \(place), \(zero)", "bool")
    let high =
      random.once(in: 2)
      ? emit("less \(place), \(length)", "bool") : emit("greater \(length), \(place)", "bool")
    return random.once(in: 2) ? [low, high] : [high, low]
  }

  private mutating func scaled(_ value: String) -> String {
    switch random.below(6) {
    case 0: emit("negate \(value)", type.rawValue)
    case 1: emit("add \(value), \(value)", type.rawValue)
    default: value
    }
  }

  /// Adds a tensor to the parameters.
  mutating func addTensor(_ name: String, _ shape: [Int], _ type: ScalarType? = nil) {
    let type = type ?? self.type
    let extents = shape.map { random.once(in: 3) ? "\($0)" : "?" }
    tensorParameters.append("\(name): \(type.rawValue)[\(extents.joined(separator: ", "))]")
    let count = shape.reduce(1, *)
    let least = type == .u8 ? 0 : -3
    arguments.append((shape, type, (0..<count).map { _ in Double(random.below(7) + least) }))
  }

  // MARK: Epilogue

  /// Emits what becomes of the sum.
  private mutating func epilogue(_ sum: String, _ axes: [Axis]) -> String {
    let spelling = type.rawValue
    var result = sum
    for _ in 0..<random.below(4) {
      switch random.below(5) {
      case 0:
        let name = fresh("bias")
        let axis = random.pick(axes)
        addTensor(name, [axis.count])
        let bias = emit("read \(name), \(axis.name)", spelling)
        result = emit("add \(result), \(bias)", spelling)
      case 1:
        let name = fresh("residual")
        addTensor(name, axes.map(\.count))
        let indices = axes.map(\.name).joined(separator: ", ")
        let residual = emit("read \(name), \(indices)", spelling)
        result = emit("add \(residual), \(result)", spelling)
      case 2:
        let zero = emit("constant {\(literal(0))}", spelling)
        result = emit("maximum \(result), \(zero)", spelling)
      case 3:
        let two = emit("constant {\(literal(2))}", spelling)
        result = emit("multiply \(result), \(two)", spelling)
      default:
        let isFirst = emit("less \(random.pick(axes).name), \(value(1))", "bool")
        let negative = emit("negate \(result)", spelling)
        result = emit("select \(isFirst), \(result), \(negative)", spelling)
      }
    }
    return result
  }
}
