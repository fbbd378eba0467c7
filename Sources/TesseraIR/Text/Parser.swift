import TesseraSource

/// Parses IR text.
///
/// Any bytes are fine: what is wrong is told by the diagnostics, and then there is no module.
public func parseModule(_ file: SourceFile) -> (module: Module?, diagnostics: [Diagnostic]) {
  var parser = Parser(file)
  let module = parser.parseModule()
  return (parser.diagnostics.isEmpty ? module : nil, parser.diagnostics)
}

/// A syntax error that was reported; parsing goes on at the next function.
struct SyntaxError: Error {}

/// Reads one file of IR text, a token ahead.
struct Parser {
  /// How deeply regions may nest; every walk over IR recurses at most so far.
  static let nestingLimit = 400

  /// What gives tokens, and the next one.
  var lexer: Lexer
  var token: Token
  /// The end of the token read last.
  var lastEnd: UInt32 = 0
  /// What was reported, in order.
  var diagnostics: [Diagnostic] = []

  /// The function that is being read, its values by name, where each of them is defined, and how deep
  /// regions are nested here.
  var function = Function(name: "")
  var values: [String: Value] = [:]
  var valueSpans: [Value: SourceSpan] = [:]
  var depth = 0

  /// Begins at the start of `file`.
  init(_ file: SourceFile) {
    lexer = Lexer(file)
    token = lexer.next()
  }

  // MARK: Tokens

  /// Goes to the next token.
  mutating func advance() {
    lastEnd = token.span.end
    token = lexer.next()
  }

  /// Reports that `what` should stand here.
  mutating func fail(expected what: String) -> SyntaxError {
    diagnostics.append(.irSyntax(expected: what, at: token.span))
    return SyntaxError()
  }

  /// `true` iff the next token is `mark`.
  func isAt(_ mark: String) -> Bool { token.kind == .mark(mark) }

  /// Goes past `mark`; `false` if something else is next.
  mutating func accept(_ mark: String) -> Bool {
    guard isAt(mark) else { return false }
    advance()
    return true
  }

  /// Goes past `word`; `false` if something else is next.
  mutating func acceptWord(_ word: String) -> Bool {
    guard token.kind == .word(word) else { return false }
    advance()
    return true
  }

  /// Goes past `mark`, which must be next.
  mutating func expect(_ mark: String) throws(SyntaxError) {
    guard accept(mark) else { throw fail(expected: "'\(mark)'") }
  }

  /// Goes past a word, which must be next and is called `what` otherwise.
  mutating func expectWord(_ what: String) throws(SyntaxError) -> String {
    guard case .word(let word) = token.kind else { throw fail(expected: what) }
    advance()
    return word
  }

  /// Goes past `@name`, which must be next.
  mutating func expectFunctionName() throws(SyntaxError) -> String {
    guard case .function(let name) = token.kind else {
      throw fail(expected: "the name of a function, as in '@name'")
    }
    advance()
    return name
  }

  /// Goes past `%name`, which must be next.
  mutating func expectValueName() throws(SyntaxError) -> (name: String, span: SourceSpan) {
    guard case .value(let name) = token.kind else {
      throw fail(expected: "the name of a value, as in '%name'")
    }
    defer { advance() }
    return (name, token.span)
  }

  // MARK: Functions

  /// Reads all functions; those with mistakes are left out.
  mutating func parseModule() -> Module {
    var module = Module()
    var names: Set<String> = []
    while token.kind != .end {
      do {
        try parseFunction(&names)
        module.functions.append(function)
      } catch {
        skipToFunction()
      }
    }
    return module
  }

  private mutating func skipToFunction() {
    while token.kind != .end, token.kind != .word("func") { advance() }
  }

  private mutating func parseFunction(_ names: inout Set<String>) throws(SyntaxError) {
    let start = token.span
    guard acceptWord("func") else { throw fail(expected: "'func'") }
    let nameSpan = token.span
    let name = try expectFunctionName()
    if !names.insert(name).inserted {
      diagnostics.append(.irDuplicateFunction(name, at: nameSpan))
    }
    function = Function(name: name)
    values = [:]
    valueSpans = [:]
    depth = 0
    try parseParameters()
    if accept("->") { try parseResults() }
    function.isExported = acceptWord("export")
    function.span = SourceSpan(file: start.file, start: start.start, end: lastEnd)
    try expect("{")
    try parseOperations(into: function.body)
    try expect("}")
  }

  private mutating func parseParameters() throws(SyntaxError) {
    try expect("(")
    if accept(")") { return }
    repeat {
      let (name, span) = try expectValueName()
      try expect(":")
      let role = parseRole()
      let type = try parseType()
      define(name, function.addParameter(sourceName(name), type, role: role), at: span)
    } while accept(",")
    try expect(")")
  }

  private mutating func parseRole() -> Function.ParameterRole {
    guard case .word(let word) = token.kind, let role = Function.ParameterRole(rawValue: word)
    else { return .input }
    advance()
    return role
  }

  private mutating func parseResults() throws(SyntaxError) {
    try expect("(")
    repeat {
      var name = ""
      if case .value = token.kind {
        name = try expectValueName().name
        try expect(":")
      }
      function.resultNames.append(name)
      function.resultTypes.append(try parseType())
    } while accept(",")
    try expect(")")
  }

  // MARK: Values

  /// The name that the source gave; a mere number stands for none.
  func sourceName(_ name: String) -> String? { name.utf8.allSatisfy(isDigit) ? nil : name }

  /// Makes `name` stand for `value` from here on.
  mutating func define(_ name: String, _ value: Value, at span: SourceSpan) {
    if let first = values[name] {
      diagnostics.append(
        .irDuplicateValue(name, at: span, first: valueSpans[first] ?? .none))
    }
    values[name] = value
    valueSpans[value] = span
  }

  /// The value called `name`; where there is none, that is reported and a value stands in for it.
  mutating func use(_ name: String, at span: SourceSpan) -> Value {
    if let value = values[name] { return value }
    diagnostics.append(.irUnknownValue(name, at: span))
    let stand = function.values.append(
      ValueInfo(
        type: .index, definition: .parameter(of: function.body, index: 0), name: name))
    values[name] = stand
    return stand
  }
}
