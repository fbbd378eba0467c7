import TesseraSource
import TesseraSyntax

extension Checker {
  /// The instance of `id` for `bindings`, checked when it is first asked for; `nil` after a
  /// diagnostic. `renamed` holds the caller's dimensions behind the instance's first symbols.
  func instance(
    of id: ID<Callable>, _ bindings: Bindings, from caller: FunctionChecker?,
    symbol: String? = nil, requesting algorithms: Set<NamedAlgorithm> = [], at span: SourceSpan
  ) -> (instance: Instance, renamed: [Dimension])? {
    let callable = callables[id]
    let inner = FunctionChecker(
      checker: self, module: callable.module, name: callable.name.text, span: callable.span)
    let requested = algorithms.union(caller?.requestedAlgorithms ?? [])
    permit(callable, requested, in: inner)
    var bindings = bindings
    let renamed = canonicalise(&bindings, of: callable, in: inner, from: caller)
    // An exported function without parameters that are known while compiling is its own export.
    let plain = self.key(of: id, bindings, symbol: nil, requested)
    let isOwn = callable.isExported && plain.arguments.isEmpty
    let symbol = symbol ?? (isOwn ? callable.name.text : nil)
    let key = self.key(of: id, bindings, symbol: symbol, requested)
    if let known = instances[key] { return (known, renamed) }
    guard instances.count < Limits.instances, instanceChain.count < Limits.instanceDepth else {
      diagnose(.tooManyInstances(callable.name.text, chain: instanceChain.map(\.title), at: span))
      return nil
    }
    let name = symbol ?? uniqueName(callable.name.text)
    inner.function.name = name
    inner.function.isExported = symbol != nil
    let made = Instance(id: program.functions.append(inner.function), function: inner.function)
    instances[key] = made
    instanceChain.append(step(callable, bindings, in: inner))
    // The body has diagnostics of its own, even if the call is only tried.
    let quiet = (quietDepth, failedQuietly)
    quietDepth = 0
    inner.check(callable, bindings, into: made)
    (quietDepth, failedQuietly) = quiet
    instanceChain.removeLast()
    made.function = inner.function
    made.isComplete = true
    made.hasKnownResults = true
    program.functions[made.id] = inner.function
    return (made, renamed)
  }

  private func key(
    of id: ID<Callable>, _ bindings: Bindings, symbol: String?, _ requested: Set<NamedAlgorithm>
  ) -> InstanceKey {
    let signature = callables[id].signature
    var arguments: [InstanceKey.Argument] = []
    for parameter in signature.generics {
      let name = parameter.name.text
      switch parameter.kind {
      case .dimension: continue
      case .pack: arguments.append(.rank(bindings.packs[name]?.count ?? 0))
      case .type: arguments.append(bindings.types[name].map { .type($0) } ?? .none)
      case .constant:
        arguments.append(bindings.constants[name].map { .constant($0.value) } ?? .none)
      }
    }
    for parameter in signature.parameters where parameter.passing == .const {
      let name = parameter.name.text
      if let function = bindings.functions[name] {
        arguments.append(.function(function))
      } else {
        arguments.append(bindings.constants[name].map { .constant($0.value) } ?? .none)
      }
    }
    return InstanceKey(
      callable: id, arguments: arguments, symbol: symbol, requested: requested)
  }

  /// Puts symbols of `inner` in place of the caller's in type arguments, in order of occurrence,
  /// so that types that differ in names of dimensions only give one instance.
  private func canonicalise(
    _ bindings: inout Bindings, of callable: Callable, in inner: FunctionChecker,
    from caller: FunctionChecker?
  ) -> [Dimension] {
    guard let caller, !bindings.types.isEmpty else { return [] }
    var renamed: [Dimension] = []
    var symbols: [Dimension.Atom: Dimension] = [:]
    for parameter in callable.signature.generics {
      guard let type = bindings.types[parameter.name.text] else { continue }
      forEachDimension(of: type) { dimension in
        _ = dimension.contains { atom in
          guard symbols[atom] == nil, case .symbol(let id) = atom,
            Int(id.index) < caller.function.symbols.count
          else { return false }
          let name = caller.function.symbols[id].name
          let own = inner.function.symbols.append(.init(name: name, origin: .constant(0)))
          symbols[atom] = Dimension(own)
          renamed.append(Dimension(atom))
          return false
        }
      }
      if symbols.isEmpty { continue }
      bindings.types[parameter.name.text] = mapDimensions(of: type, in: inner) { dimension in
        dimension.replacing { symbols[$0] }
      }
    }
    return renamed
  }

  private func step(
    _ callable: Callable, _ bindings: Bindings, in inner: FunctionChecker
  ) -> InstanceStep {
    let describe = inner.describe
    var parts: [String] = []
    for parameter in callable.signature.generics {
      let name = parameter.name.text
      if let type = bindings.types[name] { parts.append("\(name) = \(describe(type))") }
      if let constant = bindings.constants[name] {
        parts.append("\(name) = \(describe(constant.value))")
      }
      if let size = bindings.fixedDimensions[name] { parts.append("\(name) = \(size)") }
      if let pack = bindings.packs[name] {
        parts.append("\(Diagnostic.count(pack.count, "dimension", "dimensions")) in ..\(name)")
      }
    }
    for parameter in callable.signature.parameters {
      if let constant = bindings.constants[parameter.name.text] {
        parts.append("\(parameter.name.text) = \(describe(constant.value))")
      }
    }
    let name = callable.name.text
    if parts.isEmpty { return InstanceStep(title: name, note: nil) }
    let title = "\(name) for \(parts.joined(separator: ", "))"
    return InstanceStep(
      title: title, note: "in the instance of '\(name)' for \(parts.joined(separator: ", "))")
  }
}
