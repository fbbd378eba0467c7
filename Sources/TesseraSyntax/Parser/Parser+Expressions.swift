import TesseraSource

extension Parser {
  /// Parses an expression.
  mutating func expression() -> Expression {
    nested { parser in
      let start = parser.position
      let value = parser.rangeExpression()
      guard parser.at(.doubleArrow) else { return value }
      return parser.lambda(value, from: start)
    }
  }

  /// Parses `=> body` behind parameters that were read as a name or tuple.
  mutating func lambda(_ head: Expression, from start: Int) -> Expression {
    var parameters: [LambdaParameter] = []
    switch head.kind {
    case .name(let name):
      parameters = [LambdaParameter(name: name, type: nil)]
    case .tuple(let arguments):
      for argument in arguments {
        if let label = argument.label, let type = TypeNode(argument.value) {
          parameters.append(LambdaParameter(name: label, type: type))
        } else if argument.label == nil, case .name(let name) = argument.value.kind {
          parameters.append(LambdaParameter(name: name, type: nil))
        } else {
          diagnose(.expectedLambdaParameters(at: argument.span))
        }
      }
    case .error:
      break
    default:
      diagnose(.expectedLambdaParameters(at: head.span))
    }
    advance()
    let body = expression()
    return Expression(.lambda(parameters: parameters, body: body), at: span(from: start))
  }

  /// Parses `a..b`, or an operand of it.
  mutating func rangeExpression() -> Expression {
    let start = position
    let lower = operatorExpression(.or)
    guard at(.twoPoints), continuesLine else { return lower }
    let outer = deepest
    advance()
    if at(.rightBracket) || at(.comma) {
      diagnose(.openEndedRange(at: span(from: start)))
      return Expression(.error, at: span(from: start))
    }
    let upper = operatorExpression(.or)
    deepen(over: outer)
    return Expression(
      .range(lower: lower, upper: upper, step: nil), at: span(from: start))
  }

  /// Parses an expression; a range may end with `by` and a step.
  mutating func steppedRange() -> Expression {
    var range = expression()
    if let step = takeBy() { addStep(step, to: &range) }
    return range
  }

  /// Parses `by` and what follows it, if there is one.
  mutating func takeBy() -> Expression? {
    take(word: "by") ? nested { $0.operatorExpression(.or) } : nil
  }

  /// Makes `step` the step of `range`.
  mutating func addStep(_ step: Expression, to range: inout Expression) {
    switch range.kind {
    case .range(let lower, let upper, nil):
      range = Expression(
        .range(lower: lower, upper: upper, step: step), at: range.span.joined(step.span))
    case .error:
      break
    default:
      diagnose(.stepWithoutRange(at: step.span))
    }
  }

  /// Parses operands between operators that bind at least as tightly as `minimum`.
  ///
  /// Binary operators associate to the left; comparisons do not chain.
  mutating func operatorExpression(_ minimum: Precedence) -> Expression {
    let start = position
    let outer = deepest
    deepest = depth
    defer { deepest = max(deepest, outer) }
    var left = prefixExpression()
    var comparison: Token?
    // Each round consumes an operator.
    while continuesOperatorExpression {
      if at(.is) {
        guard Precedence.comparison >= minimum else { break }
        if let first = comparison { diagnoseChain(left, first) }
        comparison = current
        left = isNull(left, from: start)
        continue
      }
      guard let operation = binaryOperator(), operation.precedence >= minimum else { break }
      if operation.isComparison {
        if let first = comparison { diagnoseChain(left, first) }
        comparison = current
      }
      let reached = deepest
      deepest = depth
      let right = rightOperand(of: operation)
      deepen(over: reached)
      let isChain = operation.isComparison && left.isComparison
      left = Expression(
        isChain ? .error : .binary(operation, left, right), at: span(from: start))
    }
    return left
  }

  /// `true` iff the next token may be an operator that continues the expression before it.
  ///
  /// A line that begins with `-` is a new statement.
  private var continuesOperatorExpression: Bool {
    continuesLine || !at(.minus)
  }

  /// Consumes a binary operator and parses what stands to its right.
  private mutating func rightOperand(of operation: BinaryOperator) -> Expression {
    let sign = advance()
    switch sign.kind {
    case .doubleAmpersand, .doubleBar, .doubleStar:
      diagnose(.foreignOperator(sign.kind.rawValue, at: span(of: sign)))
    default:
      break
    }
    guard operation.precedence == .multiplicative else {
      return operatorExpression(operation.precedence.tighter)
    }
    let divides = operation != .multiply && at(.reductionWord) && peek() == .leftBracket
    let reduction = span(of: current)
    let count = diagnostics.count
    let right = prefixExpression()
    if divides, diagnostics.count == count {
      diagnose(.reductionAfterDivision(reduction, operation, extent: right.span))
    }
    return right
  }

  /// The binary operator that the next token spells.
  private func binaryOperator() -> BinaryOperator? {
    switch current.kind {
    case .doubleAmpersand: .and
    case .doubleBar: .or
    case .doubleStar: .multiply
    default: BinaryOperator(rawValue: current.kind.rawValue)
    }
  }

  /// Parses `is null` or `is not null` behind `operand`.
  private mutating func isNull(_ operand: Expression, from start: Int) -> Expression {
    advance()
    let isNegated = take(.not)
    expect(.null, "after 'is'")
    deepen()
    return Expression(.isNull(operand, isNegated: isNegated), at: span(from: start))
  }

  /// Says that the next operator compares the result of the comparison `left`.
  private mutating func diagnoseChain(_ left: Expression, _ first: Token) {
    if case .binary(.less, let callee, _) = left.kind, case .name(let name) = callee.kind,
      at(.greater), peek() == .leftParenthesis
    {
      diagnose(.genericArgumentsInExpression(name.text, at: span(of: first)))
    } else if case .binary(_, _, let middle) = left.kind {
      diagnose(
        .chainedComparison(
          text(current), at: span(of: current), first: span(of: first),
          middle: (file.text(middle.span), middle.span)))
    } else {
      diagnose(
        .chainedComparison(
          text(current), at: span(of: current), first: span(of: first), middle: nil))
    }
  }

  /// Parses `-x`, `~x`, `not x`, or an operand without sign.
  mutating func prefixExpression() -> Expression {
    let start = position
    let operation: UnaryOperator
    switch current.kind {
    case .minus: operation = .negate
    case .tilde: operation = .complement
    case .not: operation = .not
    case .exclamation:
      operation = .not
      diagnose(.foreignOperator("!", at: span(of: current)))
    default: return postfixExpression()
    }
    return nested { parser in
      guard !parser.at(.endOfFile) else { return parser.missingExpression() }
      if !parser.at(.not) { parser.layout.prefixes.insert(parser.current.start) }
      let sign = parser.advance()
      let operand =
        sign.kind == .not
        ? parser.operatorExpression(.comparison) : parser.prefixExpression()
      return Expression(.unary(operation, operand), at: parser.span(from: start))
    }
  }

  /// Parses an operand and the calls, brackets and points behind it.
  mutating func postfixExpression() -> Expression {
    let start = position
    var value = primaryExpression()
    // Each round consumes a token or ends.
    while true {
      let outer = deepest
      switch current.kind {
      case .leftParenthesis where continuesLine:
        let arguments = arguments()
        value = Expression(
          .call(callee: value, arguments: arguments), at: span(from: start))
      case .leftBracket where continuesLine:
        value = bracketApplication(value, from: start)
      case .point where isMember:
        value = member(value, from: start)
      case .question where continuesLine:
        guard let element = TypeNode(value) else { return value }
        advance()
        value = Expression(
          .type(TypeNode(.optional(element), at: span(from: start))), at: span(from: start))
      default:
        return value
      }
      deepen(over: outer)
    }
  }

  /// `true` iff a name or position follows the point.
  private var isMember: Bool { peek() == .integer || peek().isWord || continuesLine }

  /// Parses `.name` or `.0` behind `base`.
  private mutating func member(_ base: Expression, from start: Int) -> Expression {
    advance()
    if at(.integer) {
      let token = advance()
      let digits = text(token).filter { $0 != "_" }
      guard let position = Int(digits) else {
        diagnose(.integerTooLarge(at: span(of: token)))
        return Expression(.error, at: span(from: start))
      }
      return Expression(.position(base, position), at: span(from: start))
    }
    guard current.kind.isWord, !beginsDeclarationForCertain else {
      diagnose(.expectedName("a field", found: found, at: spanOfCurrent))
      return Expression(.error, at: span(from: start))
    }
    let name = Name(text(current), at: span(of: current))
    advance()
    return Expression(.member(base, name), at: span(from: start))
  }

  /// Parses `(a, label: b)`.
  mutating func arguments() -> [Argument] {
    list(closedBy: .rightParenthesis) { $0.argument() }.items
  }

  /// Parses a value, perhaps with a label.
  mutating func argument() -> Argument {
    let start = position
    var label: Name?
    if current.kind.isWord, peek() == .colon {
      label = declaredName("an argument")
      advance()
    }
    let value = expression()
    return Argument(span: span(from: start), label: label, value: value)
  }
}

extension Expression {
  /// `true` iff the outermost operator compares.
  fileprivate var isComparison: Bool {
    switch kind {
    case .binary(let operation, _, _): operation.isComparison
    case .isNull: true
    default: false
    }
  }
}
