import TesseraIR
import TesseraNumbers

/// Numbers that can be computed when a function is entered: from its scalar parameters, the lengths
/// of its buffers, and constants, by operations that cannot fail.
///
/// Each number is a handle; equal ones have one handle.
struct EntryNumbers {
  /// A number of the table.
  typealias Number = Int

  private enum Form: Hashable {
    case constant(ScalarValue)
    case parameter(Int)
    case dimension(parameter: Int, axis: Int)
    case operation(Opcode, [Number])
  }

  private struct Node: Hashable {
    var form: Form
    var type: ScalarType
  }

  private let function: Function
  private var nodes: [Node] = []
  private var positions: [Node: Number] = [:]
  private var known: [Value: Number?] = [:]
  /// What the first numbers might be, and which parameters each of them is computed from.
  private var estimates: [ScalarValue] = []
  private var sources: [Set<Int>] = []

  /// Knows nothing yet of `function`.
  init(_ function: Function) { self.function = function }

  // MARK: From a function

  /// The number that `value` is; `nil` if it cannot be computed at the entry.
  mutating func number(_ value: Value, depth: Int = 0) -> Number? {
    if let known = known[value] { return known }
    // Deeper than any size that a program writes, and not too deep for a thread's stack.
    let found = depth < 300 ? find(value, depth) : nil
    known[value] = .some(found)
    return found
  }

  private mutating func find(_ value: Value, _ depth: Int) -> Number? {
    guard case .scalar(let type) = function.type(of: value) else { return nil }
    switch function.values[value].definition {
    case .parameter(let region, let index):
      return region == function.body ? add(.parameter(index), type) : nil
    case .result(let definition, _):
      let content = function.operations[definition]
      switch content.opcode {
      case .constant: return function.scalarConstant(value).map { constant($0) }
      case .dimension:
        guard case .integer(let axis) = content.attribute else { return nil }
        return length(of: content.operands[0], Int(axis), depth)
      default: return result(of: content, type, depth)
      }
    }
  }

  private mutating func length(of buffer: Value, _ axis: Int, _ depth: Int) -> Number? {
    if case .constant(let length) = function.type(of: buffer).extents[axis] {
      return constant(Int64(length))
    }
    if case .parameter(function.body, let index) = function.values[buffer].definition {
      return add(.dimension(parameter: index, axis: axis), .i64)
    }
    return function.extentOperand(of: buffer, axis: axis).flatMap { number($0, depth: depth + 1) }
  }

  private mutating func result(
    of content: Operation, _ type: ScalarType, _ depth: Int
  ) -> Number? {
    guard content.opcode.info.family == .scalar, content.opcode.isPure else { return nil }
    var operands: [Number] = []
    for operand in content.operands {
      guard let number = number(operand, depth: depth + 1) else { return nil }
      operands.append(number)
    }
    if content.opcode.info.traits.contains(.mayTrap), !isPositive(operands[1]) { return nil }
    return operation(content.opcode, operands, type)
  }

  private func isPositive(_ number: Number) -> Bool {
    switch nodes[number].form {
    case .constant(let value): !value.type.isFloat && value.integer > 0
    case .operation(.maximum, let operands): operands.contains(where: isPositive)
    default: false
    }
  }

  // MARK: Arithmetic

  /// The number `value`.
  mutating func constant(_ value: Int64) -> Number { constant(ScalarValue(value, .i64)) }

  private mutating func constant(_ value: ScalarValue) -> Number {
    add(.constant(value), value.type)
  }

  /// The result of an operation, computed now if its operands are known.
  mutating func operation(
    _ opcode: Opcode, _ operands: [Number], _ type: ScalarType = .i64
  ) -> Number {
    let constants = operands.compactMap { operand -> ScalarValue? in
      if case .constant(let value) = nodes[operand].form { return value }
      return nil
    }
    if constants.count == operands.count, let value = opcode.evaluate(constants, result: type) {
      return constant(value)
    }
    if opcode == .add, let zero = operands.firstIndex(where: { constantValue($0) == 0 }) {
      return operands[1 - zero]
    }
    return add(.operation(opcode, operands), type)
  }

  /// The whole number that `number` is known to be.
  func constantValue(_ number: Number) -> Int64? {
    if case .constant(let value) = nodes[number].form, !value.type.isFloat { return value.integer }
    return nil
  }

  private mutating func add(_ form: Form, _ type: ScalarType) -> Number {
    let node = Node(form: form, type: type)
    if let position = positions[node] { return position }
    nodes.append(node)
    positions[node] = nodes.count - 1
    return nodes.count - 1
  }

  // MARK: Bytes

  /// The bytes that a dense buffer takes, rounded up to 64; 2^47, which no machine has, or a little
  /// more, if it is that many.
  ///
  /// The product is taken in `f64`, which holds every number up to 2^53 and never wraps.
  mutating func byteCount(_ element: ElementType, _ extents: [Number]) -> Number {
    let limit = 0x1p47
    var factor = Double(element.byteCount)
    var product: Number?
    for extent in extents {
      if let length = constantValue(extent) {
        factor *= Double(max(length, 0))
        continue
      }
      var length = extent
      if case .dimension = nodes[extent].form {
      } else {
        length = operation(.maximum, [extent, constant(0)])
      }
      length = operation(.convert, [length], .f64)
      product = product.map { operation(.multiply, [$0, length], .f64) } ?? length
    }
    guard var product, factor > 0 else {
      return constant((Int64(min(factor, limit)) + 63) / 64 * 64)
    }
    product = operation(.multiply, [product, constant(ScalarValue(rounding: factor, .f64))], .f64)
    product = operation(.minimum, [product, constant(ScalarValue(rounding: limit, .f64))], .f64)
    let bytes = operation(.convert, [product])
    return operation(.bitAnd, [operation(.add, [bytes, constant(63)]), constant(-64)])
  }

  /// What `number` might be, where every length is middling: to compare sizes by.
  mutating func estimate(_ number: Number) -> Int64 {
    // Operands have lower handles.
    for node in nodes[estimates.count...] {
      switch node.form {
      case .constant(let value): estimates.append(value)
      case .parameter, .dimension: estimates.append(ScalarValue(256, node.type))
      case .operation(let opcode, let operands):
        let known = operands.map { estimates[$0] }
        estimates.append(opcode.evaluate(known, result: node.type) ?? .zero(node.type))
      }
    }
    return estimates[number].integer
  }

  // MARK: Code

  /// `true` iff `number` is computed from the parameters at `positions` alone.
  mutating func isDetermined(_ number: Number, by positions: Set<Int>) -> Bool {
    for node in nodes[sources.count...] {
      switch node.form {
      case .constant: sources.append([])
      case .parameter(let index), .dimension(let index, _): sources.append([index])
      case .operation(_, let operands):
        sources.append(operands.reduce(into: []) { $0.formUnion(sources[$1]) })
      }
    }
    return sources[number].isSubset(of: positions)
  }

  /// The operation that gives a number, for `EntryNumberCode`.
  fileprivate func emit(
    _ number: Number, _ operands: [Value], _ parameters: [Value?], _ builder: inout Builder
  ) -> Value {
    let node = nodes[number]
    switch node.form {
    case .constant(let constant):
      return constant.type.isFloat
        ? builder.constant(constant.double, constant.type)
        : builder.constant(constant.integer, constant.type)
    case .parameter(let index): return parameters[index]!
    case .dimension(let index, let axis): return builder.dimension(parameters[index]!, axis)
    case .operation(let opcode, _):
      return builder.emit(opcode, operands, results: [.scalar(node.type)])[0]
    }
  }

  fileprivate func operands(of number: Number) -> [Number] {
    if case .operation(_, let operands) = nodes[number].form { return operands }
    return []
  }
}

/// Writes numbers of a table as operations of one region, each once.
struct EntryNumberCode {
  private(set) var numbers: EntryNumbers
  /// What stands for each parameter of the function that the table is of; `nil` for one that no
  /// number asks for.
  let parameters: [Value?]
  private var emitted: [EntryNumbers.Number: Value] = [:]

  init(_ numbers: EntryNumbers, parameters: [Value?]) {
    self.numbers = numbers
    self.parameters = parameters
  }

  /// Appends what computes `value` of the table's function; `nil` if it is no such number.
  mutating func emit(numberOf value: Value, _ builder: inout Builder) -> Value? {
    numbers.number(value).map { emit($0, &builder) }
  }

  /// Appends what computes `number`.
  mutating func emit(_ number: EntryNumbers.Number, _ builder: inout Builder) -> Value {
    if let value = emitted[number] { return value }
    let operands = numbers.operands(of: number).map { emit($0, &builder) }
    let value = numbers.emit(number, operands, parameters, &builder)
    emitted[number] = value
    return value
  }
}
