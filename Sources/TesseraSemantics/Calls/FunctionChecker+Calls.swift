import TesseraNumbers
import TesseraSource
import TesseraSyntax

extension FunctionChecker {
  /// A call, a conversion, a struct with its fields, or `x.f(y)`.
  func checkCall(
    _ callee: Expression, _ arguments: [Argument], expecting expected: ValueType?,
    isTail: Bool = false, at span: SourceSpan
  ) -> TypedExpression {
    switch callee.kind {
    case .name(let name):
      return checkCall(named: name, arguments, expecting: expected, isTail: isTail, at: span)
    case .member(let base, let name):
      if case .name(let word) = base.kind, scope[word.text] == nil {
        if let other = checker.importedModule(word.text, in: module) {
          return checkCall(
            in: other, name, arguments, expecting: expected, isTail: isTail, at: span)
        }
        if word.text == "random" {
          return checkRandom(name, arguments, at: span)
        }
        if Builtins.unsupportedModules.contains(word.text) {
          return unsupported("'\(word.text).\(name.text)'", at: span)
        }
      }
      if let access = checkDataAccess(base, name, arguments, expecting: expected, at: span) {
        return access
      }
      let first = Argument(span: base.span, label: nil, value: base)
      return checkCall(
        named: name, [first] + arguments, expecting: expected, isTail: isTail, at: span)
    case .type(let node):
      _ = resolve(node)
      return error(at: span)
    default:
      if let word = derivativeWord(callee) { return unsupported("'\(word)'", at: span) }
      let value = check(callee)
      if !value.type.isError { diagnose(.notCallable(describe(value.type), at: callee.span)) }
      return error(at: span)
    }
  }

  /// The word of a derivative of which the result is called: `grad(f)(x)`.
  private func derivativeWord(_ callee: Expression) -> String? {
    guard case .call(let inner, _) = callee.kind, case .name(let name) = inner.kind,
      Builtins.derivatives.contains(name.text)
    else { return nil }
    return name.text
  }

  private func checkCall(
    named name: Name, _ arguments: [Argument], expecting expected: ValueType?, isTail: Bool,
    at span: SourceSpan
  ) -> TypedExpression {
    if let entry = scope[name.text] {
      switch entry.entity {
      case .function(let function):
        guard let prepared = prepare(arguments) else { return error(at: span) }
        return call(function, named: name, prepared, arguments, isTail: isTail, at: span)
      case .type(let type): return checkConversion(to: type, name, arguments, at: span)
      case .error:
        for argument in arguments { _ = check(argument.value) }
        return error(at: span)
      default: break
      }
    }
    if let scalar = ScalarType(spelling: name.text) {
      return checkConversion(to: .scalar(scalar), name, arguments, at: span)
    }
    if name.text == "cdiv" { return checkBuiltin(name, arguments, expecting: expected, at: span) }
    switch checker.lookUp(name.text, in: module, at: name.span) {
    case .structure(let id):
      return checkConstruction(of: id, name, arguments, expecting: expected, at: span)
    case .callables(let candidates):
      let isBuiltin = Builtins.has(name.text)
      if isBuiltin, arguments.contains(where: { isForBuiltin($0.value) }) {
        return checkBuiltin(name, arguments, expecting: expected, at: span)
      }
      guard let prepared = prepare(arguments) else { return error(at: span) }
      if isBuiltin, !isFit(candidates, prepared) {
        return reusing(prepared) {
          checkBuiltin(name, arguments, expecting: expected, at: span)
        }
      }
      return call(candidates, named: name, prepared, isTail: isTail, at: span)
    case .unsupported: return error(at: span)
    case .constant, nil: break
    }
    if Builtins.has(name.text) {
      return checkBuiltin(name, arguments, expecting: expected, at: span)
    }
    if name.text == "data" { return checkData(arguments, at: span) }
    if let construct = Builtins.unsupported[name.text] { return unsupported(construct, at: span) }
    if let entry = scope[name.text] {
      diagnose(.nameIsNoFunction(name.text, declared: entry.span, at: name.span))
    } else {
      diagnose(
        .unknownName(
          name.text, kind: "function", near: similarFunctions(to: name.text), at: name.span))
    }
    return error(at: span)
  }

  /// `true` iff one of the declared functions, which have the name of a builtin, can be meant.
  private func isFit(_ candidates: [ID<Callable>], _ arguments: [CallArgument]) -> Bool {
    candidates.contains { candidate in
      let isLifted = canLift(candidate, arguments)
      let matcher = SignatureMatcher(candidate, caller: self, isLifted: isLifted)
      let failure = speculating { matcher.match(arguments) }
      if case .some(nil) = failure { return true }
      return false
    }
  }

  /// `true` iff `argument` is no value: a type or an option, which only builtins take.
  private func isForBuiltin(_ argument: Expression) -> Bool {
    switch argument.kind {
    case .type, .option: return true
    case .bracket(let bracket): return isForBuiltin(bracket.base)
    case .name(let name):
      if let entry = scope[name.text] {
        if case .type = entry.entity { return true }
        return false
      }
      if ScalarType(spelling: name.text) != nil { return true }
      if case .structure? = checker.lookUp(name.text, in: module, at: name.span) { return true }
      return false
    default: return false
    }
  }

  /// Functions that differ from `name` by little.
  func similarFunctions(to name: String) -> [String] {
    let own = checker.modules[module].callables.keys
    let imported = checker.modules[module].imports.flatMap {
      checker.modules[$0.module].callables.keys
    }
    let library = checker.prelude.map { Array(checker.modules[$0].callables.keys) } ?? []
    return Set(own).union(imported).union(library).union(Builtins.names)
      .filter { EditDistance.isClose($0, name) }.sorted()
  }

  private func checkCall(
    in other: ID<ModuleInfo>, _ name: Name, _ arguments: [Argument],
    expecting expected: ValueType?, isTail: Bool, at span: SourceSpan
  ) -> TypedExpression {
    switch checker.declared(name.text, in: other, from: module) {
    case .structure(let id):
      return checkConstruction(of: id, name, arguments, expecting: expected, at: span)
    case .callables(let candidates):
      guard let prepared = prepare(arguments) else { return error(at: span) }
      return call(candidates, named: name, prepared, isTail: isTail, at: span)
    case .unsupported: break
    case .constant: diagnose(.notCallable("a constant", at: name.span))
    case nil:
      let known = checker.modules[other].callables.keys.filter {
        EditDistance.isClose($0, name.text)
      }
      diagnose(.unknownName(name.text, kind: "function", near: known.sorted(), at: name.span))
    }
    return error(at: span)
  }

  // MARK: Functions as values

  /// Calls a function that is known while compiling.
  private func call(
    _ function: FunctionValue, named name: Name, _ prepared: [CallArgument],
    _ arguments: [Argument], isTail: Bool, at span: SourceSpan
  ) -> TypedExpression {
    switch function {
    case .declared(_, let candidates):
      return call(candidates, named: name, prepared, isTail: isTail, at: span)
    case .builtin(let word):
      return checkBuiltin(Name(word, at: name.span), arguments, expecting: nil, at: span)
    case .lambda(let id):
      let lambda = checker.lambdas[id]
      guard lambda.parameters.count == prepared.count else {
        return fail(
          .tooManyArguments(
            name.text, expected: lambda.parameters.count, given: prepared.count,
            declared: lambda.span, at: span))
      }
      var values: [TypedExpression] = []
      for argument in prepared { values.append(argument.value ?? check(argument.expression)) }
      if values.contains(where: \.type.isError) { return error(at: span) }
      let isLifted = values.contains { if case .tensor = $0.type { true } else { false } }
      let types = values.map { $0.type.elementType }
      guard let instance = lambdaInstance(id, types, at: span),
        let result = instance.function.results.first?.type
      else { return error(at: span) }
      let all = values + lambda.captures.map(\.value)
      if isLifted {
        guard case .scalar = result else {
          return fail(.cannotLift(name.text, at: span))
        }
        guard let shape = broadcast(values, at: span) else { return error(at: span) }
        return TypedExpression(.lifted(instance.id, all), .makeTensor(result, shape), at: span)
      }
      let substitution = Substitution(
        instance.function, arguments: all, renamed: [], caller: self)
      let type = checker.mapDimensions(of: result, in: self) { substitution($0) }
      return TypedExpression(.call(instance.id, all, isTail: isTail), type, at: span)
    }
  }

  /// The instance of `function` for arguments of `types`, which are not tensors, and what it is
  /// given of its surroundings after them; `nil` after a diagnostic.
  func functionInstance(
    _ function: FunctionValue, _ types: [ValueType], at span: SourceSpan
  ) -> (instance: Instance, captures: [TypedExpression])? {
    switch function {
    case .lambda(let id):
      let captures = checker.lambdas[id].captures.map(\.value)
      return lambdaInstance(id, types, at: span).map { ($0, captures) }
    case .declared(let name, let candidates):
      if candidates.contains(where: { checker.callables[$0].isUnsupported }) { return nil }
      let arguments = types.map { type in
        CallArgument(
          label: nil, expression: Expression(.error, at: span),
          value: TypedExpression(.error, type, at: span))
      }
      for candidate in candidates {
        let matcher = SignatureMatcher(candidate, caller: self)
        let failure = speculating { matcher.match(arguments) }
        guard case .some(nil) = failure else { continue }
        guard let made = checker.instance(of: matcher.id, matcher.bindings, from: self, at: span)
        else { return nil }
        return made.instance.hasErrors ? nil : (made.instance, [])
      }
      diagnose(
        .noMatchingOverload(
          name, types: types.map { describe($0) },
          candidates: candidates.map { checker.callables[$0].name.span }, at: span))
      return nil
    case .builtin(let word):
      return builtinInstance(word, types, at: span).map { ($0, []) }
    }
  }

  /// A function that does nothing but apply a builtin.
  private func builtinInstance(
    _ word: String, _ types: [ValueType], at span: SourceSpan
  ) -> Instance? {
    let names = types.indices.map { Name("x\($0)", at: span) }
    let call = Expression(
      .call(
        callee: Expression(.name(Name(word, at: span)), at: span),
        arguments: names.map {
          Argument(span: span, label: nil, value: Expression(.name($0), at: span))
        }),
      at: span)
    let id = makeLambda(names.map { LambdaParameter(name: $0, type: nil) }, call, at: span)
    return lambdaInstance(id, types, at: span)
  }
}
