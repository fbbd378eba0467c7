import TesseraSource

// How the parser finds its way after a mistake, and the lists that end where a bracket closes.

extension Parser {
  /// Parses `opening item, item … closing`.
  ///
  /// - Requires: the next token opens the list, which `isAttached` to what stands before it.
  /// - Returns: the items, and whether a comma follows the last.
  mutating func list<Item>(
    closedBy closing: TokenKind, isAttached: Bool = true, _ item: (inout Parser) -> Item
  ) -> (items: [Item], endsWithComma: Bool) {
    if closing == .greater {
      layout.angles.insert(current.start)
    } else if isAttached {
      layout.attached.insert(current.start)
    }
    let opening = advance()
    let outer = context
    context = .brackets
    defer { context = outer }
    var items: [Item] = []
    var endsWithComma = false
    // Each round consumes a comma or ends.
    while !at(closing), !at(.endOfFile), !beginsAnotherLine {
      items.append(item(&self))
      endsWithComma = take(.comma)
      if !endsWithComma { break }
    }
    close(closing, opening, mayGoOn: !items.isEmpty && !endsWithComma)
    return (items, endsWithComma)
  }

  /// Consumes `closing`, which matches `opening`, or says that it is missing and looks for it.
  ///
  /// A comma would do as well where the list `mayGoOn`.
  mutating func close(_ closing: TokenKind, _ opening: Token, mayGoOn: Bool = false) {
    if closing == .greater ? takeGreater() : take(closing) { return }
    let isCertain = current.beginsLine || at(.leftBrace) || at(.rightBrace) || at(.endOfFile)
    diagnose(
      .missingClosing(
        closing, opening: span(of: opening), openingText: opening.kind.rawValue,
        found: found, at: spanOfCurrent, mayGoOn: mayGoOn && !isCertain,
        insertion: isCertain ? spanAfterPrevious : nil))
    guard !isCertain else { return }
    // Look for the closing bracket on this line; give up where a line or an outer bracket ends.
    var level = 0
    var index = position
    while index < tokens.count {
      let token = tokens[index]
      if token.kind == .endOfFile || token.beginsLine && index > position { return }
      if level == 0, token.kind == closing {
        position = index
        advance()
        return
      }
      switch token.kind {
      case .leftParenthesis, .leftBracket, .leftBrace: level += 1
      case .rightParenthesis, .rightBracket, .rightBrace:
        level -= 1
        if level < 0 { return }
      default: break
      }
      index += 1
    }
  }

  /// Consumes one `>`, the first half of `>>` or `>=` included.
  mutating func takeGreater() -> Bool {
    layout.angles.insert(current.start)
    let rest: TokenKind
    switch current.kind {
    case .greater:
      return take(.greater)
    case .shiftRight: rest = .greater
    case .greaterOrEqual: rest = .assign
    default: return false
    }
    tokens[position].kind = rest
    tokens[position].start += 1
    tokens[position].triviaStart = tokens[position].start
    tokens[position].beginsLine = false
    previousEnd = tokens[position].start
    return true
  }

  /// `true` iff the next token begins a line that cannot belong to an open bracket.
  var beginsAnotherLine: Bool {
    guard current.beginsLine else { return false }
    switch current.kind {
    case .let, .var, .return, .while, .assert, .print, .private, .export, .import, .at: return true
    case .rightBrace: return true
    default: return beginsDeclarationForCertain
    }
  }

  /// `true` iff the next token begins a line and a declaration, whatever brackets are open.
  var beginsDeclarationForCertain: Bool {
    guard current.beginsLine else { return false }
    switch current.kind {
    case .fn, .struct, .kernel, .combiner: return peek() == .identifier
    case .export: return peek().isWord
    default: return false
    }
  }

  /// `true` iff the next token can begin a declaration.
  var beginsDeclaration: Bool {
    switch current.kind {
    case .fn, .kernel, .struct, .combiner, .const, .export, .private, .at: return true
    case .identifier:
      switch text(current) {
      case "test", "bench": return peek() == .string
      case "table", "query": return peek() == .identifier
      default: return false
      }
    default: return false
    }
  }

  /// Skips to the next line that begins a declaration; consumes at least one token.
  mutating func skipDeclaration() {
    var level = 0
    repeat {
      switch advance().kind {
      case .leftBrace: level += 1
      case .rightBrace: level = max(0, level - 1)
      default: break
      }
      if beginsDeclarationForCertain { return }
    } while !at(.endOfFile)
      && !(level == 0 && current.beginsLine && (beginsDeclaration || at(.import)))
  }

  /// Skips to the end of the statement: a new line or `;` outside brackets, or the block's end.
  mutating func skipStatement() {
    var level = 0
    while !at(.endOfFile), !beginsDeclarationForCertain {
      if level == 0, current.beginsLine || at(.semicolon) || at(.rightBrace) { return }
      switch current.kind {
      case .leftParenthesis, .leftBracket, .leftBrace: level += 1
      case .rightParenthesis, .rightBracket, .rightBrace: level = max(0, level - 1)
      default: break
      }
      advance()
    }
  }

  /// Checks that `statement`, or a declaration, ends here, after `count` diagnostics were known.
  mutating func endLine(diagnosticsBefore count: Int, of statement: Statement? = nil) {
    if current.beginsLine || at(.semicolon) || at(.rightBrace) || at(.endOfFile) { return }
    guard diagnostics.count == count else { return skipStatement() }
    // Behind a name, say, another is more likely a mistake within than a second statement.
    var isCertain = current.kind.beginsValue || current.kind.beginsStatement
    if case .expression(let value)? = statement?.kind {
      isCertain = current.kind.beginsStatement || isCertain && value.isCall
    }
    diagnose(
      .missingSeparator(
        found: found, at: spanOfCurrent, notes: hints(behind: statement),
        insertion: isCertain ? spanAfterPrevious : nil))
    if !isCertain { skipStatement() }
  }

  /// What may have been meant by `statement` and what stands behind it on its line.
  private func hints(behind statement: Statement?) -> [String] {
    guard case .expression(let value)? = statement?.kind else { return [] }
    switch value.kind {
    case .name(let name) where ReductionOperator(rawValue: name.text) != nil:
      return ["A reduction is written \(name.text)[k] x[k]."]
    case .name(let name) where name.text == "elif":
      return ["Another condition is written else if c { … }."]
    case .name(let name) where ["def", "func", "function"].contains(name.text):
      return ["Functions are declared outside of functions; within, write let f = (a, b) => e."]
    case .name where at(.leftBrace):
      return ["A struct is built by a call with labels: Conv(weight: w, bias: b)."]
    case .call(let callee, _):
      guard case .name(let name) = callee.kind, ReductionOperator(rawValue: name.text) != nil
      else { return [] }
      return ["A reduction is written \(name.text)[k] x[k]."]
    case .type:
      return ["A choice is written if c { a } else { b }."]
    default:
      return []
    }
  }
}

extension TokenKind {
  /// `true` iff the word begins a statement and nothing else.
  fileprivate var beginsStatement: Bool {
    switch self {
    case .let, .var, .return, .while, .assert, .print: true
    default: false
    }
  }
}

extension Expression {
  /// `true` iff this is a call of anything but a reduction.
  fileprivate var isCall: Bool {
    guard case .call(let callee, _) = kind else { return false }
    guard case .name(let name) = callee.kind else { return true }
    return ReductionOperator(rawValue: name.text) == nil
  }
}
