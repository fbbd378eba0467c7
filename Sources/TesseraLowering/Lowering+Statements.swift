import TesseraIR
import TesseraSemantics

extension FunctionLowering {
  /// Translates a statement.
  mutating func lower(_ statement: TypedStatement) {
    let outer = builder.span
    builder.span = statement.span
    defer { builder.span = outer }
    switch statement.kind {
    case .bind(let local, let value):
      assign(Place(local, type: value.type), lower(value))
    case .define(let places, let indices, let dimensions, let value):
      lowerDefinition(places, indices, dimensions, value)
    case .update(let places, let update):
      lowerUpdate(places, update)
    case .assign(let place, let value):
      assign(place, lower(value))
    case .assignSlice(let place, let items, let combining, let value):
      lowerSliceAssignment(place, items, combining, value)
    case .forLoop(let variable, let lower, let upper, let step, let capacity, let body):
      lowerFor(variable, lower, upper, step, capacity, body)
    case .whileLoop(let condition, let body):
      lowerWhile(condition, body)
    case .returnValue(let value):
      leave(with: value)
    case .assertion(let condition, let message):
      lowerAssertion(condition, message)
    case .print(let parts):
      lowerPrint(parts)
    case .check(let obligation):
      check(obligation)
    case .evaluate(let expression):
      _ = lower(expression)
    }
  }

  /// Translates a block inside an expression and gives its value.
  mutating func lowerBlock(_ block: TypedBlock) -> Lowered {
    lowerStatements(block.statements[...], value: block.value)
  }

  /// Translates statements and the value after them. What follows a statement that may leave the
  /// function runs only if it did not.
  private mutating func lowerStatements(
    _ statements: ArraySlice<TypedStatement>, value: TypedExpression?
  ) -> Lowered {
    var rest = statements
    while let statement = rest.popFirst() {
      lower(statement)
      if case .returnValue = statement.kind { return value.map { zero($0.type) } ?? .aggregate([]) }
      guard mayLeave(statement), !(rest.isEmpty && value == nil) else { continue }
      return branch(
        on: local(Self.hasLeft).value,
        then: { lowering in value.map { lowering.zero($0.type) } ?? .aggregate([]) },
        else: { $0.lowerStatements(rest, value: value) })
    }
    return value.map { lower($0) } ?? .aggregate([])
  }

  /// Appends `assert` of a scalar, or of all elements of a tensor.
  private mutating func lowerAssertion(_ condition: TypedExpression, _ message: String) {
    let holds =
      condition.type.isTensor
      ? lowerReduceAxis(.all, condition, axis: nil, type: .bool).value : lowerValue(condition)
    builder.emit(.assert, [holds], attribute: .string(message.escapingBraces))
  }

  /// Appends `print` with `{}` in the text for each number or tensor.
  private mutating func lowerPrint(_ parts: [TypedExpression]) {
    var text: [String] = []
    var operands: [Value] = []
    for part in parts {
      if case .constant(.string(let string)) = part.kind {
        text.append(string.escapingBraces)
      } else {
        let value = lower(part)
        text.append(pattern(value, part.type))
        operands += value.values
      }
    }
    builder.emit(.print, operands, attribute: .string(text.joined(separator: " ")))
  }

  /// How a value is printed: `{}` for a leaf, `(a: {}, b: {})` for a tuple or struct.
  private func pattern(_ value: Lowered, _ type: ValueType) -> String {
    guard case .aggregate(let values) = value, let parts = parts(of: type) else { return "{}" }
    let fields = zip(parts, values).map { part, value in
      let pattern = pattern(value, part.type)
      return Int(part.name) == nil ? "\(part.name): \(pattern)" : pattern
    }
    return "(" + fields.joined(separator: ", ") + ")"
  }

  /// Appends `assert` of a comparison of dimensions; the message ends with both numbers.
  mutating func check(_ obligation: Obligation) {
    let left = extent(obligation.left)
    let right = extent(obligation.right)
    let opcode: Opcode =
      switch obligation.relation {
      case .equal: .equal
      case .notEqual: .notEqual
      case .less: .less
      case .lessOrEqual: .lessOrEqual
      }
    let holds = builder.compare(opcode, left, right)
    builder.emit(
      .assert, [holds, left, right],
      attribute: .string(obligation.message.escapingBraces + " ({} and {})"))
  }

  /// Appends the checks that the outermost function makes when it is entered.
  mutating func checkObligations() {
    for obligation in source.obligations {
      builder.span = obligation.span
      check(obligation)
    }
    builder.span = source.span
  }
}

extension String {
  /// The text with `{}` kept from standing for an operand.
  fileprivate var escapingBraces: String {
    var result = ""
    for character in self {
      if character == "}", result.last == "{" { result.append(" ") }
      result.append(character)
    }
    return result
  }
}
