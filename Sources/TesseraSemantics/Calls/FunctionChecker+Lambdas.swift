import TesseraSource
import TesseraSyntax

// A lambda becomes a function of its parameters and of what it uses of its surroundings: values,
// and the symbols of the dimensions that their types are made of, so that the body can prove what
// could be proved around it. Whoever calls it passes them along.

extension FunctionChecker {
  /// Keeps a lambda with what it needs of its surroundings.
  func makeLambda(
    _ parameters: [LambdaParameter], _ body: Expression, at span: SourceSpan
  ) -> ID<LambdaValue> {
    var lambda = LambdaValue(
      parameters: parameters, body: body, module: module, constants: [:], captures: [],
      span: span)
    var seen = Set(parameters.map(\.name.text))
    var symbols: [Dimension.Atom] = []
    ExpressionWalk.visitNames(body) { name in
      guard let entry = scope[name.text], seen.insert(name.text).inserted else { return }
      capture(name, entry.entity, by: &lambda, &symbols)
    }
    for capture in lambda.captures {
      checker.forEachDimension(of: capture.value.type) { addSymbols(of: $0, to: &symbols) }
    }
    let hidden = symbols.map { atom in
      let dimension = Dimension(atom)
      let bound = [1, 0].first { prover.proves(dimension, .greaterOrEqual, Dimension($0)) }
      return LambdaValue.Capture(
        name: describe(dimension), value: value(of: dimension, at: span), symbol: atom,
        lowerBound: bound, isNamed: false)
    }
    lambda.captures = hidden + lambda.captures
    for position in lambda.lambdas.indices { lambda.lambdas[position].firstCapture += hidden.count }
    return checker.lambdas.append(lambda)
  }

  /// Keeps what `name`, which stands for `entity`, is in `lambda`.
  private func capture(
    _ name: Name, _ entity: Entity, by lambda: inout LambdaValue, _ symbols: inout [Dimension.Atom]
  ) {
    func keep(_ dimensions: [Dimension], isPack: Bool = false) {
      for dimension in dimensions { addSymbols(of: dimension, to: &symbols) }
      lambda.dimensions.append(
        .init(name: name.text, dimensions: dimensions, isPack: isPack))
    }
    switch entity {
    case .local(let id):
      if let dimension = localDimensions[id], !dimension.contains(where: { $0.isIndex }) {
        return keep([dimension])
      }
      var value = use(id, at: name.span)
      if case .indexTile = value.type {
        diagnose(
          .notSupportedYet("a lambda that uses the tile '\(name.text)' around it", at: name.span))
        return
      }
      if function.locals[id].isVariable, !flow.isInsideIndexNotation {
        // What it uses is what a variable holds here, not where it is called.
        let copy = addLocal(name.text, value.type, at: name.span)
        emit(.bind(copy, value), at: name.span)
        value = use(copy, at: name.span)
      }
      lambda.captures.append(.init(name: name.text, value: value))
    case .index(let index):
      lambda.captures.append(
        .init(name: name.text, value: TypedExpression(.index(index), .int, at: name.span)))
    case .dimension(let dimension) where dimension.constant == nil: keep([dimension])
    case .dimensionPack(let dimensions): keep(dimensions, isPack: true)
    case .value(let value) where TypedWalk.usesLocals(value):
      lambda.captures.append(.init(name: name.text, value: value))
    case .function(.lambda(let id)) where !checker.lambdas[id].captures.isEmpty:
      lambda.lambdas.append(
        .init(name: name.text, lambda: id, firstCapture: lambda.captures.count))
      for var capture in checker.lambdas[id].captures {
        if let atom = capture.symbol { addSymbols(of: Dimension(atom), to: &symbols) }
        capture.isNamed = false
        lambda.captures.append(capture)
      }
    case .value, .dimension, .type, .function, .error:
      lambda.constants[name.text] = entity
    case .indexPack, .wholeTile: break
    }
  }

  /// Adds the symbols that `dimension` is made of to `symbols`, each once.
  private func addSymbols(of dimension: Dimension, to symbols: inout [Dimension.Atom]) {
    _ = dimension.contains { atom in
      if case .symbol = atom, !symbols.contains(atom) { symbols.append(atom) }
      return false
    }
  }

  /// Adds hidden parameters for what `lambda` captures; the result speaks of this function.
  func adopt(_ lambda: LambdaValue) -> LambdaValue {
    var result = lambda
    var symbols: [Dimension.Atom: Dimension] = [:]
    for (position, capture) in lambda.captures.enumerated() {
      let type = checker.mapDimensions(of: capture.value.type, in: self) { dimension in
        dimension.replacing { symbols[$0] }
      }
      let local = addLocal(capture.name, type, at: lambda.span)
      function.parameters.append(.init(local: local, passing: .value))
      if let atom = capture.symbol {
        if symbols[atom] == nil {
          let symbol = makeSymbol(for: local, named: capture.name)
          if let bound = capture.lowerBound {
            prover.assume(symbol, .greaterOrEqual, Dimension(bound))
          }
          symbols[atom] = symbol
        }
        result.captures[position].symbol = symbols[atom]?.atom
      } else if type == .int {
        _ = makeSymbol(for: local, named: capture.name)
      }
      result.captures[position].value = use(local, at: lambda.span)
    }
    for position in result.dimensions.indices {
      result.dimensions[position].dimensions = result.dimensions[position].dimensions.map {
        $0.replacing { symbols[$0] }
      }
    }
    for (position, inner) in lambda.lambdas.enumerated() {
      var value = checker.lambdas[inner.lambda]
      for (offset, capture) in value.captures.enumerated() {
        value.captures[offset] = result.captures[inner.firstCapture + offset]
        value.captures[offset].isNamed = capture.isNamed
      }
      for position in value.dimensions.indices {
        value.dimensions[position].dimensions = value.dimensions[position].dimensions.map {
          $0.replacing { symbols[$0] }
        }
      }
      result.lambdas[position].lambda = checker.lambdas.append(value)
    }
    return result
  }

  /// The function that a lambda is for parameters of `types`; `nil` after a diagnostic.
  func lambdaInstance(
    _ id: ID<LambdaValue>, _ types: [ValueType], at span: SourceSpan
  ) -> Instance? {
    let lambda = checker.lambdas[id]
    guard lambda.parameters.count == types.count else {
      diagnose(.wrongPartCount(expected: types.count, "a lambda", at: lambda.span))
      return nil
    }
    let key = LambdaKey(lambda: id, types: types)
    if let known = checker.lambdaInstances[key] { return known.hasErrors ? nil : known }
    let inner = FunctionChecker(
      checker: checker, module: lambda.module, name: checker.uniqueName("lambda"), span: lambda.span
    )
    inner.copies = UnrolledCopies(inside: copies.notes)
    let instance = Instance(
      id: checker.program.functions.append(inner.function), function: inner.function)
    checker.lambdaInstances[key] = instance
    inner.scope.push()
    for (name, entity) in lambda.constants { inner.rebind(Name(name, at: lambda.span), entity) }
    for (parameter, type) in zip(lambda.parameters, types) {
      if let node = parameter.type {
        let written = inner.resolve(node)
        if !inner.agree(type, with: written, at: node.span) { instance.hasErrors = true }
      }
      let local = inner.addLocal(parameter.name.text, type, at: parameter.name.span)
      inner.function.parameters.append(.init(local: local, passing: .value))
      if type == .int { _ = inner.makeSymbol(for: local, named: parameter.name.text) }
      inner.rebind(parameter.name, .local(local))
    }
    inner.bindCaptures(of: inner.adopt(lambda))
    inner.flow = .lambda
    let (value, statements) = inner.collecting { inner.check(lambda.body) }
    if value.type.isError { instance.hasErrors = true }
    let checks = inner.pendingChecks.map { TypedStatement(.check($0), at: $0.span) }
    inner.function.body = TypedBlock(statements: checks + statements, value: value)
    inner.function.results = [.init(name: "result", local: nil, type: value.type)]
    instance.function = inner.function
    instance.isComplete = true
    checker.program.functions[instance.id] = inner.function
    return instance.hasErrors ? nil : instance
  }

  /// Lets the names that `lambda`, which speaks of this function, uses stand for what it captures.
  private func bindCaptures(of lambda: LambdaValue) {
    for capture in lambda.captures where capture.isNamed {
      guard case .local(let local) = capture.value.kind else { continue }
      rebind(Name(capture.name, at: lambda.span), .local(local))
    }
    for named in lambda.dimensions {
      let entity: Entity =
        named.isPack ? .dimensionPack(named.dimensions) : .dimension(named.dimensions[0])
      rebind(Name(named.name, at: lambda.span), entity)
    }
    for named in lambda.lambdas {
      rebind(Name(named.name, at: lambda.span), .function(.lambda(named.lambda)))
    }
  }
}

/// What makes two functions of one lambda the same.
struct LambdaKey: Hashable {
  /// The lambda.
  var lambda: ID<LambdaValue>
  /// The types of its arguments.
  var types: [ValueType]
}

extension ExpressionWalk {
  /// Visits the names in `expression`, those of called functions too.
  static func visitNames(_ expression: Expression, _ action: (Name) -> Void) {
    visit(expression) { part in
      switch part.kind {
      case .name(let name): action(name)
      case .call(let callee, _): if case .name(let name) = callee.kind { action(name) }
      case .bracket(let bracket):
        for item in bracket.items { if case .indexPack(let name) = item.kind { action(name) } }
      default: break
      }
    }
  }
}
