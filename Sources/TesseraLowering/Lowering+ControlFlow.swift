import TesseraIR
import TesseraSemantics

extension FunctionLowering {
  /// A local of the translation's own: `true` once the function was left by `return` inside a
  /// loop or branch.
  static let hasLeft = ID<Local>(index: .max)
  /// A local of the translation's own: what such a `return` gave.
  static let returned = ID<Local>(index: .max - 1)

  /// The type of a local.
  func type(of local: ID<Local>) -> ValueType {
    switch local {
    case Self.hasLeft: .bool
    case Self.returned: .tuple(source.results.map { ValueType.Component(type: $0.type) })
    default: source.locals[local].type
    }
  }

  /// The name of a local.
  func name(of local: ID<Local>) -> String {
    switch local {
    case Self.hasLeft: "left"
    case Self.returned: "returned"
    default: source.locals[local].name
    }
  }

  // MARK: Branches

  /// `if` with a value, or for its effects if `type` is unit.
  mutating func lowerConditional(
    _ condition: TypedExpression, _ first: TypedBlock, _ second: TypedBlock, type: ValueType
  ) -> Lowered {
    let isUnit = type == .unit
    return branch(
      on: lowerValue(condition),
      then: { lowering in
        let value = lowering.lowerBlock(first)
        return isUnit ? .aggregate([]) : value
      },
      else: { lowering in
        let value = lowering.lowerBlock(second)
        return isUnit ? .aggregate([]) : value
      })
  }

  /// Appends `if`; gives the value of the branch taken and makes every local what that branch
  /// left.
  mutating func branch(
    on condition: Value, then first: (inout FunctionLowering) -> Lowered,
    else second: (inout FunctionLowering) -> Lowered
  ) -> Lowered {
    let before = locals
    let outer = builder.region
    func build(
      _ lowering: inout FunctionLowering, _ body: (inout FunctionLowering) -> Lowered
    ) -> (region: ID<Region>, value: Lowered, locals: [ID<Local>: Lowered]) {
      let region = lowering.openRegion().region
      lowering.conditionDepth += 1
      let value = lowering.inRegion(region, body)
      lowering.conditionDepth -= 1
      let locals = lowering.locals
      lowering.locals = before
      lowering.builder.region = outer
      return (region, value, locals)
    }
    let a = build(&self, first)
    let b = build(&self, second)

    let joined = joinedLocals(before, a.locals, b.locals)
    var values: ([Value], [Value]) = (a.value.values, b.value.values)
    var trees: [Lowered] = []
    for local in joined {
      let type = type(of: local)
      let left = defined(a.locals[local], b.locals[local], type, in: a.region)
      let right = defined(b.locals[local], a.locals[local], type, in: b.region)
      values.0 += left.values
      values.1 += right.values
      trees.append(left)
    }
    inRegion(a.region) { _ = $0.builder.emit(.yield, values.0) }
    inRegion(b.region) { _ = $0.builder.emit(.yield, values.1) }
    if values.0.isEmpty, isEmpty(a.region), isEmpty(b.region) { return a.value }

    let types = zip(values.0, values.1).map { join(builder.type(of: $0), builder.type(of: $1)) }
    let results = builder.emit(
      .if, [condition], results: types, regions: [a.region, b.region])
    var rest = results[...]
    let value = a.value.rebuilt(from: &rest)
    for (local, tree) in zip(joined, trees) {
      let leaves = rest.prefix(tree.values.count)
      for leaf in leaves { builder.function.values[leaf].name = name(of: local) }
      locals[local] = tree.rebuilt(from: &rest)
      forgetDimensions(of: local)
    }
    return value
  }

  /// `true` iff `region` only yields.
  private func isEmpty(_ region: ID<Region>) -> Bool {
    builder.function.regions[region].operations.count <= 1
  }

  /// The locals that branches changed and that are visible after them, in order.
  private func joinedLocals(
    _ before: [ID<Local>: Lowered], _ a: [ID<Local>: Lowered], _ b: [ID<Local>: Lowered]
  ) -> [ID<Local>] {
    let candidates = Set(a.keys).union(b.keys).filter { local in
      guard let old = before[local] else {
        return isResult(local) || (a[local] != nil && b[local] != nil)
      }
      return differ(old, a[local]) || differ(old, b[local])
    }
    return candidates.sorted()
  }

  /// `true` iff `local` is a result or an `out` parameter, which stand outside of all blocks.
  private func isResult(_ local: ID<Local>) -> Bool {
    source.results.contains { $0.local == local }
      || source.parameters.contains { $0.local == local }
  }

  private func differ(_ a: Lowered, _ b: Lowered?) -> Bool {
    guard let b else { return true }
    switch (a, b) {
    case (.value(let a), .value(let b)): return a != b
    case (.undefined, .undefined): return false
    case (.aggregate(let a), .aggregate(let b)):
      return a.count != b.count || zip(a, b).contains { differ($0, $1) }
    default: return true
    }
  }

  /// `value` with zeros, made in `region`, where `other` has something and it has nothing.
  private mutating func defined(
    _ value: Lowered?, _ other: Lowered?, _ type: ValueType, in region: ID<Region>
  ) -> Lowered {
    switch (value, other) {
    case (.undefined?, .undefined?), (.undefined?, nil), (nil, .undefined?), (nil, nil):
      return .undefined
    case (.value(let value)?, _):
      return .value(value)
    case (.aggregate(let values)?, .aggregate(let others)?) where values.count == others.count:
      let parts = parts(of: type) ?? []
      return .aggregate(
        values.indices.map { position in
          let part = position < parts.count ? parts[position].type : .error
          return defined(values[position], others[position], part, in: region)
        })
    case (.aggregate?, _):
      return value!
    case (_, let other?):
      if case .aggregate(let others) = other, let parts = parts(of: type) {
        return .aggregate(zip(others, parts).map { defined(nil, $0, $1.type, in: region) })
      }
      return inRegion(region) { $0.zero(type) }
    }
  }

  /// The type of what is one or the other: lengths that differ are known when the program runs.
  private func join(_ a: Type, _ b: Type) -> Type {
    guard a != b, case .tensor(let element, let left) = a, case .tensor(_, let right) = b else {
      return a
    }
    return .tensor(element, zip(left, right).map { $0 == $1 ? $0 : .dynamic })
  }

  // MARK: Loops

  /// The locals that a loop changes and that stand outside of it; each is given a value.
  private mutating func carriedLocals(_ visitor: Visitor) -> [ID<Local>] {
    var assigned = visitor.assignedLocals
    if visitor.hasReturn {
      prepareLeaving()
      assigned.formUnion([Self.hasLeft, Self.returned])
    }
    let carried = assigned.filter { locals[$0] != nil || isResult($0) }.sorted()
    for local in carried {
      locals[local] = complete(locals[local] ?? .undefined, as: type(of: local))
    }
    return carried
  }

  /// Makes the carried locals what `values` are.
  private mutating func rebind(_ carried: [ID<Local>], _ values: [Value]) {
    var rest = values[...]
    for local in carried {
      let tree = locals[local]!
      for leaf in rest.prefix(tree.values.count)
      where builder.function.values[leaf].name == nil {
        builder.function.values[leaf].name = name(of: local)
      }
      locals[local] = tree.rebuilt(from: &rest)
      forgetDimensions(of: local)
    }
  }

  /// What the carried locals are, leaf by leaf.
  private mutating func values(_ carried: [ID<Local>]) -> [Value] {
    carried.flatMap { complete(local($0), as: type(of: $0)).values }
  }

  /// Lowers a loop over a range.
  mutating func lowerFor(
    _ variable: ID<Local>, _ lower: TypedExpression, _ upper: TypedExpression,
    _ step: TypedExpression?, _ capacity: TypedExpression?, _ body: TypedBlock
  ) {
    let lower = lowerIndex(lower)
    let upper = lowerIndex(upper)
    let capacity = capacity.map { lowerIndex($0) }
    let step = capacity ?? step.map { lowerIndex($0) } ?? constant(1)
    var visitor = Visitor(program)
    visitor.visit(body)
    let carried = carriedLocals(visitor)
    let initial = values(carried)
    let before = locals
    let index = RegionParameter.index(source.locals[variable].name)
    let (region, inner) = openRegion([index] + parameters(like: initial))
    conditionDepth += 1
    inRegion(region) { lowering in
      lowering.rebind(carried, Array(inner.dropFirst()))
      lowering.locals[variable] = .value(inner[0])
      if let capacity {
        let rest = lowering.builder.arithmetic(.subtract, upper, inner[0])
        let length = lowering.builder.arithmetic(.minimum, capacity, rest)
        lowering.locals[variable] = .aggregate([.value(inner[0]), .value(length)])
      }
      lowering.forgetDimensions(of: variable)
      lowering.lowerLoopBody(body, mayLeave: visitor.hasReturn)
      let next = lowering.values(carried)
      lowering.builder.emit(.yield, next)
    }
    conditionDepth -= 1
    locals = before
    let results = builder.emit(
      .for, [lower, upper, step] + initial, results: initial.map { builder.type(of: $0) },
      regions: [region])
    rebind(carried, results)
  }

  /// The body of a loop, which does nothing once the function was left.
  private mutating func lowerLoopBody(_ body: TypedBlock, mayLeave: Bool) {
    guard mayLeave else {
      _ = lowerBlock(body)
      return
    }
    _ = branch(
      on: local(Self.hasLeft).value, then: { _ in .aggregate([]) },
      else: { lowering in
        _ = lowering.lowerBlock(body)
        return .aggregate([])
      })
  }

  /// Lowers a loop with a condition.
  mutating func lowerWhile(_ condition: TypedExpression, _ body: TypedBlock) {
    var visitor = Visitor(program)
    visitor.visit(condition)
    visitor.visit(body)
    let carried = carriedLocals(visitor)
    let initial = values(carried)
    let before = locals
    conditionDepth += 1
    let (test, tested) = openRegion(parameters(like: initial))
    inRegion(test) { lowering in
      lowering.rebind(carried, tested)
      var goesOn: Value
      if visitor.hasReturn {
        goesOn =
          lowering.branch(
            on: lowering.local(Self.hasLeft).value,
            then: { .value($0.constant(0, .bool)) }, else: { $0.lower(condition) }
          ).value
      } else {
        goesOn = lowering.lowerValue(condition)
      }
      lowering.builder.emit(.condition, [goesOn] + lowering.values(carried))
    }
    locals = before
    let (region, inner) = openRegion(parameters(like: initial))
    inRegion(region) { lowering in
      lowering.rebind(carried, inner)
      _ = lowering.lowerBlock(body)
      lowering.builder.emit(.yield, lowering.values(carried))
    }
    conditionDepth -= 1
    locals = before
    let results = builder.emit(
      .while, initial, results: initial.map { builder.type(of: $0) }, regions: [test, region])
    rebind(carried, results)
  }
}
