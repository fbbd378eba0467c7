import TesseraSource

extension Parser {
  /// Parses a word that a declaration introduces; `what` completes «a name for …».
  ///
  /// Before a colon any word is a name.
  mutating func declaredName(_ what: String) -> Name {
    let token = current
    if token.kind == .identifier || token.kind.isWord && peek() == .colon {
      advance()
      return Name(text(token), at: span(of: token))
    }
    guard token.kind.isWord, !beginsAnotherLine, !beginsDeclarationForCertain else {
      diagnose(.expectedName(what, found: found, at: spanOfCurrent))
      return Name("", at: spanAfterPrevious)
    }
    diagnose(.reservedWord(text(token), what, at: span(of: token)))
    advance()
    return Name(text(token), at: span(of: token))
  }

  /// Parses generic parameters, parameters, results and facts.
  mutating func signature() -> Signature {
    let start = position
    var signature = signatureWithoutFacts()
    if at(.where) { signature.facts = whereClause() }
    signature.span = span(from: start)
    return signature
  }

  /// Parses generic parameters, parameters and results.
  mutating func signatureWithoutFacts() -> Signature {
    let start = position
    let generics = at(.less) ? genericParameters() : []
    let parameters = parameters()
    let result = resultClause()
    return Signature(
      span: span(from: start), generics: generics, parameters: parameters, result: result,
      facts: [])
  }

  /// Parses `<N, T: float, const R: int, ..S, F = 1>`.
  mutating func genericParameters() -> [GenericParameter] {
    list(closedBy: .greater) { $0.genericParameter() }.items
  }

  /// Parses one parameter in `<…>`.
  mutating func genericParameter() -> GenericParameter {
    let start = position
    var name: Name
    var kind = GenericParameter.Kind.dimension
    if at(.const), peek() != .colon {
      advance()
      name = declaredName("a constant")
      kind = .constant(typeAnnotation("the constant"))
    } else if take(.twoPoints) {
      name = declaredName("a dimension pack")
      kind = .pack
    } else {
      name = declaredName("a dimension")
      if take(.colon) { kind = .type(kind: kindName()) }
    }
    let value = take(.assign) ? genericArgument() : nil
    return GenericParameter(
      span: span(from: start), name: name, kind: kind, defaultValue: value)
  }

  /// Parses `any`, `number`, `integer`, `float`, `struct` or `sequence`.
  mutating func kindName() -> Name {
    guard current.kind.isWord else { return declaredName("a kind of types") }
    let token = advance()
    return Name(text(token), at: span(of: token))
  }

  /// Parses `: Type`, which `what` needs.
  mutating func typeAnnotation(_ what: String) -> TypeNode {
    guard expect(.colon, "and the type of \(what)") else {
      return TypeNode(.error, at: spanAfterPrevious)
    }
    return type()
  }

  /// Parses `(x: T, inout y: T, out z: T, const n: int = 1)`.
  mutating func parameters() -> [Parameter] {
    guard at(.leftParenthesis) else {
      diagnose(
        .expectedToken(.leftParenthesis, "and the parameters", found: found, at: spanOfCurrent))
      return []
    }
    return list(closedBy: .rightParenthesis) { $0.parameter() }.items
  }

  /// Parses one parameter in `(…)`.
  mutating func parameter() -> Parameter {
    let start = position
    var passing = Parameter.Passing.value
    if peek() != .colon {
      if take(.inout) {
        passing = .inout
      } else if take(.const) {
        passing = .const
      } else if at(word: "out"), peek().isWord {
        advance()
        passing = .out
      }
    }
    let name = declaredName("a parameter")
    let type = typeAnnotation("the parameter")
    let value = take(.assign) ? expression() : nil
    return Parameter(
      span: span(from: start), passing: passing, name: name, type: type, defaultValue: value)
  }

  /// Parses `-> T`, `-> (y: T)` or `-> <K> (y: T)`, or nothing.
  mutating func resultClause() -> ResultClause {
    let start = position
    var clause = ResultClause(span: spanAfterPrevious, broughtDimensions: [], kind: .inferred)
    if !take(.arrow) {
      guard at(.colon) || current.kind == .typeWord || at(.identifier) && !beginsPartOfHead else {
        return clause
      }
      let colon = at(.colon) ? span(of: advance()) : nil
      diagnose(.missingArrow(at: colon ?? spanOfCurrent, replacing: colon ?? spanAfterPrevious))
    }
    if at(.less) {
      clause.broughtDimensions =
        list(closedBy: .greater) { $0.declaredName("a brought dimension") }.items
    }
    if at(.leftParenthesis), peek().isWord, peek(2) == .colon {
      clause.kind = .named(namedTypes())
    } else {
      clause.kind = .type(type())
    }
    clause.span = span(from: start)
    return clause
  }

  /// `true` iff the next word begins the part of a head behind the results.
  private var beginsPartOfHead: Bool {
    current.beginsLine || at(word: "over") || at(word: "from")
  }

  /// Parses `(y: T, z: U)`.
  mutating func namedTypes() -> [NamedType] {
    list(closedBy: .rightParenthesis, isAttached: false) { parser in
      let start = parser.position
      let name = parser.declaredName("a result")
      let type = parser.typeAnnotation("the result")
      return NamedType(span: parser.span(from: start), name: name, type: type)
    }.items
  }

  /// Parses `where fact, fact`.
  mutating func whereClause() -> [Expression] {
    advance()
    var facts = [expression()]
    while take(.comma) { facts.append(expression()) }
    return facts
  }
}
