import TesseraNumbers
import TesseraSource
import TesseraSyntax

extension FunctionChecker {
  // MARK: Operators of the source

  /// Checks an operator before its operand.
  func checkUnary(
    _ operation: UnaryOperator, _ operand: Expression, expecting expected: ValueType?,
    at span: SourceSpan
  ) -> TypedExpression {
    if operation == .negate, case .integer(let value) = operand.kind,
      expected?.scalarElement.map({ !$0.isFloat }) ?? true
    {
      return integerLiteral(value, isNegative: true, expecting: expected, at: span)
    }
    let value = asValue(check(operand, expecting: operation == .not ? .bool : expected))
    if value.type.isError { return error(at: span) }
    let scalar = value.type.scalarElement
    switch operation {
    case .negate:
      guard let scalar, scalar != .bool else { break }
      if case .constant(.float(let number, let type)) = value.kind {
        return TypedExpression(.constant(.float(-number, type)), value.type, at: span)
      }
      return TypedExpression(.operation(.negate, [value]), value.type, at: span)
    case .complement:
      guard let scalar, scalar.isInteger else { break }
      return TypedExpression(.operation(.bitNot, [value]), value.type, at: span)
    case .not:
      guard scalar == .bool else { break }
      return TypedExpression(
        .operation(.equal, [value, .bool(false, at: span)]), value.type, at: span)
    }
    return fail(.operandType(operation.rawValue, describe(value.type), at: span))
  }

  /// Checks an operator between two operands; a literal takes the type of the other side.
  func checkBinary(
    _ operation: BinaryOperator, _ left: Expression, _ right: Expression,
    expecting expected: ValueType?, at span: SourceSpan
  ) -> TypedExpression {
    if operation == .and || operation == .or {
      return checkLogical(operation, left, right, at: span)
    }
    if operation == .coalesce { return unsupported("'??'", at: span) }
    let hint = operation.isComparison ? nil : expected
    let (a, b) = checkOperands(left, right, hint: hint)
    if a.type.isError || b.type.isError { return error(at: span) }
    if operation == .add, let joined = joinedSequences(a, b, at: span) { return joined }
    return apply(operation, a, b, at: span)
  }

  /// Checks two operands, of which literals take the type of the other.
  private func checkOperands(
    _ left: Expression, _ right: Expression, hint: ValueType?
  ) -> (TypedExpression, TypedExpression) {
    func elementHint(_ type: ValueType) -> ValueType? {
      type.scalarElement.map { .scalar($0) } ?? hint
    }
    if isFlexible(left), !isFlexible(right) {
      let b = check(right, expecting: hint)
      return (check(left, expecting: elementHint(b.type)), b)
    }
    let a = check(left, expecting: hint)
    if hint == nil, isFlexible(left), isFlexible(right), !isFloat(left), isFloat(right) {
      // `1 + 0.5`: the float decides for both.
      let b = check(right)
      return (check(left, expecting: b.type), b)
    }
    return (a, check(right, expecting: elementHint(a.type)))
  }

  private func isFloat(_ expression: Expression) -> Bool {
    switch expression.kind {
    case .float: true
    case .name(let name): name.text == "inf" || name.text == "nan"
    case .unary(_, let operand): isFloat(operand)
    case .binary(_, let left, let right): isFloat(left) || isFloat(right)
    case .call: true
    default: false
    }
  }

  private func checkLogical(
    _ operation: BinaryOperator, _ left: Expression, _ right: Expression, at span: SourceSpan
  ) -> TypedExpression {
    let a = check(left, expecting: .bool)
    // What stands right is reached only under what stands left.
    let known = prover
    if a.type == .bool { assume(a, isTrue: operation == .and) }
    let b = check(right, expecting: .bool)
    prover = known
    if a.type.isError || b.type.isError { return error(at: span) }
    for operand in [a, b] where operand.type.scalarElement != .bool {
      return fail(.operandType(operation.rawValue, describe(operand.type), at: operand.span))
    }
    guard a.type == .bool, b.type == .bool else {
      return elementwise(operation == .and ? .bitAnd : .bitOr, [a, b], element: .bool, at: span)
    }
    if let constant = constantIfKnown(a), case .integer(let value, _) = constant.value {
      // A constant left side decides; that keeps conditions on constants constants.
      if (value != 0) == (operation == .or) { return .bool(value != 0, at: span) }
      return TypedExpression(b.kind, b.type, at: span)
    }
    let constant = TypedBlock(
      statements: [], value: .bool(operation == .or, at: span))
    let other = TypedBlock(statements: [], value: b)
    return TypedExpression(
      operation == .and
        ? .conditional(a, other, constant) : .conditional(a, constant, other),
      .bool, at: span)
  }

  /// `a + b` of sequences: the elements of both.
  private func joinedSequences(
    _ a: TypedExpression, _ b: TypedExpression, at span: SourceSpan
  ) -> TypedExpression? {
    func parts(_ value: TypedExpression) -> [TypedExpression]? {
      guard value.type.isUnit || { if case .sequence = value.type { true } else { false } }(),
        let types = value.type.componentTypes
      else { return nil }
      return types.indices.map { component(of: value, at: $0, span: value.span) }
    }
    guard let first = parts(a), let second = parts(b) else { return nil }
    let all = first + second
    let type = ValueType.makeSequence(all.map(\.type))
    guard hasFewParts(type, at: span) else { return error(at: span) }
    return TypedExpression(.aggregate(all), type, at: span)
  }

  // MARK: Typed operators

  /// `a operation b` for numbers, tensors of them, and addresses.
  func apply(
    _ operation: BinaryOperator, _ a: TypedExpression, _ b: TypedExpression, at span: SourceSpan
  ) -> TypedExpression {
    let a = asValue(a)
    let b = asValue(b)
    if a.type.isError || b.type.isError { return error(at: span) }
    if let address = pointerArithmetic(operation, a, b, at: span) { return address }
    guard let left = a.type.scalarElement, let right = b.type.scalarElement else {
      let wrong = a.type.scalarElement == nil ? a : b
      return fail(.operandType(operation.rawValue, describe(wrong.type), at: wrong.span))
    }
    guard left == right else {
      return fail(
        .mixedOperands(
          operation.rawValue, describe(a.type), describe(b.type),
          fixIts: conversionFixIts(a, b), left: a.span, right: b.span, at: span))
    }
    guard let typed = operation.typed(for: left) else {
      return fail(.operandType(operation.rawValue, describe(a.type), at: span))
    }
    if typed == .divide || typed == .remainder, left.isInteger, constantIsZero(b) {
      return fail(.divisionByZero(at: b.span))
    }
    return elementwise(
      typed, [a, b], element: .scalar(operation.isComparison ? .bool : left), at: span)
  }

  private func constantIsZero(_ value: TypedExpression) -> Bool {
    if case .constant(.integer(0, _)) = value.kind { return true }
    return false
  }

  /// Fix-its that convert one side to the type of the other, where nothing is lost in number.
  private func conversionFixIts(_ a: TypedExpression, _ b: TypedExpression) -> [FixIt] {
    guard let left = a.type.scalarElement, let right = b.type.scalarElement else { return [] }
    let (value, type) =
      left.isFloat == right.isFloat
      ? (left.bitWidth < right.bitWidth ? (a, right) : (b, left))
      : (left.isFloat ? (b, left) : (a, right))
    if value.type.scalarElement == .bool { return [] }
    return [.convert(value.span, to: describe(.scalar(type)))]
  }

  private func pointerArithmetic(
    _ operation: BinaryOperator, _ a: TypedExpression, _ b: TypedExpression, at span: SourceSpan
  ) -> TypedExpression? {
    guard case .pointer = a.type.elementType else { return nil }
    if operation.isComparison, a.type.elementType == b.type.elementType,
      let typed = operation.typed(for: .i64)
    {
      return elementwise(typed, [a, b], element: .bool, at: span)
    }
    guard operation == .add || operation == .subtract, b.type.scalarElement?.isInteger == true
    else {
      return fail(.operandType(operation.rawValue, describe(b.type), at: span))
    }
    let offset =
      operation == .add
      ? b : TypedExpression(.operation(.negate, [b]), b.type, at: b.span)
    return elementwise(.pointerOffset, [a, offset], element: a.type.elementType, at: span)
  }

  /// An operation on scalars, or on tensors element by element with broadcasting.
  func elementwise(
    _ operation: Operator, _ operands: [TypedExpression], element: ValueType, at span: SourceSpan
  ) -> TypedExpression {
    guard let shape = broadcast(operands, at: span) else { return error(at: span) }
    return TypedExpression(
      .operation(operation, operands), .makeTensor(element, shape), at: span)
  }

  /// An index tile as the tensor of its indices; everything else as it is.
  func asValue(_ value: TypedExpression) -> TypedExpression {
    guard case .indexTile(let length) = value.type else { return value }
    let type = ValueType.tensor(element: .int, dimensions: [length])
    if case .dimension = value.kind {
      return TypedExpression(.builtin(.iota, []), type, at: value.span)
    }
    return TypedExpression(.builtin(.tileIndices, [value]), type, at: value.span)
  }

  /// The shape to which all operands are broadcast; `nil` after a diagnostic.
  func broadcast(_ operands: [TypedExpression], at span: SourceSpan) -> [Dimension]? {
    var shape: [Dimension] = []
    var source: TypedExpression?
    for operand in operands {
      let dimensions = operand.type.dimensions
      if dimensions.isEmpty { continue }
      guard let earlier = source else {
        shape = dimensions
        source = operand
        continue
      }
      let rank = max(shape.count, dimensions.count)
      var joined: [Dimension] = []
      for axis in 0..<rank {
        let a = axis < rank - shape.count ? nil : shape[axis - (rank - shape.count)]
        let b = axis < rank - dimensions.count ? nil : dimensions[axis - (rank - dimensions.count)]
        guard let a, let b else {
          joined.append(a ?? b ?? .unknown)
          continue
        }
        if b.constant == 1 {
          joined.append(a)
        } else if a.constant == 1 {
          joined.append(b)
        } else {
          let agrees = require(
            a, .equal, b,
            message:
              "the shapes '\(describe(earlier.type))' and '\(describe(operand.type))' differ",
            at: span
          ) {
            .shapeMismatch(
              self.describe(earlier.type), self.describe(operand.type), self.describe(a),
              self.describe(b), left: earlier.span, right: operand.span,
              declared: self.declarationLabels(earlier) + self.declarationLabels(operand), at: span)
          }
          if !agrees { return nil }
          joined.append(a.constant == nil ? a : b.constant == nil ? a : b)
        }
      }
      shape = joined
      if dimensions.count >= earlier.type.dimensions.count { source = operand }
    }
    return shape
  }

  /// Where the local that `value` is was declared.
  func declarationLabels(_ value: TypedExpression) -> [Diagnostic.Label] {
    guard case .local(let id) = value.kind else { return [] }
    let local = function.locals[id]
    if local.span == .none { return [] }
    return [.init("'\(local.name)' is declared here", at: local.span)]
  }
}

extension BinaryOperator {
  /// The operation on numbers of type `type`, or `nil` if they have none.
  func typed(for type: ScalarType) -> Operator? {
    let isNumber = type != .bool
    let isBits = !type.isFloat
    switch self {
    case .add: return isNumber ? .add : nil
    case .subtract: return isNumber ? .subtract : nil
    case .multiply: return isNumber ? .multiply : nil
    case .divide: return isNumber ? .divide : nil
    case .remainder: return isNumber ? .remainder : nil
    case .bitAnd: return isBits ? .bitAnd : nil
    case .bitOr: return isBits ? .bitOr : nil
    case .bitXor: return isBits ? .bitXor : nil
    case .shiftLeft: return type.isInteger ? .shiftLeft : nil
    case .shiftRight: return type.isInteger ? .shiftRight : nil
    case .equal: return .equal
    case .notEqual: return .notEqual
    case .less: return isNumber ? .less : nil
    case .lessOrEqual: return isNumber ? .lessOrEqual : nil
    case .greater: return isNumber ? .greater : nil
    case .greaterOrEqual: return isNumber ? .greaterOrEqual : nil
    case .and, .or, .coalesce: return nil
    }
  }
}
