import TesseraNumbers
import TesseraSource
import TesseraSyntax

extension FunctionChecker {
  /// The type that `node` spells here.
  func resolve(_ node: TypeNode) -> ValueType {
    expressionDepth += 1
    defer { expressionDepth -= 1 }
    if expressionDepth > Limits.expressionDepth {
      diagnose(.nestedTooDeeply(at: node.span))
      return .error
    }
    let type = resolveKind(of: node)
    return hasFewParts(type, at: node.span) && hasFewAxes(type, at: node.span) ? type : .error
  }

  /// `true` iff `type` has no more axes than a tensor may have; says so if it has.
  func hasFewAxes(_ type: ValueType, at span: SourceSpan) -> Bool {
    if type.dimensions.count <= Limits.axes { return true }
    diagnose(.tooManyAxes(type.dimensions.count, at: span))
    return false
  }

  /// `true` iff values of `type` have no more parts than there may be; says so if they have.
  func hasFewParts(_ type: ValueType, at span: SourceSpan) -> Bool {
    if checker.partCount(of: type) <= Limits.parts { return true }
    diagnose(.tooManyParts(at: span))
    return false
  }

  private func resolveKind(of node: TypeNode) -> ValueType {
    switch node.kind {
    case .named(let module, let name, let arguments):
      return resolveNamed(module, name, arguments, at: node.span)
    case .tensor(let element, let dimensions):
      return resolveTensor(element, dimensions, at: node.span)
    case .pointer(let target):
      let type = resolve(target)
      if let scalar = type.scalar { return .pointer(scalar) }
      if !type.isError {
        diagnose(.notAScalarType(describe(type), of: "a pointer", at: target.span))
      }
      return .error
    case .tuple(let elements):
      return resolveTuple(elements)
    case .array(let element, let count):
      let type = resolve(element)
      guard let number = constantInt(count, describing: "the length of an array") else {
        return .error
      }
      guard (0...Limits.unrolledCopies).contains(number) else {
        diagnose(.tooManyCopies(number, at: count.span))
        return .error
      }
      return .makeSequence(Array(repeating: type, count: number))
    case .sequence(let element, let index, let range):
      guard let numbers = constantRange(range, describing: "the range of a sequence type")
      else { return .error }
      var types: [ValueType] = []
      for number in numbers {
        scope.push()
        scope.insert(
          ScopeEntry(entity: .value(.int(number, at: index.span)), span: index.span),
          for: index.text)
        types.append(resolve(element))
        scope.pop()
        if types.last?.isError == true { break }
      }
      return .makeSequence(types)
    case .function:
      diagnose(.functionTypeOutsideConst(at: node.span))
      return .error
    case .optional: return unsupported("'T?', elements that may be NULL,", at: node.span)
    case .decimal: return unsupported("'decimal'", at: node.span)
    case .complex: return unsupported("'complex'", at: node.span)
    case .error: return .error
    }
  }

  private func unsupported(_ construct: String, at span: SourceSpan) -> ValueType {
    diagnose(.notSupportedYet(construct, at: span))
    return .error
  }

  private func resolveTuple(_ elements: [TupleTypeElement]) -> ValueType {
    let types = elements.map { resolve($0.type) }
    if types.contains(where: \.isError) { return .error }
    if elements.contains(where: { $0.name != nil }) {
      return .tuple(zip(elements, types).map { .init(name: $0.name?.text, type: $1) })
    }
    return .makeSequence(types)
  }

  private func resolveTensor(
    _ element: TypeNode, _ dimensions: [TypeNode.Dimension], at span: SourceSpan
  ) -> ValueType {
    let type = resolve(element)
    guard let sizes = resolveDimensions(dimensions), !type.isError else { return .error }
    if case .tensor = type {
      diagnose(.notAScalarType(describe(type), of: "a tensor", at: element.span))
      return .error
    }
    return .makeTensor(type, sizes)
  }

  /// The dimensions that `nodes` spell; `nil` after a diagnostic.
  func resolveDimensions(_ nodes: [TypeNode.Dimension]) -> [Dimension]? {
    var sizes: [Dimension] = []
    for node in nodes {
      if node.isPack {
        guard case .name(let name) = node.value.kind,
          case .dimensionPack(let pack)? = scope[name.text]?.entity
        else {
          diagnose(.notAPack(text(node.value), at: node.span))
          return nil
        }
        sizes += pack
        continue
      }
      guard let size = resolveDimension(node.value) else { return nil }
      sizes.append(size)
    }
    return sizes
  }

  /// The dimension that `expression` computes; `nil` after a diagnostic.
  func resolveDimension(_ expression: Expression) -> Dimension? {
    let value = check(expression, expecting: .int)
    if value.type.isError { return nil }
    guard let size = dimension(of: value) else {
      diagnose(.notADimension(text(expression), at: expression.span))
      return nil
    }
    if size.isUnknown {
      diagnose(.dimensionTooLarge("'\(text(expression))'", at: expression.span))
      return nil
    }
    if let constant = size.constant, constant < 0 {
      diagnose(.negativeDimension(text(expression), constant, at: expression.span))
      return nil
    }
    if !prover.provesNonNegative(size) || !isExact(size) {
      require(
        Dimension(0), .lessOrEqual, size,
        message: "the dimension '\(text(expression))' is negative", at: expression.span)
    }
    return size
  }

  private func resolveNamed(
    _ module: Name?, _ name: Name, _ arguments: [Expression], at span: SourceSpan
  ) -> ValueType {
    if module == nil, let entry = scope[name.text] {
      switch entry.entity {
      case .type(let type): return type
      case .error: return .error
      default:
        diagnose(.notAType(name.text, at: span))
        return .error
      }
    }
    if module == nil, let scalar = ScalarType(spelling: name.text) { return .scalar(scalar) }
    switch name.text {
    case "string" where module == nil: return .string
    case "date", "datetime", "duration", "decimal":
      return unsupported("'\(name.text)'", at: span)
    case "complex": return unsupported("'complex'", at: span)
    default: break
    }
    let declared: Declared?
    if let module {
      guard let other = checker.importedModule(module.text, in: self.module) else {
        diagnose(.unknownModule(module.text, known: [], at: module.span))
        return .error
      }
      declared = checker.declared(name.text, in: other, from: self.module)
    } else {
      declared = checker.lookUp(name.text, in: self.module, at: span)
    }
    switch declared {
    case .structure(let id):
      return resolveStructure(id, arguments, at: span)
    case .callables, .constant:
      diagnose(.notAType(name.text, at: span))
    case .unsupported: break
    case nil:
      diagnose(.unknownName(name.text, kind: "type", near: [], at: name.span))
    }
    return .error
  }

  /// The instance of `id` for the written `arguments`.
  private func resolveStructure(
    _ id: ID<StructureDeclared>, _ arguments: [Expression], at span: SourceSpan
  ) -> ValueType {
    let declared = checker.structures[id]
    let generics = declared.declaration.generics
    if arguments.count > generics.count {
      diagnose(
        .wrongArgumentCount(
          of: declared.declaration.name.text, expected: generics.count, given: arguments.count,
          at: span))
      return .error
    }
    // The type of a constant parameter may name the struct itself.
    guard checker.structureDepth < 64 else {
      diagnose(.recursiveStructure(declared.declaration.name.text, at: span))
      return .error
    }
    checker.structureDepth += 1
    defer { checker.structureDepth -= 1 }
    // Defaults may use earlier parameters.
    let defaults = FunctionChecker(checker: checker, module: declared.module, sharing: self)
    var values: [GenericArgument] = []
    for (position, parameter) in generics.enumerated() {
      let argument: GenericArgument?
      if position < arguments.count {
        argument = resolveArgument(arguments[position], for: parameter, typesIn: defaults)
      } else if let value = parameter.defaultValue {
        argument = defaults.resolveArgument(value, for: parameter, typesIn: defaults)
      } else {
        diagnose(
          .wrongArgumentCount(
            of: declared.declaration.name.text, expected: generics.count, given: arguments.count,
            at: span))
        return .error
      }
      guard let argument else { return .error }
      values.append(argument)
      defaults.declare(parameter.name, checker.entity(for: argument))
    }
    return checker.instance(of: id, values, in: self, at: span)
  }

  /// What `expression` gives for a generic parameter; `nil` after a diagnostic.
  func resolveArgument(
    _ expression: Expression, for parameter: GenericParameter, typesIn context: FunctionChecker
  ) -> GenericArgument? {
    switch parameter.kind {
    case .dimension: return resolveDimension(expression).map { .dimension($0) }
    case .pack:
      diagnose(.notSupportedYet("a dimension pack as parameter of a struct", at: expression.span))
      return nil
    case .type(let kind):
      guard let node = TypeNode(expression) else {
        diagnose(.notAType(text(expression), at: expression.span))
        return nil
      }
      let type = resolve(node)
      if type.isError { return nil }
      if !type.isOfKind(kind.text) {
        diagnose(.wrongKind(describe(type), kind: kind.text, at: expression.span))
        return nil
      }
      return .type(type)
    case .constant(let node):
      let type = context.resolve(node)
      if type.isError { return nil }
      return constant(expression, as: type, describing: "'\(parameter.name.text)'").map {
        .constant($0)
      }
    }
  }
}

extension ValueType {
  /// `true` iff the type may stand for a parameter of the kind that `word` names.
  func isOfKind(_ word: String) -> Bool {
    switch word {
    case "any": return true
    case "number": return scalar.map { $0 != .bool } ?? false
    case "integer": return scalar?.isInteger ?? false
    case "float": return scalar?.isFloat ?? false
    case "struct": if case .structure = self { return true } else { return false }
    case "sequence": if case .sequence = self { return true } else { return isUnit }
    default: return false
    }
  }
}

extension ScalarType {
  /// The type that a program spells `spelling`.
  init?(spelling: String) {
    if spelling == "int" { self = .i64 } else { self.init(rawValue: spelling) }
  }
}
