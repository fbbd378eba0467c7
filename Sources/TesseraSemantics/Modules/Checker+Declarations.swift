import TesseraSource
import TesseraSyntax

extension Checker {
  /// Checks all modules; the entry of the checker.
  func checkAll(_ sources: [SourceModule]) {
    var byName: [String: ID<ModuleInfo>] = [:]
    for source in sources {
      let name = source.file.module.name?.text ?? source.name
      let id = modules.append(
        ModuleInfo(name: name, source: source.file.module, isLibrary: source.isLibrary))
      if let other = byName[name] {
        if !source.isLibrary || !modules[other].isLibrary {
          let span = source.file.module.name?.span ?? source.file.module.span
          if modules[other].isLibrary {
            byName[name] = id
          } else {
            diagnose(.duplicateModule(name, at: span))
          }
        }
      } else {
        byName[name] = id
      }
    }
    prelude = byName["math"].flatMap { modules[$0].isLibrary ? $0 : nil }
    for id in modules.ids {
      resolveImports(of: id, among: byName)
      collectDeclarations(of: id)
    }
    for id in modules.ids { reportCycle(from: id) }
    // Exported names come first, so that no instance takes one.
    for callable in callables where callable.isExported { usedNames.insert(callable.name.text) }
    for id in modules.ids where !modules[id].isLibrary {
      for declaration in modules[id].source.declarations {
        if case .exportAlias(let alias) = declaration.kind { usedNames.insert(alias.name.text) }
      }
    }
    for id in modules.ids where !modules[id].isLibrary { refuseUnsupported(in: id) }
    for id in modules.ids { refuseMisplacedAlgorithms(in: id) }
    for id in modules.ids where !modules[id].isLibrary { checkModule(id) }
    checkUninstantiated()
  }

  private func resolveImports(of id: ID<ModuleInfo>, among byName: [String: ID<ModuleInfo>]) {
    for item in modules[id].source.imports {
      if let module = byName[item.module.text] {
        if module == id {
          diagnose(.importCycle([item.module.text, item.module.text], at: item.span))
          continue
        }
        let name = item.alias?.text ?? item.module.text
        modules[id].imports.append((name, module, item.span))
      } else if !Builtins.modules.contains(item.module.text) {
        diagnose(
          .unknownModule(item.module.text, known: byName.keys.sorted(), at: item.module.span))
      }
    }
  }

  private func reportCycle(from start: ID<ModuleInfo>) {
    // Depth-first over imports; each module is visited once, so this ends.
    var visited: Set<ID<ModuleInfo>> = []
    func path(from id: ID<ModuleInfo>) -> [String]? {
      for item in modules[id].imports {
        if item.module == start { return [modules[id].name, modules[start].name] }
        guard visited.insert(item.module).inserted else { continue }
        if let rest = path(from: item.module) { return [modules[id].name] + rest }
      }
      return nil
    }
    guard let cycle = path(from: start), let first = modules[start].imports.first,
      modules.ids.filter({ cycle.contains(modules[$0].name) }).min() == start
    else { return }
    diagnose(.importCycle(cycle, at: first.span))
  }

  private func collectDeclarations(of id: ID<ModuleInfo>) {
    for declaration in modules[id].source.declarations {
      guard let name = declaration.name, !name.text.isEmpty else { continue }
      switch declaration.kind {
      case .function(let it):
        add(callable(.function, it.name, it.signature, it.body, declaration, in: id))
      case .kernel(let it):
        add(callable(.kernel(it.grid), it.name, it.signature, it.body, declaration, in: id))
      case .combiner(let it):
        add(
          callable(
            .combiner(identity: it.identity), it.name, it.signature, it.body, declaration, in: id))
      case .structure(let it):
        if isFree(name, in: id, overloads: false) {
          modules[id].structures[name.text] = structures.append(
            StructureDeclared(
              module: id, declaration: it, isPrivate: declaration.isPrivate, span: declaration.span)
          )
        }
      case .constant(let it):
        if isFree(name, in: id, overloads: false) {
          modules[id].constants[name.text] = constants.append(
            ConstantDeclared(
              module: id, declaration: it, isPrivate: declaration.isPrivate, span: declaration.span)
          )
        }
      case .table, .query:
        modules[id].unsupported[name.text] = name.span
      case .exportAlias, .test, .bench, .error: break
      }
    }
  }

  private func callable(
    _ kind: Callable.Kind, _ name: Name, _ signature: Signature, _ body: Block?,
    _ declaration: Declaration, in module: ID<ModuleInfo>
  ) -> Callable {
    Callable(
      kind: kind, module: module, name: name, signature: signature, body: body,
      isExported: declaration.isExported, isPrivate: declaration.isPrivate, span: declaration.span,
      algorithms: algorithms(declaration.attributes))
  }

  private func add(_ callable: Callable) {
    guard isFree(callable.name, in: callable.module, overloads: true) else { return }
    let id = callables.append(callable)
    modules[callable.module].callables[callable.name.text, default: []].append(id)
  }

  /// `true` iff `name` may be declared; functions share a name with functions only.
  private func isFree(_ name: Name, in id: ID<ModuleInfo>, overloads: Bool) -> Bool {
    let module = modules[id]
    var earlier: SourceSpan?
    if let other = module.structures[name.text] {
      earlier = structures[other].declaration.name.span
    } else if let other = module.constants[name.text] {
      earlier = constants[other].declaration.name.span
    } else if !overloads, let other = module.callables[name.text]?.first {
      earlier = callables[other].name.span
    }
    guard let earlier else { return true }
    diagnose(.duplicateDeclaration(name.text, earlier: earlier, at: name.span))
    return false
  }

  // MARK: Lookup

  /// What `name` stands for at the top level of `module`: its own declarations, those of its
  /// imports, then the prelude's.
  func lookUp(_ name: String, in module: ID<ModuleInfo>, at span: SourceSpan) -> Declared? {
    var functions = modules[module].callables[name] ?? []
    if functions.isEmpty, let own = declared(name, in: module, from: module) { return own }
    var found: [(declared: Declared, module: String)] = []
    for item in modules[module].imports {
      guard let other = declared(name, in: item.module, from: module) else { continue }
      if case .callables(let more) = other {
        functions += more
      } else {
        found.append((other, item.name))
      }
    }
    if found.count + (functions.isEmpty ? 0 : 1) > 1 {
      diagnose(.ambiguousName(name, modules: found.map(\.module), at: span))
    }
    if !functions.isEmpty { return .callables(functions) }
    if let first = found.first { return first.declared }
    if let prelude, prelude != module { return declared(name, in: prelude, from: module) }
    return nil
  }

  /// What `name` stands for among the declarations of `module` itself, seen from `user`.
  func declared(
    _ name: String, in module: ID<ModuleInfo>, from user: ID<ModuleInfo>
  ) -> Declared? {
    let info = modules[module]
    if let all = info.callables[name] {
      let visible = all.filter { module == user || !callables[$0].isPrivate }
      if !visible.isEmpty { return .callables(visible) }
    }
    if let id = info.structures[name], module == user || !structures[id].isPrivate {
      return .structure(id)
    }
    if let id = info.constants[name], module == user || !constants[id].isPrivate {
      return .constant(id)
    }
    return info.unsupported[name] == nil ? nil : .unsupported
  }

  /// The module known as `name` in `module`.
  func importedModule(_ name: String, in module: ID<ModuleInfo>) -> ID<ModuleInfo>? {
    modules[module].imports.first { $0.name == name }?.module
  }
}
