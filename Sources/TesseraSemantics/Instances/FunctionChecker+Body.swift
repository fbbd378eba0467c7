import TesseraSource
import TesseraSyntax

extension FunctionChecker {
  /// Checks the body of a function, combiner, test or bench.
  func checkBody(_ body: Block) {
    let named = function.results.compactMap(\.local)
    let hint: ValueType? =
      named.isEmpty ? resultTypes.declared?.first : function.resultType
    let (value, statements) = collecting {
      checkStatements(body.statements, expecting: hint, wantsValue: true, isTail: true)
    }
    function.body = TypedBlock(statements: statements, value: nil)
    let end = SourceSpan(
      file: body.span.file, start: body.span.end == 0 ? 0 : body.span.end - 1, end: body.span.end)
    if let value, !value.type.isUnit {
      finish(with: value, at: value.span)
    } else {
      finishWithoutValue(value, at: end)
    }
  }

  private func finish(with value: TypedExpression, at span: SourceSpan) {
    if case .test = function.kind { return discard(value) }
    // What a bench computes is its result, so that nobody may leave it out.
    if case .bench = function.kind, leak(of: value.type) != nil { return discard(value) }
    let named = function.results.compactMap(\.local)
    guard let expected = resultTypes.declared else {
      if let known = resultTypes.inferred, !known.isError, !agree(value.type, with: known, at: span)
      {
        return
      }
      resultTypes.inferred = value.type
      if !value.type.isError {
        if leaksLocals(value.type, at: span) { return }
        function.results = [.init(name: "result", local: nil, type: value.type)]
      }
      function.body.value = value
      return
    }
    if value.type.isError { return }
    if !named.isEmpty {
      // A value gives the named results, unless the body has defined them.
      if states[Int(named[0].index)].isDefined || !states[Int(named[0].index)].definedPaths.isEmpty
      {
        diagnose(.valueWithoutUse(describe(value.type), at: span))
        return
      }
      guard agree(value.type, with: function.resultType, at: span) else { return }
      function.body.value = value
      return
    }
    guard let wanted = expected.first else {
      diagnose(.valueWithoutUse(describe(value.type), at: span))
      return
    }
    let label = Diagnostic.Label("the result type is declared here", at: resultTypes.span)
    if agree(value.type, with: wanted, at: span, because: label) { function.body.value = value }
  }

  private func discard(_ value: TypedExpression) {
    function.body.statements.append(TypedStatement(.evaluate(value), at: value.span))
  }

  /// The first dimension of `type` that callers cannot know.
  private func leak(of type: ValueType) -> Dimension? {
    var leak: Dimension?
    checker.forEachDimension(of: type) { if !isKnownAtEntry($0) { leak = leak ?? $0 } }
    return leak
  }

  /// Diagnoses dimensions of a result type that callers cannot know.
  private func leaksLocals(_ type: ValueType, at span: SourceSpan) -> Bool {
    guard let leak = leak(of: type) else { return false }
    diagnose(.resultDependsOnData(describe(type), describe(leak), at: span))
    resultTypes.inferred = .error
    return true
  }

  private func finishWithoutValue(_ value: TypedExpression?, at end: SourceSpan) {
    if let value {
      function.body.statements.append(TypedStatement(.evaluate(value), at: value.span))
    }
    guard let expected = resultTypes.declared else {
      resultTypes.noteNoValue()
      if let type = resultTypes.inferred, !type.isUnit, !type.isError {
        // Every path returns.
        function.results = [.init(name: "result", local: nil, type: type)]
      }
      return
    }
    if function.body.alwaysReturns || hasErrors { return }
    for result in function.results {
      guard let id = result.local else {
        if !expected.isEmpty {
          diagnose(
            .missingResult(
              of: function.declaredName, describe(result.type), declared: resultTypes.span, at: end)
          )
        }
        return
      }
      let state = states[Int(id.index)]
      if state.isDefined { continue }
      let missing = undefinedParts(of: result.type, state.definedPaths)
      if missing.isEmpty { continue }
      diagnose(
        .resultNotDefined(
          result.name, parts: missing.map { result.name + $0 }, declared: function.locals[id].span,
          at: end))
    }
  }

  /// The parts of a sequence or struct that have no value, as paths.
  func undefinedParts(of type: ValueType, _ defined: Set<[Int]>) -> [String] {
    if defined.isEmpty { return [""] }
    let count: Int =
      switch type {
      case .structure(let id): checker.program.structures[id].fields.count
      default: type.componentTypes?.count ?? 0
      }
    if count == 0 { return [""] }
    return (0..<count).filter { !defined.contains([$0]) }.map { "[\($0)]" }
  }
}

extension TypedBlock {
  /// `true` iff the end of the block is never reached.
  var alwaysReturns: Bool {
    guard let last = statements.last else { return false }
    switch last.kind {
    case .returnValue: return true
    case .evaluate(let value):
      if case .conditional(_, let then, let otherwise) = value.kind {
        return then.alwaysReturns && otherwise.alwaysReturns
      }
      return false
    default: return false
    }
  }
}
