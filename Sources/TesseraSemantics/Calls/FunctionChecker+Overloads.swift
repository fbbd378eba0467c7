import TesseraNumbers
import TesseraSource
import TesseraSyntax

extension FunctionChecker {
  /// Types what can be typed without knowing the parameters; `nil` if an argument is wrong.
  func prepare(_ arguments: [Argument]) -> [CallArgument]? {
    var result: [CallArgument] = []
    var isFine = true
    for argument in arguments {
      var prepared = CallArgument(label: argument.label, expression: argument.value)
      if let function = functionValue(argument.value) {
        prepared.function = function
      } else if case .option(let name) = argument.value.kind {
        diagnose(.misplacedOption(name.text, at: argument.span))
        isFine = false
      } else if !isFlexible(argument.value) {
        prepared.value = check(argument.value)
        if prepared.value?.type.isError == true { isFine = false }
      }
      result.append(prepared)
    }
    return isFine ? result : nil
  }

  /// Runs `body`, for which the values of `arguments` are typed already: `check` gives them as they
  /// are, so that typing stays linear in the nesting of calls.
  func reusing<Result>(_ arguments: [CallArgument], _ body: () -> Result) -> Result {
    let outer = typedAhead.values
    for argument in arguments {
      if let value = argument.value { typedAhead.values[argument.span] = value }
    }
    defer { typedAhead.values = outer }
    return body()
  }

  /// The function that `expression` names or is, if it is one.
  func functionValue(_ expression: Expression) -> FunctionValue? {
    switch expression.kind {
    case .lambda(let parameters, let body):
      return .lambda(makeLambda(parameters, body, at: expression.span))
    case .name(let name):
      if let entry = scope[name.text] {
        if case .function(let value) = entry.entity { return value }
        return nil
      }
      if case .callables(let all)? = checker.lookUp(name.text, in: module, at: name.span) {
        return .declared(name: name.text, all)
      }
      return Builtins.elementwise[name.text] == nil ? nil : .builtin(name.text)
    case .member(let base, let name):
      guard case .name(let word) = base.kind, scope[word.text] == nil,
        let other = checker.importedModule(word.text, in: module),
        case .callables(let all)? = checker.declared(name.text, in: other, from: module)
      else { return nil }
      return .declared(name: name.text, all)
    default: return nil
    }
  }

  /// Calls the best of `candidates`.
  func call(
    _ candidates: [ID<Callable>], named name: Name, _ arguments: [CallArgument],
    isTail: Bool = false, at span: SourceSpan
  ) -> TypedExpression {
    if candidates.contains(where: { checker.callables[$0].isUnsupported }) {
      return error(at: span)
    }
    if candidates.count == 1 {
      return callOnly(candidates[0], named: name, arguments, isTail: isTail, at: span)
    }
    var matches: [SignatureMatcher] = []
    for isLifted in [false, true] {
      for candidate in candidates {
        if isLifted, !canLift(candidate, arguments) { continue }
        let matcher = SignatureMatcher(candidate, caller: self, isLifted: isLifted)
        // It fits where nothing would be diagnosed and nothing is in the way.
        let attempt = speculating { matcher.match(arguments) }
        if let obstacle = attempt, obstacle == nil { matches.append(matcher) }
      }
      if !matches.isEmpty { break }
    }
    let best = matches.filter { one in
      matches.allSatisfy { $0 === one || isMoreSpecific(one, than: $0) }
    }
    if let chosen = best.first {
      return complete(chosen, arguments, isTail: isTail, at: span)
    }
    let types = arguments.map { $0.value.map { describe($0.type) } ?? "a literal" }
    let places = (matches.isEmpty ? candidates : matches.map(\.id)).map {
      checker.callables[$0].name.span
    }
    if matches.isEmpty {
      diagnose(.noMatchingOverload(name.text, types: types, candidates: places, at: span))
    } else {
      diagnose(.ambiguousCall(name.text, types: types, candidates: places, at: span))
    }
    return error(at: span)
  }

  private func isMoreSpecific(_ a: SignatureMatcher, than b: SignatureMatcher) -> Bool {
    let (x, y) = (a.callable.specificity, b.callable.specificity)
    let pairs = Array(zip(x, y))
    return pairs.allSatisfy { $0 >= $1 } && (pairs.contains { $0 > $1 } || x.count < y.count)
  }

  /// `true` iff the function takes single numbers and is given tensors, so that it is called for
  /// each of their elements.
  func canLift(_ id: ID<Callable>, _ arguments: [CallArgument]) -> Bool {
    checker.callables[id].isScalarOnly
      && arguments.contains { argument in
        if case .tensor(.scalar, _)? = argument.value?.type { return true }
        return false
      }
  }

  private func callOnly(
    _ candidate: ID<Callable>, named name: Name, _ arguments: [CallArgument], isTail: Bool,
    at span: SourceSpan
  ) -> TypedExpression {
    let lifts = canLift(candidate, arguments)
    let matcher = SignatureMatcher(candidate, caller: self, isLifted: lifts)
    if let failure = matcher.match(arguments) {
      report(failure, of: matcher, named: name, at: span)
      return error(at: span)
    }
    return complete(matcher, arguments, isTail: isTail, at: span)
  }

  /// Says why `matcher` found no way to call its function.
  func report(
    _ failure: MatchFailure, of matcher: SignatureMatcher, named name: Name, at span: SourceSpan
  ) {
    let declared = matcher.callable.name.span
    switch failure {
    case .diagnosed: break
    case .tooMany(let expected, let given):
      diagnose(
        .tooManyArguments(name.text, expected: expected, given: given, declared: declared, at: span)
      )
    case .unknownLabel(let label, let known):
      diagnose(.unknownLabel(label.text, of: name.text, known: known, at: label.span))
    case .givenTwice(let label):
      diagnose(.argumentGivenTwice(label.text, of: name.text, at: label.span))
    case .missing(let parameter):
      diagnose(.missingArgument(parameter, of: name.text, declared: declared, at: span))
    case .wrongType(let parameter, let value, let place):
      var fixIts: [FixIt] = []
      if let value, case .named(nil, let word, _) = parameter.type.kind,
        let wanted = ScalarType(spelling: word.text),
        let actual = matcher.isLifted ? value.type.scalarElement : value.type.scalar,
        wanted != actual, wanted != .bool, actual != .bool
      {
        fixIts = [.convert(place, to: word.text)]
      }
      diagnose(
        .wrongArgumentType(
          parameter.name.text, of: name.text, wanted: ExpressionText.spell(parameter.type),
          actual: value.map { describe($0.type) }, fixIts: fixIts, declared: parameter.span,
          at: place))
    case .notInferred(let parameter):
      diagnose(
        .notInferred(
          parameter.name.text, of: name.text, declared: parameter.span, at: span))
    case .notConstant(let parameter, let place):
      diagnose(.notConstant("the argument for 'const \(parameter.name.text)'", at: place))
    }
  }

  // MARK: Completing a call

  /// Makes the instance that `match` asks for and calls it.
  func complete(
    _ match: SignatureMatcher, _ arguments: [CallArgument], isTail: Bool, at span: SourceSpan
  ) -> TypedExpression {
    guard let made = checker.instance(of: match.id, match.bindings, from: self, at: span) else {
      return error(at: span)
    }
    let (instance, renamed) = made
    let callee = instance.function
    if !instance.isComplete, !instance.hasKnownResults {
      return fail(
        .recursionWithoutResultType(
          match.callable.name.text, declared: match.callable.name.span, at: span))
    }
    let parameters = callee.inputs
    if !instance.isComplete, !isTail,
      parameters.contains(where: {
        if case .tensor = callee.locals[$0.local].type { true } else { false }
      })
    {
      return fail(.tensorRecursion(match.callable.name.text, at: span))
    }
    guard var values = values(for: match, callee, arguments, at: span) else {
      return error(at: span)
    }
    for capture in match.captures { values.append(capture.value) }
    if !match.isLifted { nameNumbers(&values, callee) }
    if match.isLifted { return lift(instance, values, callee, at: span) }

    let substitution = Substitution(callee, arguments: values, renamed: renamed, caller: self)
    for (parameter, value) in zip(parameters, values) {
      let local = callee.locals[parameter.local]
      let wanted = checker.mapDimensions(of: local.type, in: self) { substitution($0) }
      let label = Diagnostic.Label("'\(local.name)' is declared here", at: local.span)
      if !agree(value.type, with: wanted, at: value.span, because: label) { return error(at: span) }
    }
    for obligation in callee.obligations {
      let (left, right) = (substitution(obligation.left), substitution(obligation.right))
      let holds = require(
        left, obligation.relation, right, message: obligation.message, at: span
      ) {
        .obligationFails(
          obligation.message, of: match.callable.name.text, left: self.describe(left),
          obligation.relation, right: self.describe(right), origin: obligation.span, at: span)
      }
      if !holds { return error(at: span) }
    }
    if instance.hasErrors { return error(at: span) }
    if callee.results.contains(where: \.type.isError) { return error(at: span) }
    let type = checker.mapDimensions(of: callee.resultType, in: self) { substitution($0) }
    return TypedExpression(.call(instance.id, values, isTail: isTail), type, at: span)
  }

  /// Gives numbers that are computed when the function runs, and on which shapes of the results
  /// depend, a name.
  private func nameNumbers(_ values: inout [TypedExpression], _ callee: TypedFunction) {
    guard !flow.isInsideIndexNotation,
      callee.results.contains(where: {
        if case .scalar = $0.type { false } else { true }
      })
    else { return }
    for position in values.indices where values[position].type == .int {
      let value = values[position]
      if dimension(of: value) != nil { continue }
      if case .local(let id) = value.kind, !function.locals[id].isVariable { continue }
      let id = addLocal("number", .int, at: value.span)
      emit(.bind(id, value), at: value.span)
      values[position] = use(id, at: value.span)
    }
  }

  /// The values for the parameters of `callee` in order; `nil` after a diagnostic.
  private func values(
    for match: SignatureMatcher, _ callee: TypedFunction, _ arguments: [CallArgument],
    at span: SourceSpan
  ) -> [TypedExpression]? {
    var values: [TypedExpression] = []
    var places: [PassedPlace] = []
    let slots = match.callable.signature.parameters.enumerated().filter {
      $0.element.passing == .value || $0.element.passing == .inout
    }
    for ((slot, declared), input) in zip(slots, callee.inputs) {
      let type = callee.locals[input.local].type
      var value: TypedExpression
      if let position = match.placed[slot] {
        let argument = arguments[position]
        if let typed = argument.value,
          typed.type.elementType == type.elementType || !argument.expression.isArray
        {
          value = typed
        } else {
          value = check(argument.expression, expecting: type)
        }
      } else if let text = declared.defaultValue {
        value = match.context.check(text, expecting: type)
      } else {
        return nil
      }
      value = asValue(value)
      if value.type.isError { return nil }
      if let place = place(of: value) {
        places.append(.init(place: place, span: value.span, isInout: declared.passing == .inout))
      } else if case .slice(let base, _) = value.kind, declared.passing == .value,
        let place = place(of: base)
      {
        // A slice is a view of what it is taken from.
        places.append(.init(place: place, span: value.span, isInout: false))
      } else if declared.passing == .inout {
        diagnose(.inoutNeedsPlace(declared.name.text, at: value.span))
        return nil
      }
      values.append(value)
      // Defaults may use earlier parameters.
      match.context.rebind(declared.name, .value(value))
    }
    return requireExclusive(places) ? values : nil
  }

  /// A place that is passed to a call.
  private struct PassedPlace {
    var place: Place
    var span: SourceSpan
    var isInout: Bool
  }

  /// Demands that what a call changes is variable, and that no other argument is a part of it.
  private func requireExclusive(_ places: [PassedPlace]) -> Bool {
    for (position, changed) in places.enumerated() where changed.isInout {
      let (place, local) = (changed.place, function.locals[changed.place.local])
      guard local.isVariable else {
        diagnose(.assignmentToConstant(local.name, declared: local.span, at: changed.span))
        return false
      }
      let overlapping = places.enumerated().first { other, argument in
        other != position && argument.place.local == place.local
          && (argument.place.path.starts(with: place.path)
            || place.path.starts(with: argument.place.path))
      }
      if let overlapping {
        diagnose(
          .overlappingInout(local.name, other: overlapping.element.span, at: changed.span))
        return false
      }
    }
    return true
  }

  /// The place that `value` is, if it is a local or a part of one.
  func place(of value: TypedExpression) -> Place? {
    switch value.kind {
    case .local(let id): return Place(id, type: value.type)
    case .component(let base, let position):
      // A field of tensor elements is no place of its own.
      if case .tensor = base.type { return nil }
      guard var place = place(of: base) else { return nil }
      place.path.append(position)
      place.type = value.type
      return place
    default: return nil
    }
  }

  private func lift(
    _ instance: Instance, _ values: [TypedExpression], _ callee: TypedFunction,
    at span: SourceSpan
  ) -> TypedExpression {
    if instance.hasErrors { return error(at: span) }
    for (parameter, value) in zip(callee.parameters, values) {
      let wanted = callee.locals[parameter.local].type
      if !agree(value.type.elementType, with: wanted, at: value.span) { return error(at: span) }
    }
    guard callee.results.count == 1, let result = callee.results.first,
      case .scalar = result.type
    else {
      return fail(.cannotLift(callee.declaredName, at: span))
    }
    guard let shape = broadcast(values, at: span) else { return error(at: span) }
    return TypedExpression(.lifted(instance.id, values), .makeTensor(result.type, shape), at: span)
  }
}
