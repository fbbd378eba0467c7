import TesseraNumbers
import TesseraSource
import TesseraSyntax

extension FunctionChecker {
  /// An integer literal, of the type of its context if that is a number.
  func integerLiteral(
    _ magnitude: UInt64?, isNegative: Bool, expecting expected: ValueType?, at span: SourceSpan
  ) -> TypedExpression {
    guard let magnitude else { return error(at: span) }
    let type = expected?.scalarElement ?? .i64
    if type.isFloat {
      let value = isNegative ? -Double(magnitude) : Double(magnitude)
      return TypedExpression(
        .constant(.float(type.rounded(value), type)), .scalar(type), at: span)
    }
    if type == .bool {
      return fail(.literalIsNoBool("\(magnitude)", at: span))
    }
    guard let bits = type.bits(of: magnitude, isNegative: isNegative) else {
      let text = (isNegative ? "-" : "") + "\(magnitude)"
      return fail(.literalDoesNotFit(text, type: describe(.scalar(type)), at: span))
    }
    return TypedExpression(.constant(.integer(bits, type)), .scalar(type), at: span)
  }

  /// A literal with a point or exponent, of the type of its context if that is a float.
  func floatLiteral(
    _ value: Double, text: String, expecting expected: ValueType?, at span: SourceSpan
  ) -> TypedExpression {
    let scalar = expected?.scalarElement
    if let scalar, scalar.isInteger || scalar == .bool {
      return fail(.literalHasFraction(text, type: describe(.scalar(scalar)), at: span))
    }
    let type = scalar ?? .f32
    // Rounding the text itself once; through a double it could round twice.
    let digits = text.filter { $0 != "_" }
    let exact = type == .f32 ? Float(digits).map(Double.init) : nil
    return TypedExpression(
      .constant(.float(exact ?? type.rounded(value), type)), .scalar(type), at: span)
  }

  /// `true` iff the type of `expression` follows from its context alone.
  func isFlexible(_ expression: Expression) -> Bool {
    switch expression.kind {
    case .integer, .float: return true
    case .unary(.negate, let operand), .unary(.complement, let operand):
      return isFlexible(operand)
    case .binary(let operation, let left, let right):
      return !operation.isComparison && operation != .and && operation != .or
        && isFlexible(left) && isFlexible(right)
    case .name(let name):
      return (name.text == "inf" || name.text == "nan") && scope[name.text] == nil
    case .conditional(let it):
      guard let otherwise = it.otherwise else { return false }
      return (it.branches.map(\.body) + [otherwise]).allSatisfy { isFlexible($0) }
    case .call(let callee, let arguments):
      guard case .name(let name) = callee.kind, Builtins.elementwise[name.text] != nil,
        scope[name.text] == nil
      else { return false }
      return !arguments.isEmpty && arguments.allSatisfy { isFlexible($0.value) }
    default: return false
    }
  }

  /// The source text that `expression` stands for, rebuilt for messages.
  func text(_ expression: Expression) -> String { ExpressionText.spell(expression) }
}

extension ScalarType {
  /// The bits of an integer of this type as a constant holds them, or `nil` if it does not fit.
  func bits(of magnitude: UInt64, isNegative: Bool) -> Int64? {
    if isNegative {
      if !isSigned { return magnitude == 0 ? 0 : nil }
      let limit = UInt64(1) << UInt64(bitWidth - 1)
      return magnitude <= limit ? Int64(truncatingIfNeeded: 0 &- magnitude) : nil
    }
    let width = UInt64(isSigned ? bitWidth - 1 : bitWidth)
    if width < 64, magnitude >> width != 0 { return nil }
    return Int64(bitPattern: magnitude)
  }
}
