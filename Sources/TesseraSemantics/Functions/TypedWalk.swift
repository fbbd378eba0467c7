import TesseraSource

/// Visits typed trees.
enum TypedWalk {
  /// `true` iff an expression inside `expression`, or itself, satisfies `condition`.
  static func contains(
    _ expression: TypedExpression, where condition: (TypedExpression) -> Bool
  ) -> Bool {
    if condition(expression) { return true }
    func any(_ parts: [TypedExpression]) -> Bool {
      parts.contains { contains($0, where: condition) }
    }
    func block(_ block: TypedBlock) -> Bool { contains(block, where: condition) }
    switch expression.kind {
    case .constant, .local, .index, .dimension, .error: return false
    case .operation(_, let operands), .aggregate(let operands), .builtin(_, let operands),
      .call(_, let operands, _), .lifted(_, let operands):
      return any(operands)
    case .convert(let operand), .bitcast(let operand), .component(let operand, _):
      return any([operand])
    case .reduceAxis(let kind, let operand, _), .scanAxis(let kind, let operand, _, _):
      return any(kind.operands + [operand])
    case .read(let base, let places, let outside):
      return any([base] + places.map(\.value)) || outside.map { any([$0]) } ?? false
    case .slice(let base, let items):
      return any([base])
        || items.contains { item in
          switch item {
          case .element(let value), .range(let value), .tile(let value): any([value])
          case .wholeAxis, .newAxis: false
          }
        }
    case .reduce(let reduction):
      return any(reduction.ranges.flatMap { [$0.lower, $0.upper] })
        || any(reduction.kind.operands + [reduction.body])
        || reduction.condition.map { any([$0]) } ?? false
    case .conditional(let value, let then, let otherwise):
      return any([value]) || block(then) || block(otherwise)
    case .block(let inner): return block(inner)
    }
  }

  /// `true` iff an expression in `block` satisfies `condition`.
  static func contains(_ block: TypedBlock, where condition: (TypedExpression) -> Bool) -> Bool {
    block.statements.contains { contains($0, where: condition) }
      || block.value.map { contains($0, where: condition) } ?? false
  }

  private static func contains(
    _ statement: TypedStatement, where condition: (TypedExpression) -> Bool
  ) -> Bool {
    func any(_ parts: [TypedExpression?]) -> Bool {
      parts.contains { $0.map { contains($0, where: condition) } ?? false }
    }
    switch statement.kind {
    case .bind(_, let value), .define(_, _, _, let value), .assign(_, let value),
      .assignSlice(_, _, _, let value), .evaluate(let value):
      return any([value])
    case .update(_, let update):
      return any(update.places.map(\.value) + [update.value])
        || any(update.ranges.flatMap { [$0.lower, $0.upper] })
    case .forLoop(_, let lower, let upper, let step, let capacity, let body):
      return any([lower, upper, step, capacity]) || contains(body, where: condition)
    case .whileLoop(let value, let body):
      return any([value]) || contains(body, where: condition)
    case .returnValue(let value): return any([value])
    case .assertion(let value, _): return any([value])
    case .print(let values): return any(values)
    case .check: return false
    }
  }

  /// `true` iff `expression` needs locals or indices from around it.
  static func usesLocals(_ expression: TypedExpression) -> Bool {
    contains(expression) {
      switch $0.kind {
      case .local, .index: true
      case .dimension(let dimension): dimension.constant == nil
      default: false
      }
    }
  }

  /// `true` iff `expression` uses the index `index`.
  static func uses(_ index: ID<IndexInfo>, in expression: TypedExpression) -> Bool {
    contains(expression) {
      if case .index(index) = $0.kind { return true }
      if case .dimension(let dimension) = $0.kind {
        return dimension.contains { $0 == .index(index) }
      }
      return false
    }
  }
}
