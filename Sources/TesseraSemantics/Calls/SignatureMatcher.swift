import TesseraNumbers
import TesseraSource
import TesseraSyntax

/// An argument of a call.
struct CallArgument {
  /// The word before the colon.
  var label: Name?
  /// What is passed, as written.
  var expression: Expression
  /// The typed value; `nil` where the type follows from the parameter, and for functions.
  var value: TypedExpression?
  /// The function that is passed, if it is one.
  var function: FunctionValue?

  /// Where it stands.
  var span: SourceSpan { expression.span }
}

/// Why a function cannot be called with some arguments.
enum MatchFailure {
  case tooMany(expected: Int, given: Int)
  case unknownLabel(Name, known: [String])
  case givenTwice(Name)
  case missing(String)
  case wrongType(Parameter, TypedExpression?, SourceSpan)
  case notInferred(GenericParameter)
  case notConstant(Parameter, SourceSpan)
  /// A diagnostic was given, or would have been.
  case diagnosed
}

/// Finds what the generic and const parameters of one function stand for at one call.
final class SignatureMatcher {
  /// The function that calls.
  let caller: FunctionChecker
  /// The function that is called.
  let id: ID<Callable>
  /// Its declaration.
  let callable: Callable
  /// Knows the names of the function's module and the dimensions of the caller.
  let context: FunctionChecker
  /// `true` iff tensors are passed to a function of scalars, element by element.
  let isLifted: Bool
  /// What was found.
  var bindings = Bindings()
  /// The position of the argument for each parameter.
  var placed: [Int?]
  private let generics: [String: GenericParameter]

  /// Creates a matcher for a call of `id` by `caller`.
  init(_ id: ID<Callable>, caller: FunctionChecker, isLifted: Bool = false) {
    self.caller = caller
    self.id = id
    self.isLifted = isLifted
    callable = caller.checker.callables[id]
    context = FunctionChecker(checker: caller.checker, module: callable.module, sharing: caller)
    generics = Dictionary(
      callable.signature.generics.map { ($0.name.text, $0) }, uniquingKeysWith: { a, _ in a })
    placed = Array(repeating: nil, count: callable.signature.parameters.count)
  }

  /// Matches `arguments`; the result is `nil` iff they fit.
  func match(_ arguments: [CallArgument]) -> MatchFailure? {
    var named: [(GenericParameter, Int)] = []
    if let failure = place(arguments, named: &named) { return failure }
    let parameters = callable.signature.parameters
    // Types first from what has a type, so that literals can follow.
    for (position, parameter) in parameters.enumerated() where parameter.passing != .const {
      guard let place = placed[position], let value = arguments[place].value else { continue }
      let type = isLifted ? value.type.elementType : value.type
      if type.isError { return .diagnosed }
      if !unify(parameter.type, type, isLiteral: arguments[place].expression.isArray) {
        return .wrongType(parameter, value, arguments[place].span)
      }
    }
    for (parameter, place) in named {
      guard
        let value = caller.resolveArgument(
          arguments[place].expression, for: parameter, typesIn: context)
      else { return .diagnosed }
      bind(parameter.name, to: value)
    }
    for (position, parameter) in parameters.enumerated() where parameter.passing != .const {
      guard let place = placed[position], arguments[place].value == nil else { continue }
      if !unifyLiteral(parameter.type, arguments[place].expression) {
        return .wrongType(parameter, nil, arguments[place].span)
      }
    }
    if let failure = matchGenericDefaults() { return failure }
    for (position, parameter) in parameters.enumerated() where parameter.passing == .const {
      if let failure = matchConstant(parameter, placed[position].map { arguments[$0] }) {
        return failure
      }
    }
    return nil
  }

  /// Finds the parameter of each argument.
  private func place(
    _ arguments: [CallArgument], named: inout [(GenericParameter, Int)]
  ) -> MatchFailure? {
    let parameters = callable.signature.parameters
    var next = 0
    for (position, argument) in arguments.enumerated() {
      if let label = argument.label {
        if let slot = parameters.firstIndex(where: {
          $0.name.text == label.text && $0.passing != .out
        }) {
          if placed[slot] != nil { return .givenTwice(label) }
          placed[slot] = position
        } else if let generic = generics[label.text] {
          named.append((generic, position))
        } else {
          let known = callable.inputs.map(\.name.text)
          return .unknownLabel(label, known: known)
        }
        continue
      }
      while next < parameters.count, parameters[next].passing == .out || placed[next] != nil {
        next += 1
      }
      guard next < parameters.count else {
        return .tooMany(expected: callable.inputs.count, given: arguments.count)
      }
      placed[next] = position
    }
    for (slot, parameter) in parameters.enumerated()
    where placed[slot] == nil && parameter.passing != .out && parameter.defaultValue == nil {
      return .missing(parameter.name.text)
    }
    return nil
  }

  private func matchGenericDefaults() -> MatchFailure? {
    for parameter in callable.signature.generics where !bindings.binds(parameter.name.text) {
      switch parameter.kind {
      case .dimension: continue
      case .pack, .type, .constant:
        guard let value = parameter.defaultValue else { return .notInferred(parameter) }
        guard
          let argument = context.resolveArgument(value, for: parameter, typesIn: context)
        else { return .diagnosed }
        bind(parameter.name, to: argument)
      }
    }
    return nil
  }

  private func matchConstant(
    _ parameter: Parameter, _ argument: CallArgument?
  ) -> MatchFailure? {
    let name = parameter.name
    if case .function = parameter.type.kind {
      guard let function = argument?.function else {
        return .wrongType(parameter, argument?.value, argument?.span ?? callable.span)
      }
      bindings.functions[name.text] = function
      return nil
    }
    let type = context.resolve(parameter.type)
    if type.isError { return .diagnosed }
    let constant: TypedConstant?
    if let argument {
      if argument.function != nil { return .wrongType(parameter, nil, argument.span) }
      let what = "the argument for 'const \(name.text)'"
      constant = caller.reusing([argument]) {
        caller.constant(argument.expression, as: type, describing: what)
      }
    } else if let value = parameter.defaultValue {
      constant = context.constant(value, as: type, describing: "the default of '\(name.text)'")
    } else {
      return .missing(name.text)
    }
    guard let constant else { return .diagnosed }
    bind(name, to: .constant(constant))
    return nil
  }

  /// Lets the generic or const parameter `name` stand for `argument`, here and in the types and
  /// defaults that are looked at later.
  private func bind(_ name: Name, to argument: GenericArgument) {
    bindings.bind(name, to: argument)
    context.rebind(name, context.checker.entity(for: argument))
  }

  // MARK: Unification

  /// Binds generics so that `node` spells `type`; dimensions that are computed are compared later.
  private func unify(_ node: TypeNode, _ type: ValueType, isLiteral: Bool = false) -> Bool {
    switch node.kind {
    case .named(nil, let name, let arguments) where arguments.isEmpty && generics[name.text] != nil:
      return bindType(name.text, type)
    case .named(let module, let name, let arguments):
      return unifyNamed(module, name, arguments, type)
    case .tensor(let element, let dimensions):
      return unifyTensor(element, dimensions, type, isLiteral: isLiteral)
    case .pointer(let target):
      guard case .pointer(let scalar) = type else { return false }
      return unify(target, .scalar(scalar))
    case .tuple(let elements):
      guard let types = type.componentTypes, types.count == elements.count else { return false }
      return zip(elements, types).allSatisfy { unify($0.type, $1) }
    case .array(let element, let count):
      guard let types = type.componentTypes else { return false }
      return unifyConstant(count, .init(value: .integer(Int64(types.count), .i64), type: .int))
        && types.allSatisfy { unify(element, $0) }
    case .sequence(let element, let index, let range):
      return unifySequence(element, index, range, type)
    case .function, .optional, .decimal, .complex: return false
    case .error: return true
    }
  }

  private func bindType(_ name: String, _ type: ValueType) -> Bool {
    guard case .type(let kind)? = generics[name]?.kind else { return false }
    if let bound = bindings.types[name] { return caller.matches(bound, type) { _, _ in true } }
    guard type.isOfKind(kind.text) else { return false }
    bind(Name(name, at: .none), to: .type(type))
    return true
  }

  private func unifyNamed(
    _ module: Name?, _ name: Name, _ arguments: [Expression], _ type: ValueType
  ) -> Bool {
    if module == nil, let scalar = ScalarType(spelling: name.text) {
      return type == .scalar(scalar)
    }
    if module == nil, name.text == "string" { return type == .string }
    guard case .structure(let instance) = type else { return false }
    let declared: Declared?
    if let module {
      guard let other = context.checker.importedModule(module.text, in: callable.module)
      else { return false }
      declared = context.checker.declared(name.text, in: other, from: callable.module)
    } else {
      declared = context.checker.lookUp(name.text, in: callable.module, at: name.span)
    }
    let key = context.checker.structureOrigins[Int(instance.index)]
    guard case .structure(let id)? = declared, key.structure == id else { return false }
    for (position, argument) in key.arguments.enumerated() {
      // Arguments that are left out have their defaults, which the types compare later.
      guard position < arguments.count else { break }
      if !unify(arguments[position], argument) { return false }
    }
    return true
  }

  private func unify(_ expression: Expression, _ argument: GenericArgument) -> Bool {
    switch argument {
    case .dimension(let dimension): return unifyDimension(expression, dimension)
    case .constant(let constant): return unifyConstant(expression, constant)
    case .type(let type):
      guard let node = TypeNode(expression) else { return false }
      return unify(node, type)
    case .pack: return true
    }
  }

  private func unifyTensor(
    _ element: TypeNode, _ nodes: [TypeNode.Dimension], _ type: ValueType, isLiteral: Bool
  ) -> Bool {
    let dimensions = type.dimensions
    let isPacked = nodes.contains(where: \.isPack)
    if dimensions.isEmpty, !(isPacked && nodes.count == 1) { return false }
    if !unify(element, type.elementType), !isLiteral { return false }
    let packLength = dimensions.count - (nodes.count - 1)
    if isPacked ? packLength < 0 : dimensions.count != nodes.count { return false }
    var axis = 0
    for node in nodes {
      guard node.isPack else {
        if !unifyDimension(node.value, dimensions[axis]) { return false }
        axis += 1
        continue
      }
      guard case .name(let name) = node.value.kind, axis + packLength <= dimensions.count
      else { return false }
      let part = Array(dimensions[axis..<axis + packLength])
      axis += packLength
      if let bound = bindings.packs[name.text] {
        if bound.count != part.count { return false }
      } else {
        bind(name, to: .pack(part))
      }
    }
    return true
  }

  private func unifyDimension(_ expression: Expression, _ dimension: Dimension) -> Bool {
    if case .integer(let value?) = expression.kind {
      return !caller.prover.provesDifferent(dimension, Dimension(Int(clamping: value)))
    }
    guard case .name(let name) = expression.kind, let parameter = generics[name.text] else {
      return true
    }
    switch parameter.kind {
    case .dimension:
      if let bound = bindings.dimensions[name.text] {
        // Plainly different sizes never match; what is undecided is compared later.
        guard let a = bound.constant, let b = dimension.constant else { return true }
        return a == b
      }
      bind(name, to: .dimension(dimension))
      return true
    case .constant:
      guard let value = dimension.constant else { return bindings.constants[name.text] != nil }
      return unifyConstant(expression, .init(value: .integer(Int64(value), .i64), type: .int))
    case .pack, .type: return false
    }
  }

  private func unifyConstant(_ expression: Expression, _ constant: TypedConstant) -> Bool {
    if case .name(let name) = expression.kind, let parameter = generics[name.text],
      case .constant = parameter.kind
    {
      if let bound = bindings.constants[name.text] { return bound.value == constant.value }
      bind(name, to: .constant(constant))
      return true
    }
    // What cannot be computed yet is compared when all is known.
    guard
      let value = context.speculating({
        context.constant(expression, as: constant.type, describing: "")
      }) ?? nil
    else { return true }
    return value.value == constant.value
  }

  private func unifySequence(
    _ element: TypeNode, _ index: Name, _ range: Expression, _ type: ValueType
  ) -> Bool {
    guard let types = type.componentTypes, case .range(let lower, let upper, _) = range.kind,
      let first = context.speculating({ context.constantInt(lower, describing: "") }) ?? nil
    else { return false }
    let end = TypedConstant(value: .integer(Int64(first + types.count), .i64), type: .int)
    if !unifyConstant(upper, end) { return false }
    for (position, type) in types.enumerated() {
      context.scope.push()
      context.rebind(index, .value(.int(first + position, at: index.span)))
      defer { context.scope.pop() }
      if !unify(element, type) { return false }
    }
    return true
  }

  /// Lets a literal, whose type is that of the parameter, fit.
  private func unifyLiteral(_ node: TypeNode, _ expression: Expression) -> Bool {
    guard case .named(nil, let name, _) = node.kind else { return false }
    if let parameter = generics[name.text] {
      guard case .type = parameter.kind else { return false }
      if let bound = bindings.types[name.text] { return bound.scalar.map { $0 != .bool } ?? false }
      guard let type = caller.speculating({ caller.check(expression).type }) else { return false }
      return bindType(name.text, type)
    }
    guard let scalar = ScalarType(spelling: name.text), scalar != .bool else { return false }
    return caller.speculating { caller.check(expression, expecting: .scalar(scalar)).type }
      == .scalar(scalar)
  }
}

extension FunctionChecker {
  /// Makes `name` stand for `entity` from now on, whatever it stood for.
  func rebind(_ name: Name, _ entity: Entity) {
    scope.insert(ScopeEntry(entity: entity, span: name.span), for: name.text)
  }
}
