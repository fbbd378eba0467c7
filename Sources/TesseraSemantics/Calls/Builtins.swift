import TesseraNumbers
import TesseraSyntax

/// What the language has beyond functions written in it: names and what they are.
enum Builtins {
  /// How an elementwise function treats its operands.
  struct Elementwise {
    /// The types that it takes.
    enum Operands { case number, float, integer }

    /// The operator that it is, how many operands it takes, and of which types.
    var operation: Operator
    var count: Int
    var operands: Operands
    /// `true` iff the result is a `bool`.
    var isPredicate = false
  }

  /// Functions that work on scalars, and on tensors element by element.
  static let elementwise: [String: Elementwise] = [
    "abs": .init(operation: .absolute, count: 1, operands: .number),
    "ceil": .init(operation: .ceil, count: 1, operands: .float),
    "cos": .init(operation: .cosine, count: 1, operands: .float),
    "div_trunc": .init(operation: .divideTruncating, count: 2, operands: .integer),
    "erf": .init(operation: .errorFunction, count: 1, operands: .float),
    "exp": .init(operation: .exponential, count: 1, operands: .float),
    "exp2": .init(operation: .exponential2, count: 1, operands: .float),
    "floor": .init(operation: .floor, count: 1, operands: .float),
    "fma": .init(operation: .multiplyAdd, count: 3, operands: .float),
    "isnan": .init(operation: .isNaN, count: 1, operands: .float, isPredicate: true),
    "log": .init(operation: .logarithm, count: 1, operands: .float),
    "log2": .init(operation: .logarithm2, count: 1, operands: .float),
    "max": .init(operation: .maximum, count: 2, operands: .number),
    "max_num": .init(operation: .maximumNumber, count: 2, operands: .number),
    "min": .init(operation: .minimum, count: 2, operands: .number),
    "min_num": .init(operation: .minimumNumber, count: 2, operands: .number),
    "pow": .init(operation: .power, count: 2, operands: .number),
    "rem_trunc": .init(operation: .remainderTruncating, count: 2, operands: .integer),
    "round": .init(operation: .round, count: 1, operands: .float),
    "rsqrt": .init(operation: .reciprocalSquareRoot, count: 1, operands: .float),
    "sigmoid": .init(operation: .sigmoid, count: 1, operands: .float),
    "sin": .init(operation: .sine, count: 1, operands: .float),
    "sqrt": .init(operation: .squareRoot, count: 1, operands: .float),
    "tan": .init(operation: .tangent, count: 1, operands: .float),
    "tanh": .init(operation: .hyperbolicTangent, count: 1, operands: .float),
    "trunc": .init(operation: .truncate, count: 1, operands: .float),
  ]

  /// Reductions of whole tensors, or along an axis.
  static let reductions: [String: ReductionOperator] = [
    "all": .all, "any": .any, "argmax": .argmax, "argmin": .argmin, "count": .count, "max": .max,
    "mean": .mean, "min": .min, "prod": .prod, "sum": .sum,
  ]

  /// What a function is that neither reduces nor works element by element.
  enum Function {
    case maker(Maker)
    case mover(Mover)
    case memory(MemoryAccess)
    case combine(Combine)
    case bitcast, ceilingDivision, close, dot, select
    /// The tile of all indices, which stands in a `let` alone.
    case tile
  }

  /// Makes a tensor of the type that is its first argument.
  enum Maker: String, CaseIterable { case full, iota, zeros }

  /// Moves or counts the elements of the tensor that is its first argument.
  enum Mover: String, CaseIterable {
    case argsort, broadcast, gather, histogram, join, permute, reshape, sort, split, transpose
  }

  /// Reduces or scans by a function of one's own.
  enum Combine: String, CaseIterable { case reduce, scan }

  /// Reads or writes through addresses.
  enum MemoryAccess {
    case load, store, compareExchange
    case atomic(AtomicOperation)
  }

  /// The other functions.
  static let others: [String: Function] = {
    var table: [String: Function] = [
      "atomic_add": .memory(.atomic(.add)), "atomic_and": .memory(.atomic(.bitAnd)),
      "atomic_cas": .memory(.compareExchange), "atomic_max": .memory(.atomic(.maximum)),
      "atomic_min": .memory(.atomic(.minimum)), "atomic_or": .memory(.atomic(.bitOr)),
      "atomic_xchg": .memory(.atomic(.exchange)), "atomic_xor": .memory(.atomic(.bitXor)),
      "bitcast": .bitcast, "cdiv": .ceilingDivision, "close": .close, "dot": .dot,
      "load": .memory(.load), "select": .select, "store": .memory(.store), "tile": .tile,
    ]
    for maker in Maker.allCases { table[maker.rawValue] = .maker(maker) }
    for mover in Mover.allCases { table[mover.rawValue] = .mover(mover) }
    for combine in Combine.allCases { table[combine.rawValue] = .combine(combine) }
    return table
  }()

  /// Functions of later versions, and the construct of which a diagnostic speaks.
  static let unsupported: [String: String] = [
    "grad": "'grad'", "value_and_grad": "'value_and_grad'", "vjp": "'vjp'", "jvp": "'jvp'",
    "gradient_close": "'gradient_close'", "stop_gradient": "'stop_gradient'",
    "complex": "'complex'", "decimal": "'decimal'", "date": "'date'", "datetime": "'datetime'",
    "days": "'duration'", "compress": "'compress'",
  ]

  /// Functions that make derivatives.
  static let derivatives: Set<String> = ["grad", "value_and_grad", "vjp", "jvp"]

  /// Modules that the language has without a file.
  static let modules: Set<String> = unsupportedModules.union(["random"])

  /// Modules of later versions; what is used of them is diagnosed, not the import.
  static let unsupportedModules: Set<String> = ["fft", "optim", "tree"]

  /// All names, for suggestions.
  static let names: Set<String> = Set(elementwise.keys).union(reductions.keys).union(others.keys)

  /// `true` iff the language has a function of this name.
  static func has(_ name: String) -> Bool { names.contains(name) }
}
