import TesseraSource
import TesseraSyntax

/// Finds constructs of the language that are not compiled yet, so that a declaration that uses one
/// is diagnosed once and the rest of the file is checked.
struct UnsupportedConstructs {
  /// A construct and where it stands.
  struct Finding {
    /// What a diagnostic calls it.
    var construct: String
    var span: SourceSpan
  }

  /// `true` iff a name stands for something that the program declares.
  let isDeclared: (String) -> Bool
  private(set) var first: Finding?

  /// Begins with nothing found.
  init(isDeclared: @escaping (String) -> Bool) { self.isDeclared = isDeclared }

  private mutating func found(_ construct: String, at span: SourceSpan) {
    if first == nil { first = Finding(construct: construct, span: span) }
  }

  // MARK: Declarations

  /// Looks at `declaration` and all that it holds.
  mutating func visit(_ declaration: Declaration) {
    for attribute in declaration.attributes where !attribute.isAlgorithm {
      found("'@\(attribute.name.text)'", at: attribute.span)
    }
    switch declaration.kind {
    case .function(let it):
      visit(it.signature)
      if let body = it.body { visit(body) }
    case .kernel(let it):
      visit(it.signature)
      for axis in it.grid { visit(axis.domain) }
      if let body = it.body { visit(body) }
    case .combiner(let it):
      visit(it.signature)
      if let identity = it.identity { visit(identity) }
      if let body = it.body { visit(body) }
    case .structure(let it):
      for parameter in it.generics { visit(parameter) }
      for field in it.fields { visit(field.type) }
    case .constant(let it):
      if let type = it.type { visit(type) }
      visit(it.value)
    case .exportAlias(let it): visit(it.value)
    case .test(let it), .bench(let it): visit(it.body)
    case .table(let it): found("'table'", at: it.name.span)
    case .query(let it): found("'query'", at: it.name.span)
    case .error: break
    }
  }

  private mutating func visit(_ signature: Signature) {
    for parameter in signature.generics { visit(parameter) }
    for parameter in signature.parameters {
      visit(parameter.type)
      if let value = parameter.defaultValue { visit(value) }
    }
    if let name = signature.result.broughtDimensions.first {
      found("a dimension that a result brings", at: name.span)
    }
    switch signature.result.kind {
    case .inferred: break
    case .type(let type): visit(type)
    case .named(let results): for result in results { visit(result.type) }
    }
  }

  private mutating func visit(_ parameter: GenericParameter) {
    if case .constant(let type) = parameter.kind { visit(type) }
    if let value = parameter.defaultValue { visit(value) }
  }

  // MARK: Types

  private mutating func visit(_ node: TypeNode) {
    switch node.kind {
    case .named(nil, let name, let arguments):
      if ["date", "datetime", "duration"].contains(name.text), !isDeclared(name.text) {
        found("'\(name.text)'", at: node.span)
      }
      for argument in arguments { visit(argument) }
    case .named(_, _, let arguments): for argument in arguments { visit(argument) }
    case .tensor(let element, let dimensions):
      visit(element)
      for dimension in dimensions { visit(dimension.value) }
    case .optional: found("'T?', an element that may be NULL,", at: node.span)
    case .decimal: found("'decimal'", at: node.span)
    case .complex: found("'complex'", at: node.span)
    case .pointer(let target): visit(target)
    case .tuple(let elements): for element in elements { visit(element.type) }
    case .array(let element, let count):
      visit(element)
      visit(count)
    case .sequence(let element, _, let range):
      visit(element)
      visit(range)
    case .function(let parameters, let result): for type in parameters + [result] { visit(type) }
    case .error: break
    }
  }

  // MARK: Expressions

  private mutating func visit(_ block: Block) {
    var parts: [Expression] = []
    ExpressionWalk.visit(block) { parts.append($0) }
    for part in parts { visitOne(part) }
    visitTypes(in: block)
  }

  private mutating func visit(_ expression: Expression) {
    var parts: [Expression] = []
    ExpressionWalk.visit(expression) { parts.append($0) }
    for part in parts { visitOne(part) }
  }

  private mutating func visitOne(_ expression: Expression) {
    let span = expression.span
    switch expression.kind {
    case .imaginary: found("'complex'", at: span)
    case .null, .isNull, .binary(.coalesce, _, _):
      found("'T?', an element that may be NULL,", at: span)
    case .type(let node): visit(node)
    case .range(_, _, let step?): found("'by', a step of a range,", at: step.span)
    case .call(let callee, _):
      switch callee.kind {
      case .name(let name):
        if let construct = Builtins.unsupported[name.text], !isDeclared(name.text) {
          found(construct, at: name.span)
        }
      case .member(let base, let name):
        if case .name(let word) = base.kind, Builtins.unsupportedModules.contains(word.text) {
          found("'\(word.text).\(name.text)'", at: callee.span)
        }
      default: break
      }
    default: break
    }
  }

  /// The types that `let`, `var` and lambdas write.
  private mutating func visitTypes(in block: Block) {
    for statement in block.statements {
      if case .binding(let binding) = statement.kind, let type = binding.type { visit(type) }
    }
  }
}

extension Checker {
  /// Diagnoses each declaration of `id` that uses a construct that is not compiled yet, once, and
  /// keeps it from being checked.
  func refuseUnsupported(in id: ID<ModuleInfo>) {
    for declaration in modules[id].source.declarations {
      var constructs = UnsupportedConstructs { [self] name in
        quietly { lookUp(name, in: id, at: .none) != nil } ?? false
      }
      constructs.visit(declaration)
      guard let finding = constructs.first else { continue }
      diagnose(.notSupportedYet(finding.construct, at: finding.span))
      unsupportedDeclarations.insert(declaration.span)
      guard let name = declaration.name else { continue }
      switch declaration.kind {
      case .structure:
        modules[id].structures[name.text] = nil
        modules[id].unsupported[name.text] = name.span
      case .constant:
        modules[id].constants[name.text] = nil
        modules[id].unsupported[name.text] = name.span
      case .function, .kernel, .combiner:
        for callable in modules[id].callables[name.text] ?? []
        where callables[callable].name.span == name.span {
          callables[callable].isUnsupported = true
        }
      case .exportAlias, .test, .bench, .table, .query, .error: break
      }
    }
  }
}
