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
  var replacements: [Value: Value] = [:]
  for region in regions {
    let operations = builder.function.regions[region].operations
    let isPlain = operations.allSatisfy { !builder.function.operations[$0].opcode.isMathematical }
    if isPlain { continue }
    builder.function.regions[region].operations = []
    builder.appending(to: region) { builder in
      for id in operations {
        let operation = builder.function.operations[id]
        guard operation.opcode.isMathematical else {
          builder.function.regions[region].operations.append(id)
          continue
        }
        builder.span = operation.span
        let value = builder.expand(operation)
        builder.function.values[value].name = builder.function.values[operation.results[0]].name
        replacements[operation.results[0]] = value
      }
    }
  }
  builder.function.replaceUses(replacements)
  return true
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
