import TesseraSource

extension Parser {
  /// Parses a type with the dimensions and `?` behind it.
  mutating func type() -> TypeNode {
    nested { parser in
      let start = parser.position
      var type = parser.primaryType()
      // Each round consumes a token.
      while parser.continuesLine {
        let outer = parser.deepest
        if parser.take(.question) {
          type = TypeNode(.optional(type), at: parser.span(from: start))
        } else if parser.at(.leftBracket) {
          let dimensions = parser.dimensions()
          type = TypeNode(
            .tensor(element: type, dimensions: dimensions), at: parser.span(from: start))
        } else {
          break
        }
        parser.deepen(over: outer)
      }
      return type
    }
  }

  /// Parses a type without what may follow it.
  mutating func primaryType() -> TypeNode {
    let start = position
    switch current.kind {
    case .identifier, .typeWord:
      return typeName()
    case .leftParenthesis:
      return tupleType()
    case .leftBracket:
      return sequenceType()
    case .fn:
      return functionType()
    case .star:
      layout.prefixes.insert(current.start)
      advance()
      let pointee = nested { $0.primaryType() }
      return TypeNode(.pointer(pointee), at: span(from: start))
    default:
      diagnose(.expectedType(found: found, at: spanOfCurrent))
      return TypeNode(.error, at: spanAfterPrevious)
    }
  }

  /// Parses `T`, `Conv<I, O, 3>`, `nn.Conv<…>`, `complex<T>` or `decimal(p, s)`.
  mutating func typeName() -> TypeNode {
    let start = position
    let token = advance()
    var name = Name(text(token), at: span(of: token))
    if token.kind == .typeWord {
      switch name.text {
      case "complex": return complexType(from: start)
      case "decimal": return decimalType(from: start)
      default: return TypeNode(.named(module: nil, name, arguments: []), at: name.span)
      }
    }
    var module: Name?
    if at(.point), peek() == .identifier {
      module = name
      advance()
      name = declaredName("a type")
    }
    let arguments = at(.less) ? genericArguments() : []
    return TypeNode(
      .named(module: module, name, arguments: arguments), at: span(from: start))
  }

  /// Parses `<T>` behind `complex`.
  private mutating func complexType(from start: Int) -> TypeNode {
    guard at(.less) else {
      diagnose(.expectedToken(.less, "and the type of the parts", found: found, at: spanOfCurrent))
      return TypeNode(.error, at: span(from: start))
    }
    layout.angles.insert(current.start)
    let opening = advance()
    let part = type()
    close(.greater, opening)
    return TypeNode(.complex(part), at: span(from: start))
  }

  /// Parses `(p, s)` behind `decimal`.
  private mutating func decimalType(from start: Int) -> TypeNode {
    guard at(.leftParenthesis) else {
      diagnose(
        .expectedToken(
          .leftParenthesis, "and the digits of the decimal", found: found, at: spanOfCurrent))
      return TypeNode(.error, at: span(from: start))
    }
    layout.attached.insert(current.start)
    let opening = advance()
    let precision = expression()
    expect(.comma, "and the digits behind the point")
    let scale = expression()
    close(.rightParenthesis, opening)
    return TypeNode(.decimal(precision: precision, scale: scale), at: span(from: start))
  }

  /// Parses `<I, f32[N], 3>`.
  mutating func genericArguments() -> [Expression] {
    list(closedBy: .greater) { $0.genericArgument() }.items
  }

  /// Parses a type or a value; a comparison needs parentheses here.
  mutating func genericArgument() -> Expression {
    let outer = context
    context.readsGenericArguments = true
    defer { context = outer }
    return nested { $0.operatorExpression(.additive) }
  }

  /// Parses `[N, ..S]`.
  mutating func dimensions() -> [TypeNode.Dimension] {
    list(closedBy: .rightBracket) { $0.dimension() }.items
  }

  /// Parses `N` or `..S`.
  mutating func dimension() -> TypeNode.Dimension {
    let start = position
    if take(.twoPoints) {
      let name = declaredName("a dimension pack")
      return TypeNode.Dimension(
        span: span(from: start), value: Expression(.name(name), at: name.span), isPack: true)
    }
    let value = expression()
    return TypeNode.Dimension(span: span(from: start), value: value, isPack: false)
  }

  /// Parses `(A, B)`, `(v: A, i: B)`, `(A,)`, `()`, or a type in parentheses.
  mutating func tupleType() -> TypeNode {
    let start = position
    let (items, endsWithComma) = list(closedBy: .rightParenthesis, isAttached: false) { parser in
      var name: Name?
      if parser.current.kind.isWord, parser.peek() == .colon {
        name = parser.declaredName("a part")
        parser.advance()
      }
      return TupleTypeElement(name: name, type: parser.type())
    }
    let place = span(from: start)
    if items.count == 1, items[0].name == nil, !endsWithComma {
      return TypeNode(items[0].type.kind, at: place)
    }
    return TypeNode(.tuple(items), at: place)
  }

  /// Parses `[T; n]` or `[T<i> for i in a..b]`.
  mutating func sequenceType() -> TypeNode {
    let start = position
    let opening = advance()
    let outer = context
    context = .brackets
    defer { context = outer }
    let element = type()
    let kind: TypeNode.Kind
    if at(.for) {
      let (index, range) = comprehensionRange()
      kind = .sequence(element: element, index: index, range: range)
    } else if take(.semicolon) {
      kind = .array(element: element, count: expression())
    } else {
      diagnose(.expectedSequenceLength(found: found, at: spanOfCurrent))
      kind = .error
    }
    close(.rightBracket, opening)
    return TypeNode(kind, at: span(from: start))
  }

  /// Parses `fn(A, B) -> C`.
  mutating func functionType() -> TypeNode {
    let start = position
    advance()
    guard at(.leftParenthesis) else {
      diagnose(
        .expectedToken(
          .leftParenthesis, "and the types of the parameters", found: found, at: spanOfCurrent))
      return TypeNode(.error, at: span(from: start))
    }
    let parameters = list(closedBy: .rightParenthesis) { $0.type() }.items
    expect(.arrow, "and the type of the result")
    let result = type()
    return TypeNode(
      .function(parameters: parameters, result: result), at: span(from: start))
  }
}
