import TesseraSource
import TesseraSyntax

extension FunctionChecker {
  /// Checks a block in a scope of its own.
  func checkBlock(
    _ block: Block, expecting expected: ValueType? = nil, wantsValue: Bool = true,
    isTail: Bool = false
  ) -> TypedBlock {
    scope.push()
    defer { scope.pop() }
    let (value, statements) = collecting {
      checkStatements(
        block.statements, expecting: expected, wantsValue: wantsValue, isTail: isTail)
    }
    var result = TypedBlock(statements: statements, value: value)
    if let value, value.type.isUnit {
      result.value = nil
      result.statements.append(TypedStatement(.evaluate(value), at: value.span))
    }
    return result
  }

  /// Checks statements in the scope around; the value of the last one is returned, the rest are
  /// emitted.
  func checkStatements(
    _ list: [Statement], expecting expected: ValueType?, wantsValue: Bool, isTail: Bool = false
  ) -> TypedExpression? {
    for (position, statement) in list.enumerated() {
      typedAhead.reads = [:]
      if let value = asStatement({
        checkStatement(
          statement, isLast: position == list.count - 1, expecting: expected,
          wantsValue: wantsValue, isTail: isTail)
      }) {
        return value
      }
    }
    return nil
  }

  /// Checks a statement; the value of the last one is returned if it is wanted.
  private func checkStatement(
    _ statement: Statement, isLast: Bool, expecting expected: ValueType?, wantsValue: Bool,
    isTail: Bool
  ) -> TypedExpression? {
    guard case .expression(let expression) = statement.kind else {
      check(statement)
      return nil
    }
    if case .conditional(let it) = expression.kind, it.isConst {
      let value = checkConstIf(
        it, expecting: expected, wantsValue: isLast && wantsValue, isTail: isTail)
      if isLast, wantsValue { return value }
      if let value { checkUnused(value, expression) }
      return nil
    }
    if isLast, wantsValue { return checkLast(expression, expecting: expected, isTail: isTail) }
    checkUnused(check(expression), expression)
    return nil
  }

  private func checkLast(
    _ expression: Expression, expecting expected: ValueType?, isTail: Bool
  ) -> TypedExpression {
    if isTail {
      switch expression.kind {
      case .tailCall(let call): return checkTail(call, at: expression.span)
      case .conditional(let it):
        return checkConditional(it, expecting: expected, isTail: true, at: expression.span)
      default: break
      }
    }
    return check(expression, expecting: expected)
  }

  /// Emits `value` for its effects; a value that has none is a mistake.
  private func checkUnused(_ value: TypedExpression, _ expression: Expression) {
    if value.type.isError { return }
    if value.type.isUnit || hasEffects(value) {
      emit(.evaluate(value), at: expression.span)
      return
    }
    diagnose(.valueWithoutUse(describe(value.type), at: expression.span))
  }

  private func hasEffects(_ value: TypedExpression) -> Bool {
    TypedWalk.contains(value) { part in
      switch part.kind {
      case .builtin(.store, _), .builtin(.atomic, _), .builtin(.atomicCompareExchange, _):
        return true
      case .call(let id, _, _):
        return checker.program.functions[id].parameters.contains { $0.passing == .inout }
      default: return false
      }
    }
  }

  /// Checks a statement that is not an expression and emits what it does.
  private func check(_ statement: Statement) {
    let span = statement.span
    switch statement.kind {
    case .binding(let binding): checkBinding(binding, at: span)
    case .assignment(let assignment): checkAssignment(assignment, at: span)
    case .forLoop(let loop): checkFor(loop, at: span)
    case .whileLoop(let condition, let body): checkWhile(condition, body, at: span)
    case .returnValue(let value): checkReturn(value, at: span)
    case .assertion(let condition, let message):
      let typed = check(condition, expecting: .bool)
      var text = "'\(self.text(condition))' does not hold"
      if let message {
        if case .string(let words) = message.kind {
          text = words
        } else {
          diagnose(.notAString(at: message.span))
        }
      }
      guard let whole = wholeCondition(typed, at: condition.span) else { return }
      emit(.assertion(condition: whole, message: text), at: span)
      assume(whole)
    case .print(let arguments):
      let values = arguments.map { check($0.value) }
      if !values.contains(where: \.type.isError) { emit(.print(values), at: span) }
    case .expression, .error: break
    }
  }

  /// `condition` as one `bool`: of a tensor, whether all elements are true; `nil` after a
  /// diagnostic.
  private func wholeCondition(
    _ condition: TypedExpression, at span: SourceSpan
  ) -> TypedExpression? {
    if condition.type.isError { return nil }
    if condition.type == .bool { return condition }
    if condition.type.scalarElement == .bool {
      return TypedExpression(.reduceAxis(.all, condition, axis: nil), .bool, at: span)
    }
    diagnose(.conditionType(describe(condition.type), at: span))
    return nil
  }

  // MARK: Bindings

  private func checkBinding(_ binding: Binding, at span: SourceSpan) {
    switch binding.pattern.kind {
    case .indexed(let name, let binders):
      guard let value = binding.value else { return }
      if binding.introducer == .const {
        diagnose(.notSupportedYet("'const' with index notation", at: span))
        return
      }
      checkIndexedBinding(
        name, binders, value, isVariable: binding.introducer == .var, at: span)
    case .name(let name):
      if binding.introducer == .const { return checkConstBinding(name, binding, at: span) }
      checkNamedBinding(name, binding, at: span)
    case .tuple(let patterns):
      guard let expression = binding.value else { return }
      let value = check(expression)
      bind(patterns, value, isVariable: binding.introducer == .var, at: span)
    case .error: break
    }
  }

  private func checkNamedBinding(_ name: Name, _ binding: Binding, at span: SourceSpan) {
    let isVariable = binding.introducer == .var
    let type = binding.type.map { resolve($0) }
    guard let expression = binding.value else {
      // `var x: T`: defined later.
      let id = addLocal(
        name.text, type ?? .error, isVariable: true, isDefined: false, at: name.span)
      declare(name, type?.isError ?? true ? .error : .local(id))
      return
    }
    if let tile = wholeTile(expression) {
      declare(name, .wholeTile(tile))
      return
    }
    if case .lambda = expression.kind, let function = functionValue(expression) {
      declare(name, .function(function))
      return
    }
    var value = check(expression, expecting: type)
    if let type, !type.isError, !value.type.isError {
      if agree(value.type, with: type, at: expression.span) {
        value.type = type
      } else {
        value = error(at: span)
      }
    }
    bind(name, value, isVariable: isVariable, at: span)
  }

  /// Makes `name` a local that holds `value`.
  private func bind(
    _ name: Name, _ value: TypedExpression, isVariable: Bool, at span: SourceSpan
  ) {
    if value.type.isError {
      declare(name, .error)
      return
    }
    if name.text == "_" {
      emit(.evaluate(value), at: span)
      return
    }
    if value.type == .string || value.type == .unit && !isVariable {
      declare(name, .value(value))
      return
    }
    let id = addLocal(name.text, value.type, isVariable: isVariable, at: name.span)
    if !isVariable, value.type == .int {
      if let dimension = dimension(of: value), !dimension.contains(where: \.isIndex) {
        localDimensions[id] = dimension
      } else if !flow.isInsideIndexNotation {
        _ = makeSymbol(for: id, named: name.text)
      } else if let dimension = dimension(of: value) {
        localDimensions[id] = dimension
      }
    }
    if case .indexTile = value.type, case .local(let tile) = value.kind {
      tileExtents[id] = tileExtents[tile]
    }
    emit(.bind(id, value), at: span)
    declare(name, .local(id))
  }

  private func bind(
    _ patterns: [Pattern], _ value: TypedExpression, isVariable: Bool, at span: SourceSpan
  ) {
    guard let types = value.type.componentTypes, types.count == patterns.count else {
      if !value.type.isError {
        diagnose(
          .wrongPartCount(
            expected: patterns.count, describe(value.type), at: span))
      }
      for name in patterns.flatMap(\.names) { declare(name, .error) }
      return
    }
    // A call is made once.
    var whole = value
    if case .aggregate = value.kind {
    } else {
      let id = addLocal("parts", value.type, at: value.span)
      emit(.bind(id, value), at: span)
      whole = use(id, at: value.span)
    }
    for (position, pattern) in patterns.enumerated() {
      let part = component(of: whole, at: position, span: pattern.span)
      switch pattern.kind {
      case .name(let name): bind(name, part, isVariable: isVariable, at: span)
      case .tuple(let inner): bind(inner, part, isVariable: isVariable, at: span)
      case .indexed(let name, _):
        diagnose(.misplacedIndexPattern(at: pattern.span))
        declare(name, .error)
      case .error: break
      }
    }
  }

  private func checkConstBinding(_ name: Name, _ binding: Binding, at span: SourceSpan) {
    guard let expression = binding.value else { return }
    let type = binding.type.map { resolve($0) }
    if let function = functionValue(expression) {
      declare(name, .function(function))
      return
    }
    let typed = check(expression, expecting: type)
    guard let adapted = convertible(typed, to: type, at: expression.span) else {
      declare(name, .error)
      return
    }
    if needsInterpreter(adapted) {
      // Without an interpreter the value is computed when the function runs.
      bind(name, adapted, isVariable: false, at: span)
      return
    }
    guard let constant = evaluate(adapted, describing: "'\(name.text)'") else {
      declare(name, .error)
      return
    }
    let value = TypedExpression(.constant(constant.value), type ?? constant.type, at: name.span)
    if case .tensor = constant.type {
      // Tables stand in one place.
      bind(name, value, isVariable: false, at: span)
    } else {
      declare(name, .value(value))
    }
  }

  // MARK: Return

  private func checkReturn(_ expression: Expression?, at span: SourceSpan) {
    defer { flow.noteReturn(ofKernel: function.kind.isKernel) }
    let named = function.results.compactMap(\.local)
    guard let expression else {
      emit(.returnValue(nil), at: span)
      resultTypes.noteNoValue()
      return
    }
    let hint =
      resultTypes.inferred ?? (function.results.count == 1 ? resultTypes.declared?.first : nil)
    var value: TypedExpression
    if case .tailCall(let call) = expression.kind {
      value = checkTail(call, at: expression.span)
    } else {
      value = check(expression, expecting: hint)
    }
    if value.type.isError { return }
    if resultTypes.declared != nil {
      guard agree(value.type, with: function.resultType, at: expression.span) else { return }
      value.type = function.resultType
      if !named.isEmpty, !value.isTailCall {
        for (position, id) in named.enumerated() {
          let part = named.count == 1 ? value : component(of: value, at: position, span: span)
          emit(.assign(Place(id, type: function.results[position].type), part), at: span)
        }
        emit(.returnValue(nil), at: span)
        return
      }
    } else if let known = resultTypes.inferred {
      guard agree(value.type, with: known, at: expression.span) else { return }
    } else {
      resultTypes.inferred = value.type
    }
    emit(.returnValue(value), at: span)
  }
}

extension TypedExpression {
  /// `true` iff this is `tail f(x)`.
  fileprivate var isTailCall: Bool {
    if case .call(_, _, isTail: true) = kind { return true }
    return false
  }
}

extension Pattern {
  /// The names that the pattern binds.
  var names: [Name] {
    switch kind {
    case .name(let name), .indexed(let name, _): [name]
    case .tuple(let parts): parts.flatMap(\.names)
    case .error: []
    }
  }
}
