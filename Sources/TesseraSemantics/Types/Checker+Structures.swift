import TesseraSource
import TesseraSyntax

extension Checker {
  /// The instance of a struct for `arguments`, made when it is first asked for.
  ///
  /// `context` is the function whose symbols the arguments use.
  func instance(
    of structure: ID<StructureDeclared>, _ arguments: [GenericArgument],
    in context: FunctionChecker, at span: SourceSpan
  ) -> ValueType {
    let key = StructureKey(structure: structure, arguments: arguments)
    if let known = structureInstances[key] { return .structure(known) }
    let declared = structures[structure]
    guard structuresInProgress.count < 200, structuresInProgress.insert(key).inserted,
      program.structures.count < Limits.structures
    else {
      diagnose(.recursiveStructure(declared.declaration.name.text, at: span))
      return .error
    }
    defer { structuresInProgress.remove(key) }
    let inner = FunctionChecker(checker: self, module: declared.module, sharing: context)
    for (parameter, argument) in zip(declared.declaration.generics, arguments) {
      inner.declare(parameter.name, entity(for: argument))
    }
    for fact in declared.declaration.facts {
      guard let value = inner.constantBool(fact, describing: "a fact about a struct") else {
        continue
      }
      if !value {
        diagnose(
          .factDoesNotHold(
            inner.text(fact), of: declared.declaration.name.text, fact: fact.span, at: span))
      }
    }
    var fields: [StructureInstance.Field] = []
    var places: [String: SourceSpan] = [:]
    for field in declared.declaration.fields {
      if let condition = field.condition {
        guard let holds = inner.constantBool(condition, describing: "the condition of a field")
        else { continue }
        if !holds { continue }
      }
      if let earlier = places[field.name.text] {
        diagnose(.duplicateField(field.name.text, earlier: earlier, at: field.name.span))
        continue
      }
      places[field.name.text] = field.name.span
      fields.append(.init(name: field.name.text, type: inner.resolve(field.type)))
    }
    // Fields may have added instances; this one comes after what it is made of.
    structureOrigins.append(key)
    structurePartCounts.append(
      partCount(of: .tuple(fields.map { .init(name: nil, type: $0.type) })))
    let id = program.structures.append(StructureInstance(name: "", fields: fields))
    structureInstances[key] = id
    program.structures[id].name = context.describe(.structure(id))
    return .structure(id)
  }

  /// How many parts a value of `type` has, itself and what is inside others included; some number
  /// above `Limits.parts` if there are more.
  func partCount(of type: ValueType) -> Int {
    var count = 0
    func visit(_ type: ValueType) {
      count += 1
      if count > Limits.parts { return }
      switch type {
      case .tuple, .sequence: type.componentTypes?.forEach(visit)
      case .structure(let id): count += structurePartCounts[Int(id.index)]
      case .scalar, .tensor, .pointer, .indexTile, .string, .error: break
      }
    }
    visit(type)
    return count
  }

  /// What the name of a generic parameter means where it stands for `argument`.
  func entity(for argument: GenericArgument) -> Entity {
    switch argument {
    case .dimension(let dimension): .dimension(dimension)
    case .pack(let dimensions): .dimensionPack(dimensions)
    case .type(let type): .type(type)
    case .constant(let constant): .value(.init(.constant(constant.value), constant.type, at: .none))
    }
  }

  /// `type` with `replacement` applied to every dimension in it.
  func mapDimensions(
    of type: ValueType, in context: FunctionChecker, _ replacement: (Dimension) -> Dimension
  ) -> ValueType {
    switch type {
    case .scalar, .pointer, .string, .error: return type
    case .tensor(let element, let dimensions):
      return .tensor(
        element: mapDimensions(of: element, in: context, replacement),
        dimensions: dimensions.map(replacement))
    case .tuple(let components):
      return .tuple(
        components.map {
          .init(name: $0.name, type: mapDimensions(of: $0.type, in: context, replacement))
        })
    case .sequence(let elements):
      return .sequence(elements.map { mapDimensions(of: $0, in: context, replacement) })
    case .indexTile(let length): return .indexTile(length: replacement(length))
    case .structure(let id):
      let key = structureOrigins[Int(id.index)]
      let arguments = key.arguments.map { argument -> GenericArgument in
        switch argument {
        case .dimension(let dimension): .dimension(replacement(dimension))
        case .pack(let dimensions): .pack(dimensions.map(replacement))
        case .type(let type): .type(mapDimensions(of: type, in: context, replacement))
        case .constant: argument
        }
      }
      if arguments == key.arguments { return type }
      return instance(of: key.structure, arguments, in: context, at: .none)
    }
  }

  /// Calls `visit` with each dimension in `type`, in order.
  func forEachDimension(of type: ValueType, _ visit: (Dimension) -> Void) {
    switch type {
    case .scalar, .pointer, .string, .error: break
    case .tensor(let element, let dimensions):
      forEachDimension(of: element, visit)
      dimensions.forEach(visit)
    case .tuple(let components):
      for component in components { forEachDimension(of: component.type, visit) }
    case .sequence(let elements):
      for element in elements { forEachDimension(of: element, visit) }
    case .indexTile(let length): visit(length)
    case .structure(let id):
      for argument in structureOrigins[Int(id.index)].arguments {
        switch argument {
        case .dimension(let dimension): visit(dimension)
        case .pack(let dimensions): dimensions.forEach(visit)
        case .type(let type): forEachDimension(of: type, visit)
        case .constant: break
        }
      }
    }
  }

  /// Calls `visit` with each tensor inside `type` and the positions that lead to it.
  func forEachTensor(
    of type: ValueType, path: [Int] = [], _ visit: ([Int], [Dimension]) -> Void
  ) {
    switch type {
    case .tensor(_, let dimensions): visit(path, dimensions)
    case .tuple, .sequence:
      for (position, type) in (type.componentTypes ?? []).enumerated() {
        forEachTensor(of: type, path: path + [position], visit)
      }
    case .structure(let id):
      for (position, field) in program.structures[id].fields.enumerated() {
        forEachTensor(of: field.type, path: path + [position], visit)
      }
    case .scalar, .pointer, .indexTile, .string, .error: break
    }
  }

  /// The type inside `type` to which the positions of `path` lead.
  func component(of type: ValueType, at path: [Int]) -> ValueType? {
    var type = type
    for position in path {
      switch type {
      case .tuple, .sequence:
        guard let parts = type.componentTypes, position < parts.count else { return nil }
        type = parts[position]
      case .structure(let id):
        guard position < program.structures[id].fields.count else { return nil }
        type = program.structures[id].fields[position].type
      default: return nil
      }
    }
    return type
  }
}
