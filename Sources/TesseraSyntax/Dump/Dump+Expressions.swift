extension Dump {
  /// The word or list of an expression.
  init(_ it: Expression) {
    switch it.kind {
    case .integer(let value): self = .word(value.map(String.init) ?? "too-large")
    case .float(_, let text): self = .word(text)
    case .imaginary(_, let text): self = .word(text + "i")
    case .string(let text): self = .quoted(text)
    case .boolean(let value): self = .word(String(value))
    case .null: self = "null"
    case .name(let name): self.init(name)
    case .option(let name): self = .word("." + name.text)
    case .tuple(let arguments): self.init("tuple", arguments.map(Dump.init))
    case .array(let elements): self.init("array", elements.map(Dump.init))
    case .comprehension(let it):
      self = ["each", Dump(it.index), Dump(it.range), Dump(it.element)]
    case .type(let type): self = ["type", Dump(type)]
    case .unary(let operation, let operand):
      self.init(operation.rawValue, [Dump(operand)])
    case .binary(let operation, let left, let right):
      self.init(operation.rawValue, [Dump(left), Dump(right)])
    case .isNull(let operand, let isNegated):
      self.init(isNegated ? "is-not-null" : "is-null", [Dump(operand)])
    case .range(let lower, let upper, let step):
      self.init("..", [Dump(lower), Dump(upper)] + (step.map { [Dump($0)] } ?? []))
    case .call(let callee, let arguments):
      self.init("call", [Dump(callee)] + arguments.map(Dump.init))
    case .member(let base, let name): self = [".", Dump(base), Dump(name)]
    case .position(let base, let index): self = [".", Dump(base), .word(String(index))]
    case .bracket(let it): self.init(it)
    case .reduction(let it): self.init(it)
    case .lambda(let parameters, let body):
      let heads = parameters.map { parameter in
        parameter.type.map { [Dump(parameter.name), Dump($0)] } ?? Dump(parameter.name)
      }
      self = ["=>", .list(heads), Dump(body)]
    case .conditional(let it): self.init(it)
    case .block(let block): self.init(block)
    case .tailCall(let call): self = ["tail", Dump(call)]
    case .error: self = "error"
    }
  }

  /// The argument, with its label if it has one.
  init(_ it: Argument) {
    self = it.label.map { [.word($0.text + ":"), Dump(it.value)] } ?? Dump(it.value)
  }

  private init(_ it: Bracket) {
    var parts = [Dump(it.base)] + it.items.map(Dump.init)
    switch it.outside {
    case .value(let value): parts.append(["else", Dump(value)])
    case .skip: parts.append(["else", "skip"])
    case nil: break
    }
    self.init("[]", parts)
  }

  private init(_ it: BracketItem) {
    let item: Dump
    switch it.kind {
    case .expression(let value): item = Dump(value)
    case .binder(let binder): item = Dump(binder)
    case .wholeAxis: item = ".."
    case .rest: item = "..."
    case .newAxis: item = "_"
    case .indexPack(let name): item = .word(".." + name.text)
    }
    self = it.boundary.map { [.word($0.rawValue), item] } ?? item
  }

  private init(_ it: Reduction) {
    var parts: [Dump] = [.list(it.binders.map(Dump.init))]
    if let condition = it.condition { parts.append(["where", Dump(condition)]) }
    if let combiner = it.combiner { parts.append(["by", Dump(combiner)]) }
    if !it.arguments.isEmpty { parts.append(Dump("with", it.arguments.map(Dump.init))) }
    self.init(it.operation.rawValue, parts + [Dump(it.body)])
  }

  private init(_ it: Conditional) {
    var parts: [Dump] = it.isConst ? ["const", "if"] : ["if"]
    for branch in it.branches { parts += [Dump(branch.condition), Dump(branch.body)] }
    if let block = it.otherwise { parts.append(["else", Dump(block)]) }
    self = .list(parts)
  }

  /// The word or list of a type.
  init(_ it: TypeNode) {
    switch it.kind {
    case .named(let module, let name, let arguments):
      let text = (module.map { $0.text + "." } ?? "") + name.text
      self = arguments.isEmpty ? .word(text) : Dump("<>", [.word(text)] + arguments.map(Dump.init))
    case .tensor(let element, let dimensions):
      self.init(
        "[]",
        [Dump(element)] + dimensions.map { $0.isPack ? ["..", Dump($0.value)] : Dump($0.value) })
    case .optional(let type): self = ["?", Dump(type)]
    case .pointer(let type): self = ["*", Dump(type)]
    case .tuple(let elements):
      self.init(
        "tuple",
        elements.map { element in
          element.name.map { [.word($0.text + ":"), Dump(element.type)] } ?? Dump(element.type)
        })
    case .array(let element, let count): self = ["array", Dump(element), Dump(count)]
    case .sequence(let element, let index, let range):
      self = ["each", Dump(index), Dump(range), Dump(element)]
    case .function(let parameters, let result):
      self = ["fn", .list(parameters.map(Dump.init)), Dump(result)]
    case .decimal(let precision, let scale): self = ["decimal", Dump(precision), Dump(scale)]
    case .complex(let type): self = ["complex", Dump(type)]
    case .error: self = "error"
    }
  }
}
