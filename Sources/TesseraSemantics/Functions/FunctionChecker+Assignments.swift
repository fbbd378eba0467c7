import TesseraSource
import TesseraSyntax

extension FunctionChecker {
  /// Checks an assignment and emits what it does.
  func checkAssignment(_ assignment: Assignment, at span: SourceSpan) {
    switch assignment.target.kind {
    case .tuple(let parts): checkJointAssignment(parts.map(\.value), assignment, at: span)
    case .bracket(let bracket):
      guard let base = target(bracket.base) else {
        _ = checker.quietly { check(assignment.value) }
        return
      }
      if case .tensor = base.type {
        let it = IndexedTarget(place: base, bracket: bracket, span: assignment.target.span)
        if isSliceAssignment(bracket) {
          checkSliceAssignment(it, assignment, at: span)
        } else {
          checkIndexedAssignment([it], assignment, at: span)
        }
      } else if let place = target(assignment.target) {
        assign(to: place, assignment, at: span)
      }
    default:
      guard let place = target(assignment.target) else { return }
      assign(to: place, assignment, at: span)
    }
  }

  /// The place that `expression` names, whether it has a value yet or not; `nil` after a
  /// diagnostic.
  func target(_ expression: Expression) -> Place? {
    switch expression.kind {
    case .name(let name):
      guard let entry = scope[name.text] else {
        diagnose(
          .unknownName(
            name.text, kind: "variable", near: similarNames(to: name.text), at: name.span))
        return nil
      }
      switch entry.entity {
      case .local(let id):
        let local = function.locals[id]
        guard local.isVariable else {
          diagnose(.assignmentToConstant(local.name, declared: local.span, at: name.span))
          return nil
        }
        return Place(id, type: states[Int(id.index)].type)
      case .error: return nil
      default:
        diagnose(.assignmentToConstant(name.text, declared: entry.span, at: name.span))
        return nil
      }
    case .member(let base, let name):
      guard let place = target(base) else { return nil }
      let position: Int? =
        switch place.type {
        case .structure(let id):
          checker.program.structures[id].fields.firstIndex { $0.name == name.text }
        case .tuple(let components): components.firstIndex { $0.name == name.text }
        default: nil
        }
      guard let position else {
        diagnose(.unknownField(name.text, of: describe(place.type), fields: [], at: name.span))
        return nil
      }
      return part(of: place, at: position, span: expression.span)
    case .position(let base, let position):
      guard let place = target(base) else { return nil }
      return part(of: place, at: position, span: expression.span)
    case .bracket(let bracket):
      guard let place = target(bracket.base) else { return nil }
      guard place.type.componentTypes != nil else {
        diagnose(.cannotAssign(at: expression.span))
        return nil
      }
      guard let position = position(bracket, of: place.type) else { return nil }
      return part(of: place, at: position, span: expression.span)
    case .error: return nil
    default:
      diagnose(.cannotAssign(at: expression.span))
      return nil
    }
  }

  private func part(of place: Place, at position: Int, span: SourceSpan) -> Place? {
    guard let type = checker.component(of: place.type, at: [position]) else {
      diagnose(
        .noSuchPosition(
          position, count: place.type.componentTypes?.count ?? 0, of: describe(place.type), at: span
        ))
      return nil
    }
    return Place(place.local, path: place.path + [position], type: type)
  }

  // MARK: Whole values

  private func assign(to place: Place, _ assignment: Assignment, at span: SourceSpan) {
    if case .error = place.type { return }
    var value = check(assignment.value, expecting: place.type)
    if value.type.isError {
      // What is wrong was said; that the place has no value now would be no news.
      markDefined(place)
      return
    }
    if assignment.operation != .assign {
      guard let combining = combining(assignment, place.type.elementType) else { return }
      value = asValue(value)
      // An address takes a number of elements.
      guard
        place.type.scalarElement == nil
          || agree(
            value.type.elementType, with: place.type.elementType, at: assignment.value.span,
            because: declaration(of: place.local))
      else { return markDefined(place) }
      if !isDefined(place) { fill(place, identityOf: combining, at: span) }
      let old = old(place, at: assignment.target.span)
      value = combine(old, value, combining, at: span)
      if value.type.isError { return }
    }
    store(asValue(value), in: place, at: assignment.value.span)
  }

  private func declaration(of id: ID<Local>) -> Diagnostic.Label {
    let local = function.locals[id]
    return Diagnostic.Label("'\(local.name)' is declared here", at: local.span)
  }

  /// Stores `value` in `place` after comparing types; a `var` tensor takes its dimensions.
  private func store(_ value: TypedExpression, in place: Place, at span: SourceSpan) {
    let id = place.local
    let local = function.locals[id]
    let label = declaration(of: id)
    guard place.path.isEmpty, local.isVariable, !isFixed(id) else {
      if agree(value.type, with: place.type, at: span, because: label) {
        emit(.assign(place, value), at: span)
      }
      markDefined(place)
      return
    }
    if case .tensor(let old, let dimensions) = local.type,
      case .tensor(let new, let sizes) = value.type, old == new, dimensions.count == sizes.count
    {
      states[Int(id.index)].type = value.type
      emit(.assign(Place(id, type: value.type), value), at: span)
      markDefined(place)
      return
    }
    let isSequence =
      local.type.componentTypes != nil && value.type.componentTypes != nil
      && value.type != states[Int(id.index)].type
    if isSequence, !flow.isConditional {
      // A sequence that grows is a new local under the old name.
      let grown = addLocal(local.name, value.type, isVariable: true, at: local.span)
      emit(.bind(grown, value), at: span)
      scope.replace(ScopeEntry(entity: .local(grown), span: local.span), for: local.name)
      return
    }
    if isSequence {
      diagnose(.sequenceGrowsInLoop(local.name, declared: local.span, at: span))
      return
    }
    guard agree(value.type, with: place.type, at: span, because: label) else { return }
    emit(.assign(place, value), at: span)
    markDefined(place)
  }

  /// `true` iff the shape of the local is written in the signature.
  private func isFixed(_ id: ID<Local>) -> Bool {
    function.results.contains { $0.local == id } || function.parameters.contains { $0.local == id }
  }

  private func old(_ place: Place, at span: SourceSpan) -> TypedExpression {
    place.path.reduce(use(place.local, at: span)) { value, position in
      let type = checker.component(of: value.type, at: [position]) ?? .error
      return TypedExpression(.component(value, position), type, at: span)
    }
  }

  // MARK: Several targets

  private func checkJointAssignment(
    _ targets: [Expression], _ assignment: Assignment, at span: SourceSpan
  ) {
    var indexed: [IndexedTarget] = []
    var places: [Place] = []
    for expression in targets {
      if case .bracket(let bracket) = expression.kind {
        guard let base = target(bracket.base) else { return }
        if case .tensor = base.type {
          indexed.append(IndexedTarget(place: base, bracket: bracket, span: expression.span))
          continue
        }
      }
      guard let place = target(expression) else { return }
      places.append(place)
    }
    if places.isEmpty { return checkIndexedAssignment(indexed, assignment, at: span) }
    guard indexed.isEmpty, assignment.operation == .assign else {
      diagnose(.cannotAssign(at: assignment.target.span))
      return
    }
    let value = check(assignment.value, expecting: .sequence(places.map(\.type)))
    if value.type.isError { return }
    guard value.type.componentTypes?.count == places.count else {
      diagnose(.wrongPartCount(expected: places.count, describe(value.type), at: span))
      return
    }
    // All values are there before the first is stored.
    let id = addLocal("parts", value.type, at: value.span)
    emit(.bind(id, value), at: span)
    let whole = use(id, at: value.span)
    for (position, place) in places.enumerated() {
      store(component(of: whole, at: position, span: value.span), in: place, at: span)
    }
  }

  // MARK: Slices

  /// `true` iff `bracket` names parts of a tensor without indices of its own.
  private func isSliceAssignment(_ bracket: Bracket) -> Bool {
    bracket.items.contains { item in
      switch item.kind {
      case .wholeAxis, .rest: return true
      case .expression(let expression):
        if case .range = expression.kind { return true }
        guard let name = item.bareName, let entry = scope[name.text] else { return false }
        switch entry.entity {
        case .wholeTile: return true
        case .local(let id):
          if case .indexTile = states[Int(id.index)].type { return true }
          return false
        default: return false
        }
      case .binder, .newAxis, .indexPack: return false
      }
    }
  }

  private func checkSliceAssignment(
    _ target: IndexedTarget, _ assignment: Assignment, at span: SourceSpan
  ) {
    let base = TypedExpression(.local(target.place.local), target.place.type, at: target.span)
    if target.bracket.outside != nil {
      diagnose(.boundaryOnSlice(at: target.span))
      return
    }
    guard let axes = axisItems(target.bracket.items, of: base, at: target.span) else { return }
    if let new = axes.first(where: { if case .newAxis = $0.kind { true } else { false } }) {
      diagnose(.newAxisOnWrite(at: new.span))
      return
    }
    guard
      let (items, shape) = sliceItems(axes, of: base, isWrite: true)
    else { return }
    let element = target.place.type.elementType
    let value = asValue(check(assignment.value, expecting: element))
    if value.type.isError {
      markDefined(target.place)
      return
    }
    guard agree(value.type.elementType, with: element, at: assignment.value.span) else { return }
    let part = TypedExpression(.slice(base, items), .makeTensor(element, shape), at: target.span)
    guard let joined = broadcast([part, value], at: span) else { return }
    if joined.count != shape.count || value.type.dimensions.count > shape.count {
      diagnose(
        .typeMismatch(
          describe(value.type), wanted: describe(part.type), fixIts: [], labels: [], at: span))
      return
    }
    guard let combining = combining(assignment, element) else { return }
    let isWhole = items.allSatisfy { if case .wholeAxis = $0 { true } else { false } }
    if !isDefined(target.place) {
      if combining != .replace {
        fill(target.place, identityOf: combining, at: span)
      } else if !isWhole {
        diagnose(
          .definitionNotTotal(
            function.locals[target.place.local].name, variables: [], at: target.span))
        return
      }
    }
    if combining == .replace {
      noteWritten(target.place, axes)
    } else {
      coverage.read.insert(target.place.local)
    }
    emit(.assignSlice(target.place, items, combining: combining, value: value), at: span)
    markDefined(target.place)
  }

  // MARK: Definedness

  /// `true` iff every element of `place` has a value.
  func isDefined(_ place: Place) -> Bool {
    let state = states[Int(place.local.index)]
    return state.isDefined
      || (1..<max(place.path.count + 1, 1)).contains {
        state.definedPaths.contains(Array(place.path.prefix($0)))
      }
  }

  /// Notes that every element of `place` has a value from here on.
  func markDefined(_ place: Place) {
    let position = Int(place.local.index)
    if place.path.isEmpty {
      states[position].isDefined = true
      return
    }
    states[position].definedPaths.insert(place.path)
    let type = states[position].type
    if undefinedParts(of: type, states[position].definedPaths).isEmpty {
      states[position].isDefined = true
    }
  }
}
