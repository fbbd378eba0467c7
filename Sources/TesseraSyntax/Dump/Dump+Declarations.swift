extension Dump {
  /// The list of an import.
  init(_ it: Import) {
    self.init("import", [Dump(it.module)] + (it.alias.map { ["as", Dump($0)] } ?? []))
  }

  /// The list of a declaration, its doc comment and attributes first.
  init(_ it: Declaration) {
    var parts: [Dump] = []
    if let text = it.documentation { parts.append(["doc", .quoted(text)]) }
    parts += it.attributes.map(Dump.init)
    if it.isPrivate { parts.append("private") }
    if it.isExported { parts.append("export") }
    switch it.kind {
    case .function(let it):
      parts += ["fn", Dump(it.name)] + Dump.parts(it.signature) + Dump.body(it.body)
    case .kernel(let it):
      parts += ["kernel", Dump(it.name)] + Dump.parts(it.signature)
      parts.append(Dump("over", it.grid.map { ["in", Dump($0.name), Dump($0.domain)] }))
      parts += Dump.body(it.body)
    case .structure(let it):
      parts += ["struct", Dump(it.name)] + Dump.generics(it.generics) + Dump.facts(it.facts)
      parts += it.fields.map(Dump.init)
    case .combiner(let it):
      parts += ["combiner", Dump(it.name)] + Dump.parts(it.signature)
      parts += it.identity.map { [["from", Dump($0)]] } ?? []
      parts += Dump.body(it.body)
    case .constant(let it):
      parts += ["const", Dump(it.name)] + Dump.type(it.type) + [Dump(it.value)]
    case .exportAlias(let it):
      parts += ["alias", Dump(it.name), Dump(it.value)]
    case .test(let it):
      parts += ["test", .quoted(it.title), Dump(it.body)]
    case .bench(let it):
      parts += ["bench", .quoted(it.title), Dump(it.body)]
    case .table(let it):
      parts += ["table", Dump(it.name)] + it.columns.map(Dump.init)
    case .query(let it):
      parts += ["query", Dump(it.name), Dump("parameters", it.parameters.map(Dump.init))]
      parts += it.clauses.map(Dump.init)
    case .error:
      parts.append("error")
    }
    self = .list(parts)
  }

  private init(_ it: Attribute) {
    self.init("@" + it.name.text, it.arguments.map(Dump.init))
  }

  private init(_ it: FieldDeclaration) {
    var parts = it.documentation.map { [Dump("doc", [.quoted($0)])] } ?? []
    parts += [Dump(it.name), Dump(it.type)]
    if let condition = it.condition { parts.append(["if", Dump(condition)]) }
    self.init("field", parts)
  }

  private static func body(_ block: Block?) -> [Dump] { block.map { [Dump($0)] } ?? [] }

  private static func type(_ type: TypeNode?) -> [Dump] { type.map { [Dump($0)] } ?? [] }

  private static func parts(_ it: Signature) -> [Dump] {
    var parts = generics(it.generics)
    parts.append(Dump("parameters", it.parameters.map(Dump.init)))
    var result: [Dump] = []
    if !it.result.broughtDimensions.isEmpty {
      result.append(Dump("brings", it.result.broughtDimensions.map(Dump.init)))
    }
    switch it.result.kind {
    case .inferred: break
    case .type(let type): result.append(Dump(type))
    case .named(let types): result += types.map { [Dump($0.name), Dump($0.type)] }
    }
    if !result.isEmpty { parts.append(Dump("->", result)) }
    return parts + facts(it.facts)
  }

  private static func generics(_ generics: [GenericParameter]) -> [Dump] {
    generics.isEmpty ? [] : [Dump("generics", generics.map(Dump.init))]
  }

  private static func facts(_ facts: [Expression]) -> [Dump] {
    facts.isEmpty ? [] : [Dump("where", facts.map(Dump.init))]
  }

  private init(_ it: GenericParameter) {
    var parts: [Dump]
    switch it.kind {
    case .dimension: parts = ["dimension", Dump(it.name)]
    case .pack: parts = ["pack", Dump(it.name)]
    case .type(let kind): parts = ["type", Dump(it.name), Dump(kind)]
    case .constant(let type): parts = ["const", Dump(it.name), Dump(type)]
    }
    if let value = it.defaultValue { parts.append(["=", Dump(value)]) }
    self = .list(parts)
  }

  private init(_ it: Parameter) {
    var parts = it.passing == .value ? [] : [Dump.word(it.passing.rawValue)]
    parts += [Dump(it.name), Dump(it.type)]
    if let value = it.defaultValue { parts.append(["=", Dump(value)]) }
    self = .list(parts)
  }

  private init(_ it: QueryClause) {
    switch it.kind {
    case .scan(let value): self = ["scan", Dump(value)]
    case .filter(let value): self = ["where", Dump(value)]
    case .select(let columns): self.init("select", columns.map(Dump.init))
    case .group(let keys): self.init("group", keys.map(Dump.init))
    case .aggregate(let columns): self.init("aggregate", columns.map(Dump.init))
    case .order(let keys):
      self.init(
        "order", keys.map { $0.isDescending ? ["descending", Dump($0.key)] : Dump($0.key) })
    case .limit(let value): self = ["limit", Dump(value)]
    }
  }

  private init(_ it: QueryColumn) {
    self = it.name.map { ["=", Dump($0), Dump(it.value)] } ?? Dump(it.value)
  }
}
