import TesseraIR
import TesseraSemantics

// A `return` ends the region in which it stands if all regions around it end the function too:
// then calls in tail position stay in tail position. A `return` inside a loop, or before
// statements that another path reaches, sets a flag instead, and what follows asks for it.

extension FunctionLowering {
  /// Translates statements and a value after which the function ends.
  mutating func lowerTail(_ statements: ArraySlice<TypedStatement>, value: TypedExpression?) {
    var rest = statements
    while let statement = rest.popFirst() {
      guard mayLeave(statement) else {
        lower(statement)
        continue
      }
      builder.span = statement.span
      switch statement.kind {
      case .returnValue(let value):
        lowerTailValue(value)
        return
      case .evaluate(let expression):
        guard case .conditional(let condition, let first, let second) = expression.kind,
          alwaysLeaves(first) || alwaysLeaves(second)
        else { break }
        tailBranch(on: lowerValue(condition)) { lowering, isFirst in
          let block = isFirst ? first : second
          if lowering.alwaysLeaves(block) {
            lowering.lowerTail(block.statements[...], value: block.value)
          } else {
            let last = block.value.map { [TypedStatement(.evaluate($0), at: $0.span)] } ?? []
            lowering.lowerTail((block.statements + last + rest)[...], value: value)
          }
        }
        return
      default: break
      }
      prepareLeaving()
      lower(statement)
      tailBranch(on: local(Self.hasLeft).value) { lowering, hasLeft in
        if hasLeft {
          lowering.finish(lowering.local(Self.returned))
        } else {
          lowering.lowerTail(rest, value: value)
        }
      }
      return
    }
    lowerTailValue(value)
  }

  /// Ends the function with `value`.
  private mutating func lowerTailValue(_ value: TypedExpression?) {
    guard let value else { return finish(nil) }
    switch value.kind {
    case .conditional(let condition, let first, let second):
      builder.span = value.span
      tailBranch(on: lowerValue(condition)) { lowering, isFirst in
        let block = isFirst ? first : second
        lowering.lowerTail(block.statements[...], value: block.value)
      }
    case .block(let block):
      lowerTail(block.statements[...], value: block.value)
    case .call(let callee, let arguments, isTail: true) where isPlain(callee):
      let operands = arguments.flatMap { lower($0).values }
      builder.span = value.span
      builder.emit(.tailCall, operands, attribute: .symbol(names[callee]))
    default:
      let result = lower(value)
      builder.span = value.span
      finish(value.type == .unit ? nil : result)
    }
  }

  /// `true` iff what `callee` gives is what this function gives, leaf for leaf.
  private func isPlain(_ callee: ID<TypedFunction>) -> Bool {
    let target = program.functions[callee]
    return !source.kind.isKernel
      && (source.parameters + target.parameters).allSatisfy { $0.passing == .value }
  }

  /// Appends `if`, whose branches each end the function.
  private mutating func tailBranch(
    on condition: Value, _ body: (inout FunctionLowering, Bool) -> Void
  ) {
    let before = locals
    var regions: [ID<Region>] = []
    conditionDepth += 1
    for isFirst in [true, false] {
      let region = openRegion().region
      inRegion(region) { body(&$0, isFirst) }
      regions.append(region)
      locals = before
    }
    conditionDepth -= 1
    let results = builder.emit(.if, [condition], results: tailTypes, regions: regions)
    builder.emit(tailOpcode, results)
  }

  /// Ends the function with `value`, or with the named results if there is none.
  private mutating func finish(_ value: Lowered?) {
    builder.emit(tailOpcode, endValues(value))
  }

  /// What ends the present region.
  private var tailOpcode: Opcode {
    builder.region == builder.function.body ? .return : .yield
  }

  /// The types of what the function, or a program of a kernel, ends with.
  private var tailTypes: [Type] {
    if source.kind.isKernel { return changedTensors.map { builder.type(of: $0) } }
    return builder.function.resultTypes
  }

  /// What the function ends with: `inout` parameters, then results.
  private mutating func endValues(_ value: Lowered?) -> [Value] {
    if source.kind.isKernel { return changedTensors }
    var results: [Value] = []
    for parameter in source.parameters where parameter.passing == .inout {
      results += boxed(local(parameter.local).values)
    }
    if let value {
      for (leaf, name) in zip(value.values, resultLeaves.suffix(value.values.count).map(\.key))
      where source.results.contains(where: { $0.local != nil }) {
        if builder.function.values[leaf].name == nil { builder.function.values[leaf].name = name }
      }
      results += value.values
    } else {
      for result in source.results {
        guard let name = result.local else { continue }
        results += complete(locals[name] ?? .undefined, as: result.type).values
      }
    }
    return results
  }

  // MARK: Leaving from within

  /// `true` iff the statement may leave the function.
  func mayLeave(_ statement: TypedStatement) -> Bool {
    guard bodyMayLeave else { return false }
    var visitor = Visitor()
    visitor.visit(statement)
    return visitor.hasReturn
  }

  /// `true` iff every way through the block leaves the function.
  private func alwaysLeaves(_ block: TypedBlock) -> Bool {
    block.statements.contains { statement in
      switch statement.kind {
      case .returnValue: true
      case .evaluate(let expression): alwaysLeaves(expression)
      default: false
      }
    } || block.value.map { alwaysLeaves($0) } ?? false
  }

  private func alwaysLeaves(_ expression: TypedExpression) -> Bool {
    switch expression.kind {
    case .conditional(_, let first, let second): alwaysLeaves(first) && alwaysLeaves(second)
    case .block(let block): alwaysLeaves(block)
    default: false
    }
  }

  /// Gives the locals that remember a `return` their first values.
  mutating func prepareLeaving() {
    if locals[Self.hasLeft] != nil { return }
    locals[Self.hasLeft] = .value(constant(0, .bool))
    locals[Self.returned] = zero(type(of: Self.returned))
  }

  /// Remembers a `return` that stands where the function cannot end.
  mutating func leave(with value: TypedExpression?) {
    locals[Self.hasLeft] = .value(constant(1, .bool))
    let results: Lowered
    if let value, value.type != .unit {
      let given = lower(value)
      results = source.results.count == 1 ? .aggregate([given]) : given
    } else {
      var parts: [Lowered] = []
      for result in source.results {
        parts.append(complete(result.local.flatMap { locals[$0] } ?? .undefined, as: result.type))
      }
      results = .aggregate(parts)
    }
    locals[Self.returned] = results
  }
}
