extension Dump {
  /// The list of a block's statements.
  init(_ it: Block) { self.init("block", it.statements.map(Dump.init)) }

  /// The list of a statement.
  init(_ it: Statement) {
    switch it.kind {
    case .binding(let it):
      var parts = [Dump(it.pattern)]
      if let type = it.type { parts.append([":", Dump(type)]) }
      if let value = it.value { parts.append(Dump(value)) }
      self.init(it.introducer.rawValue, parts)
    case .assignment(let it):
      self.init(it.operation.rawValue, [Dump(it.target), Dump(it.value)])
    case .forLoop(let it):
      let words: [Dump] = it.isConst ? ["const", "for"] : ["for"]
      self = .list(words + [Dump(it.variable), Dump(it.domain), Dump(it.body)])
    case .whileLoop(let condition, let body):
      self.init("while", [Dump(condition), Dump(body)])
    case .returnValue(let value):
      self.init("return", value.map { [Dump($0)] } ?? [])
    case .assertion(let condition, let message):
      self.init("assert", [Dump(condition)] + (message.map { [Dump($0)] } ?? []))
    case .print(let arguments):
      self.init("print", arguments.map(Dump.init))
    case .expression(let value):
      self = Dump(value)
    case .error:
      self = "error"
    }
  }

  /// The word or list of a pattern.
  init(_ it: Pattern) {
    switch it.kind {
    case .name(let name): self.init(name)
    case .indexed(let name, let binders): self.init("[]", [Dump(name)] + binders.map(Dump.init))
    case .tuple(let parts): self.init("tuple", parts.map(Dump.init))
    case .error: self = "error"
    }
  }

  /// The index, with its range if it has one.
  init(_ it: IndexBinder) {
    let name = (it.isPack ? ".." : "") + it.name.text
    self = it.range.map { ["in", .word(name), Dump($0)] } ?? .word(name)
  }
}
