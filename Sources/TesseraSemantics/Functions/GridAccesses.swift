import TesseraSource

/// What every program of a grid reads and writes of the tensors that programs change.
///
/// Only what is certain is noted: no access that a condition, a loop or an early end may leave out,
/// and none whose places are not the program's own point or tile, a point beside it, a number, or a
/// whole axis.
struct GridAccesses {
  /// The indices of an axis that a program accesses.
  enum Item {
    /// The program's point on an axis of the grid, or the index so far after it.
    case point(ID<Local>, offset: Int)
    /// The program's tile.
    case tile(ID<Local>)
    case constant(Int)
    case whole
  }

  /// An access to elements of a parameter.
  struct Access {
    /// The tensor.
    var local: ID<Local>
    /// What it says of each axis.
    var items: [Item]
    /// `true` iff a read is part of an update: `+=`.
    var isUpdate = false
    /// The source text of the access.
    var span: SourceSpan
  }

  /// What programs read.
  private(set) var reads: [Access] = []
  /// What programs write.
  private(set) var writes: [Access] = []
  private let checker: FunctionChecker
  /// The parameters that programs change.
  private let changed: Set<ID<Local>>
  /// How far the indices run that begin at 0.
  private var extents: [ID<IndexInfo>: Dimension] = [:]
  /// `false` where something may keep a program from what it does next.
  private var isCertain = true

  /// Collects the accesses of the kernel that `checker` has checked.
  init(of checker: FunctionChecker) {
    self.checker = checker
    changed = Set(
      checker.function.parameters.filter { $0.passing != .value }.map(\.local))
    visit(checker.function.body)
  }

  // MARK: Statements

  private mutating func visit(_ block: TypedBlock) {
    for statement in block.statements { visit(statement) }
    if let value = block.value { visit(value) }
  }

  private mutating func visit(_ statement: TypedStatement) {
    let span = statement.span
    switch statement.kind {
    case .bind(_, let value), .evaluate(let value), .assertion(let value, _): visit(value)
    case .print(let values): visit(values)
    case .define(let places, let indices, let dimensions, let value):
      for (index, dimension) in zip(indices, dimensions) { extents[index] = dimension }
      visit(value)
      for place in places { noteWrite(place, place.type.dimensions.map { _ in .whole }, span) }
    case .update(let places, let update): visit(update, of: places, span)
    case .assign(let place, let value):
      visit(value)
      noteWrite(place, place.type.dimensions.map { _ in .whole }, span)
    case .assignSlice(let place, let items, let combining, let value):
      visit(value)
      guard let items = slice(items) else { return }
      noteWrite(place, items, isUpdate: combining != .replace, span)
    case .forLoop(_, let lower, let upper, let step, let capacity, let body):
      for part in [lower, upper, step, capacity] { part.map { visit($0) } }
      perhaps { $0.visit(body) }
    case .whileLoop(let condition, let body):
      visit(condition)
      perhaps { $0.visit(body) }
    case .returnValue(let value):
      value.map { visit($0) }
      isCertain = false
    case .check: break
    }
  }

  private mutating func visit(_ update: Update, of places: [Place], _ span: SourceSpan) {
    note(update.ranges)
    for place in update.places { visit(place.value) }
    visit(update.value)
    if update.skipsOutside { return }
    for place in places {
      guard let items = elements(update.places, place.type.dimensions) else { continue }
      noteWrite(place, items, isUpdate: update.combining != .replace, span)
    }
  }

  /// Visits what may not run.
  private mutating func perhaps(_ visit: (inout GridAccesses) -> Void) {
    let outer = (reads.count, writes.count, isCertain)
    visit(&self)
    reads.removeSubrange(outer.0...)
    writes.removeSubrange(outer.1...)
    // A program that may have ended there need not do what follows.
    isCertain = isCertain && outer.2
  }

  // MARK: Expressions

  private mutating func visit(_ expressions: [TypedExpression]) {
    for expression in expressions { visit(expression) }
  }

  private mutating func visit(_ expression: TypedExpression) {
    switch expression.kind {
    case .constant, .index, .dimension, .error: break
    case .local(let local):
      noteRead(local, expression.type.dimensions.map { _ in .whole }, expression.span)
    case .operation(_, let operands), .aggregate(let operands), .builtin(_, let operands),
      .lifted(_, let operands):
      visit(operands)
    case .call(_, let operands, _):
      // What is handed over whole may be written there, or not be looked at.
      for operand in operands {
        if case .local = operand.kind { continue }
        visit(operand)
      }
    case .convert(let operand), .bitcast(let operand): visit(operand)
    case .component(let base, _):
      if case .local = base.kind { return }
      visit(base)
    case .reduceAxis(let kind, let operand, _), .scanAxis(let kind, let operand, _, _):
      visit(kind.operands + [operand])
    case .read(let base, let places, let outside):
      for place in places { visit(place.value) }
      if let outside { perhaps { $0.visit(outside) } }
      guard case .local(let local) = base.kind else { return visit(base) }
      let items =
        places.contains { $0.boundary != nil } ? nil : elements(places, base.type.dimensions)
      if let items { noteRead(local, items, expression.span) }
    case .slice(let base, let parts):
      guard case .local(let local) = base.kind else { return visit(base) }
      if let items = slice(parts) { noteRead(local, items, expression.span) }
    case .reduce(let reduction):
      note(reduction.ranges)
      visit(reduction.kind.operands)
      if let condition = reduction.condition {
        visit(condition)
        perhaps { $0.visit(reduction.body) }
      } else {
        visit(reduction.body)
      }
    case .conditional(let condition, let then, let otherwise):
      visit(condition)
      perhaps { $0.visit(then) }
      perhaps { $0.visit(otherwise) }
    case .block(let block): visit(block)
    }
  }

  // MARK: Places

  private mutating func note(_ ranges: [IndexRange]) {
    for range in ranges {
      for end in [range.lower, range.upper, range.step] { end.map { visit($0) } }
      guard range.step == nil, checker.dimension(of: range.lower) == Dimension(0) else { continue }
      extents[range.index] = checker.dimension(of: range.upper)
    }
  }

  private mutating func noteRead(
    _ local: ID<Local>, _ items: [Item], isUpdate: Bool = false, _ span: SourceSpan
  ) {
    guard isCertain, changed.contains(local) else { return }
    reads.append(Access(local: local, items: items, isUpdate: isUpdate, span: span))
  }

  private mutating func noteWrite(
    _ place: Place, _ items: [Item], isUpdate: Bool = false, _ span: SourceSpan
  ) {
    guard isCertain, place.path.isEmpty, changed.contains(place.local) else { return }
    writes.append(Access(local: place.local, items: items, span: span))
    if isUpdate { noteRead(place.local, items, isUpdate: true, span) }
  }

  /// What each of `places` says of its axis; `nil` if one says too little.
  private func elements(_ places: [ReadIndex], _ dimensions: [Dimension]) -> [Item]? {
    var used: Set<ID<IndexInfo>> = []
    var items: [Item] = []
    for (place, size) in zip(places, dimensions) {
      guard place.boundary == nil else { return nil }
      if case .index(let index) = place.value.kind {
        guard used.insert(index).inserted, let extent = extents[index],
          checker.prover.provesEqual(extent, size)
        else { return nil }
        items.append(.whole)
      } else if let item = element(place.value) {
        items.append(item)
      } else {
        return nil
      }
    }
    return items
  }

  /// What each of `parts` says of its axis; `nil` if one says too little.
  private func slice(_ parts: [SliceItem]) -> [Item]? {
    var items: [Item] = []
    for part in parts {
      switch part {
      case .wholeAxis: items.append(.whole)
      case .newAxis: break
      case .range: return nil
      case .element(let value):
        guard let item = element(value) else { return nil }
        items.append(item)
      case .tile(let tile):
        guard case .local(let local) = tile.kind, checker.coverage.axes[local] != nil else {
          return nil
        }
        items.append(.tile(local))
      }
    }
    return items
  }

  /// The index that `value` is: a number, or one near the point of the grid.
  private func element(_ value: TypedExpression) -> Item? {
    guard let index = checker.dimension(of: value) else { return nil }
    if let number = index.constant { return .constant(number) }
    for local in checker.coverage.axes.keys {
      guard let point = checker.localDimensions[local], let offset = (index - point).constant
      else { continue }
      return .point(local, offset: offset)
    }
    return nil
  }
}
