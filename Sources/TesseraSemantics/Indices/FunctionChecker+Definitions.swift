import TesseraSource
import TesseraSyntax

extension FunctionChecker {
  /// Runs `body` as one statement of index notation: what it declares and learns ends with it.
  func asIndexStatement<Result>(_ body: () -> Result) -> Result {
    let known = prover
    let (count, checks) = (function.obligations.count, pendingChecks.count)
    let wasInside = flow.isInsideIndexNotation
    scope.push()
    defer {
      scope.pop()
      flow.isInsideIndexNotation = wasInside
      prover = known
      for obligation in function.obligations.dropFirst(count) + pendingChecks.dropFirst(checks) {
        prover.assume(obligation)
      }
    }
    return body()
  }

  // MARK: let s[i, j] = e

  /// Checks `let s[i, j] = e` and emits the definition of the tensor.
  func checkIndexedBinding(
    _ name: Name, _ binders: [IndexBinder], _ expression: Expression, isVariable: Bool,
    at span: SourceSpan
  ) {
    let made = asIndexStatement { () -> (ID<Local>?) in
      let requests = binders.map {
        IndexRequest(name: $0.name, isPack: $0.isPack, written: $0.range, indexed: nil)
      }
      guard
        let ranges = declareIndices(requests, readIn: [expression], areLengths: true)?.flatMap({
          $0
        })
      else { return nil }
      var dimensions: [Dimension] = []
      for range in ranges {
        guard case .constant(.integer(0, _)) = range.lower.kind else {
          diagnose(.definitionStartsAtZero(at: range.lower.span))
          return nil
        }
        guard let size = named(end: range.upper) else { return nil }
        if size.contains(where: \.isIndex) {
          diagnose(.rangeUsesIndex(describe(size), at: range.upper.span))
          return nil
        }
        dimensions.append(size)
      }
      flow.isInsideIndexNotation = true
      let value = check(expression)
      if value.type.isError { return nil }
      guard isElement(value.type) else {
        diagnose(.notAnElement(describe(value.type), at: expression.span))
        return nil
      }
      let type = ValueType.makeTensor(value.type, dimensions)
      guard hasFewAxes(type, at: span) else { return nil }
      let id = addLocal(name.text, type, isVariable: isVariable, at: name.span)
      emit(
        .define(
          [Place(id, type: type)], indices: ranges.map(\.index), dimensions: dimensions,
          value: value),
        at: span)
      return id
    }
    declare(name, made.map { .local($0) } ?? .error)
  }

  /// `true` iff a tensor can have elements of this type.
  private func isElement(_ type: ValueType) -> Bool {
    switch type {
    case .scalar, .pointer: true
    case .tuple(let components):
      !components.isEmpty && components.allSatisfy { $0.type.scalar != nil }
    case .structure(let id):
      checker.program.structures[id].fields.allSatisfy { $0.type.scalar != nil }
    default: false
    }
  }

  // MARK: y[i, j] = e

  /// A statement whose targets are elements of tensors, with indices of its own or without.
  func checkIndexedAssignment(
    _ targets: [IndexedTarget], _ assignment: Assignment, at span: SourceSpan
  ) {
    asIndexStatement {
      var requests: [IndexRequest] = []
      for target in targets { collectIndices(of: target, into: &requests) }
      let reads = targets.flatMap { $0.bracket.items.compactMap(\.expression) } + [assignment.value]
      guard let groups = declareIndices(requests, readIn: reads) else { return }
      let ranges = groups.flatMap { $0 }
      let written = Set(
        zip(requests, groups).flatMap { $0.written == nil ? [] : $1.map(\.index) })
      flow.isInsideIndexNotation = !ranges.isEmpty || flow.isInsideIndexNotation
      checkDefinition(targets, ranges, written: written, assignment, at: span)
    }
    for target in targets { markDefined(target.place) }
  }

  /// Finds the indices that `target` declares: names on the left that are not in scope.
  private func collectIndices(of target: IndexedTarget, into requests: inout [IndexRequest]) {
    let dimensions = target.place.type.dimensions
    let open = target.bracket.items.indices.filter { position in
      if case .indexPack(let name) = target.bracket.items[position].kind {
        return scope[name.text] == nil
      }
      return false
    }
    // An open pack takes the axes that the other items leave.
    let width = target.bracket.items.reduce(0) { width, item in
      if case .indexPack(let name) = item.kind,
        case .indexPack(let pack)? = scope[name.text]?.entity
      {
        return width + pack.count
      }
      return width + 1
    }
    let rest = dimensions.count - (width - open.count)
    var axis = 0
    for (position, item) in target.bracket.items.enumerated() {
      func dimension() -> [Dimension]? { axis < dimensions.count ? [dimensions[axis]] : nil }
      switch item.kind {
      case .binder(let binder):
        add(
          .init(
            name: binder.name, isPack: binder.isPack, written: binder.range,
            indexed: binder.range == nil ? dimension() : nil), to: &requests)
        axis += 1
      case .expression(let expression):
        if let name = item.bareName, isNewIndex(name.text) {
          add(
            .init(
              name: name, isPack: false, written: nil,
              indexed: item.boundary == nil ? dimension() : nil), to: &requests)
        } else {
          collectIndices(in: expression, into: &requests)
        }
        axis += 1
      case .indexPack(let name):
        if open.contains(position) {
          let count = max(rest, 0)
          let part = axis + count <= dimensions.count ? Array(dimensions[axis..<axis + count]) : []
          add(.init(name: name, isPack: true, written: nil, indexed: part), to: &requests)
          axis += count
        } else if case .indexPack(let pack)? = scope[name.text]?.entity {
          axis += pack.count
        }
      case .wholeAxis: axis += 1
      case .rest, .newAxis: break
      }
    }
  }

  /// Finds indices that stand alone in reads at a computed place: the `i` of `y[p[i]]`.
  private func collectIndices(in expression: Expression, into requests: inout [IndexRequest]) {
    var found: [IndexRequest] = []
    ExpressionWalk.visit(expression) { part in
      guard case .bracket(let bracket) = part.kind else { return }
      for item in bracket.items {
        if let name = item.bareName, isNewIndex(name.text) {
          found.append(.init(name: name, isPack: false, written: nil, indexed: nil))
        } else if case .indexPack(let name) = item.kind, scope[name.text] == nil {
          found.append(.init(name: name, isPack: true, written: nil, indexed: nil))
        }
      }
    }
    for request in found { add(request, to: &requests) }
  }

  private func add(_ request: IndexRequest, to requests: inout [IndexRequest]) {
    guard let known = requests.firstIndex(where: { $0.name.text == request.name.text }) else {
      requests.append(request)
      return
    }
    // An index of two targets has the range that one of them says.
    if requests[known].indexed == nil, requests[known].written == nil {
      requests[known].indexed = request.indexed
      requests[known].written = request.written
    }
  }

  private func isNewIndex(_ name: String) -> Bool {
    if name.isEmpty || scope[name] != nil { return false }
    if case .constant? = checker.lookUp(name, in: module, at: .none) { return false }
    return true
  }

  /// Types places and value, and emits a definition or an update.
  private func checkDefinition(
    _ targets: [IndexedTarget], _ ranges: [IndexRange], written: Set<ID<IndexInfo>>,
    _ assignment: Assignment, at span: SourceSpan
  ) {
    var placed = WrittenPlaces()
    for target in targets {
      guard checkPlaces(of: target, ranges, written: written, into: &placed) else { return }
    }
    let elements = targets.map(\.place.type.elementType)
    guard let value = checkElements(assignment.value, elements, at: span),
      let combining = combining(assignment, elements[0]),
      combining != .replace || placed.isTotal || requireDefined(targets)
    else { return }
    for (target, items) in zip(targets, placed.axes) {
      if combining != .replace {
        coverage.read.insert(target.place.local)
      } else if !placed.skips {
        noteWritten(target.place, items, over: ranges)
      }
    }
    if combining != .replace, targets.contains(where: { !isDefined($0.place) }) {
      for target in targets { fill(target.place, identityOf: combining, at: span) }
    }
    emit(targets, ranges, placed, combining, value, at: span)
  }

  /// The new elements of targets with elements of these types; `nil` after a diagnostic.
  private func checkElements(
    _ expression: Expression, _ elements: [ValueType], at span: SourceSpan
  ) -> TypedExpression? {
    if elements.count == 1 {
      let value = check(expression, expecting: elements[0])
      return agree(value.type, with: elements[0], at: expression.span) ? value : nil
    }
    let value = check(expression, expecting: .sequence(elements))
    if value.type.isError { return nil }
    guard let parts = value.type.componentTypes, parts.count == elements.count else {
      diagnose(.wrongPartCount(expected: elements.count, describe(value.type), at: span))
      return nil
    }
    let fits = zip(parts, elements).allSatisfy { agree($0, with: $1, at: expression.span) }
    return fits ? value : nil
  }

  /// Demands that what a statement changes in part has a value.
  private func requireDefined(_ targets: [IndexedTarget]) -> Bool {
    guard let target = targets.first(where: { !isDefined($0.place) }) else { return true }
    let variables = target.bracket.items.compactMap { item -> (String, SourceSpan)? in
      guard let name = item.bareName, let entry = scope[name.text] else { return nil }
      if case .index = entry.entity { return nil }
      return (name.text, entry.span)
    }
    diagnose(
      .definitionNotTotal(
        function.locals[target.place.local].name, variables: variables, at: target.span))
    return false
  }

  /// Emits a definition where all elements are written in order of their indices, else an update.
  private func emit(
    _ targets: [IndexedTarget], _ ranges: [IndexRange], _ placed: WrittenPlaces,
    _ combining: Update.Combining, _ value: TypedExpression, at span: SourceSpan
  ) {
    let dimensions = targets[0].place.type.dimensions
    if combining == .replace, placed.isTotal, !placed.skips,
      let order = commonOrder(of: placed.places), order.count == ranges.count,
      targets.allSatisfy({ $0.place.type.dimensions.count == dimensions.count })
    {
      emit(
        .define(targets.map(\.place), indices: order, dimensions: dimensions, value: value),
        at: span)
      return
    }
    // Several targets share one list of places; they have one shape.
    if placed.places.dropFirst().contains(where: { !isSame($0, placed.places[0]) }) {
      diagnose(.jointPlacesDiffer(at: span))
      return
    }
    let update = Update(
      ranges: ranges, places: placed.places[0], skipsOutside: placed.skips, combining: combining,
      value: value)
    emit(.update(targets.map(\.place), update), at: span)
  }
}
