import TesseraSemantics

/// Collects what expressions and statements name, write, call and leave by.
struct Visitor {
  /// The locals that are read.
  private(set) var usedLocals: Set<ID<Local>> = []
  /// The locals that are bound, assigned, defined or updated.
  private(set) var assignedLocals: Set<ID<Local>> = []
  /// The indices that are read.
  private(set) var usedIndices: Set<ID<IndexInfo>> = []
  /// The indices that definitions, updates and reductions declare.
  private(set) var boundIndices: Set<ID<IndexInfo>> = []
  /// The functions that are called.
  private(set) var callees: Set<ID<TypedFunction>> = []
  /// `true` iff a `return` may end the function.
  private(set) var hasReturn = false
  /// `true` iff running it can be seen but for its value.
  private(set) var hasEffect = false
  /// The `inout` parameters by function; without it, arguments count as read only.
  private let program: Program?

  /// Creates a visitor; `program` tells which arguments a call writes to.
  init(_ program: Program? = nil) { self.program = program }

  /// The indices that are read but not declared within.
  var freeIndices: Set<ID<IndexInfo>> { usedIndices.subtracting(boundIndices) }

  /// The locals that are read but not assigned within.
  var freeLocals: Set<ID<Local>> { usedLocals.subtracting(assignedLocals) }

  /// Collects from the statements and the value of `block`.
  mutating func visit(_ block: TypedBlock) {
    for statement in block.statements { visit(statement) }
    if let value = block.value { visit(value) }
  }

  /// Collects from `statement` and all that it holds.
  mutating func visit(_ statement: TypedStatement) {
    switch statement.kind {
    case .bind(let local, let value):
      assignedLocals.insert(local)
      visit(value)
    case .define(let places, let indices, let dimensions, let value):
      boundIndices.formUnion(indices)
      for place in places { visit(place) }
      for dimension in dimensions { visit(dimension) }
      visit(value)
    case .update(let places, let update):
      for place in places {
        visit(place)
        usedLocals.insert(place.local)
      }
      visit(update.ranges)
      for index in update.places { visit(index.value) }
      visit(update.value)
    case .assign(let place, let value):
      visit(place)
      visit(value)
    case .assignSlice(let place, let items, _, let value):
      visit(place)
      usedLocals.insert(place.local)
      visit(items)
      visit(value)
    case .forLoop(let variable, let lower, let upper, let step, let capacity, let body):
      assignedLocals.insert(variable)
      for part in [lower, upper, step, capacity] { part.map { visit($0) } }
      visit(body)
    case .whileLoop(let condition, let body):
      visit(condition)
      visit(body)
    case .returnValue(let value):
      hasReturn = true
      value.map { visit($0) }
    case .assertion(let condition, _):
      hasEffect = true
      visit(condition)
    case .print(let parts):
      hasEffect = true
      for part in parts { visit(part) }
    case .check(let obligation):
      hasEffect = true
      visit(obligation.left)
      visit(obligation.right)
    case .evaluate(let value):
      visit(value)
    }
  }

  /// Collects from `expression` and all that it holds.
  mutating func visit(_ expression: TypedExpression) {
    for dimension in expression.type.dimensions { visit(dimension) }
    switch expression.kind {
    case .constant, .error: break
    case .local(let local): usedLocals.insert(local)
    case .index(let index): usedIndices.insert(index)
    case .dimension(let dimension): visit(dimension)
    case .operation(_, let operands), .lifted(_, let operands), .aggregate(let operands):
      if case .lifted(let callee, _) = expression.kind { callees.insert(callee) }
      for operand in operands { visit(operand) }
    case .builtin(let builtin, let operands):
      if builtin.hasEffect { hasEffect = true }
      for operand in operands { visit(operand) }
    case .call(let callee, let arguments, _):
      callees.insert(callee)
      for argument in arguments { visit(argument) }
      guard let inputs = program?.functions[callee].inputs else { break }
      for (parameter, argument) in zip(inputs, arguments) where parameter.passing == .inout {
        if let root = argument.root { assignedLocals.insert(root) }
      }
    case .convert(let operand), .bitcast(let operand), .component(let operand, _):
      visit(operand)
    case .read(let base, let places, let outside):
      visit(base)
      for place in places { visit(place.value) }
      outside.map { visit($0) }
    case .slice(let base, let items):
      visit(base)
      visit(items)
    case .reduce(let reduction):
      visit(reduction.kind)
      visit(reduction.ranges)
      reduction.condition.map { visit($0) }
      visit(reduction.body)
      if let index = reduction.scanIndex { usedIndices.insert(index) }
    case .reduceAxis(let kind, let operand, _), .scanAxis(let kind, let operand, _, _):
      visit(kind)
      visit(operand)
    case .conditional(let condition, let first, let second):
      visit(condition)
      visit(first)
      visit(second)
    case .block(let block):
      visit(block)
    }
  }

  private mutating func visit(_ kind: ReductionKind) {
    switch kind {
    case .combiner(let function, _, _), .fold(let function, _, _): callees.insert(function)
    default: break
    }
    for operand in kind.operands { visit(operand) }
  }

  private mutating func visit(_ items: [SliceItem]) {
    for item in items {
      switch item {
      case .element(let value), .range(let value), .tile(let value): visit(value)
      case .wholeAxis, .newAxis: break
      }
    }
  }

  private mutating func visit(_ ranges: [IndexRange]) {
    for range in ranges {
      boundIndices.insert(range.index)
      visit(range.lower)
      visit(range.upper)
      range.step.map { visit($0) }
    }
  }

  private mutating func visit(_ place: Place) {
    assignedLocals.insert(place.local)
    if !place.path.isEmpty { usedLocals.insert(place.local) }
  }

  private mutating func visit(_ dimension: Dimension) {
    _ = dimension.contains { atom in
      if case .index(let index) = atom { usedIndices.insert(index) }
      return false
    }
  }
}

extension TypedExpression {
  /// The local that a place such as `p.body.0` is a part of.
  var root: ID<Local>? {
    switch kind {
    case .local(let local): local
    case .component(let whole, _): whole.root
    default: nil
    }
  }

  /// The positions that lead from the root to a place.
  var path: [Int] {
    if case .component(let whole, let position) = kind { return whole.path + [position] }
    return []
  }
}

extension Builtin {
  /// `true` iff it touches memory that others see.
  var hasEffect: Bool {
    switch self {
    case .load, .store, .atomic, .atomicCompareExchange: true
    default: false
    }
  }
}
