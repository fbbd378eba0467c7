import TesseraIR

/// The lengths in a function, in the words of the program that it was made from.
struct WrittenLengths {
  let function: Function
  /// The lengths of the axes of parameters, where the program tells them.
  private var shapes: [Value: [Amount]] = [:]

  /// Creates the lengths in `function`; `signature` is how it is exported, if it is.
  init(_ function: Function, _ signature: ExportSignature?) {
    self.function = function
    guard let signature else { return }
    let leaves = signature.parameters.flatMap(\.leaves)
    let inputs = zip(function.parameters, function.roles).filter { $0.1 != .output }.map(\.0)
    guard inputs.count == leaves.count else { return }
    let names = signature.symbols.map(\.name)
    for (input, leaf) in zip(inputs, leaves) {
      shapes[input] = leaf.shape?.map { Amount($0, names) }
    }
  }

  /// The number that `value` is: how it is made from what the program names, or else its own name.
  func amount(of value: Value) -> Amount {
    made(value) ?? function.values[value].name.map { Amount(symbol: $0) } ?? Amount(symbol: "?")
  }

  /// The number that `value` is, if it is made from what the program names.
  private func made(_ value: Value) -> Amount? {
    if let number = function.integerConstant(value) { return Amount(Int(number)) }
    guard let content = function.definition(of: value).map({ function.operations[$0] }) else {
      return nil
    }
    if content.opcode == .dimension, case .integer(let axis) = content.attribute {
      return length(of: content.operands[0], Int(axis))
    }
    guard content.operands.count == 2,
      let a = part(content.operands[0]), let b = part(content.operands[1])
    else { return nil }
    return switch content.opcode {
    case .add: a + b
    case .subtract: a - b
    case .multiply: a.factor * b.factor
    case .divide: .divided(a, by: b)
    case .remainder: .remainder(a, by: b)
    case .minimum: .least(a, b)
    case .maximum: .greatest(a, b)
    default: nil
    }
  }

  private func part(_ value: Value) -> Amount? {
    made(value) ?? function.values[value].name.map { Amount(symbol: $0) }
  }

  /// The product of `values`.
  func product(_ values: some Sequence<Value>) -> Amount {
    values.reduce(Amount(1)) { $0 * amount(of: $1).factor }
  }

  /// The length of an axis of `tensor`.
  func length(of tensor: Value, _ axis: Int) -> Amount {
    if case .constant(let length) = function.type(of: tensor).extents[axis] {
      return Amount(length)
    }
    if let shape = shapes[tensor] { return shape[axis] }
    if let start = loopStart(of: tensor) { return length(of: start, axis) }
    if let maker = function.definition(of: tensor).map({ function.operations[$0] }) {
      switch maker.opcode {
      case .compute, .blank: return amount(of: maker.operands[axis])
      case .scan: return amount(of: maker.operands[axis])
      case .update: return length(of: maker.operands[0], axis)
      default: break
      }
    }
    let name = namedLength(of: tensor, axis) ?? "\(function.values[tensor].name ?? "?").\(axis)"
    return Amount(symbol: name)
  }

  /// What a loop or a grid starts with that carries `tensor`, or gives it: of the same lengths.
  private func loopStart(of tensor: Value) -> Value? {
    switch function.values[tensor].definition {
    case .result(let operation, let index):
      return function.operations[operation].carried.map { Array($0)[index] }
    case .parameter(let region, let index):
      let loop = function.operations.first { $0.regions == [region] }
      guard let loop, let carried = loop.carried else { return nil }
      let first = function.regions[region].parameters.count - carried.count
      return index < first ? nil : Array(carried)[index - first]
    }
  }

  /// What the function calls the length of an axis of `tensor`, if it does.
  private func namedLength(of tensor: Value, _ axis: Int) -> String? {
    var found: String?
    function.forEachOperation(in: function.body) { id in
      let content = function.operations[id]
      guard content.opcode == .dimension, content.operands[0] == tensor,
        content.attribute == .integer(Int64(axis))
      else { return }
      found = found ?? function.values[content.results[0]].name
    }
    return found
  }
}

extension Operation {
  /// What a loop or a grid starts with; `nil` if this is neither.
  fileprivate var carried: ArraySlice<Value>? {
    opcode == .for || opcode == .launch ? operands.suffix(results.count) : nil
  }
}

extension Amount {
  /// The number that `expression` is, where symbol `i` is called `names[i]`.
  fileprivate init(_ expression: DimensionExpression, _ names: [String]) {
    switch expression {
    case .constant(let number): self.init(number)
    case .sum(let a, let b): self = Amount(a, names) + Amount(b, names)
    case .product(let a, let b): self = Amount(a, names).factor * Amount(b, names).factor
    case .quotient(let a, let b): self = .divided(Amount(a, names), by: Amount(b, names))
    case .remainder(let a, let b): self = .remainder(Amount(a, names), by: Amount(b, names))
    case .minimum(let a, let b): self = .least(Amount(a, names), Amount(b, names))
    case .maximum(let a, let b): self = .greatest(Amount(a, names), Amount(b, names))
    case .symbol(let index): self.init(symbol: names[index])
    }
  }
}
