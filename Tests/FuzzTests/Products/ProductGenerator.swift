import TesseraData
import TesseraNumbers
import TesseraTesting

/// Makes random programs of products of which the factors are made before, and the results are gone
/// on with: rows after a norm, an activation, a concatenation, a shifted or enlarged read, columns
/// after a conversion; halves that gate each other, queries, keys and values of one product, heads,
/// images under windows.
///
/// So `fuse` has something to decide about. Lengths are parameters or numbers, now and then 0.
/// Values stay small, so that another order of addition changes results by a little only.
struct ProductGenerator {
  /// A matrix that statements can read, perhaps one for each point of a batch.
  struct Matrix {
    var name: String
    var rows: GeneratedDimension
    var columns: GeneratedDimension
    /// `true` iff there is one for each point of the batch.
    var hasBatch: Bool
    /// The elements are at most this large, if they are floats.
    var bound: Double
    /// `true` iff the order of additions plays no part in it.
    var isExact: Bool
  }

  var random: SplitMix
  /// The type of sums and results.
  let type: ScalarType
  /// `true` iff all lengths are numbers and products are large.
  let isLarge: Bool
  /// `true` iff sums are so long as well that factors are packed rather than read where they lie.
  let isDeep: Bool
  /// The batch, if there is one.
  private(set) var batch: GeneratedDimension?
  /// The dimensions that must not be zero.
  var notEmpty: Set<String> = []
  private var dimensions: [GeneratedDimension] = []
  /// Those that are the length of some parameter.
  private var fixed: Set<String> = []
  private var parameters: [String] = []
  private var arguments: [Tensor] = []
  /// What the host prepares once: the fields of a struct, and their types and values.
  private var weights: [(name: String, type: String, value: Tensor)] = []
  /// `true` iff some factors and biases are weights.
  let hasWeights: Bool
  private var body: [String] = []
  private var results: [(name: String, type: String)] = []
  /// `true` iff the order of additions plays no part in any result.
  private var isExact = true
  private var nameCount = 0

  init(seed: UInt64) {
    var random = SplitMix(seed: seed)
    type = random.pick([.f32, .f32, .f32, .f32, .f64, .i32, .i32])
    let size = random.below(12)
    (isLarge, isDeep) = (size < 4, size == 0)
    hasWeights = random.once(in: 3)
    self.random = random
    if !isDeep, self.random.once(in: 5) { batch = dimension([0, 1, 2, 3]) }
  }

  /// A program, its arguments, and whether its results are the same in any order of addition.
  mutating func program() -> (generated: GeneratedProgram, isExact: Bool) {
    switch isDeep ? 0 : 1 + random.below(9) {
    case 0:
      give(finished(product(of: activated(matrix(length(), depth(), hasBatch: false)))))
    case 1, 2: gated()
    case 3: attention()
    case 4: windows()
    case 5: parts()
    case 6: heads()
    default:
      var result = finished(product(of: rows()))
      if !isLarge, random.once(in: 3) {
        result = finished(product(of: produced(result, steps: random.below(2))))
      }
      give(result)
    }
    for dimension in dimensions where !fixed.contains(dimension.text) { _ = vector(dimension) }
    let attribute = random.once(in: 3) ? permission() : ""
    let structure = structure()
    let generic = dimensions.isEmpty ? "" : "<\(dimensions.map(\.text).joined(separator: ", "))>"
    let demands = notEmpty.filter { Int($0) == nil }.sorted().map { "\($0) >= 1" }
    let demanded = demands.isEmpty ? "" : " where \(demands.joined(separator: " and "))"
    let text = """
      \(structure)\(attribute)export fn f\(generic)(\(parameters.joined(separator: ", ")))
          -> (\(results.map { "\($0.name): \($0.type)" }.joined(separator: ", ")))\(demanded) {
      \(body.map { "  \($0)" }.joined(separator: "\n"))
      }

      """
    return (GeneratedProgram(text: text, arguments: arguments), isExact)
  }

  /// What the program permits to be done to its sums, which are others then.
  private mutating func permission() -> String {
    isExact = isExact && !type.isFloat
    let algorithms = [".winograd2", ".winograd4", ".online_softmax", ".flash", ".folded_norm"]
    return "@algorithm(\(random.pick(algorithms)), \(random.pick(algorithms)))\n"
  }

  /// The struct of all weights, which becomes a parameter; nothing where there are none.
  private mutating func structure() -> String {
    if weights.isEmpty { return "" }
    let fields = weights.map { "\($0.name): \($0.type)" }.joined(separator: ", ")
    let used = dimensions.map(\.text).filter { name in
      weights.contains { $0.type.split { !$0.isLetter && !$0.isNumber }.contains(name[...]) }
    }
    let generic = used.isEmpty ? "" : "<\(used.joined(separator: ", "))>"
    parameters.append("p: P\(generic)")
    arguments += weights.map(\.value)
    return "struct P\(generic) { \(fields) }\n"
  }

  // MARK: Names

  /// A name that nothing else has.
  mutating func name(_ stem: String) -> String {
    nameCount += 1
    return "\(stem)\(nameCount)"
  }

  /// A length of one of `lengths`: a number, or a parameter of the function.
  mutating func dimension(_ lengths: [Int]) -> GeneratedDimension {
    let value = random.pick(lengths)
    if isLarge || random.once(in: 4) { return GeneratedDimension(text: "\(value)", value: value) }
    let text = name("D")
    dimensions.append(GeneratedDimension(text: text, value: value))
    return dimensions.last!
  }

  /// A length of rows or columns.
  mutating func length() -> GeneratedDimension {
    if random.once(in: 20) { return dimension([0]) }
    return dimension(
      isDeep ? [32, 33] : isLarge ? [32, 33, 40] : [1, 2, 3, 5, 7, 8, 15, 16, 17, 24])
  }

  /// A length of sums.
  mutating func depth() -> GeneratedDimension {
    if random.once(in: 20) { return dimension([0]) }
    return dimension(
      isDeep ? [272] : isLarge ? [16, 32, 32, 33] : [1, 2, 3, 4, 7, 8, 13, 16, 31])
  }

  /// The type of a matrix, or of one for each point of the batch.
  func spelling(
    _ type: ScalarType, _ rows: GeneratedDimension, _ columns: GeneratedDimension, _ hasBatch: Bool
  ) -> String {
    let lead = hasBatch ? "\(batch!.text), " : ""
    return "\(type.rawValue)[\(lead)\(rows.text), \(columns.text)]"
  }

  /// An element of `matrix` at places that may use the index `b` of the batch.
  func element(_ matrix: Matrix, _ row: String, _ column: String) -> String {
    "\(matrix.name)[\(matrix.hasBatch ? "b, " : "")\(row), \(column)]"
  }

  // MARK: Parameters

  /// A new tensor of the host; its elements are small whole numbers.
  mutating func parameter(
    _ spelling: String, _ shape: [Int], _ type: ScalarType, isWeight: Bool = false
  ) -> String {
    let name = name("x")
    let isWeight = isWeight && hasWeights
    fixed.formUnion(
      spelling.split { "[],".contains($0) }.dropFirst()
        .map { String($0.drop { $0 == " " }) })
    let least = type.hasNegatives ? -3 : 0
    let values = (0..<shape.reduce(1, *)).map { _ in Double(random.below(7) + least) }
    let value = Tensor(values, shape: shape).converted(to: type)
    if isWeight {
      weights.append((name, spelling, value))
      return "p.\(name)"
    }
    parameters.append("\(name): \(spelling)")
    arguments.append(value)
    return name
  }

  /// A new tensor of truths.
  mutating func mask(_ rows: GeneratedDimension, _ columns: GeneratedDimension) -> String {
    let name = name("m")
    parameters.append("\(name): bool[\(rows.text), \(columns.text)]")
    let values = (0..<rows.value * columns.value).map { _ in !random.once(in: 3) }
    arguments.append(Tensor(values, shape: [rows.value, columns.value]))
    return name
  }

  /// A new tensor of `length` numbers.
  mutating func vector(_ length: GeneratedDimension) -> String {
    parameter(
      "\(type.rawValue)[\(length.text)]", [length.value], type, isWeight: random.once(in: 2))
  }

  /// A new matrix, whose elements are converted by a statement if they are of another type.
  mutating func matrix(
    _ rows: GeneratedDimension, _ columns: GeneratedDimension, hasBatch: Bool,
    isWeight: Bool = false
  ) -> Matrix {
    let shape = (hasBatch ? [batch!.value] : []) + [rows.value, columns.value]
    var stored = type
    if random.once(in: 4) {
      stored = random.pick(type.isFloat ? [.f16, .bf16, .i8] : [.i8, .u8, .i16])
    }
    let name = parameter(
      spelling(stored, rows, columns, hasBatch), shape, stored, isWeight: isWeight)
    let matrix = Matrix(
      name: name, rows: rows, columns: columns, hasBatch: hasBatch, bound: 6, isExact: true)
    if stored == type { return matrix }
    return define(matrix) { "\($0.type.rawValue)(\($0.element(matrix, $1, $2)))" }
  }

  // MARK: Statements

  /// `let t[b, i, k] = e`, an element from the names of its row and column.
  mutating func define(
    _ like: Matrix, _ value: (inout ProductGenerator, _ row: String, _ column: String) -> String
  ) -> Matrix {
    var made = like
    made.name = name("t")
    var text = value(&self, "i", "k")
    if type.isFloat, made.bound > 64, !made.isExact || made.bound > 100_000 {
      text = "max(min(\(text), 64), -64)"
      made.bound = 64
    }
    let lead = made.hasBatch ? "b in 0..\(batch!.text), " : ""
    body.append(
      "let \(made.name)[\(lead)i in 0..\(made.rows.text), k in 0..\(made.columns.text)] = \(text)")
    return made
  }

  /// Makes `matrix` a result.
  mutating func give(_ matrix: Matrix) {
    give(
      matrix.name, spelling(type, matrix.rows, matrix.columns, matrix.hasBatch),
      isExact: matrix.isExact)
  }

  /// Makes the tensor called `name`, of the type that `spelling` says, a result.
  mutating func give(_ name: String, _ spelling: String, isExact: Bool) {
    let result = "y\(results.count)"
    results.append((result, spelling))
    body.append("\(result) = \(name)")
    self.isExact = self.isExact && isExact
  }

  /// A line of its own.
  mutating func add(_ line: String) { body.append(line) }

  /// Rows of a product, made in up to three steps.
  mutating func rows(_ depth: GeneratedDimension? = nil) -> Matrix {
    let hasBatch = batch != nil && !random.once(in: 4)
    let (rows, columns) = (length(), depth ?? self.depth())
    return produced(matrix(rows, columns, hasBatch: hasBatch), steps: random.below(4))
  }

  /// The products of the rows of `a` with columns, which are made in a step themselves now and then.
  mutating func product(of a: Matrix, columns: GeneratedDimension? = nil) -> Matrix {
    let columns = columns ?? length()
    let hasBatch = batch != nil && random.once(in: 2)
    let isAcross = random.once(in: 3)
    var b =
      isAcross
      ? matrix(columns, a.columns, hasBatch: hasBatch, isWeight: true)
      : matrix(a.columns, columns, hasBatch: hasBatch, isWeight: true)
    if random.once(in: 3) {
      b = produced(b, steps: 1, keepsShape: true)
    }
    return product(a, b, isAcross: isAcross)
  }

  /// The product of `a` with `b`, or with its transpose.
  mutating func product(_ a: Matrix, _ b: Matrix, isAcross: Bool) -> Matrix {
    let like = Matrix(
      name: "", rows: a.rows, columns: isAcross ? b.rows : b.columns,
      hasBatch: a.hasBatch || b.hasBatch,
      bound: a.bound * b.bound * Double(max(1, a.columns.value)),
      isExact: a.isExact && b.isExact)
    return define(like) { generator, row, column in
      let left = generator.element(a, row, "l")
      let right = isAcross ? generator.element(b, column, "l") : generator.element(b, "l", column)
      let term = generator.random.once(in: 4) ? "\(right) * \(left)" : "\(left) * \(right)"
      return "(sum[l in 0..\(a.columns.text)] \(term))"
    }
  }
}
