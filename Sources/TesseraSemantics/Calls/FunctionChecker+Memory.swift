import TesseraNumbers
import TesseraSource
import TesseraSyntax

/// Reads and writes through addresses.
extension FunctionChecker {
  /// `load`, `store` and `atomic_*`, which the program calls `word`.
  func checkMemory(
    _ access: Builtins.MemoryAccess, _ word: String, _ arguments: [Argument], at span: SourceSpan
  ) -> TypedExpression {
    let positional = arguments.filter { $0.label == nil }.map(\.value)
    guard positional.count == access.operandCount else {
      return fail(
        .wrongArgumentCount(
          of: word, expected: access.operandCount, given: positional.count, at: span))
    }
    let address = check(positional[0])
    if address.type.isError { return error(at: span) }
    guard case .pointer(let scalar) = address.type.elementType else {
      return fail(.operandType(word, describe(address.type), at: positional[0].span))
    }
    let element = ValueType.scalar(scalar)
    guard access.isDefined(for: scalar) else {
      return fail(.operandType(word, describe(element), at: positional[0].span))
    }
    var operands = [address]
    for expression in positional.dropFirst() {
      guard let value = checkElements(expression, of: element) else { return error(at: span) }
      operands.append(value)
    }
    var labelled: [String: TypedExpression] = [
      "mask": .bool(true, at: span),
      "other": TypedExpression(.constant(.number(0, scalar)), element, at: span),
    ]
    for argument in arguments {
      guard let label = argument.label else { continue }
      guard access.labels.contains(label.text) else {
        return fail(.unknownLabel(label.text, of: word, known: access.labels, at: label.span))
      }
      let type = label.text == "mask" ? .bool : element
      guard let value = checkElements(argument.value, of: type) else { return error(at: span) }
      labelled[label.text] = value
    }
    operands += access.labels.compactMap { labelled[$0] }
    guard let shape = broadcast(operands, at: span) else { return error(at: span) }
    return TypedExpression(
      .builtin(access.builtin, operands),
      access.givesElements ? .makeTensor(element, shape) : .unit, at: span)
  }

  /// The value of `expression`, a scalar or tensor of `element`; `nil` after a diagnostic.
  private func checkElements(_ expression: Expression, of element: ValueType) -> TypedExpression? {
    let value = check(expression, expecting: element)
    return agree(value.type.elementType, with: element, at: expression.span) ? value : nil
  }
}

extension Builtins.MemoryAccess {
  /// How many arguments have no label: the address, and values to compare or write.
  fileprivate var operandCount: Int {
    switch self {
    case .load: 1
    case .store, .atomic: 2
    case .compareExchange: 3
    }
  }

  /// The labels of the other arguments, in the order of the operands that they become.
  fileprivate var labels: [String] {
    switch self {
    case .load: ["mask", "other"]
    case .store, .atomic: ["mask"]
    case .compareExchange: []
    }
  }

  /// `true` iff there is such an access to numbers of `type`.
  fileprivate func isDefined(for type: ScalarType) -> Bool {
    guard case .atomic(let operation) = self else { return true }
    return switch operation {
    case .add, .minimum, .maximum: type != .bool
    case .bitAnd, .bitOr, .bitXor: !type.isFloat
    case .exchange: true
    }
  }

  /// `true` iff it gives what was in memory before.
  fileprivate var givesElements: Bool { if case .store = self { false } else { true } }

  /// What it is in a typed program.
  fileprivate var builtin: Builtin {
    switch self {
    case .load: .load
    case .store: .store
    case .atomic(let operation): .atomic(operation)
    case .compareExchange: .atomicCompareExchange
    }
  }
}
