import TesseraSource
import TesseraSyntax

extension FunctionChecker {
  // MARK: if

  /// `if` with a value or for its effects; only the branch taken runs.
  func checkConditional(
    _ it: Conditional, expecting expected: ValueType?, isTail: Bool = false, at span: SourceSpan
  ) -> TypedExpression {
    if it.isConst {
      return checkConstIf(it, expecting: expected, wantsValue: true, isTail: isTail)
        ?? TypedExpression(.aggregate([]), .unit, at: span)
    }
    if it.branches.count > Limits.branches {
      return fail(.nestedTooDeeply(at: it.branches[Limits.branches].condition.span))
    }
    return checkBranches(
      it.branches[...], it.otherwise, expecting: expected, isTail: isTail, at: span)
  }

  private func checkBranches(
    _ branches: ArraySlice<Conditional.Branch>, _ otherwise: Block?,
    expecting expected: ValueType?, isTail: Bool, at span: SourceSpan
  ) -> TypedExpression {
    guard let first = branches.first else { return error(at: span) }
    let condition = checkCondition(first.condition)
    let rest = branches.dropFirst()
    let hasValue = otherwise != nil
    // What a branch assigns is undone for the other; the locals that it declares keep their numbers.
    let before = (states: states, prover: prover)
    func way(_ isTaken: Bool, _ hint: ValueType?) -> (block: TypedBlock, states: [LocalState]) {
      states.replaceSubrange(before.states.indices, with: before.states)
      prover = before.prover
      if let condition { assume(condition, isTrue: isTaken) }
      let block =
        isTaken
        ? checkBlock(first.body, expecting: hint, wantsValue: true, isTail: isTail)
        : checkElse(rest, otherwise, expecting: hint, isTail: isTail, at: span)
      return (block, states)
    }
    let outer = flow
    flow.enterBranch(ofKernel: function.kind.isKernel)
    defer { flow.goBack(to: outer) }
    let then: (block: TypedBlock, states: [LocalState])
    let alternative: (block: TypedBlock, states: [LocalState])
    if expected == nil, hasValue, isFlexible(first.body) {
      // Literals take the type of the other branch.
      alternative = way(false, nil)
      then = way(true, alternative.block.value?.type.elementType)
    } else {
      then = way(true, expected)
      alternative = way(false, expected ?? then.block.value?.type.elementType)
    }
    prover = before.prover
    if then.block.alwaysReturns {
      states = alternative.states + then.states.dropFirst(alternative.states.count)
      if let condition, rest.isEmpty { assume(condition, isTrue: false) }
    } else if alternative.block.alwaysReturns {
      states = then.states + alternative.states.dropFirst(then.states.count)
    } else {
      join(then.states, alternative.states, at: span)
    }
    guard let condition else { return error(at: span) }
    return result(of: condition, then.block, alternative.block, hasValue: hasValue, at: span)
  }

  /// What is done where the condition before does not hold: the other branches, or `otherwise`.
  private func checkElse(
    _ branches: ArraySlice<Conditional.Branch>, _ otherwise: Block?,
    expecting expected: ValueType?, isTail: Bool, at span: SourceSpan
  ) -> TypedBlock {
    if branches.isEmpty {
      guard let otherwise else { return TypedBlock(statements: [], value: nil) }
      return checkBlock(otherwise, expecting: expected, wantsValue: true, isTail: isTail)
    }
    let (value, statements) = collecting {
      asStatement {
        checkBranches(branches, otherwise, expecting: expected, isTail: isTail, at: span)
      }
    }
    if value.type.isUnit {
      return TypedBlock(
        statements: statements + [TypedStatement(.evaluate(value), at: value.span)], value: nil)
    }
    return TypedBlock(statements: statements, value: value)
  }

  /// A condition as a `bool`; `nil` after a diagnostic.
  private func checkCondition(_ expression: Expression) -> TypedExpression? {
    let condition = check(expression, expecting: .bool)
    if condition.type == .bool { return condition }
    if !condition.type.isError {
      diagnose(.conditionType(describe(condition.type), at: expression.span))
    }
    return nil
  }

  /// The `if` itself, once both branches are typed.
  private func result(
    of condition: TypedExpression, _ then: TypedBlock, _ otherwise: TypedBlock, hasValue: Bool,
    at span: SourceSpan
  ) -> TypedExpression {
    if then.value?.type.isError == true || otherwise.value?.type.isError == true {
      return error(at: span)
    }
    guard hasValue, then.value != nil || otherwise.value != nil else {
      if let value = then.value ?? otherwise.value {
        return fail(.valueWithoutUse(describe(value.type), at: value.span))
      }
      return TypedExpression(.conditional(condition, then, otherwise), .unit, at: span)
    }
    guard let a = then.value, let b = otherwise.value else {
      let present = then.value == nil ? otherwise : then
      let absent = then.value == nil ? then : otherwise
      if absent.alwaysReturns, let type = present.value?.type {
        return TypedExpression(.conditional(condition, then, otherwise), type, at: span)
      }
      return fail(.branchWithoutValue(describe(present.value?.type ?? .unit), at: span))
    }
    let label = Diagnostic.Label("the other branch is '\(describe(a.type))'", at: a.span)
    guard agree(b.type, with: a.type, at: b.span, because: label) else { return error(at: span) }
    return TypedExpression(.conditional(condition, then, otherwise), a.type, at: span)
  }

  /// `true` iff `block` is an expression whose type follows from its context alone.
  func isFlexible(_ block: Block) -> Bool {
    guard block.statements.count == 1, case .expression(let value) = block.statements[0].kind
    else { return false }
    return isFlexible(value)
  }

  /// Brings the states at the ends of two paths together; dimensions must agree there.
  func join(_ a: [LocalState], _ b: [LocalState], at span: SourceSpan) {
    states = a
    for position in 0..<min(a.count, b.count) {
      let (first, second) = (a[position], b[position])
      states[position].isDefined = first.isDefined && second.isDefined
      states[position].definedPaths = first.definedPaths.intersection(second.definedPaths)
      if first.type == second.type || first.type.isError || second.type.isError { continue }
      if matches(first.type, second.type, { prover.provesEqual($0, $1) }) { continue }
      let local = function.locals[ID(index: UInt32(position))]
      diagnose(
        .shapesDisagreeAtJoin(
          local.name, describe(first.type), describe(second.type), declared: local.span, at: span))
      states[position].type = .error
    }
    if b.count > a.count { states += b[a.count...] }
  }

  // MARK: const if

  /// Types the branch that the constants choose; the names of the others are resolved only.
  func checkConstIf(
    _ it: Conditional, expecting expected: ValueType?, wantsValue: Bool, isTail: Bool = false
  ) -> TypedExpression? {
    var isDecided = false
    var value: TypedExpression?
    func take(_ block: Block) {
      isDecided = true
      scope.push()
      defer { scope.pop() }
      value = checkStatements(
        block.statements, expecting: expected, wantsValue: wantsValue, isTail: isTail)
    }
    for branch in it.branches {
      if isDecided {
        resolveNames(in: branch.condition)
        resolveNames(in: branch.body)
        continue
      }
      guard let holds = constantBool(branch.condition, describing: "the condition of 'const if'")
      else { return error(at: branch.condition.span) }
      if holds { take(branch.body) } else { resolveNames(in: branch.body) }
    }
    if let otherwise = it.otherwise {
      if isDecided { resolveNames(in: otherwise) } else { take(otherwise) }
    }
    return value
  }

  // MARK: Loops

  /// Checks a `for` loop; `const for` is unrolled.
  func checkFor(_ loop: ForLoop, at span: SourceSpan) {
    if loop.isConst { return checkConstFor(loop, at: span) }
    if case .call(let callee, let arguments) = loop.domain.kind, case .name(let name) = callee.kind,
      name.text == "tiles", scope["tiles"] == nil
    {
      guard let (extent, capacity) = tiles(arguments, at: loop.domain.span) else { return }
      checkTileLoop(loop, extent, capacity, at: span)
      return
    }
    guard case .range(let first, let last, let step) = loop.domain.kind else {
      let domain = check(loop.domain)
      if domain.type.isError { return }
      if domain.type.componentTypes != nil {
        diagnose(.sequenceNeedsConstFor(at: span))
      } else {
        diagnose(.notARange(text(loop.domain), at: loop.domain.span))
      }
      return
    }
    if let step {
      diagnose(.notSupportedYet("'by', a step of a range,", at: step.span))
      return
    }
    guard let (lower, upper) = rangeEnds(first, last) else { return }
    let id = addLocal(loop.variable.text, .int, at: loop.variable.span)
    let ends = (exactDimension(of: lower), exactDimension(of: upper))
    let body = checkLoopBody(loop.body) {
      self.declare(loop.variable, .local(id))
      let symbol = self.makeSymbol(for: id, named: loop.variable.text)
      if let lower = ends.0 { self.prover.assume(symbol, .greaterOrEqual, lower) }
      if let upper = ends.1 { self.prover.assume(symbol, .less, upper) }
    }
    emit(
      .forLoop(
        variable: id, lower: lower, upper: upper, step: nil, capacity: nil, body: body),
      at: span)
  }

  /// The ends of a range as `int`s; `nil` after a diagnostic.
  func rangeEnds(
    _ first: Expression, _ last: Expression
  ) -> (TypedExpression, TypedExpression)? {
    let upper = isFlexible(last) ? nil : check(last)
    let lower = check(first, expecting: upper?.type ?? .int)
    let end = upper ?? check(last, expecting: lower.type)
    // A literal has taken the type of the other end, so that end is to blame.
    guard let b = asInt(end), let a = asInt(lower) else { return nil }
    return (a, b)
  }

  /// An integer of any width as an `int`; `nil` after a diagnostic.
  func asInt(_ value: TypedExpression) -> TypedExpression? {
    if value.type.isError { return nil }
    if value.type == .int { return value }
    guard value.type.scalar?.isInteger == true else {
      diagnose(.notAnInteger(describe(value.type), at: value.span))
      return nil
    }
    return TypedExpression(.convert(value), .int, at: value.span)
  }

  /// Checks `for k in tiles(extent, capacity)`.
  func checkTileLoop(
    _ loop: ForLoop, _ extent: TypedExpression, _ capacity: TypedExpression, at span: SourceSpan
  ) {
    let id = addLocal(loop.variable.text, .error, at: loop.variable.span)
    let body = checkLoopBody(loop.body) {
      self.declareTile(id, loop.variable, extent)
    }
    emit(
      .forLoop(
        variable: id, lower: .int(0, at: extent.span), upper: extent, step: nil,
        capacity: capacity, body: body),
      at: span)
  }

  /// A body that runs any number of times: what it assigns must keep its shape.
  func checkLoopBody(_ block: Block, declaring declareVariable: () -> Void) -> TypedBlock {
    let (known, before, outer) = (prover, states, flow)
    flow.enterLoop()
    scope.push()
    declareVariable()
    let body = checkBlock(block, wantsValue: false)
    scope.pop()
    flow.goBack(to: outer)
    prover = known
    var after = states
    for position in before.indices { after[position].isDefined = before[position].isDefined }
    join(before, after, at: block.span)
    return body
  }

  /// Checks a `while` loop.
  func checkWhile(_ condition: Expression, _ block: Block, at span: SourceSpan) {
    let outer = flow
    flow.enterLoop()
    let typed = checkCondition(condition)
    flow.goBack(to: outer)
    let body = checkLoopBody(block) { if let typed { self.assume(typed) } }
    if let typed { emit(.whileLoop(condition: typed, body: body), at: span) }
  }

  // MARK: const for

  private func checkConstFor(_ loop: ForLoop, at span: SourceSpan) {
    if case .range = loop.domain.kind {
      guard let numbers = constantRange(loop.domain, describing: "the range of 'const for'") else {
        return
      }
      for number in numbers where mayUnroll(at: span) {
        unroll(
          loop, .value(.int(number, at: loop.variable.span)),
          copy: "\(loop.variable.text) = \(number)")
      }
      return
    }
    var domain = check(loop.domain)
    if domain.type.isError { return }
    guard let types = domain.type.componentTypes else {
      diagnose(.notARange(text(loop.domain), at: loop.domain.span))
      return
    }
    let isStable = place(of: domain).map { !function.locals[$0.local].isVariable } ?? false
    if !isStable, !types.isEmpty {
      // The body may change what the elements come from.
      let id = addLocal("elements", domain.type, at: loop.domain.span)
      emit(.bind(id, domain), at: loop.domain.span)
      domain = use(id, at: loop.domain.span)
    }
    for position in types.indices where mayUnroll(at: span) {
      let element = component(of: domain, at: position, span: loop.domain.span)
      unroll(
        loop, .value(element),
        copy:
          "\(loop.variable.text) = \(text(loop.domain)).\(position), '\(describe(element.type))'")
    }
  }

  /// `true` iff there may be one more copy of a loop's body; loops within each other multiply.
  private func mayUnroll(at span: SourceSpan) -> Bool {
    if copies.mayAdd { return true }
    if copies.exceed() { diagnose(.tooManyCopies(copies.count, at: span)) }
    return false
  }

  private func unroll(_ loop: ForLoop, _ entity: Entity, copy: String) {
    copies.enter(copy)
    scope.push()
    declare(loop.variable, entity)
    _ = checkStatements(loop.body.statements, expecting: nil, wantsValue: false)
    scope.pop()
    copies.leave()
  }
}
