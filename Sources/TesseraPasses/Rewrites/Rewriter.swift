import TesseraIR
import TesseraNumbers
import TesseraSource

/// Walks a function once, from top to bottom, and replaces operations by simpler values.
///
/// Each operation sees operands that are simple already, so one walk does what a work list would,
/// but for values that come round a loop. What a rule emits is simplified before it is placed.
struct Rewriter {
  /// The function, moved in while the walk lasts.
  private(set) var function: Function
  /// The operation that is being rewritten.
  var current: Operation { function.operations[currentID] }
  /// `true` iff anything was replaced.
  private(set) var changed = false

  private var currentID = ID<Operation>(index: 0)
  private let rules: [[Rule]]
  private let allowsRelaxedFloats: Bool
  private var replacements = Replacements()
  private var placed: [ID<Operation>] = []
  private var ranges = ValueRanges()
  private var depth = 0

  // A rule's own operations are simplified in turn, but not for ever.
  private static let depthLimit = 8

  /// Rewrites `function` by constant folding and by `rules`, a list an opcode.
  ///
  /// - Returns: `true` iff anything changed.
  static func rewrite(_ function: inout Function, by rules: [[Rule]], relaxed: Bool) -> Bool {
    var rewriter = Rewriter(rules: rules, relaxed: relaxed)
    swap(&function, &rewriter.function)
    rewriter.rewrite(rewriter.function.body)
    swap(&function, &rewriter.function)
    return rewriter.changed
  }

  private init(rules: [[Rule]], relaxed: Bool) {
    self.rules = rules
    allowsRelaxedFloats = relaxed
    function = Function(name: "")
  }

  private mutating func rewrite(_ region: ID<Region>) {
    let outer = placed
    placed = []
    placed.reserveCapacity(function.regions[region].operations.count)
    for operation in function.regions[region].operations {
      replacements.apply(to: &function.operations[operation].operands)
      if !function.operations[operation].regions.isEmpty {
        ranges.note(operation, in: function)
        rewriteRegions(of: operation)
      }
      if let value = simplified(operation) {
        replacements.replace(function.operations[operation].results[0], with: value)
        changed = true
      } else {
        placed.append(operation)
      }
    }
    function.regions[region].operations = placed
    placed = outer
  }

  private mutating func rewriteRegions(of operation: ID<Operation>) {
    let content = function.operations[operation]
    for (position, region) in content.regions.enumerated() {
      guard content.opcode == .if else {
        rewrite(region)
        continue
      }
      let branch = ranges.enterBranch(
        where: content.operands[0], is: position == 0, in: function)
      rewrite(region)
      ranges.leaveBranch(branch)
    }
  }

  /// The value that may stand for the result of `operation`; `nil` if the operation has to stay.
  private mutating func simplified(_ operation: ID<Operation>) -> Value? {
    guard function.operations[operation].results.count == 1,
      function.operations[operation].regions.isEmpty, depth < Rewriter.depthLimit
    else { return nil }
    putConstantRight(operation)
    let content = function.operations[operation]
    if let number = folded(content) {
      return number
    }
    let candidates = rules[Int(content.opcode.rawValue)]
    if candidates.isEmpty { return nil }
    let domain = function.type(
      of: content.opcode == .select ? content.results[0] : content.operands[0]
    )
    .laneType
    let outer = currentID
    defer { currentID = outer }
    currentID = operation
    for rule in candidates where rule.holds(for: domain, relaxed: allowsRelaxedFloats) {
      if let value = rule.rewrite(&self) { return value }
    }
    return nil
  }

  /// Exchanges the operands of a commutative operation or a comparison, so that a constant stands
  /// on the right.
  private mutating func putConstantRight(_ operation: ID<Operation>) {
    let content = function.operations[operation]
    guard content.operands.count >= 2 else { return }
    guard let exchanged = content.opcode.exchanged, constant(content.operands[0]) != nil,
      constant(content.operands[1]) == nil
    else { return }
    function.operations[operation].opcode = exchanged
    function.operations[operation].operands.swapAt(0, 1)
    changed = true
  }

  /// The number that the operation gives if all its operands are numbers.
  private mutating func folded(_ operation: Operation) -> Value? {
    guard operation.opcode.info.traits.contains(.elementwise),
      let type = function.type(of: operation.results[0]).laneType
    else { return nil }
    var numbers: [ScalarValue] = []
    for operand in operation.operands {
      guard let number = constant(operand) else { return nil }
      numbers.append(number)
    }
    guard let result = operation.opcode.evaluate(numbers, result: type) else { return nil }
    return number(result, function.type(of: operation.results[0]), at: operation.span)
  }

  /// Emits the constant `value` as a scalar or vector of `type`; `nil` if it cannot be written.
  private mutating func number(
    _ value: ScalarValue, _ type: Type, at span: SourceSpan
  ) -> Value? {
    guard let attribute = value.attribute else { return nil }
    let constant = function.makeOperation(
      .constant, results: [.scalar(value.type)], attribute: attribute, span: span)
    placed.append(constant)
    let scalar = function.operations[constant].results[0]
    guard case .vector = type else { return scalar }
    let splat = function.makeOperation(.splat, [scalar], results: [type], span: span)
    placed.append(splat)
    return function.operations[splat].results[0]
  }
}

// MARK: The language of rules

extension Rewriter {
  /// The first operand.
  var left: Value { current.operands[0] }
  /// The second operand.
  var right: Value { current.operands[1] }
  /// The type of the result.
  var resultType: Type { function.type(of: current.results[0]) }

  /// The number that `value` is known to be.
  func constant(_ value: Value) -> ScalarValue? { function.scalarConstant(value) }

  /// `true` iff `value` is the number 0, for floats +0, or `false`.
  func isZero(_ value: Value) -> Bool { constant(value)?.bits == 0 }

  /// `true` iff `value` is the number 1 or `true`.
  func isOne(_ value: Value) -> Bool { constant(value).map { $0 == .one($0.type) } ?? false }

  /// `true` iff all bits of an integer or bool are known to be set.
  func isAllOnes(_ value: Value) -> Bool {
    guard let number = constant(value), !number.type.isFloat else { return false }
    return number == ScalarValue(-1, number.type)
  }

  /// `true` iff `value` is the float `number`, sign of zero included.
  func isFloat(_ value: Value, _ number: Double) -> Bool {
    guard let constant = constant(value), constant.type.isFloat else { return false }
    return constant.double.bitPattern == number.bitPattern
  }

  /// The operands of `value`, where it is the result of `opcode`.
  func operands(of value: Value, _ opcode: Opcode) -> [Value]? {
    guard let definition = function.definition(of: value),
      function.operations[definition].opcode == opcode
    else { return nil }
    return function.operations[definition].operands
  }

  /// The other operand, where `value` is the result of the binary `opcode` on `operand` too.
  func other(of value: Value, _ opcode: Opcode, than operand: Value) -> Value? {
    guard let operands = operands(of: value, opcode) else { return nil }
    return operands[0] == operand ? operands[1] : operands[1] == operand ? operands[0] : nil
  }

  /// The operands of `value`, where it is the result of `opcode` and never wraps.
  mutating func exactOperands(of value: Value, _ opcode: Opcode) -> [Value]? {
    guard let operands = operands(of: value, opcode),
      let definition = function.definition(of: value),
      ranges.isExact(function.operations[definition], in: function)
    else { return nil }
    return operands
  }

  /// The numbers that the integer `value` may be.
  mutating func range(of value: Value) -> ClosedRange<Int64>? {
    ranges.range(of: value, in: function)
  }

  /// `true` iff `value` is an index of a loop or box whose upper end is `end`.
  func isIndex(_ value: Value, below end: Value) -> Bool {
    guard case .parameter(let region, let index) = function.values[value].definition else {
      return false
    }
    return ranges.upperEnd(region, index, in: function) == end
  }

  /// Emits an operation whose result has the type of its first operand, or is a bool for each for
  /// comparisons.
  mutating func emit(_ opcode: Opcode, _ operands: Value...) -> Value {
    var type = function.type(of: operands[0])
    if opcode.isComparison { type = type.withScalar(.bool) }
    if opcode == .select { type = function.type(of: operands[1]) }
    return emit(opcode, operands, type)
  }

  /// Emits an operation of one result, simplified if it can be.
  mutating func emit(
    _ opcode: Opcode, _ operands: [Value], _ type: Type, attribute: Attribute = .none
  ) -> Value {
    let operation = function.makeOperation(
      opcode, operands, results: [type], attribute: attribute, span: current.span,
      names: [function.values[current.results[0]].name])
    depth += 1
    defer { depth -= 1 }
    if let value = simplified(operation) { return value }
    placed.append(operation)
    return function.operations[operation].results[0]
  }

  /// Emits `value` as a constant of the type of the result.
  mutating func number(_ value: ScalarValue) -> Value? {
    number(value, resultType, at: current.span)
  }

  /// Emits the whole number or bool `value` in the type of the result.
  mutating func number(_ value: Int64) -> Value? {
    guard let type = resultType.laneType else { return nil }
    return number(
      type.isFloat ? ScalarValue(rounding: Double(value), type) : ScalarValue(value, type))
  }

  /// Emits `value` as a constant of the type of `example`.
  mutating func constant(_ value: ScalarValue, like example: Value) -> Value? {
    number(value, function.type(of: example), at: current.span)
  }

  /// `x op (a op b)` in place of `(x op a) op b` for numbers a and b; `combine` says how the
  /// numbers are combined, if not by the operation itself.
  mutating func reassociated(_ combine: Opcode? = nil) -> Value? {
    guard let b = constant(right), let inner = operands(of: left, current.opcode),
      let a = constant(inner[1]),
      let both = (combine ?? current.opcode).evaluate(a, b, result: b.type),
      let number = number(both, function.type(of: right), at: current.span)
    else { return nil }
    return emit(current.opcode, inner[0], number)
  }
}

extension Opcode {
  /// The operation that gives the same with the first two operands exchanged, if there is one.
  var exchanged: Opcode? {
    switch self {
    case .less: .greater
    case .lessOrEqual: .greaterOrEqual
    case .greater: .less
    case .greaterOrEqual: .lessOrEqual
    default: info.traits.contains(.commutative) ? self : nil
    }
  }

  /// The comparison that is true where this one is false; not so for floats that are no numbers,
  /// but for `equal` and `notEqual`.
  var negated: Opcode? {
    switch self {
    case .equal: .notEqual
    case .notEqual: .equal
    case .less: .greaterOrEqual
    case .lessOrEqual: .greater
    case .greater: .lessOrEqual
    case .greaterOrEqual: .less
    default: nil
    }
  }
}
