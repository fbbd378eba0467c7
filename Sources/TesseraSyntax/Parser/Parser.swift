import TesseraSource

/// A recursive-descent parser over the tokens of one file.
///
/// Each production of `Grammar/tessera.ebnf` has a method of its name, which consumes what the
/// production derives and returns its node. A method never fails: where text is missing it gives a
/// diagnostic and an error node, and consumes nothing that might begin something else.
///
/// Invariants, kept by `nested(_:)` and `deepen(over:)`:
/// - no node lies deeper in the tree than twice `nestingLimit`;
/// - once the limit is passed the rest of the file is skipped, so every loop ends.
struct Parser {
  /// The deepest nesting of expressions, types and blocks that is accepted.
  static let nestingLimit = 200

  /// What is parsed, and its comments.
  let file: SourceFile
  let comments: [Comment]
  /// The tokens; `>>` and `>=` lose their first character when a type ends there.
  var tokens: [Token]
  /// The index of the next token.
  var position = 0
  /// The offset at which the token before the next one ends.
  var previousEnd: UInt32 = 0
  /// What was reported, in order.
  var diagnostics: [Diagnostic] = []
  /// `true` iff the first diagnostic was given because the text ended.
  var firstDiagnosticIsAtEnd = false

  /// What signs mean here.
  var context = Context.brackets
  /// Indices with ranges between brackets that no definition has claimed yet.
  var unclaimedBinders: [SourceSpan] = []
  /// What the formatter wants to know about tokens.
  var layout = Layout()
  /// How many expressions, types and blocks are open.
  var depth = 0
  /// The depth of the deepest node in the subtree that is being built.
  var deepest = 0
  /// `true` iff the rest of the file is skipped.
  var isAbandoned = false

  /// Begins at the first token of `file`.
  init(_ file: SourceFile, _ lexed: LexedFile) {
    self.file = file
    tokens = lexed.tokens
    comments = lexed.comments
  }

  /// What a new line and `<` mean, which brackets around them decide.
  struct Context {
    /// `true` iff a new line may end a statement.
    var newlinesEndStatements: Bool
    /// `true` iff `<` after a name begins generic arguments.
    var readsGenericArguments: Bool

    /// Inside `()` and `[]`.
    static let brackets = Context(newlinesEndStatements: false, readsGenericArguments: false)
    /// Inside `{}`.
    static let block = Context(newlinesEndStatements: true, readsGenericArguments: false)
  }
}

// MARK: - Tokens

extension Parser {
  /// The next token.
  var current: Token { tokens[position] }

  /// The kind of the token `distance` after the next one.
  func peek(_ distance: Int = 1) -> TokenKind {
    position + distance < tokens.count ? tokens[position + distance].kind : .endOfFile
  }

  /// `true` iff the next token is of `kind`.
  func at(_ kind: TokenKind) -> Bool { tokens[position].kind == kind }

  /// `true` iff the next token is the unreserved word `word`.
  func at(word: String) -> Bool { at(.identifier) && text(current) == word }

  /// `true` iff the next token continues what stands before it.
  var continuesLine: Bool { !context.newlinesEndStatements || !current.beginsLine }

  /// The text of `token`.
  func text(_ token: Token) -> String { file.text(of: token) }

  /// The place of `token`.
  func span(of token: Token) -> SourceSpan { file.span(of: token) }

  /// The place from the token at index `start` to the token before the next one.
  func span(from start: Int) -> SourceSpan {
    let first = tokens[start].start
    return SourceSpan(
      file: file.id, start: min(first, previousEnd), end: previousEnd)
  }

  /// The empty place behind the token before the next one.
  var spanAfterPrevious: SourceSpan {
    SourceSpan(file: file.id, start: previousEnd, end: previousEnd)
  }

  /// Consumes the next token and returns it; the end of the file stays.
  @discardableResult
  mutating func advance() -> Token {
    let token = current
    if token.kind != .endOfFile {
      position += 1
      previousEnd = token.end
    }
    return token
  }

  /// Consumes the next token iff it is of `kind`; returns whether it was.
  mutating func take(_ kind: TokenKind) -> Bool {
    guard at(kind) else { return false }
    advance()
    return true
  }

  /// Consumes the next token iff it is the unreserved word `word`; returns whether it was.
  mutating func take(word: String) -> Bool {
    guard at(word: word) else { return false }
    advance()
    return true
  }

  /// Consumes a token of `kind`, or says that it is missing; `purpose` completes the sentence.
  @discardableResult
  mutating func expect(_ kind: TokenKind, _ purpose: String) -> Bool {
    if take(kind) { return true }
    let endsLine = !continuesLine
    diagnose(
      .expectedToken(
        kind, purpose, found: endsLine ? "a new line" : found,
        at: endsLine ? spanAfterPrevious : spanOfCurrent,
        insertion: endsLine || !current.kind.beginsValue ? nil : spanAfterPrevious))
    return false
  }

  /// The place of the next token, or the end of the last line of text if there is none.
  var spanOfCurrent: SourceSpan { at(.endOfFile) ? spanAfterPrevious : span(of: current) }

  /// The next token as a diagnostic names it.
  var found: String {
    switch current.kind {
    case .endOfFile, .unknown: current.kind.described
    case .string: "a string"
    default: "'\(text(current))'"
    }
  }
}

// MARK: - Diagnostics and depth

extension Parser {
  /// Records `diagnostic`, unless another stands at the same place already.
  mutating func diagnose(_ diagnostic: Diagnostic) {
    guard !isAbandoned, diagnostics.last?.span.start != diagnostic.span.start else { return }
    if diagnostics.isEmpty { firstDiagnosticIsAtEnd = at(.endOfFile) }
    diagnostics.append(diagnostic)
  }

  /// All diagnostics in source order, with those of the lexer.
  mutating func finishedDiagnostics(with lexical: [Diagnostic]) -> [Diagnostic] {
    for span in unclaimedBinders { diagnostics.append(.rangeOutsideDefinition(at: span)) }
    // Text that the lexer has complained about needs no second complaint.
    let places = Set(lexical.map(\.span))
    let own = diagnostics.filter { !places.contains($0.span) }
    return (lexical + own).enumerated()
      .sorted { ($0.element.span.start, $0.offset) < ($1.element.span.start, $1.offset) }
      .map(\.element)
  }

  /// Runs `parse` one level deeper; past the limit the rest of the file is skipped.
  mutating func nested<Node>(_ parse: (inout Parser) -> Node) -> Node {
    let outer = deepest
    depth += 1
    deepest = depth
    if depth > Parser.nestingLimit { abandon() }
    defer {
      depth -= 1
      deepest = max(deepest, outer)
    }
    return parse(&self)
  }

  /// Notes that a node is put above a finished subtree that reached `other`, and the latest one.
  mutating func deepen(over other: Int = 0) {
    deepest = max(deepest, other) + 1
    if deepest > 2 * Parser.nestingLimit { abandon() }
  }

  /// Gives up on the rest of the file.
  private mutating func abandon() {
    diagnose(.nestingTooDeep(limit: Parser.nestingLimit, at: spanOfCurrent))
    isAbandoned = true
    position = tokens.count - 1
  }
}
