import TesseraSource
import TesseraSyntax

extension FunctionChecker {
  /// Checks the grid and the body of a kernel.
  func checkKernel(_ grid: [GridAxis], _ body: Block) {
    var axes: [TypedFunction.GridAxis] = []
    for axis in grid {
      guard let typed = gridAxis(axis) else {
        declare(axis.name, .error)
        continue
      }
      axes.append(typed)
    }
    function.kind = .kernel(grid: axes)
    requireCountable(axes, grid)
    coverage.axes = Dictionary(
      axes.map { ($0.local, dimension(of: $0.extent)) }, uniquingKeysWith: { a, _ in a })
    let (value, statements) = collecting {
      checkStatements(body.statements, expecting: nil, wantsValue: false)
    }
    function.body = TypedBlock(statements: statements, value: nil)
    if let value, !value.type.isUnit {
      diagnose(.valueWithoutUse(describe(value.type), at: value.span))
    }
    if axes.count == grid.count { requireNoRaces(axes) }
    for position in function.parameters.indices
    where function.parameters[position].passing == .out {
      let local = function.parameters[position].local
      if coverage.hides(local) { continue }
      function.parameters[position].startsAtZero = true
      if hasErrors { continue }
      let declared = function.locals[local]
      diagnose(.outStartsAtZero(declared.name, at: declared.span))
    }
  }

  private func gridAxis(_ axis: GridAxis) -> TypedFunction.GridAxis? {
    if case .call(let callee, let arguments) = axis.domain.kind, case .name(let word) = callee.kind,
      word.text == "tiles"
    {
      guard let (extent, capacity) = tiles(arguments, at: axis.domain.span) else { return nil }
      let id = addLocal(axis.name.text, .error, at: axis.name.span)
      declareTile(id, axis.name, extent)
      return .init(local: id, extent: extent, capacity: capacity)
    }
    var domain = axis.domain
    if case .range(let lower, let upper, let step) = domain.kind {
      guard case .integer(0) = lower.kind, step == nil else {
        diagnose(.gridStartsAtZero(at: domain.span))
        return nil
      }
      domain = upper
    }
    guard let extent = asInt(check(domain, expecting: .int)),
      requireRepresentable(extent, domain)
    else { return nil }
    let id = addLocal(axis.name.text, .int, at: axis.name.span)
    declare(axis.name, .local(id))
    let symbol = makeSymbol(for: id, named: axis.name.text)
    prover.assume(symbol, .greaterOrEqual, Dimension(0))
    if let size = exactDimension(of: extent) {
      prover.assume(symbol, .less, size)
      prover.assume(size, .greaterOrEqual, Dimension(1))
    }
    return .init(local: id, extent: extent, capacity: nil)
  }

  /// `false`, after a diagnostic, iff `extent`, which `expression` spells, is known to be no length.
  private func requireRepresentable(_ extent: TypedExpression, _ expression: Expression) -> Bool {
    guard let length = dimension(of: extent) else { return true }
    if length.isUnknown {
      diagnose(.dimensionTooLarge("'\(text(expression))'", at: expression.span))
      return false
    }
    if let constant = length.constant, constant < 0 {
      diagnose(.negativeDimension(text(expression), constant, at: expression.span))
      return false
    }
    return true
  }

  /// Demands that a grid whose size is known has no more programs than can be counted.
  private func requireCountable(_ axes: [TypedFunction.GridAxis], _ grid: [GridAxis]) {
    var count = Dimension(1)
    for axis in axes {
      guard let extent = dimension(of: axis.extent)?.constant else { continue }
      let capacity = axis.capacity.flatMap { dimension(of: $0)?.constant } ?? 1
      count = count * Dimension((extent - 1) / max(1, capacity) + 1)
    }
    guard count.isUnknown, let last = grid.last else { return }
    diagnose(.dimensionTooLarge("the number of programs", at: last.domain.span))
  }

  /// The arguments of `tiles(extent, capacity)`; `nil` after a diagnostic.
  func tiles(
    _ arguments: [Argument], at span: SourceSpan
  ) -> (extent: TypedExpression, capacity: TypedExpression)? {
    guard arguments.count == 2 else {
      diagnose(.wrongArgumentCount(of: "tiles", expected: 2, given: arguments.count, at: span))
      return nil
    }
    guard let extent = asInt(check(arguments[0].value, expecting: .int)),
      let capacity = asInt(check(arguments[1].value, expecting: .int)),
      requireRepresentable(extent, arguments[0].value)
    else { return nil }
    if let size = dimension(of: capacity), size.isUnknown {
      diagnose(.dimensionTooLarge("'\(text(arguments[1].value))'", at: arguments[1].value.span))
      return nil
    }
    if let size = dimension(of: capacity),
      !require(
        Dimension(1), .lessOrEqual, size, message: "a tile holds at least one index", at: span)
    {
      return nil
    }
    return (extent, capacity)
  }

  /// Makes the local `id` an index tile over `extent`.
  func declareTile(_ id: ID<Local>, _ name: Name, _ extent: TypedExpression) {
    let symbol = function.symbols.append(
      DimensionSymbol(name: name.text, origin: .tileLength(id)))
    let length = Dimension(symbol)
    prover.assume(length, .greaterOrEqual, Dimension(1))
    let type = ValueType.indexTile(length: length)
    function.locals[id].type = type
    states[Int(id.index)].type = type
    tileExtents[id] = dimension(of: extent)
    declare(name, .local(id))
  }

  /// The length of the tile in `let cols = tile(N)`, or `nil` if the expression is none.
  func wholeTile(_ expression: Expression) -> Dimension? {
    guard case .call(let callee, let arguments) = expression.kind,
      case .name(let name) = callee.kind, name.text == "tile", arguments.count == 1,
      scope["tile"] == nil
    else {
      if case .name(let name) = expression.kind,
        case .wholeTile(let length)? = scope[name.text]?.entity
      {
        return length
      }
      return nil
    }
    return resolveDimension(arguments[0].value)
  }

  /// Notes that a statement writes the part `items` of `place`, for the coverage of `out`s;
  /// `ranges` are those of its indices.
  ///
  /// A part covers the whole if each axis is written whole, or for every index or tile of one axis
  /// of the grid, and nothing can skip the statement. A grid without programs writes nothing, so the
  /// axes that do not occur are known to have an index.
  func noteWritten(_ place: Place, _ items: [AxisItem], over ranges: [IndexRange] = []) {
    guard place.path.isEmpty, flow.isInEveryProgram else { return }
    let dimensions = place.type.dimensions
    var used: Set<ID<Local>> = []
    var usedIndices: Set<ID<IndexInfo>> = []
    for item in items {
      let size = dimensions[item.axis]
      switch item.kind {
      case .wholeAxis: continue
      case .range(let lower, let upper):
        guard let first = dimension(of: lower), let last = dimension(of: upper),
          prover.provesEqual(first, Dimension(0)), prover.provesEqual(last, size)
        else { return }
      case .tile(let tile):
        guard case .local(let id) = tile.kind else {
          if case .indexTile(let length) = tile.type, prover.provesEqual(length, size) { continue }
          return
        }
        guard coverage.axes.keys.contains(id), used.insert(id).inserted,
          let extent = tileExtents[id], prover.provesEqual(extent, size)
        else { return }
      case .element(let value, nil):
        if case .index(let index) = value.kind {
          guard usedIndices.insert(index).inserted,
            let range = ranges.first(where: { $0.index == index }),
            let first = dimension(of: range.lower), let last = dimension(of: range.upper),
            prover.provesEqual(first, Dimension(0)), prover.provesEqual(last, size)
          else { return }
          continue
        }
        guard case .local(let id) = value.kind, let extent = coverage.axes[id] ?? nil,
          used.insert(id).inserted, prover.provesEqual(extent, size)
        else { return }
      case .element, .newAxis: return
      }
    }
    // Along the other axes of the grid there is a program at least.
    for (axis, extent) in coverage.axes where !used.contains(axis) {
      guard let length = extent?.constant, length >= 1 else { return }
    }
    coverage.written.insert(place.local)
  }
}
