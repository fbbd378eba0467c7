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
  private(set) var text = ""
  /// The arguments of `f`.
  private(set) var arguments: [(shape: [Int], type: ScalarType, values: [Double])] = []
  /// The integer arguments of `f`, which come first.
  private(set) var numbers: [Int] = []
  /// The type of sums and results.
  let type: ScalarType
  /// The types of the factors' elements, which are converted where they are read.
  private var factorTypes: [ScalarType]

  private var random: SplitMix
  private var body: [String] = []
  private var head: [String] = []
  private var parameters: [String] = []
  private var tensorParameters: [String] = []
  private var constants: [Int: String] = [:]
  private var nextName = 0
  /// `true` iff it is a long matrix by few columns, or few rows by one, of plain reads.
  private var isSkinny = false

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

  /// The text as a module; `nil` if it has errors.
  var module: Module? {
    let file = SourceFile(id: FileID(index: 0), name: "contraction.tir", bytes: Array(text.utf8))
    let (module, diagnostics) = parseModule(file)
    return diagnostics.isEmpty ? module : nil
  }

  /// An index: its name, the numbers that it takes, and who uses it.
  private struct Axis {
    var name: String
    var lower = 0
    var step = 1
    var count: Int
    var isOfRows = true
    var isOfColumns = true

    var last: Int { lower + max(0, count - 1) * step }
  }

  // MARK: Names

  private mutating func fresh(_ stem: String) -> String {
    nextName += 1
    return "%\(stem)\(nextName)"
  }

  /// A value that is `number`: a constant, or a parameter of the function.
  private mutating func value(_ number: Int) -> String {
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

  private mutating func emit(_ operation: String, _ type: String = "i64") -> String {
    let name = fresh("v")
    body.append("\(name) = \(operation) : \(type)")
    return name
  }

  // MARK: Generation

  private mutating func generate() {
    var axes: [Axis] = []
    for _ in 0..<(2 + random.below(4)) { axes.append(freeAxis()) }
    // One axis a factor has to itself, so that most are contractions.
    axes.shuffle(using: &random)
    if !random.once(in: 10) {
      axes[axes.count - 1].isOfRows = false
      axes[axes.count - 1].isOfColumns = true
      let other = random.below(axes.count - 1)
      axes[other].isOfRows = true
      axes[other].isOfColumns = false
    }
    var reduced: [Axis] = []
    for number in 0..<(1 + random.below(4)) { reduced.append(reducedAxis(number)) }
    isSkinny = random.once(in: 6)
    if isSkinny { (axes, reduced) = skinnyAxes() }
    shrink(&axes, &reduced)
    let isSmall = type.rawValue
    let lowers = reduced.map { value($0.lower) }
    let uppers = reduced.map { axis in
      axis.count == 0
        ? value(axis.lower - random.below(2))
        : value(axis.last + 1 + random.below(axis.step))
    }
    let steps = reduced.map { value($0.step) }
    let extents = axes.map { value($0.count) }

    let columnType = factorTypes[0]
    let rows = factor(axes.filter(\.isOfRows) + reduced.filter(\.isOfRows))
    let rowLines = body
    var sums: [(name: String, indices: [Axis], lines: [String])] = []
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
      let term = emit("multiply \(ordered.joined(separator: ", "))", isSmall)
      body.append("yield \(term)")
      sums.append((number == 0 ? "%sum" : "%sum\(number)", indices, body))
    }

    body = []
    var sum = sums[0].name
    for other in sums.dropFirst() {
      let operation = random.pick(["add", "subtract", "maximum", "multiply"])
      sum = emit("\(operation) \(sum), \(other.name)", isSmall)
    }
    var elements = [epilogue(sum, axes)]
    if random.once(in: 4) { elements.append(epilogue(sum, axes)) }
    body.append("yield \(elements.joined(separator: ", "))")
    let outer = body.map { "    " + $0 }.joined(separator: "\n")

    let shape = axes.map { axis in
      let extent = extents[axes.firstIndex { $0.name == axis.name } ?? 0]
      let isKnown = head.contains { $0.hasPrefix(extent + " =") }
      return isKnown && random.once(in: 2) ? "\(axis.count)" : "?"
    }.joined(separator: ", ")
    let results = elements.indices.map { "%y\($0)" }
    let types = elements.map { _ in "\(isSmall)[\(shape)]" }.joined(separator: ", ")
    let indices = { (axes: [Axis]) in axes.map { "\($0.name): i64" }.joined(separator: ", ") }
    let bounds = (lowers + uppers + steps).joined(separator: ", ")
    let inner = sums.map { sum in
      """
          \(sum.name) = reduce \(bounds) {sum} : \(isSmall) {
          ^(\(indices(sum.indices))):
      \(sum.lines.map { "      " + $0 }.joined(separator: "\n"))
          }
      """
    }.joined(separator: "\n")
    text = """
      func @f(\((parameters + tensorParameters).joined(separator: ", "))) -> (\(types)) {
      \(head.map { "  " + $0 }.joined(separator: "\n"))
        \(results.joined(separator: ", ")) = compute \(extents.joined(separator: ", ")) : \(types) {
        ^(\(indices(axes))):
      \(inner)
      \(outer)
        }
        return \(results.joined(separator: ", "))
      }

      """
  }

  /// Axes of which one is long, or was meant to be, and another is short; now and then one of a batch.
  private mutating func skinnyAxes() -> (axes: [Axis], reduced: [Axis]) {
    var long = Axis(name: fresh("i"), count: random.pick([7, 16, 17, 23, 33, 40]))
    var short = Axis(name: fresh("i"), count: random.pick([0, 1, 2, 3, 4, 5, 8, 9, 16, 17]))
    (long.isOfRows, short.isOfColumns) = (false, false)
    if random.once(in: 2) {
      swap(&long.isOfRows, &long.isOfColumns)
      swap(&short.isOfRows, &short.isOfColumns)
    }
    var axes = random.once(in: 2) ? [long, short] : [short, long]
    if random.once(in: 4) { axes.insert(Axis(name: fresh("i"), count: 2), at: 0) }
    var term = Axis(name: fresh("k"), count: random.pick([0, 3, 31, 64, 65, 90]))
    if random.once(in: 4) { term.lower = 1 }
    return (axes, [term])
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

  private mutating func freeAxis() -> Axis {
    let lengths = [0, 1, 1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 24, 31, 40]
    var axis = Axis(
      name: fresh("i"), count: random.pick(random.once(in: 2) ? lengths : [2, 3, 5, 7]))
    switch random.below(8) {
    case 0: break
    case 1, 2, 3: axis.isOfRows = false
    case 4, 5, 6: axis.isOfColumns = false
    default:
      axis.isOfRows = false
      axis.isOfColumns = false
    }
    return axis
  }

  private mutating func reducedAxis(_ number: Int) -> Axis {
    let isSimple = random.once(in: 2)
    var axis = Axis(name: fresh("k"), count: random.pick([0, 1, 2, 3, 3, 4, 5, 7, 11]))
    if number > 0, axis.count == 0, !random.once(in: 3) { axis.count = 3 }
    if !isSimple {
      axis.lower = random.below(5) - 2
      axis.step = 1 + random.below(3)
    }
    if random.once(in: 12) { axis.isOfRows = false }
    if random.once(in: 12) { axis.isOfColumns = false }
    if number == 0, random.once(in: 40) { axis.count = 1000 + random.below(1600) }
    return axis
  }

  /// Makes the work small, for the interpreter runs it.
  private mutating func shrink(_ axes: inout [Axis], _ reduced: inout [Axis]) {
    func work() -> Int { (axes + reduced).reduce(1) { $0 * max(1, $1.count) } }
    // Ends since each turn makes one axis shorter.
    while work() > (isSkinny ? 40_000 : 6_000) {
      if random.once(in: 2), let place = axes.indices.max(by: { axes[$0].count < axes[$1].count }),
        axes[place].count > 1
      {
        axes[random.once(in: 4) ? place : random.below(axes.count)].count /= 2
      } else {
        reduced[random.below(reduced.count)].count /= 2
      }
    }
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
      let length = isGuarded ? random.below(most - least + 3) : most - least + 1
      if isGuarded { conditions += inside(place, value(length)) }
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

  private mutating func addTensor(_ name: String, _ shape: [Int], _ type: ScalarType? = nil) {
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
