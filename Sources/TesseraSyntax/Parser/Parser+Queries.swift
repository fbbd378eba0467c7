import TesseraSource

extension Parser {
  /// Parses `table Name { columns }`.
  mutating func tableDeclaration() -> TableDeclaration {
    advance()
    let name = declaredName("a table")
    return TableDeclaration(name: name, columns: fields())
  }

  /// Parses `query name(…) { clauses }`.
  mutating func queryDeclaration() -> QueryDeclaration {
    advance()
    let name = declaredName("a query")
    let parameters = parameters()
    var query = QueryDeclaration(name: name, parameters: parameters, clauses: [])
    guard at(.leftBrace) else {
      diagnose(.expectedBlock("the query", found: found, at: spanOfCurrent))
      return query
    }
    let opening = advance()
    context.newlinesEndStatements = false
    // Each round consumes the word of a clause or ends.
    while !at(.rightBrace), !at(.endOfFile), !beginsDeclarationForCertain {
      guard let clause = queryClause() else {
        diagnose(.expectedClause(found: found, at: spanOfCurrent))
        skipClause()
        continue
      }
      query.clauses.append(clause)
    }
    close(.rightBrace, opening)
    return query
  }

  /// Parses one clause, or nothing if the next word begins none.
  mutating func queryClause() -> QueryClause? {
    guard beginsClause else { return nil }
    let start = position
    layout.starts.insert(current.start)
    let word = text(advance())
    let kind: QueryClause.Kind
    switch word {
    case "scan": kind = .scan(expression())
    case "where": kind = .filter(expression())
    case "select": kind = .select(separated { $0.queryColumn() })
    case "group":
      expectBy(word)
      kind = .group(separated { $0.expression() })
    case "aggregate": kind = .aggregate(separated { $0.queryColumn() })
    case "order":
      expectBy(word)
      kind = .order(separated { $0.queryOrdering() })
    default: kind = .limit(expression())
    }
    return QueryClause(span: span(from: start), kind: kind)
  }

  /// Parses `name = value` or a value.
  mutating func queryColumn() -> QueryColumn {
    let start = position
    var name: Name?
    if current.kind.isWord, peek() == .assign {
      name = declaredName("a column")
      advance()
    }
    let value = expression()
    return QueryColumn(span: span(from: start), name: name, value: value)
  }

  /// Parses a value, perhaps with `descending`.
  mutating func queryOrdering() -> QueryOrdering {
    let start = position
    let key = expression()
    let isDescending = take(word: "descending")
    if !isDescending { _ = take(word: "ascending") }
    return QueryOrdering(span: span(from: start), key: key, isDescending: isDescending)
  }

  private var beginsClause: Bool {
    if at(.where) { return true }
    guard at(.identifier) else { return false }
    return ["scan", "select", "group", "aggregate", "order", "limit"].contains(text(current))
  }

  private mutating func skipClause() {
    repeat {
      advance()
    } while !at(.rightBrace) && !at(.endOfFile) && !beginsClause && !beginsDeclarationForCertain
  }

  private mutating func expectBy(_ word: String) {
    if take(word: "by") { return }
    diagnose(.expectedBy(after: word, found: found, at: spanOfCurrent))
  }

  private mutating func separated<Item>(_ item: (inout Parser) -> Item) -> [Item] {
    var items = [item(&self)]
    while take(.comma) { items.append(item(&self)) }
    return items
  }
}
