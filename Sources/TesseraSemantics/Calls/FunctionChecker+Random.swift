import TesseraSource
import TesseraSyntax

extension FunctionChecker {
  /// `random.normal(f32[B], seed: s, stream: t)` and its kin.
  func checkRandom(
    _ name: Name, _ arguments: [Argument], at span: SourceSpan
  ) -> TypedExpression {
    let kinds: [String: Builtin] = [
      "normal": .randomNormal, "uniform": .randomUniform, "bits": .randomBits,
    ]
    guard let kind = kinds[name.text] else {
      return fail(
        .unknownName(name.text, kind: "function", near: kinds.keys.sorted(), at: name.span))
    }
    guard let first = arguments.first, first.label == nil, let node = TypeNode(first.value) else {
      return fail(.makerNeedsType("random.\(name.text)", at: span))
    }
    let type = resolve(node)
    if type.isError { return error(at: span) }
    guard let scalar = type.scalarElement, kind == .randomBits ? scalar == .u32 : scalar.isFloat
    else {
      return fail(.operandType("random.\(name.text)", describe(type), at: first.span))
    }
    var operands: [TypedExpression] = []
    for label in ["seed", "stream"] {
      guard let argument = arguments.first(where: { $0.label?.text == label }) else {
        if label == "stream" {
          operands.append(TypedExpression(.constant(.integer(0, .u64)), .scalar(.u64), at: span))
          continue
        }
        return fail(
          .missingArgument(label, of: "random.\(name.text)", declared: name.span, at: span))
      }
      let value = check(argument.value, expecting: .scalar(.u64))
      guard agree(value.type, with: .scalar(.u64), at: argument.value.span) else {
        return error(at: span)
      }
      operands.append(value)
    }
    return TypedExpression(.builtin(kind, operands), type, at: span)
  }
}
