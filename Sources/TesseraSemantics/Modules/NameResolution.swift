import TesseraNumbers
import TesseraSource
import TesseraSyntax

extension FunctionChecker {
  /// Diagnoses names in `block`, which is not typed, that stand for nothing.
  func resolveNames(in block: Block) {
    var resolution = NameResolution(context: self)
    resolution.visit(block)
  }

  /// Diagnoses names in `expression`, which is not typed, that stand for nothing.
  func resolveNames(in expression: Expression) {
    var resolution = NameResolution(context: self)
    resolution.visit(expression)
  }

  /// Diagnoses names in a function that is not typed.
  func resolveNames(of callable: Callable) {
    var resolution = NameResolution(context: self)
    resolution.visit(callable)
  }

  /// Diagnoses names in a struct that is not typed.
  func resolveNames(of structure: StructDeclaration) {
    var resolution = NameResolution(context: self)
    resolution.visit(structure)
  }
}

/// Finds names that stand for nothing in text that is not typed: the bodies of generic functions
/// before their first instance, and branches of `const if` that are not taken.
///
/// Types are not known here, so fields, labels and overloads are not looked at, and every bare name
/// on the left of an assignment may be an index.
private struct NameResolution {
  let context: FunctionChecker
  private var scopes: [Set<String>] = [[]]

  /// Begins where the names of `context` are in scope.
  init(context: FunctionChecker) { self.context = context }

  private mutating func declare(_ name: Name) { scopes[scopes.count - 1].insert(name.text) }

  private mutating func scoped(_ body: (inout NameResolution) -> Void) {
    scopes.append([])
    body(&self)
    scopes.removeLast()
  }

  private func isLocal(_ name: String) -> Bool {
    context.scope[name] != nil || scopes.contains { $0.contains(name) }
  }

  private func isDeclared(_ name: Name) -> Bool {
    if name.text.isEmpty || name.text == "_" || isLocal(name.text) { return true }
    let declared = context.checker.lookUp(name.text, in: context.module, at: name.span)
    return declared != nil || ScalarType(spelling: name.text) != nil
  }

  private func unknown(_ name: Name, _ kind: String, near: [String]) {
    context.diagnose(.unknownName(name.text, kind: kind, near: near, at: name.span))
  }

  // MARK: Declarations

  /// Looks at signature and body of `callable`.
  mutating func visit(_ callable: Callable) {
    let signature = callable.signature
    for parameter in signature.generics { visit(parameter) }
    // Types may name numbers that come later.
    for parameter in signature.parameters { declare(parameter.name) }
    for parameter in signature.parameters {
      visit(parameter.type)
      if let value = parameter.defaultValue { visit(value) }
    }
    for name in signature.result.broughtDimensions { declare(name) }
    switch signature.result.kind {
    case .inferred: break
    case .type(let type): visit(type)
    case .named(let results):
      for result in results {
        visit(result.type)
        declare(result.name)
      }
    }
    for fact in signature.facts { visit(fact) }
    if case .kernel(let grid) = callable.kind {
      for axis in grid {
        visit(axis.domain)
        declare(axis.name)
      }
    }
    if case .combiner(let identity?) = callable.kind { visit(identity) }
    if let body = callable.body { visit(body) }
  }

  /// Looks at the facts and fields of `structure`.
  mutating func visit(_ structure: StructDeclaration) {
    for parameter in structure.generics { visit(parameter) }
    for fact in structure.facts { visit(fact) }
    for field in structure.fields {
      visit(field.type)
      if let condition = field.condition { visit(condition) }
    }
  }

  private mutating func visit(_ parameter: GenericParameter) {
    if case .constant(let type) = parameter.kind { visit(type) }
    if let value = parameter.defaultValue { visit(value) }
    declare(parameter.name)
  }

  // MARK: Types

  private mutating func visit(_ node: TypeNode) {
    switch node.kind {
    case .named(let module, let name, let arguments):
      let isBuiltin = name.text == "string" || name.text == "fn"
      if module == nil, !isBuiltin, !isDeclared(name) { unknown(name, "type", near: []) }
      for argument in arguments { visit(argument) }
    case .tensor(let element, let dimensions):
      visit(element)
      for dimension in dimensions { visit(dimension.value) }
    case .optional(let inner), .pointer(let inner), .complex(let inner): visit(inner)
    case .tuple(let elements): for element in elements { visit(element.type) }
    case .array(let element, let count):
      visit(element)
      visit(count)
    case .sequence(let element, let index, let range):
      visit(range)
      scoped {
        $0.declare(index)
        $0.visit(element)
      }
    case .function(let parameters, let result):
      for type in parameters + [result] { visit(type) }
    case .decimal, .error: break
    }
  }

  // MARK: Statements

  /// Looks at the statements of `block`, whose names end with it.
  mutating func visit(_ block: Block) {
    scoped { for statement in block.statements { $0.visit(statement) } }
  }

  private mutating func visit(_ statement: Statement) {
    switch statement.kind {
    case .binding(let binding): visit(binding)
    case .assignment(let assignment):
      scoped {
        $0.visitTarget(assignment.target)
        $0.visit(assignment.value)
      }
    case .forLoop(let loop):
      visitDomain(loop.domain)
      scoped {
        $0.declare(loop.variable)
        $0.visit(loop.body)
      }
    case .whileLoop(let condition, let body):
      visit(condition)
      visit(body)
    case .returnValue(let value): if let value { visit(value) }
    case .assertion(let condition, let message):
      visit(condition)
      if let message { visit(message) }
    case .print(let arguments): for argument in arguments { visit(argument.value) }
    case .expression(let expression):
      if case .conditional(let it) = expression.kind { visit(it) } else { visit(expression) }
    case .error: break
    }
  }

  private mutating func visit(_ binding: Binding) {
    if let type = binding.type { visit(type) }
    if let value = binding.value {
      scoped {
        if case .indexed(_, let binders) = binding.pattern.kind { $0.declare(binders) }
        $0.visitDomain(value)
      }
    }
    for name in binding.pattern.names { declare(name) }
  }

  private mutating func declare(_ binders: [IndexBinder]) {
    for binder in binders {
      if let range = binder.range { visit(range) }
      declare(binder.name)
    }
  }

  /// `tiles` and `tile` are words only here.
  private mutating func visitDomain(_ expression: Expression) {
    if case .call(let callee, let arguments) = expression.kind, case .name(let name) = callee.kind,
      ["tiles", "tile"].contains(name.text)
    {
      for argument in arguments { visit(argument.value) }
    } else {
      visit(expression)
    }
  }

  /// The left of an assignment: bare names between brackets may be new indices.
  private mutating func visitTarget(_ target: Expression) {
    if case .tuple(let parts) = target.kind {
      for part in parts { visitTarget(part.value) }
      return
    }
    ExpressionWalk.visit(target) { part in
      guard case .bracket(let bracket) = part.kind else { return }
      for item in bracket.items {
        if let name = item.bareName { declare(name) }
        if case .binder(let binder) = item.kind { declare(binder.name) }
        if case .indexPack(let name) = item.kind { declare(name) }
      }
    }
    visit(target)
  }

  // MARK: Expressions

  /// Looks at `expression` and all that it holds.
  mutating func visit(_ expression: Expression) {
    switch expression.kind {
    case .integer, .float, .imaginary, .string, .boolean, .null, .option, .error: break
    case .name(let name):
      if ["inf", "nan"].contains(name.text) || Builtins.has(name.text) || isDeclared(name) {
        break
      }
      unknown(name, "name", near: context.similarNames(to: name.text))
    case .tuple(let parts): for part in parts { visit(part.value) }
    case .array(let parts): for part in parts { visit(part) }
    case .comprehension(let it):
      visit(it.range)
      scoped {
        $0.declare(it.index)
        $0.visit(it.element)
      }
    case .type(let node): visit(node)
    case .unary(_, let operand), .isNull(let operand, _), .position(let operand, _),
      .tailCall(let operand):
      visit(operand)
    case .binary(_, let left, let right):
      visit(left)
      visit(right)
    case .range(let lower, let upper, let step):
      for part in [lower, upper, step] { if let part { visit(part) } }
    case .call(let callee, let arguments): visitCall(callee, arguments)
    case .member(let base, _):
      if case .name(let word) = base.kind, isModule(word) { break }
      visit(base)
    case .bracket(let bracket): visit(bracket)
    case .reduction(let it):
      scoped {
        $0.declare(it.binders)
        for part in [it.condition, it.combiner, it.body] { if let part { $0.visit(part) } }
        for argument in it.arguments { $0.visit(argument.value) }
      }
    case .lambda(let parameters, let body):
      scoped {
        for parameter in parameters {
          if let type = parameter.type { $0.visit(type) }
          $0.declare(parameter.name)
        }
        $0.visit(body)
      }
    case .conditional(let it): visit(it)
    case .block(let block): visit(block)
    }
  }

  private mutating func visit(_ it: Conditional) {
    for branch in it.branches {
      visit(branch.condition)
      visit(branch.body)
    }
    if let otherwise = it.otherwise { visit(otherwise) }
  }

  private mutating func visit(_ bracket: Bracket) {
    visit(bracket.base)
    for item in bracket.items { if let part = item.expression { visit(part) } }
    if case .value(let value)? = bracket.outside { visit(value) }
  }

  private func isModule(_ word: Name) -> Bool {
    if isLocal(word.text) { return false }
    return Builtins.modules.contains(word.text)
      || context.checker.importedModule(word.text, in: context.module) != nil
  }

  private mutating func visitCall(_ callee: Expression, _ arguments: [Argument]) {
    switch callee.kind {
    case .name(let name): visitFunction(name)
    case .member(let base, let name):
      if case .name(let word) = base.kind, isModule(word) { break }
      visit(base)
      visitFunction(name)
    default: visit(callee)
    }
    for argument in arguments { visit(argument.value) }
  }

  private func visitFunction(_ name: Name) {
    let isBuiltin = Builtins.has(name.text) || name.text == "data"
    if isBuiltin || Builtins.unsupported[name.text] != nil || isDeclared(name) { return }
    unknown(name, "function", near: context.similarFunctions(to: name.text))
  }
}
