import TesseraNumbers
import TesseraSource
import TesseraSyntax

extension FunctionChecker {
  /// Checks the signature and body of `callable` for `bindings` and leaves both in `instance`.
  func check(_ callable: Callable, _ bindings: Bindings, into instance: Instance) {
    function.declaredName = callable.name.text
    switch callable.kind {
    case .function, .combiner: function.kind = .function
    case .kernel: function.kind = .kernel(grid: [])
    case .test(let title):
      function.kind = .test(title: title)
      isTest = true
    case .bench(let title):
      function.kind = .bench(title: title)
      isTest = true
    }
    isGeneric =
      callable.signature.parameters.contains { $0.passing == .const }
      || callable.signature.generics.contains {
        if case .dimension = $0.kind { false } else { true }
      }
    guard declareSignature(callable, bindings) else {
      instance.hasErrors = true
      instance.function = function
      return
    }
    instance.hasKnownResults = resultTypes.declared != nil
    instance.function = function
    checker.program.functions[instance.id] = function
    guard let body = callable.body else {
      instance.hasErrors = true
      return
    }
    if case .kernel(let grid) = callable.kind {
      checkKernel(grid, body)
    } else {
      checkBody(body)
    }
    if resultTypes.inferred?.isError == true { instance.hasErrors = true }
    requireResultType(of: callable)
  }

  /// Diagnoses an export that gives something and leaves out what: its declaration is all that a
  /// host sees.
  private func requireResultType(of callable: Callable) {
    guard function.isExported, case .inferred = callable.signature.result.kind,
      let type = resultTypes.inferred, !type.isUnit, !type.isError,
      !checker.modules[callable.module].isLibrary
    else { return }
    let place = callable.signature.result.span
    let fixIts =
      isGeneric
      ? [] : [FixIt("say what it gives", inserting: " -> \(describe(type))", after: place)]
    diagnose(
      .exportWithoutResultType(
        callable.name.text, describe(type), fixIts: fixIts, at: callable.name.span))
  }

  /// Declares generics, parameters, facts and results; `false` after a diagnostic that makes the
  /// rest meaningless.
  private func declareSignature(_ callable: Callable, _ bindings: Bindings) -> Bool {
    let signature = callable.signature
    declareGenerics(signature, bindings)
    guard declareParameters(signature, bindings) else { return false }
    findOrigins(signature)
    if !declareFacts(signature) { return false }
    if !signature.result.broughtDimensions.isEmpty {
      diagnose(.notSupportedYet("a dimension that a result brings", at: signature.result.span))
      return false
    }
    if callable.isKernel {
      if case .inferred = signature.result.kind {
      } else {
        diagnose(.kernelWithResult(at: signature.result.span))
        return false
      }
      return declareOuts(signature)
    }
    return declareResults(signature.result)
  }

  private func declareGenerics(_ signature: Signature, _ bindings: Bindings) {
    scope.push()
    for parameter in signature.generics {
      let name = parameter.name.text
      switch parameter.kind {
      case .dimension:
        if let size = bindings.fixedDimensions[name] {
          declare(parameter.name, .dimension(Dimension(size)))
          continue
        }
        let symbol = function.symbols.append(.init(name: name, origin: .constant(0)))
        declare(parameter.name, .dimension(Dimension(symbol)))
      case .pack:
        let pack = (0..<(bindings.packs[name]?.count ?? 0)).map { axis in
          Dimension(function.symbols.append(.init(name: "\(name).\(axis)", origin: .constant(0))))
        }
        declare(parameter.name, .dimensionPack(pack))
      case .type:
        declare(parameter.name, bindings.types[name].map { .type($0) } ?? .error)
      case .constant:
        let constant = bindings.constants[name]
        declare(parameter.name, constant.map { checker.entity(for: .constant($0)) } ?? .error)
      }
    }
  }

  private func declareParameters(_ signature: Signature, _ bindings: Bindings) -> Bool {
    // Numbers first, because types before them may name them.
    var locals: [Int: ID<Local>] = [:]
    for (position, parameter) in signature.parameters.enumerated() {
      let name = parameter.name
      switch parameter.passing {
      case .const:
        if let value = bindings.functions[name.text] {
          declare(name, .function(value))
        } else {
          let constant = bindings.constants[name.text]
          declare(name, constant.map { checker.entity(for: .constant($0)) } ?? .error)
        }
      case .value, .inout, .out:
        let id = addLocal(
          name.text, .error, isVariable: parameter.passing != .value,
          isDefined: parameter.passing != .out, at: name.span)
        locals[position] = id
        function.parameters.append(
          .init(local: id, passing: .init(parameter.passing)))
        declare(name, .local(id))
        if case .named(nil, let word, _) = parameter.type.kind, parameter.passing == .value,
          ScalarType(spelling: word.text) == .i64, scope[word.text] == nil
        {
          states[Int(id.index)].type = .int
          _ = makeSymbol(for: id, named: name.text)
        }
      }
    }
    for (position, parameter) in signature.parameters.enumerated() where parameter.passing != .out {
      guard let id = locals[position] else { continue }
      let type = resolve(parameter.type)
      if type.isError { return false }
      function.locals[id].type = type
      states[Int(id.index)].type = type
    }
    addCaptures(signature, bindings)
    return true
  }

  /// Adds hidden parameters for what lambdas passed as `const` parameters use of their
  /// surroundings.
  private func addCaptures(_ signature: Signature, _ bindings: Bindings) {
    for parameter in signature.parameters {
      guard case .lambda(let id)? = bindings.functions[parameter.name.text] else { continue }
      let lambda = checker.lambdas[id]
      if lambda.captures.isEmpty { continue }
      rebind(parameter.name, .function(.lambda(checker.lambdas.append(adopt(lambda)))))
    }
  }

  /// Finds for each dimension an axis of a parameter that gives its value.
  private func findOrigins(_ signature: Signature) {
    var found: Set<ID<DimensionSymbol>> = []
    for parameter in function.parameters where parameter.passing != .out {
      checker.forEachTensor(of: function.locals[parameter.local].type) { path, dimensions in
        for (axis, dimension) in dimensions.enumerated() {
          guard let symbol = dimension.symbol, found.insert(symbol).inserted else { continue }
          if case .local = function.symbols[symbol].origin { continue }
          function.symbols[symbol].origin = .axis(
            parameter: parameter.local, path: path, axis: axis)
        }
      }
    }
    for parameter in signature.generics {
      guard case .dimension = parameter.kind,
        case .dimension(let dimension)? = scope[parameter.name.text]?.entity,
        let symbol = dimension.symbol, !found.contains(symbol)
      else { continue }
      if let text = parameter.defaultValue,
        let value = constantInt(text, describing: "the default of '\(parameter.name.text)'")
      {
        function.symbols[symbol].origin = .constant(value)
        prover.assume(dimension, .equal, Dimension(value))
      } else if parameter.defaultValue == nil {
        diagnose(.dimensionNotFixed(parameter.name.text, at: parameter.name.span))
      }
    }
  }

  private func declareFacts(_ signature: Signature) -> Bool {
    for fact in signature.facts {
      let typed = check(fact, expecting: .bool)
      if typed.type.isError { return false }
      guard typed.type == .bool else {
        diagnose(.operandType("where", describe(typed.type), at: fact.span))
        return false
      }
      if case .integer(let holds, _)? = constantIfKnown(typed)?.value {
        if holds == 0 {
          diagnose(
            .factDoesNotHold(text(fact), of: function.declaredName, fact: fact.span, at: fact.span))
          return false
        }
        continue
      }
      if !demand(typed, text(fact), at: fact.span) { return false }
    }
    return true
  }

  private func declareResults(_ clause: ResultClause) -> Bool {
    resultTypes.span = clause.span
    switch clause.kind {
    case .inferred: return true
    case .type(let node):
      let type = resolve(node)
      if type.isError { return false }
      function.results = type.isUnit ? [] : [.init(name: "result", local: nil, type: type)]
      resultTypes.declared = function.results.map(\.type)
    case .named(let results):
      for result in results {
        let type = resolve(result.type)
        if type.isError { return false }
        let id = addLocal(
          result.name.text, type, isVariable: true, isDefined: type.isUnit, at: result.name.span)
        declare(result.name, .local(id))
        function.results.append(.init(name: result.name.text, local: id, type: type))
      }
      resultTypes.declared = function.results.map(\.type)
    }
    return true
  }

  /// The `out` parameters of a kernel are its results.
  private func declareOuts(_ signature: Signature) -> Bool {
    let outs = signature.parameters.filter { $0.passing == .out }
    let locals = function.parameters.filter { $0.passing == .out }.map(\.local)
    for (parameter, id) in zip(outs, locals) {
      let type = resolve(parameter.type)
      if type.isError { return false }
      function.locals[id].type = type
      // Its programs together define it; each may update what it wrote.
      states[Int(id.index)] = LocalState(type: type, isDefined: true)
      function.results.append(.init(name: parameter.name.text, local: id, type: type))
    }
    resultTypes.declared = function.results.map(\.type)
    return true
  }
}

extension TypedFunction.Parameter.Passing {
  /// The run-time passing of a parameter that is not `const`.
  init(_ passing: Parameter.Passing) {
    switch passing {
    case .value, .const: self = .value
    case .inout: self = .inout
    case .out: self = .out
    }
  }
}
