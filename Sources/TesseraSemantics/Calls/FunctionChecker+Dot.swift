import TesseraSource
import TesseraSyntax

extension FunctionChecker {
  /// `dot(a, b)` and `dot(a, b, c)`: products of matrices, batched over leading axes.
  func checkDot(_ arguments: [Argument], at span: SourceSpan) -> TypedExpression {
    let positional = arguments.filter { $0.label == nil }.map(\.value)
    guard positional.count == 2 || positional.count == 3 else {
      return fail(.wrongArgumentCount(of: "dot", expected: 2, given: positional.count, at: span))
    }
    let a = asValue(check(positional[0]))
    if a.type.isError { return error(at: span) }
    guard case .tensor = a.type else {
      return fail(.operandType("dot", describe(a.type), at: positional[0].span))
    }
    let b = asValue(check(positional[1]))
    if b.type.isError { return error(at: span) }
    let (p, q) = (a.type.dimensions, b.type.dimensions)
    guard p.count >= 2, q.count == p.count, let scalar = a.type.scalarElement,
      b.type.scalarElement == scalar, scalar != .bool
    else {
      return fail(.dotOperands(describe(a.type), describe(b.type), at: span))
    }
    let rank = p.count
    for (left, right) in zip(p[..<(rank - 2)] + [p[rank - 1]], q[..<(rank - 2)] + [q[rank - 2]]) {
      let agrees = require(
        left, .equal, right,
        message: "the shapes '\(describe(a.type))' and '\(describe(b.type))' do not fit 'dot'",
        at: span
      ) { .dotOperands(self.describe(a.type), self.describe(b.type), at: span) }
      if !agrees { return error(at: span) }
    }
    let shape = Array(p.dropLast()) + [q[rank - 1]]
    guard positional.count == 3 else {
      return TypedExpression(
        .builtin(.dot, [a, b]), .tensor(element: .scalar(scalar), dimensions: shape), at: span)
    }
    let c = asValue(check(positional[2]))
    if c.type.isError { return error(at: span) }
    guard let wide = c.type.scalarElement else {
      return fail(.dotOperands(describe(a.type), describe(c.type), at: span))
    }
    let type = ValueType.tensor(element: .scalar(wide), dimensions: shape)
    guard agree(c.type, with: type, at: c.span) else { return error(at: span) }
    return TypedExpression(.builtin(.dot, [a, b, c]), type, at: span)
  }
}
