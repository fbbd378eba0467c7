import TesseraSource
import TesseraSyntax

/// Visits the expressions inside an expression, outermost first.
enum ExpressionWalk {
  /// Calls `action` with `expression` and everything inside it.
  static func visit(_ expression: Expression, _ action: (Expression) -> Void) {
    action(expression)
    func each(_ parts: [Expression]) { for part in parts { visit(part, action) } }
    switch expression.kind {
    case .integer, .float, .imaginary, .string, .boolean, .null, .name, .option, .type, .error:
      break
    case .tuple(let parts): each(parts.map(\.value))
    case .array(let parts): each(parts)
    case .comprehension(let it): each([it.element, it.range])
    case .unary(_, let operand), .isNull(let operand, _), .position(let operand, _),
      .tailCall(let operand), .member(let operand, _):
      visit(operand, action)
    case .binary(_, let left, let right): each([left, right])
    case .range(let lower, let upper, let step): each([lower, upper] + (step.map { [$0] } ?? []))
    case .call(let callee, let arguments):
      // The name of a function is no value.
      if case .name = callee.kind {} else { visit(callee, action) }
      each(arguments.map(\.value))
    case .bracket(let bracket):
      visit(bracket.base, action)
      each(bracket.items.compactMap(\.expression))
      if case .value(let value)? = bracket.outside { visit(value, action) }
    case .reduction(let it):
      each(it.binders.compactMap(\.range))
      each((it.condition.map { [$0] } ?? []) + it.arguments.map(\.value) + [it.body])
    case .lambda(_, let body): visit(body, action)
    case .conditional(let it):
      for branch in it.branches {
        visit(branch.condition, action)
        visit(branch.body, action)
      }
      if let otherwise = it.otherwise { visit(otherwise, action) }
    case .block(let block): visit(block, action)
    }
  }

  /// Calls `action` with every expression in `block`.
  static func visit(_ block: Block, _ action: (Expression) -> Void) {
    for statement in block.statements {
      switch statement.kind {
      case .binding(let it): if let value = it.value { visit(value, action) }
      case .assignment(let it):
        visit(it.target, action)
        visit(it.value, action)
      case .forLoop(let it):
        visit(it.domain, action)
        visit(it.body, action)
      case .whileLoop(let condition, let body):
        visit(condition, action)
        visit(body, action)
      case .returnValue(let value): if let value { visit(value, action) }
      case .assertion(let condition, let message):
        visit(condition, action)
        if let message { visit(message, action) }
      case .print(let arguments): for argument in arguments { visit(argument.value, action) }
      case .expression(let expression): visit(expression, action)
      case .error: break
      }
    }
  }
}

extension Expression {
  /// `true` iff this is `[a, b, c]`.
  var isArray: Bool { if case .array = kind { true } else { false } }
}

extension BracketItem {
  /// The index, range or dimension between the brackets, if it is an expression.
  var expression: Expression? {
    switch kind {
    case .expression(let value): value
    case .binder(let binder): binder.range
    case .wholeAxis, .rest, .newAxis, .indexPack: nil
    }
  }

  /// The name that stands alone between the brackets, if one does.
  var bareName: Name? {
    if case .expression(let value) = kind, case .name(let name) = value.kind { return name }
    return nil
  }
}
