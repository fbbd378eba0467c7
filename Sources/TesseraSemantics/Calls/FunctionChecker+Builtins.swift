import TesseraSource
import TesseraSyntax

extension FunctionChecker {
  /// Calls a function that the language has.
  func checkBuiltin(
    _ name: Name, _ arguments: [Argument], expecting expected: ValueType?, at span: SourceSpan
  ) -> TypedExpression {
    let word = name.text
    let positional = arguments.filter { $0.label == nil }
    if let operation = Builtins.reductions[word],
      positional.count == 1 || Builtins.elementwise[word] == nil
    {
      return checkAxisReduction(operation, name, arguments, at: span)
    }
    if let info = Builtins.elementwise[word] {
      guard arguments.count == info.count, positional.count == info.count else {
        return fail(
          .wrongArgumentCount(of: word, expected: info.count, given: arguments.count, at: span))
      }
      return checkElementwise(info, word, arguments.map(\.value), expecting: expected, at: span)
    }
    switch Builtins.others[word] {
    case .maker(let maker): return checkMaker(maker, arguments, at: span)
    case .mover(let mover): return checkMover(mover, arguments, at: span)
    case .memory(let access): return checkMemory(access, word, arguments, at: span)
    case .combine(let combine): return checkCombine(combine, arguments, at: span)
    case .bitcast: return checkBitcast(arguments, at: span)
    case .ceilingDivision: return checkCeilingDivision(arguments, expecting: expected, at: span)
    case .close: return checkClose(arguments, at: span)
    case .dot: return checkDot(arguments, at: span)
    case .select: return checkSelect(arguments, expecting: expected, at: span)
    case .tile: return fail(.tileOutsideLet(at: span))
    case nil: return fail(.unknownName(word, kind: "function", near: [], at: span))
    }
  }

  // MARK: Elementwise

  /// Checks operands of which literals take the type of the others.
  func checkOperands(
    _ expressions: [Expression], expecting expected: ValueType?
  ) -> [TypedExpression] {
    var hint = expected?.scalarElement.map { ValueType.scalar($0) }
    var values: [TypedExpression?] = Array(repeating: nil, count: expressions.count)
    for (position, expression) in expressions.enumerated() where !isFlexible(expression) {
      let value = asValue(check(expression, expecting: hint))
      values[position] = value
      if let scalar = value.type.scalarElement { hint = .scalar(scalar) }
    }
    return zip(expressions, values).map { $1 ?? check($0, expecting: hint) }
  }

  private func checkElementwise(
    _ info: Builtins.Elementwise, _ word: String, _ expressions: [Expression],
    expecting expected: ValueType?, at span: SourceSpan
  ) -> TypedExpression {
    var hint = info.isPredicate ? nil : expected
    if info.operands == .float, hint?.scalarElement?.isFloat != true { hint = nil }
    if info.operands == .float, hint == nil, expressions.allSatisfy({ isFlexible($0) }) {
      hint = .scalar(.f32)
    }
    let values = checkOperands(expressions, expecting: hint)
    if values.contains(where: \.type.isError) { return error(at: span) }
    guard let first = values.first, let scalar = first.type.scalarElement else {
      return fail(.operandType(word, describe(values.first?.type ?? .unit), at: span))
    }
    for value in values.dropFirst() where value.type.scalarElement != scalar {
      return fail(
        .mixedOperands(
          word, describe(first.type), describe(value.type), fixIts: [], left: first.span,
          right: value.span, at: span))
    }
    let fits: Bool =
      switch info.operands {
      case .number: scalar != .bool
      case .float: scalar.isFloat
      case .integer: scalar.isInteger
      }
    guard fits else {
      return fail(.operandType(word, describe(first.type), at: span))
    }
    return elementwise(
      info.operation, values, element: info.isPredicate ? .bool : .scalar(scalar), at: span)
  }

  private func checkCeilingDivision(
    _ arguments: [Argument], expecting expected: ValueType?, at span: SourceSpan
  ) -> TypedExpression {
    guard arguments.count == 2 else {
      return fail(.wrongArgumentCount(of: "cdiv", expected: 2, given: arguments.count, at: span))
    }
    let values = checkOperands(arguments.map(\.value), expecting: expected)
    guard !values.contains(where: \.type.isError) else { return error(at: span) }
    guard let scalar = values[0].type.scalarElement, scalar.isInteger else {
      return fail(.operandType("cdiv", describe(values[0].type), at: span))
    }
    let one = TypedExpression(.constant(.integer(1, scalar)), .scalar(scalar), at: span)
    let sum = apply(.subtract, apply(.add, values[0], values[1], at: span), one, at: span)
    return apply(.divide, sum, values[1], at: span)
  }

  private func checkSelect(
    _ arguments: [Argument], expecting expected: ValueType?, at span: SourceSpan
  ) -> TypedExpression {
    guard arguments.count == 3 else {
      return fail(.wrongArgumentCount(of: "select", expected: 3, given: arguments.count, at: span))
    }
    let condition = check(arguments[0].value, expecting: .bool)
    let values = checkOperands(arguments[1...].map(\.value), expecting: expected)
    if condition.type.isError || values.contains(where: \.type.isError) { return error(at: span) }
    guard condition.type.scalarElement == .bool else {
      return fail(.conditionType(describe(condition.type), at: condition.span))
    }
    guard agree(values[1].type.elementType, with: values[0].type.elementType, at: values[1].span)
    else { return error(at: span) }
    return elementwise(.select, [condition] + values, element: values[0].type.elementType, at: span)
  }

  /// `close(a, b, rtol: r, atol: t)`: `|a - b| <= t + r * |b|` everywhere.
  private func checkClose(_ arguments: [Argument], at span: SourceSpan) -> TypedExpression {
    let values = checkOperands(arguments.filter { $0.label == nil }.map(\.value), expecting: nil)
    guard values.count == 2, !values.contains(where: \.type.isError),
      let scalar = values[0].type.scalarElement, scalar.isFloat
    else {
      if !values.contains(where: \.type.isError) {
        diagnose(
          .operandType("close", values.map { describe($0.type) }.joined(separator: ", "), at: span))
      }
      return error(at: span)
    }
    func tolerance(_ label: String) -> TypedExpression {
      guard let argument = arguments.first(where: { $0.label?.text == label }) else {
        return TypedExpression(.constant(.float(0, scalar)), .scalar(scalar), at: span)
      }
      return check(argument.value, expecting: .scalar(scalar))
    }
    func magnitude(_ value: TypedExpression) -> TypedExpression {
      elementwise(.absolute, [value], element: .scalar(scalar), at: span)
    }
    let difference = magnitude(apply(.subtract, values[0], values[1], at: span))
    let bound = apply(
      .add, tolerance("atol"), apply(.multiply, tolerance("rtol"), magnitude(values[1]), at: span),
      at: span)
    let within = apply(.lessOrEqual, difference, bound, at: span)
    if within.type == .bool || within.type.isError { return within }
    return TypedExpression(.reduceAxis(.all, within, axis: nil), .bool, at: span)
  }

  // MARK: Makers

  private func checkMaker(
    _ maker: Builtins.Maker, _ arguments: [Argument], at span: SourceSpan
  ) -> TypedExpression {
    let count = maker == .full ? 2 : 1
    guard arguments.count == count, let node = TypeNode(arguments[0].value) else {
      return fail(.makerNeedsType(maker.rawValue, at: span))
    }
    let type = resolve(node)
    if type.isError { return error(at: span) }
    guard let scalar = type.scalarElement else {
      return fail(.makerNeedsType(maker.rawValue, at: arguments[0].span))
    }
    switch maker {
    case .full:
      let value = check(arguments[1].value, expecting: .scalar(scalar))
      guard agree(value.type, with: .scalar(scalar), at: arguments[1].span) else {
        return error(at: span)
      }
      return type.dimensions.isEmpty
        ? value : TypedExpression(.builtin(.full, [value]), type, at: span)
    case .iota:
      guard scalar.isInteger, !type.dimensions.isEmpty else {
        return fail(.operandType("iota", describe(type), at: arguments[0].span))
      }
      return TypedExpression(.builtin(.iota, []), type, at: span)
    case .zeros:
      return TypedExpression(.builtin(.zeros, []), type, at: span)
    }
  }

  private func checkBitcast(_ arguments: [Argument], at span: SourceSpan) -> TypedExpression {
    guard arguments.count == 2, let node = TypeNode(arguments[0].value) else {
      return fail(.makerNeedsType("bitcast", at: span))
    }
    let type = resolve(node)
    let value = check(arguments[1].value)
    if type.isError || value.type.isError { return error(at: span) }
    guard let to = type.scalar, let from = value.type.scalarElement, to.bitWidth == from.bitWidth,
      to != .bool, from != .bool
    else {
      return fail(.bitcastWidth(describe(value.type), to: describe(type), at: span))
    }
    return TypedExpression(.bitcast(value), .makeTensor(type, value.type.dimensions), at: span)
  }

  // MARK: Reductions of whole tensors

  private func checkAxisReduction(
    _ operation: ReductionOperator, _ name: Name, _ arguments: [Argument], at span: SourceSpan
  ) -> TypedExpression {
    let word = name.text
    guard let first = arguments.first, first.label == nil else {
      return fail(.wrongArgumentCount(of: word, expected: 1, given: 0, at: span))
    }
    let value = asValue(check(first.value))
    if value.type.isError { return error(at: span) }
    guard case .tensor(let element, let dimensions) = value.type, element.scalar != nil else {
      return fail(.operandType(word, describe(value.type), at: span))
    }
    guard let axis = axis(arguments, rank: dimensions.count) else { return error(at: span) }
    guard let (kind, result) = operation.typed(over: element) else {
      return fail(.operandType(word, describe(value.type), at: span))
    }
    if operation == .argmax || operation == .argmin {
      guard axis.value != nil || dimensions.count == 1 else {
        return fail(.missingArgument("axis", of: word, declared: name.span, at: span))
      }
      let size = dimensions[axis.value ?? 0]
      guard
        require(
          Dimension(1), .lessOrEqual, size, message: "'\(word)' has nothing to choose from",
          at: span)
      else { return error(at: span) }
    }
    return TypedExpression(
      .reduceAxis(kind, value, axis: axis.value),
      .makeTensor(result, axis.value.map { dimensions.removing($0) } ?? []), at: span)
  }

  /// What a call says of the axis along which it works.
  struct AxisArgument {
    /// The axis; `nil` where none is given.
    var value: Int?
  }

  /// The constant `axis:` among `arguments`, counted from the end if negative; `nil` after a
  /// diagnostic.
  func axis(_ arguments: [Argument], rank: Int) -> AxisArgument? {
    guard let argument = arguments.first(where: { $0.label?.text == "axis" }) else {
      return AxisArgument(value: nil)
    }
    guard let number = constantInt(argument.value, describing: "'axis'") else { return nil }
    let axis = number < 0 ? number + rank : number
    guard (0..<rank).contains(axis) else {
      diagnose(.noSuchAxis(number, rank: rank, at: argument.span))
      return nil
    }
    return AxisArgument(value: axis)
  }

  /// The constant truth that the argument called `label` gives, `false` where there is none; `nil`
  /// after a diagnostic.
  func flag(_ label: String, _ arguments: [Argument]) -> Bool? {
    guard let argument = arguments.first(where: { $0.label?.text == label }) else { return false }
    return constantBool(argument.value, describing: "'\(label)'")
  }

  /// `reduce(x, f, axis: a)` and `scan(x, f, axis: a, reverse: r)`.
  private func checkCombine(
    _ combine: Builtins.Combine, _ arguments: [Argument], at span: SourceSpan
  ) -> TypedExpression {
    let word = combine.rawValue
    guard arguments.count >= 2, let function = functionValue(arguments[1].value) else {
      return fail(.combineArguments(word, at: span))
    }
    let value = asValue(check(arguments[0].value))
    if value.type.isError { return error(at: span) }
    guard case .tensor(let element, let dimensions) = value.type else {
      return fail(.operandType(word, describe(value.type), at: span))
    }
    guard let axis = axis(arguments, rank: dimensions.count),
      let kind = combiner(function, over: element, needsIdentity: false, at: arguments[1].span)
    else { return error(at: span) }
    if combine == .reduce {
      return TypedExpression(
        .reduceAxis(kind, value, axis: axis.value),
        .makeTensor(element, axis.value.map { dimensions.removing($0) } ?? []), at: span)
    }
    guard axis.value != nil || dimensions.count == 1 else {
      return fail(.missingArgument("axis", of: word, declared: span, at: span))
    }
    guard let isReversed = flag("reverse", arguments) else { return error(at: span) }
    return TypedExpression(
      .scanAxis(kind, value, axis: axis.value ?? 0, isReversed: isReversed), value.type, at: span)
  }
}

extension Array {
  /// The array without the element at `position`.
  func removing(_ position: Int) -> Array {
    var copy = self
    copy.remove(at: position)
    return copy
  }
}
