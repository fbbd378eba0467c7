import TesseraSource
import TesseraSyntax

extension FunctionChecker {
  /// The value of `expression` if it can be told without the interpreter and without diagnostics.
  func constantIfKnown(_ expression: TypedExpression) -> TypedConstant? {
    if case .constant(let value) = expression.kind {
      return TypedConstant(value: value, type: expression.type)
    }
    if expression.type.isError || isInstanceLocal(expression) { return nil }
    var evaluator = Evaluator(checker: checker)
    var environment: Evaluator.Environment = [:]
    guard let value = try? evaluator.evaluate(expression, in: &environment) else { return nil }
    return TypedConstant(value: value, type: expression.type)
  }

  /// `true` iff `expression` is plainly a local, so that evaluating it would be in vain.
  private func isInstanceLocal(_ expression: TypedExpression) -> Bool {
    switch expression.kind {
    case .local, .index: true
    case .component(let base, _): isInstanceLocal(base)
    default: false
    }
  }

  /// `true` iff `expression` could be computed while compiling, but not by the checker itself, and
  /// there is nothing else to compute it.
  func needsInterpreter(_ expression: TypedExpression) -> Bool {
    guard checker.evaluator == nil, isClosed(expression) else { return false }
    var evaluator = Evaluator(checker: checker)
    var environment: Evaluator.Environment = [:]
    do {
      _ = try evaluator.evaluate(expression, in: &environment)
      return false
    } catch {
      if case .notConstant = error { return true }
      return false
    }
  }

  /// The value of `expression`, which must be known while compiling; `nil` after a diagnostic.
  func evaluate(_ expression: TypedExpression, describing what: String) -> TypedConstant? {
    if expression.type.isError { return nil }
    var evaluator = Evaluator(checker: checker)
    var environment: Evaluator.Environment = [:]
    do {
      let value = try evaluator.evaluate(expression, in: &environment)
      return TypedConstant(value: value, type: expression.type)
    } catch {
      if case .failure(let text) = error {
        diagnose(.constantFails(what, because: text, at: expression.span))
        return nil
      }
      switch evaluateOutside(expression) {
      case .value(let value): return TypedConstant(value: value, type: expression.type)
      case .failure(let text): diagnose(.constantFails(what, because: text, at: expression.span))
      case nil: diagnose(.notConstant(what, at: expression.span))
      }
      return nil
    }
  }

  /// What the injected evaluator makes of `expression`, or `nil` if it is not for it.
  func evaluateOutside(_ expression: TypedExpression) -> ConstantEvaluation? {
    guard let evaluator = checker.evaluator, isClosed(expression) else { return nil }
    var wrapper = TypedFunction(
      name: checker.uniqueName("constant"), declaredName: "constant", kind: .function,
      span: expression.span)
    wrapper.results = [.init(name: "value", local: nil, type: expression.type)]
    wrapper.body = TypedBlock(statements: [], value: expression)
    var program = checker.program
    let id = program.functions.append(wrapper)
    return evaluator.evaluate(id, arguments: [], in: program)
  }

  /// The value of `expression` as a constant of type `type`; `nil` after a diagnostic.
  func constant(
    _ expression: Expression, as type: ValueType, describing what: String
  ) -> TypedConstant? {
    let typed = check(expression, expecting: type)
    guard let adapted = convertible(typed, to: type, at: expression.span) else { return nil }
    guard var value = evaluate(adapted, describing: what) else { return nil }
    value.type = type
    return value
  }

  /// The value of `expression` as an `int` known while compiling; `nil` after a diagnostic.
  func constantInt(_ expression: Expression, describing what: String) -> Int? {
    guard case .integer(let value, _)? = constant(expression, as: .int, describing: what)?.value
    else { return nil }
    return Int(value)
  }

  /// The value of `expression` as a `bool` known while compiling; `nil` after a diagnostic.
  func constantBool(_ expression: Expression, describing what: String) -> Bool? {
    guard case .integer(let value, _)? = constant(expression, as: .bool, describing: what)?.value
    else { return nil }
    return value != 0
  }

  /// The numbers of a range with constant ends, at most as many as may be unrolled.
  func constantRange(_ expression: Expression, describing what: String) -> Range<Int>? {
    guard case .range(let lower, let upper, let step) = expression.kind else {
      diagnose(.notARange(text(expression), at: expression.span))
      return nil
    }
    if let step { diagnose(.notSupportedYet("'by', a step of a range,", at: step.span)) }
    guard let first = constantInt(lower, describing: what),
      let last = constantInt(upper, describing: what)
    else { return nil }
    if first >= last { return first..<first }
    let (count, overflow) = last.subtractingReportingOverflow(first)
    if overflow || count > Limits.unrolledCopies {
      diagnose(.tooManyCopies(overflow ? .max : count, at: expression.span))
      return nil
    }
    return first..<last
  }

  /// `expression` if its type is `type`, or if no type is asked for; else `nil` after a diagnostic
  /// that offers a conversion.
  func convertible(
    _ expression: TypedExpression, to type: ValueType?, at span: SourceSpan
  ) -> TypedExpression? {
    if expression.type.isError { return nil }
    guard let type else { return expression }
    return agree(expression.type, with: type, at: span) ? expression : nil
  }

  /// A constant at the top level, evaluated when it is first used.
  func use(_ id: ID<ConstantDeclared>, at span: SourceSpan) -> TypedExpression {
    let declared = checker.constants[id]
    switch declared.state {
    case .done(let value):
      return TypedExpression(value.kind, value.type, at: span)
    case .evaluating:
      return fail(.constantNeedsItself(declared.declaration.name.text, at: span))
    case .unevaluated: break
    }
    checker.constants[id].state = .evaluating
    let context = FunctionChecker(checker: checker, module: declared.module)
    let type = declared.declaration.type.map { context.resolve($0) }
    let typed = context.check(declared.declaration.value, expecting: type)
    var result = context.error(at: declared.span)
    let what = "'\(declared.declaration.name.text)'"
    if let adapted = context.convertible(typed, to: type, at: declared.declaration.value.span) {
      if context.needsInterpreter(adapted) {
        // Without an interpreter the value stays what computes it.
        result = adapted
      } else if let value = context.evaluate(adapted, describing: what) {
        result = TypedExpression(.constant(value.value), type ?? value.type, at: declared.span)
      }
    }
    checker.constants[id].state = .done(result)
    return TypedExpression(result.kind, result.type, at: span)
  }

  /// `true` iff `expression` uses nothing but constants, so that running it needs no arguments.
  func isClosed(_ expression: TypedExpression) -> Bool {
    if expression.type.isError || TypedWalk.usesLocals(expression) { return false }
    // A size that a call gives is an argument too.
    return !TypedWalk.contains(expression) { part in
      var isSized = false
      checker.forEachDimension(of: part.type) { if $0.constant == nil { isSized = true } }
      return isSized
    }
  }
}
