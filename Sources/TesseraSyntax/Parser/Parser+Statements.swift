import TesseraSource

extension Parser {
  /// Parses everything typed into the prompt.
  mutating func input() -> [InputItem] {
    var items: [InputItem] = []
    // Each round consumes a token: statements that are none are skipped.
    while !at(.endOfFile) {
      if take(.semicolon) { continue }
      let count = diagnostics.count
      let start = position
      context = .block
      if at(.import) {
        items.append(.importLine(importLine()))
      } else if beginsDeclaration, !(at(.const) && (peek() == .if || peek() == .for)) {
        items.append(.declaration(declaration()))
      } else {
        let statement = statement()
        items.append(.statement(statement))
        endLine(diagnosticsBefore: count, of: statement)
      }
      context = .block
      endLine(diagnosticsBefore: count)
      if position == start { advance() }
    }
    return items
  }

  /// Parses `{ statements }`; `owner` is named if it is missing.
  mutating func block(_ owner: String) -> Block {
    guard at(.leftBrace) else {
      diagnose(.expectedBlock(owner, found: found, at: spanOfCurrent))
      return Block(span: spanAfterPrevious, statements: [])
    }
    return nested { $0.statements() }
  }

  /// Parses the statements of a block, with its braces.
  private mutating func statements() -> Block {
    let start = position
    guard at(.leftBrace) else { return Block(span: spanAfterPrevious, statements: []) }
    let opening = advance()
    let known = diagnostics.count
    let outer = context
    context = .block
    defer { context = outer }
    var statements: [Statement] = []
    // Each round consumes a token or ends.
    while !at(.rightBrace), !at(.endOfFile), !beginsDeclarationForCertain {
      if take(.semicolon) { continue }
      let count = diagnostics.count
      let first = position
      statements.append(statement())
      endLine(diagnosticsBefore: count, of: statements.last)
      if position == first, !at(.rightBrace) { advance() }
    }
    close(.rightBrace, opening)
    // Beside other mistakes an unused value is likely one of their traces.
    if diagnostics.count == known { diagnoseUnusedValues(statements) }
    return Block(span: span(from: start), statements: statements)
  }

  /// Parses a statement.
  mutating func statement() -> Statement {
    let start = position
    layout.starts.insert(current.start)
    let kind: Statement.Kind
    switch current.kind {
    case .let, .var: kind = .binding(binding())
    case .const where peek() == .for: kind = .forLoop(forLoop())
    case .const where peek() != .if: kind = .binding(binding())
    case .for: kind = .forLoop(forLoop())
    case .while: kind = whileLoop()
    case .return: kind = returnStatement()
    case .assert: kind = assertion()
    case .print: kind = printStatement()
    default: kind = assignment()
    }
    return Statement(span: span(from: start), kind: kind)
  }

  /// Parses `let pattern: Type = value`, or the same with `var` or `const`.
  mutating func binding() -> Binding {
    let introducer: Binding.Introducer
    switch advance().kind {
    case .let: introducer = .let
    case .var: introducer = .var
    default: introducer = .const
    }
    let pattern = pattern()
    let type = take(.colon) ? self.type() : nil
    var value: Expression?
    if take(.assign) {
      value = expression()
    } else if introducer != .var || type == nil {
      expect(.assign, "and a value")
    }
    return Binding(introducer: introducer, pattern: pattern, type: type, value: value)
  }

  /// Parses `x`, `s[i, j in a..b]` or `(x, y)`.
  mutating func pattern() -> Pattern {
    nested { parser in
      let start = parser.position
      if parser.at(.leftParenthesis) {
        let parts = parser.list(closedBy: .rightParenthesis, isAttached: false) { $0.pattern() }
          .items
        return Pattern(span: parser.span(from: start), kind: .tuple(parts))
      }
      let name = parser.declaredName("a value")
      if name.text.isEmpty { return Pattern(span: name.span, kind: .error) }
      guard parser.at(.leftBracket), parser.continuesLine else {
        return Pattern(span: name.span, kind: .name(name))
      }
      let binders = parser.list(closedBy: .rightBracket) { $0.indexBinder() }.items
      return Pattern(span: parser.span(from: start), kind: .indexed(name, binders))
    }
  }

  /// Parses `for x in domain { … }`, perhaps with `const` before it.
  mutating func forLoop() -> ForLoop {
    let isConst = take(.const)
    advance()
    let variable = declaredName("the variable of the loop")
    expect(.in, "and what the loop runs over")
    let domain = steppedRange()
    return ForLoop(
      isConst: isConst, variable: variable, domain: domain, body: block("the loop"))
  }

  /// Parses `while condition { … }`.
  mutating func whileLoop() -> Statement.Kind {
    advance()
    let condition = condition()
    return .whileLoop(condition: condition, body: block("the loop"))
  }

  /// Parses an expression that decides; an `=` in it was meant as `==`.
  mutating func condition() -> Expression {
    let start = position
    let value = expression()
    guard at(.assign) else { return value }
    diagnose(.assignmentInCondition(at: span(of: current)))
    advance()
    _ = expression()
    return Expression(.error, at: span(from: start))
  }

  /// Parses `return`, perhaps with a value.
  mutating func returnStatement() -> Statement.Kind {
    advance()
    if current.beginsLine || at(.rightBrace) || at(.semicolon) || at(.endOfFile) {
      return .returnValue(nil)
    }
    return .returnValue(expression())
  }

  /// Parses `assert condition, "text"`.
  mutating func assertion() -> Statement.Kind {
    advance()
    let condition = condition()
    return .assertion(condition: condition, message: take(.comma) ? expression() : nil)
  }

  /// Parses `print(a, label: b)`, or `print` and values without parentheses.
  mutating func printStatement() -> Statement.Kind {
    advance()
    if at(.leftParenthesis) { return .print(arguments()) }
    var values = [argument()]
    while take(.comma) { values.append(argument()) }
    return .print(values)
  }

  /// Parses an expression, or an assignment to it.
  mutating func assignment() -> Statement.Kind {
    let target = expression()
    guard let (operation, operatorSpan) = assignmentOperator() else {
      if case .error = target.kind { return .error }
      return .expression(target)
    }
    claimBinders(of: target)
    let value = expression()
    return .assignment(
      Assignment(
        target: target, operation: operation, operatorSpan: operatorSpan, value: value))
  }

  /// Consumes an assignment operator if there is one.
  mutating func assignmentOperator() -> (AssignmentOperator, SourceSpan)? {
    if at(.reductionWord), continuesLine, peek() == .assign,
      tokens[position + 1].start == current.end,
      let operation = AssignmentOperator(rawValue: text(current) + "=")
    {
      let start = position
      advance()
      advance()
      return (operation, span(from: start))
    }
    guard continuesLine, let operation = AssignmentOperator(rawValue: current.kind.rawValue) else {
      return nil
    }
    return (operation, span(of: advance()))
  }

  /// Accepts the ranges in `target` as those of a definition; says what cannot be assigned to.
  private mutating func claimBinders(of target: Expression) {
    switch target.kind {
    case .name, .member, .position, .error:
      break
    case .bracket(let bracket):
      for item in bracket.items {
        guard case .binder = item.kind else { continue }
        unclaimedBinders.removeAll { $0 == item.span }
      }
    case .tuple(let arguments) where !arguments.isEmpty:
      for argument in arguments { claimBinders(of: argument.value) }
    default:
      diagnose(.notAssignable(at: target.span))
    }
  }

  /// Says which statements before the last compute a value that nothing uses.
  private mutating func diagnoseUnusedValues(_ statements: [Statement]) {
    for (index, statement) in statements.dropLast().enumerated() {
      guard case .expression(let value) = statement.kind, value.isPlainlyUseless else { continue }
      var previous: SourceSpan?
      if index > 0, case .unary(.negate, let operand) = value.kind {
        previous = SourceSpan(
          file: file.id, start: statements[index - 1].span.end, end: operand.span.start)
      }
      diagnose(.unusedValue(at: value.span, moving: previous))
    }
  }
}

extension Expression {
  /// `true` iff computing the value does nothing else.
  fileprivate var isPlainlyUseless: Bool {
    switch kind {
    case .integer, .float, .imaginary, .string, .boolean, .null, .name, .option, .tuple, .array,
      .comprehension, .type, .unary, .binary, .isNull, .range, .member, .position, .bracket,
      .reduction, .lambda:
      true
    case .call, .conditional, .block, .tailCall, .error:
      false
    }
  }
}
