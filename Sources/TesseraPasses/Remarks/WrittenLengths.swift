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

  /// The number that `value` is.
  func amount(of value: Value) -> Amount {
    if let number = function.integerConstant(value) { return Amount(Int(number)) }
    if let name = function.values[value].name { return Amount(symbol: name) }
    guard let content = function.definition(of: value).map({ function.operations[$0] }) else {
      return Amount(symbol: "?")
    }
    switch content.opcode {
    case .add: return amount(of: content.operands[0]) + amount(of: content.operands[1])
    case .multiply: return amount(of: content.operands[0]) * amount(of: content.operands[1])
    case .dimension:
      guard case .integer(let axis) = content.attribute else { return Amount(symbol: "?") }
      return length(of: content.operands[0], Int(axis))
    default: return Amount(symbol: "?")
    }
  }

  /// The product of `values`.
  func product(_ values: some Sequence<Value>) -> Amount {
    values.reduce(Amount(1)) { $0 * amount(of: $1) }
  }

  /// The length of an axis of `tensor`.
  func length(of tensor: Value, _ axis: Int) -> Amount {
    if case .constant(let length) = function.type(of: tensor).extents[axis] {
      return Amount(length)
    }
    if let shape = shapes[tensor] { return shape[axis] }
    if let maker = function.definition(of: tensor).map({ function.operations[$0] }),
      maker.opcode == .compute
    {
      return amount(of: maker.operands[axis])
    }
    let name = namedLength(of: tensor, axis) ?? "\(function.values[tensor].name ?? "?").\(axis)"
    return Amount(symbol: name)
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

extension Amount {
  /// The number that `expression` is, where symbol `i` is called `names[i]`.
  fileprivate init(_ expression: DimensionExpression, _ names: [String]) {
    switch expression {
    case .constant(let number): self.init(number)
    case .sum(let a, let b): self = Amount(a, names) + Amount(b, names)
    case .product(let a, let b): self = Amount(a, names) * Amount(b, names)
    case .symbol, .quotient, .remainder, .minimum, .maximum:
      let text = expression.text(names)
      self.init(symbol: text.contains(" ") && !text.hasSuffix(")") ? "(\(text))" : text)
    }
  }
}
