import TesseraSource

extension Parser {
  /// Parses a literal, a name, or anything that its first token encloses or introduces.
  mutating func primaryExpression() -> Expression {
    let token = current
    let place = span(of: token)
    switch token.kind {
    case .integer, .float, .imaginary:
      return numberLiteral()
    case .string:
      advance()
      return Expression(.string(unescaped(text(token))), at: place)
    case .true, .false:
      advance()
      return Expression(.boolean(token.kind == .true), at: place)
    case .null:
      advance()
      return Expression(.null, at: place)
    case .identifier:
      return nameExpression()
    case .typeWord:
      return typeWordExpression()
    case .reductionWord:
      if peek() == .leftBracket { return reduction() }
      advance()
      return Expression(.name(Name(text(token), at: place)), at: place)
    case .point:
      return option()
    case .leftParenthesis:
      return tuple()
    case .leftBracket:
      return array()
    case .leftBrace:
      let block = block("the value")
      return Expression(.block(block), at: block.span)
    case .if:
      return conditional()
    case .const where peek() == .if:
      return conditional()
    case .fn where peek() == .leftParenthesis, .star where context.readsGenericArguments:
      let type = type()
      return Expression(.type(type), at: type.span)
    default:
      return missingExpression()
    }
  }

  /// Says that an expression is missing before the next token.
  mutating func missingExpression() -> Expression {
    if at(.unknown) {
      // The lexer has complained about it.
      let place = span(of: advance())
      diagnose(.expectedExpression(found: found, at: place))
      return Expression(.error, at: place)
    }
    diagnose(.expectedExpression(found: found, at: spanOfCurrent))
    return Expression(.error, at: spanAfterPrevious)
  }

  /// Parses an integer, a float or an imaginary number.
  mutating func numberLiteral() -> Expression {
    let token = advance()
    let place = span(of: token)
    let text = text(token).filter { $0 != "_" }
    switch token.kind {
    case .integer:
      let isHexadecimal = text.hasPrefix("0x") || text.hasPrefix("0X")
      let value =
        isHexadecimal ? UInt64(text.dropFirst(2), radix: 16) : UInt64(text, radix: 10)
      if value == nil { diagnose(.integerTooLarge(at: place)) }
      return Expression(.integer(value), at: place)
    case .float:
      return Expression(.float(Double(text) ?? 0, text: text), at: place)
    default:
      let digits = String(text.dropLast())
      return Expression(.imaginary(Double(digits) ?? 0, text: digits), at: place)
    }
  }

  /// Parses a name, a type with arguments inside `<…>`, or `tail` and a call.
  mutating func nameExpression() -> Expression {
    let start = position
    if context.readsGenericArguments, peek() == .less {
      let type = typeName()
      return Expression(.type(type), at: type.span)
    }
    let token = advance()
    let name = Name(text(token), at: span(of: token))
    guard name.text == "tail", current.kind.isWord, continuesLine, !isOperatorWord else {
      return Expression(.name(name), at: name.span)
    }
    return nested { parser in
      let call = parser.postfixExpression()
      return Expression(.tailCall(call), at: parser.span(from: start))
    }
  }

  /// `true` iff the next word stands between operands or ends them.
  private var isOperatorWord: Bool {
    switch current.kind {
    case .and, .or, .is, .in, .else, .where, .as, .not, .for: true
    default: false
    }
  }

  /// Parses `complex<T>`, `decimal(p, s)`, or another type word, which is a name here.
  mutating func typeWordExpression() -> Expression {
    let token = current
    let word = text(token)
    if word == "complex" && peek() == .less || word == "decimal" {
      let type = typeName()
      return Expression(.type(type), at: type.span)
    }
    advance()
    return Expression(.name(Name(word, at: span(of: token))), at: span(of: token))
  }

  /// Parses `.name`.
  mutating func option() -> Expression {
    let start = position
    layout.prefixes.insert(current.start)
    advance()
    guard current.kind.isWord, !current.beginsLine else {
      diagnose(.expectedName("an option", found: found, at: spanOfCurrent))
      return Expression(.error, at: span(from: start))
    }
    let name = Name(text(current), at: span(of: current))
    advance()
    return Expression(.option(name), at: span(from: start))
  }

  /// Parses `(a)`, `(a,)`, `(a, b)`, `(v: a, i: b)` or `()`.
  mutating func tuple() -> Expression {
    let start = position
    let (items, endsWithComma) = list(closedBy: .rightParenthesis, isAttached: false) {
      $0.argument()
    }
    let place = span(from: start)
    if items.count == 1, items[0].label == nil, !endsWithComma {
      return Expression(items[0].value.kind, at: place)
    }
    return Expression(.tuple(items), at: place)
  }

  /// Parses `[a, b]`, `[e for i in a..b]` or the array type `[T; n]`.
  mutating func array() -> Expression {
    let start = position
    let opening = advance()
    let outer = context
    context = .brackets
    defer { context = outer }
    var items: [Expression] = []
    // Each round consumes a comma or ends.
    while !at(.rightBracket), !at(.endOfFile), !beginsAnotherLine {
      let item = expression()
      if items.isEmpty, at(.for) { return comprehension(item, opening, from: start) }
      if items.isEmpty, at(.semicolon), let element = TypeNode(item) {
        advance()
        let count = expression()
        close(.rightBracket, opening)
        let place = span(from: start)
        let type = TypeNode(.array(element: element, count: count), at: place)
        return Expression(.type(type), at: place)
      }
      items.append(item)
      if !take(.comma) { break }
    }
    close(.rightBracket, opening)
    return Expression(.array(items), at: span(from: start))
  }

  /// Parses `for i in a..b]` behind `element`.
  mutating func comprehension(
    _ element: Expression, _ opening: Token, from start: Int
  ) -> Expression {
    let (index, range) = comprehensionRange()
    close(.rightBracket, opening)
    return Expression(
      .comprehension(Comprehension(element: element, index: index, range: range)),
      at: span(from: start))
  }

  /// Parses `for i in a..b`.
  mutating func comprehensionRange() -> (index: Name, range: Expression) {
    advance()
    let index = declaredName("an index")
    expect(.in, "and the range of the index")
    return (index, steppedRange())
  }

  /// Parses `if c { … } else if d { … } else { … }`, perhaps with `const` before it.
  mutating func conditional() -> Expression {
    let start = position
    let isConst = take(.const)
    var conditional = Conditional(isConst: isConst, branches: [], otherwise: nil)
    // Each round consumes an `if`.
    repeat {
      advance()
      let condition = condition()
      conditional.branches.append(.init(condition: condition, body: block("the branch")))
      guard take(.else) else { break }
      if at(.const), peek() == .if { advance() }
      if !at(.if) {
        conditional.otherwise = block("the branch")
        break
      }
    } while true
    return Expression(.conditional(conditional), at: span(from: start))
  }
}
