import TesseraSource
import TesseraSyntax

extension Checker {
  /// Checks the declarations of a module that is not a library: functions whose generics are
  /// dimensions or have defaults, exports, tests and benches become instances.
  func checkModule(_ id: ID<ModuleInfo>) {
    for declaration in modules[id].source.declarations
    where !unsupportedDeclarations.contains(declaration.span) {
      switch declaration.kind {
      case .function(let it): checkCallable(it.name, in: id)
      case .kernel(let it): checkCallable(it.name, in: id)
      case .combiner(let it): checkCallable(it.name, in: id)
      case .structure(let it): checkStructure(it.name, in: id)
      case .constant(let it):
        guard let constant = modules[id].constants[it.name.text] else { continue }
        _ = FunctionChecker(checker: self, module: id).use(constant, at: it.name.span)
      case .exportAlias(let alias):
        checkExport(alias, requesting: algorithms(declaration.attributes), in: id)
      case .test(let it):
        if let made = checkBlock(.test(title: it.title), it, in: id) { program.tests.append(made) }
      case .bench(let it):
        if let made = checkBlock(.bench(title: it.title), it, in: id) {
          program.benches.append(made)
        }
      case .table, .query, .error: break
      }
    }
  }

  /// Resolves the names of declarations of which no instance was asked for, so that typing errors
  /// show before the first use.
  func checkUninstantiated() {
    let used = Set(instances.keys.map(\.callable))
    for id in callables.ids where !used.contains(id) {
      let callable = callables[id]
      if modules[callable.module].isLibrary || callable.isUnsupported || callable.body == nil {
        continue
      }
      let context = FunctionChecker(checker: self, module: callable.module)
      context.resolveNames(of: callable)
    }
  }

  private func checkCallable(_ name: Name, in module: ID<ModuleInfo>) {
    guard
      let id = modules[module].callables[name.text]?.first(where: {
        callables[$0].name.span == name.span
      })
    else { return }
    let callable = callables[id]
    let context = FunctionChecker(checker: self, module: module)
    guard callable.isExported else {
      guard let bindings = context.bindings(of: callable, from: [], isExport: false) else { return }
      _ = instance(of: id, bindings, from: nil, at: callable.name.span)
      return
    }
    guard let bindings = context.bindings(of: callable, from: [], isExport: true) else { return }
    export(id, bindings, as: name)
  }

  private func export(
    _ id: ID<Callable>, _ bindings: Bindings, as symbol: Name,
    requesting algorithms: Set<NamedAlgorithm> = []
  ) {
    if let earlier = exportedNames[symbol.text] {
      diagnose(.duplicateExport(symbol.text, earlier: earlier, at: symbol.span))
      return
    }
    exportedNames[symbol.text] = symbol.span
    let made = instance(
      of: id, bindings, from: nil, symbol: symbol.text, requesting: algorithms, at: symbol.span)
    guard let made else { return }
    if !made.instance.hasErrors { program.exports.append(made.instance.id) }
  }

  /// `export name = f(arguments)`, where the arguments fix constants, types and dimensions.
  private func checkExport(
    _ alias: ExportAlias, requesting algorithms: Set<NamedAlgorithm>, in module: ID<ModuleInfo>
  ) {
    let context = FunctionChecker(checker: self, module: module)
    var (callee, arguments) = (alias.value, [Argument]())
    if case .call(let called, let list) = alias.value.kind { (callee, arguments) = (called, list) }
    guard case .declared(let name, let candidates)? = context.functionValue(callee) else {
      if case .name(let name) = callee.kind, lookUp(name.text, in: module, at: name.span) == nil {
        diagnose(
          .unknownName(
            name.text, kind: "function", near: context.similarFunctions(to: name.text),
            at: name.span))
      } else {
        diagnose(.exportNeedsCall(alias.name.text, at: alias.value.span))
      }
      return
    }
    if candidates.contains(where: { callables[$0].isUnsupported }) { return }
    if let argument = arguments.first(where: { $0.label == nil }) {
      diagnose(.exportNeedsCall(alias.name.text, at: argument.span))
      return
    }
    let labels = arguments.compactMap { $0.label?.text }
    let fitting = candidates.filter { Set(callables[$0].constantNames).isSuperset(of: labels) }
    guard let id = fitting.first else {
      let known = callables[candidates[0]].constantNames
      guard let label = arguments.compactMap(\.label).first(where: { !known.contains($0.text) })
      else { return }
      diagnose(.unknownLabel(label.text, of: name, known: known, at: label.span))
      return
    }
    if fitting.count > 1 {
      diagnose(
        .ambiguousCall(
          name, types: [], candidates: fitting.map { callables[$0].name.span }, at: alias.value.span
        ))
      return
    }
    guard let bindings = context.bindings(of: callables[id], from: arguments, isExport: true)
    else { return }
    export(id, bindings, as: alias.name, requesting: algorithms)
  }

  private func checkStructure(_ name: Name, in module: ID<ModuleInfo>) {
    guard let id = modules[module].structures[name.text],
      structures[id].declaration.name.span == name.span
    else { return }
    let declaration = structures[id].declaration
    let context = FunctionChecker(checker: self, module: module)
    if declaration.generics.isEmpty {
      _ = instance(of: id, [], in: context, at: name.span)
    } else {
      context.resolveNames(of: declaration)
    }
  }

  private func checkBlock(
    _ kind: Callable.Kind, _ declaration: TestDeclaration, in module: ID<ModuleInfo>
  ) -> ID<TypedFunction>? {
    let span = declaration.titleSpan
    let word = if case .test = kind { "test" } else { "bench" }
    let signature = Signature(
      span: span, generics: [], parameters: [],
      result: ResultClause(span: span, broughtDimensions: [], kind: .inferred), facts: [])
    let id = callables.append(
      Callable(
        kind: kind, module: module, name: Name(word, at: span), signature: signature,
        body: declaration.body, isExported: false, isPrivate: true, span: span))
    return instance(of: id, Bindings(), from: nil, at: span)?.instance.id
  }
}

extension Callable {
  /// The parameters that an export can fix: dimensions, and those that are known while compiling.
  var constantNames: [String] {
    signature.generics.map(\.name.text)
      + signature.parameters.filter { $0.passing == .const }.map(\.name.text)
  }
}
