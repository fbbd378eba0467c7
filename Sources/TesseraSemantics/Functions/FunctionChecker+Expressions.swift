import TesseraNumbers
import TesseraSource
import TesseraSyntax

extension FunctionChecker {
  /// Checks `expression`; `expected` is the type of its context, which literals adopt.
  ///
  /// The result may have another type than `expected`: the context compares.
  func check(_ expression: Expression, expecting expected: ValueType? = nil) -> TypedExpression {
    expressionDepth += 1
    defer { expressionDepth -= 1 }
    let span = expression.span
    if !typedAhead.values.isEmpty, let value = typedAhead.values[span] { return value }
    if expressionDepth > Limits.expressionDepth {
      return fail(.nestedTooDeeply(at: span))
    }
    let value = checkKind(of: expression, expecting: expected)
    return hasFewAxes(value.type, at: span) ? value : error(at: span)
  }

  private func checkKind(
    of expression: Expression, expecting expected: ValueType?
  ) -> TypedExpression {
    let span = expression.span
    switch expression.kind {
    case .integer(let value):
      return integerLiteral(value, isNegative: false, expecting: expected, at: span)
    case .float(let value, let text):
      return floatLiteral(value, text: text, expecting: expected, at: span)
    case .imaginary: return unsupported("a complex number", at: span)
    case .string(let text): return TypedExpression(.constant(.string(text)), .string, at: span)
    case .boolean(let value): return .bool(value, at: span)
    case .null, .isNull: return unsupported("'null'", at: span)
    case .name(let name): return use(name, expecting: expected)
    case .option(let name):
      return fail(.misplacedOption(name.text, at: span))
    case .tuple(let parts): return checkTuple(parts, expecting: expected, at: span)
    case .array(let elements): return checkArray(elements, expecting: expected, at: span)
    case .comprehension(let it): return checkComprehension(it, expecting: expected, at: span)
    case .type(let node):
      return fail(.typeIsNoValue(text(expression), at: node.span))
    case .unary(let operation, let operand):
      return checkUnary(operation, operand, expecting: expected, at: span)
    case .binary(let operation, let left, let right):
      return checkBinary(operation, left, right, expecting: expected, at: span)
    case .range:
      return fail(.misplacedRange(at: span))
    case .call(let callee, let arguments):
      return checkCall(callee, arguments, expecting: expected, at: span)
    case .member(let base, let name): return checkMember(base, name, at: span)
    case .position(let base, let position):
      let base = check(base)
      return component(of: base, at: position, span: span)
    case .bracket(let bracket): return checkBracket(bracket, at: span)
    case .reduction(let reduction):
      return checkReduction(reduction, expecting: expected, at: span)
    case .lambda:
      return fail(.functionIsNoValue("a lambda", at: span))
    case .conditional(let it): return checkConditional(it, expecting: expected, at: span)
    case .block(let block):
      let typed = checkBlock(block, expecting: expected)
      return TypedExpression(.block(typed), typed.value?.type ?? .unit, at: span)
    case .tailCall:
      return fail(.tailCallNotLast(at: span))
    case .error: return error(at: span)
    }
  }

  /// An error node, after saying that `construct` is not compiled yet.
  func unsupported(_ construct: String, at span: SourceSpan) -> TypedExpression {
    return fail(.notSupportedYet(construct, at: span))
  }

  // MARK: Names

  private func use(_ name: Name, expecting expected: ValueType?) -> TypedExpression {
    let span = name.span
    if let entry = scope[name.text] { return use(entry.entity, name) }
    if name.text.isEmpty { return error(at: span) }
    if name.text == "inf" || name.text == "nan" {
      let type = expected?.scalarElement.flatMap { $0.isFloat ? $0 : nil } ?? .f32
      let value = name.text == "inf" ? Double.infinity : .nan
      return TypedExpression(.constant(.float(value, type)), .scalar(type), at: span)
    }
    switch checker.lookUp(name.text, in: module, at: span) {
    case .constant(let id): return use(id, at: span)
    case .callables: diagnose(.functionIsNoValue("'\(name.text)'", at: span))
    case .structure: diagnose(.typeIsNoValue(name.text, at: span))
    case .unsupported: break
    case nil:
      if ScalarType(spelling: name.text) != nil {
        diagnose(.typeIsNoValue(name.text, at: span))
      } else {
        diagnose(.unknownName(name.text, kind: "name", near: similarNames(to: name.text), at: span))
      }
    }
    return error(at: span)
  }

  private func use(_ entity: Entity, _ name: Name) -> TypedExpression {
    let span = name.span
    switch entity {
    case .local(let id):
      let state = states[Int(id.index)]
      if !state.isDefined, state.definedPaths.isEmpty {
        return fail(.usedBeforeDefined(name.text, declared: function.locals[id].span, at: span))
      }
      coverage.read.insert(id)
      return use(id, at: span)
    case .value(let value): return TypedExpression(value.kind, value.type, at: span)
    case .index(let index): return TypedExpression(.index(index), .int, at: span)
    case .dimension(let dimension):
      if let value = dimension.constant { return .int(value, at: span) }
      return TypedExpression(.dimension(dimension), .int, at: span)
    case .wholeTile(let length):
      return TypedExpression(.dimension(length), .indexTile(length: length), at: span)
    case .indexPack, .dimensionPack: diagnose(.packIsNoValue(name.text, at: span))
    case .type: diagnose(.typeIsNoValue(name.text, at: span))
    case .function: diagnose(.functionIsNoValue("'\(name.text)'", at: span))
    case .error: break
    }
    return error(at: span)
  }

  /// Names in scope that differ from `name` by little.
  func similarNames(to name: String) -> [String] {
    let module = checker.modules[module]
    let known = scope.keys + module.callables.keys + module.structures.keys + module.constants.keys
    return known.filter { EditDistance.isClose($0, name) }.sorted()
  }

  // MARK: Aggregates

  private func checkTuple(
    _ parts: [Argument], expecting expected: ValueType?, at span: SourceSpan
  ) -> TypedExpression {
    let hints = expected?.componentTypes ?? []
    let values = parts.enumerated().map { position, part in
      check(part.value, expecting: position < hints.count ? hints[position] : nil)
    }
    if values.contains(where: \.type.isError) { return error(at: span) }
    let type: ValueType =
      parts.contains { $0.label != nil }
      ? .tuple(zip(parts, values).map { .init(name: $0.label?.text, type: $1.type) })
      : .makeSequence(values.map(\.type))
    guard hasFewParts(type, at: span) else { return error(at: span) }
    return TypedExpression(.aggregate(values), type, at: span)
  }

  private func checkArray(
    _ elements: [Expression], expecting expected: ValueType?, at span: SourceSpan
  ) -> TypedExpression {
    if case .sequence(let hints)? = expected {
      let values = elements.enumerated().map { position, element in
        check(element, expecting: position < hints.count ? hints[position] : hints.last)
      }
      if values.contains(where: \.type.isError) { return error(at: span) }
      return TypedExpression(
        .aggregate(values), .makeSequence(values.map(\.type)), at: span)
    }
    guard !elements.isEmpty else {
      return TypedExpression(.aggregate([]), .unit, at: span)
    }
    // Elements take the type of the first that has one of its own.
    var hint = expected?.scalarElement.map { ValueType.scalar($0) }
    var typed: (position: Int, value: TypedExpression)?
    if hint == nil, let position = elements.firstIndex(where: { !isFlexible($0) && !$0.isArray }) {
      let value = check(elements[position])
      typed = (position, value)
      if !value.type.isError { hint = value.type }
    }
    if hint == nil, elements.contains(where: { isFloatLiteral($0) }) { hint = .scalar(.f32) }
    let values = elements.enumerated().map { position, element in
      if let typed, typed.position == position { return typed.value }
      return check(element, expecting: hint)
    }
    if values.contains(where: \.type.isError) { return error(at: span) }
    let first = values[0]
    for value in values.dropFirst() where !agree(value.type, with: first.type, at: value.span) {
      return error(at: span)
    }
    let element = first.type.elementType
    guard case .scalar = element else {
      return TypedExpression(.aggregate(values), .makeSequence(values.map(\.type)), at: span)
    }
    // Rows of rows give their elements one after the other.
    let flat = values.flatMap { value -> [TypedExpression] in
      if case .builtin(.tensor, let parts) = value.kind { return parts }
      return [value]
    }
    if first.type.dimensions.contains(where: { $0.constant == nil }) {
      return fail(.notConstant("the shape of a row", at: first.span))
    }
    return TypedExpression(
      .builtin(.tensor, flat),
      .tensor(element: element, dimensions: [Dimension(values.count)] + first.type.dimensions),
      at: span)
  }

  private func isFloatLiteral(_ expression: Expression) -> Bool {
    switch expression.kind {
    case .float: true
    case .unary(_, let operand): isFloatLiteral(operand)
    case .array(let elements): elements.contains { isFloatLiteral($0) }
    case .name(let name): name.text == "inf" || name.text == "nan"
    default: false
    }
  }

  private func checkComprehension(
    _ it: Comprehension, expecting expected: ValueType?, at span: SourceSpan
  ) -> TypedExpression {
    guard let numbers = constantRange(it.range, describing: "the range of a sequence") else {
      return error(at: span)
    }
    let hints = expected?.componentTypes ?? []
    var values: [TypedExpression] = []
    for (position, number) in numbers.enumerated() {
      scope.push()
      typedAhead.reads = [:]
      declare(it.index, .value(.int(number, at: it.index.span)))
      values.append(
        check(it.element, expecting: position < hints.count ? hints[position] : nil))
      scope.pop()
    }
    if values.contains(where: \.type.isError) { return error(at: span) }
    return TypedExpression(.aggregate(values), .makeSequence(values.map(\.type)), at: span)
  }

  // MARK: Parts

  private func checkMember(
    _ base: Expression, _ name: Name, at span: SourceSpan
  ) -> TypedExpression {
    if case .name(let word) = base.kind, scope[word.text] == nil,
      let other = checker.importedModule(word.text, in: module)
    {
      switch checker.declared(name.text, in: other, from: module) {
      case .constant(let id): return use(id, at: span)
      case .callables: diagnose(.functionIsNoValue("'\(name.text)'", at: span))
      case .structure: diagnose(.typeIsNoValue(name.text, at: span))
      case .unsupported: break
      case nil: diagnose(.unknownName(name.text, kind: "name", near: [], at: name.span))
      }
      return error(at: span)
    }
    return field(name, of: check(base), at: span)
  }

  /// The field `name` of `base`; of a tensor of structs, the tensor of the fields.
  func field(_ name: Name, of base: TypedExpression, at span: SourceSpan) -> TypedExpression {
    if base.type.isError { return error(at: span) }
    if name.text == "shape", case .tensor(_, let dimensions) = base.type {
      let parts = dimensions.map { dimension in
        dimension.constant.map { TypedExpression.int($0, at: span) }
          ?? TypedExpression(.dimension(dimension), .int, at: span)
      }
      return TypedExpression(.aggregate(parts), .makeSequence(parts.map(\.type)), at: span)
    }
    switch base.type.elementType {
    case .structure(let id):
      let fields = checker.program.structures[id].fields
      if let position = fields.firstIndex(where: { $0.name == name.text }) {
        return component(of: base, at: position, span: span)
      }
      let key = checker.structureOrigins[Int(id.index)]
      let declared = checker.structures[key.structure].declaration
      if let absent = declared.fields.first(where: { $0.name.text == name.text }) {
        diagnose(
          .absentField(
            name.text, of: describe(base.type.elementType),
            condition: absent.condition.map { text($0) } ?? "", declared: absent.span,
            at: name.span))
      } else {
        diagnose(
          .unknownField(
            name.text, of: describe(base.type), fields: fields.map(\.name), at: name.span))
      }
    case .tuple(let components):
      if let position = components.firstIndex(where: { $0.name == name.text }) {
        return component(of: base, at: position, span: span)
      }
      diagnose(
        .unknownField(
          name.text, of: describe(base.type), fields: components.compactMap(\.name), at: name.span))
    default:
      diagnose(.unknownField(name.text, of: describe(base.type), fields: [], at: name.span))
    }
    return error(at: span)
  }

  /// The component at `position` of a tuple, sequence or struct, or of the elements of a tensor.
  func component(
    of base: TypedExpression, at position: Int, span: SourceSpan
  ) -> TypedExpression {
    if base.type.isError { return error(at: span) }
    let element = base.type.elementType
    guard let type = checker.component(of: element, at: [position]) else {
      let count = element.componentTypes?.count
      return fail(.noSuchPosition(position, count: count ?? 0, of: describe(base.type), at: span))
    }
    if case .local(let id) = base.kind, !states[Int(id.index)].isDefined,
      !states[Int(id.index)].definedPaths.contains([position])
    {
      return fail(
        .usedBeforeDefined(
          "\(function.locals[id].name).\(position)", declared: function.locals[id].span, at: span))
    }
    switch base.kind {
    case .aggregate(let parts) where position < parts.count:
      return TypedExpression(parts[position].kind, parts[position].type, at: span)
    case .constant(.aggregate(let parts)) where position < parts.count:
      return TypedExpression(.constant(parts[position]), type, at: span)
    default: break
    }
    return TypedExpression(
      .component(base, position), .makeTensor(type, base.type.dimensions), at: span)
  }
}
