/// Replaces mathematical functions by the operations that define them.
///
///     %y = exponential %x : f32
///
/// becomes a polynomial with its reduction, in scalars or in vectors of the same lanes. This is the
/// one definition of these functions: the interpreter runs it and machine code contains it, so both
/// agree to the bit. f16 and bf16 go by way of f32.
///
/// - Returns: `true` iff there was anything to replace.
@discardableResult
public func expandMath(_ function: inout Function) -> Bool {
  // Regions that no operation owns any more may still list operations that were moved elsewhere.
  var regions = [function.body]
  var isPlain = true
  function.forEachOperation(in: function.body) { id in
    regions += function.operations[id].regions
    if function.operations[id].opcode.isMathematical { isPlain = false }
  }
  if isPlain { return false }
  // The builder takes the function over, since a second copy would be copied whole.
  var builder = Builder(Function(name: function.name))
  swap(&builder.function, &function)
  defer { swap(&builder.function, &function) }
  let sums = ExponentialSums(builder.function, regions)
  var replacements: [Value: Value] = [:]
  for region in regions {
    let operations = builder.function.regions[region].operations
    let isPlain = operations.allSatisfy { !builder.function.operations[$0].opcode.isMathematical }
    if isPlain { continue }
    builder.function.regions[region].operations = []
    builder.appending(to: region) { builder in
      for id in operations {
        let operation = builder.function.operations[id]
        builder.span = operation.span
        let value: Value
        if let sum = sums.parts[id] {
          value = builder.exponential(sum.x, plus: sum.term)
        } else if sums.exponentials.contains(id) {
          continue
        } else if operation.opcode.isMathematical {
          value = builder.expand(operation)
        } else {
          builder.function.regions[region].operations.append(id)
          continue
        }
        builder.function.values[value].name = builder.function.values[operation.results[0]].name
        replacements[operation.results[0]] = value
      }
    }
  }
  builder.function.replaceUses(replacements)
  return true
}

/// The exponentials of f32 with which nothing is done but to add a number, in the same region.
private struct ExponentialSums {
  /// What each such sum adds up: eˣ and a term.
  private(set) var parts: [ID<Operation>: (x: Value, term: Value)] = [:]
  /// The exponentials, which are not computed by themselves.
  private(set) var exponentials: Set<ID<Operation>> = []

  /// Finds those in `regions`, which are all that `function` has.
  init(_ function: Function, _ regions: [ID<Region>]) {
    var uses: [Value: Int] = [:]
    var found: [(sum: ID<Operation>, exponential: ID<Operation>, term: Value)] = []
    for region in regions {
      var listed: [Value: ID<Operation>] = [:]
      for id in function.regions[region].operations {
        let content = function.operations[id]
        if content.opcode == .exponential, function.type(of: content.results[0]).laneType == .f32 {
          listed[content.results[0]] = id
        }
        for (position, operand) in content.operands.enumerated() {
          guard let definition = function.definition(of: operand),
            function.operations[definition].opcode == .exponential
          else { continue }
          uses[operand, default: 0] += 1
          guard content.opcode == .add, let exponential = listed[operand] else { continue }
          let term = content.operands[1 - position]
          if function.isLargeTerm(term) { found.append((id, exponential, term)) }
        }
      }
    }
    for (sum, exponential, term) in found {
      let content = function.operations[exponential]
      guard uses[content.results[0]] == 1 else { continue }
      parts[sum] = (content.operands[0], term)
      exponentials.insert(exponential)
    }
  }
}

extension Function {
  /// `true` iff each lane of `value` is a number as `Builder.isLargeTerm` says.
  fileprivate func isLargeTerm(_ value: Value) -> Bool {
    guard let definition = definition(of: value) else { return false }
    let content = operations[definition]
    switch (content.opcode, content.attribute) {
    case (.splat, _): return isLargeTerm(content.operands[0])
    case (.constant, .float(let number)): return Builder.isLargeTerm(number)
    default: return false
    }
  }
}

extension Opcode {
  /// `true` iff `expandMath(_:)` replaces the operation.
  public var isMathematical: Bool {
    switch self {
    case .reciprocalSquareRoot, .exponential, .exponential2, .logarithm, .logarithm2, .sine,
      .cosine, .tangent, .hyperbolicTangent, .errorFunction, .power, .sigmoid:
      true
    default: false
    }
  }
}

extension Builder {
  /// The value of a mathematical function, in the type of its operands.
  fileprivate mutating func expand(_ operation: Operation) -> Value {
    let type = lanes(operation.operands[0])
    let isNarrow = type == .f16 || type == .bf16
    let operands = operation.operands.map { isNarrow ? converted($0, to: .f32) : $0 }
    let value = evaluated(operation.opcode, operands)
    return converted(value, to: type)
  }

  private mutating func evaluated(_ opcode: Opcode, _ x: [Value]) -> Value {
    switch opcode {
    case .reciprocalSquareRoot: reciprocalSquareRoot(x[0])
    case .exponential: exponential(x[0])
    case .exponential2: exponential2(x[0])
    case .logarithm: logarithm(x[0])
    case .logarithm2: logarithm2(x[0])
    case .sine: sine(x[0])
    case .cosine: cosine(x[0])
    case .tangent: tangent(x[0])
    case .hyperbolicTangent: hyperbolicTangent(x[0])
    case .errorFunction: errorFunction(x[0])
    case .power: power(x[0], x[1])
    case .sigmoid: sigmoid(x[0])
    default: x[0]
    }
  }
}
