import TesseraSource
import TesseraSyntax

/// An input at the prompt as a program: what it declares, and a function of what it does.
struct InputProgram: Sendable {
  /// Something that the function gives.
  enum Target: Sendable {
    /// The value of the expression at the end.
    case value
    /// A name, newly bound or assigned to.
    case name(String, isVariable: Bool)
  }

  /// A statement or expression of the function.
  enum Line: Sendable {
    case text(String)
    /// Text, then what the input has at a span.
    case typed(String, SourceSpan)
  }

  /// The name of the function that is made of it.
  let functionName: String
  /// What was typed.
  let input: InputText
  /// What was typed, as a tree.
  let parsed: ParsedInput
  /// The lines that import modules.
  private(set) var imports: [String] = []
  /// What it declares.
  private(set) var declarations: [InteractiveSession.Declared] = []
  /// The values of the session that the function takes, in order.
  private(set) var parameters: [String] = []
  /// What the function gives, in order.
  private(set) var results: [Target] = []
  private var parameterTypes: [String] = []
  private var statements: [Line] = []
  private var lastExpression: Line?
  /// Variables of the session that the input assigns to.
  private var assigned: Set<String> = []
  private var bound: Set<String> = []

  /// The name of the value of an expression at the end that changes variables.
  private static let lastValue = "_last"

  /// Creates the program of `text`, the input `number` of `session`.
  init(_ text: String, number: Int, in session: InteractiveSession) {
    functionName = "input\(number)"
    input = InputText(text, number: number)
    let file = SourceFile(id: FileID(index: 0), name: "input", bytes: input.compiled)
    parsed = parseInput(file)
    for item in parsed.items {
      switch item {
      case .importLine(let lines):
        for line in lines { imports.append("import " + file.text(line.span)) }
      case .declaration(let declaration):
        declarations.append(
          .init(name: declaration.name?.text, input: input, range: declaration.span.range))
      case .statement(let statement):
        add(statement, session)
      }
    }
    if lastExpression != nil { results.append(.value) }
    chooseParameters(file, session)
  }

  /// `true` iff the input does nothing but declare.
  var isEmpty: Bool { statements.isEmpty && lastExpression == nil }

  /// The label of result `position` where there are several.
  func resultLabel(_ position: Int) -> String { "r\(position)" }

  private mutating func add(_ statement: Statement, _ session: InteractiveSession) {
    // An expression gives a value only where nothing follows.
    if let expression = lastExpression {
      statements.append(expression)
      lastExpression = nil
    }
    let text = Line.typed("", statement.span)
    switch statement.kind {
    case .binding(let binding):
      bind(binding.pattern, isVariable: binding.introducer == .var)
    case .expression(let expression):
      if case .conditional(let it) = expression.kind, !it.givesValue { break }
      let before = assigned.count
      noteAssignments(in: statement, session, hidden: bound)
      lastExpression = text
      if assigned.count > before {
        // What it changes is looked at after it.
        statements.append(.typed("let \(Self.lastValue) = ", statement.span))
        lastExpression = .text(Self.lastValue)
      }
      return
    case .assignment, .forLoop, .whileLoop, .returnValue, .assertion, .print, .error: break
    }
    noteAssignments(in: statement, session, hidden: bound)
    statements.append(text)
  }

  /// Takes note of the variables of the session that `statement` and what is in it assign to;
  /// names in `hidden` mean something else there.
  private mutating func noteAssignments(
    in statement: Statement, _ session: InteractiveSession, hidden: Set<String>
  ) {
    switch statement.kind {
    case .assignment(let assignment):
      for name in Self.names(assignment.target) where !hidden.contains(name) {
        guard session.values[name] != nil, assigned.insert(name).inserted else { continue }
        results.append(.name(name, isVariable: true))
      }
    case .forLoop(let loop):
      noteAssignments(in: loop.body, session, hidden: hidden.union([loop.variable.text]))
    case .whileLoop(_, let body): noteAssignments(in: body, session, hidden: hidden)
    case .expression(let expression):
      guard case .conditional(let conditional) = expression.kind else { return }
      for branch in conditional.branches {
        noteAssignments(in: branch.body, session, hidden: hidden)
      }
      if let otherwise = conditional.otherwise {
        noteAssignments(in: otherwise, session, hidden: hidden)
      }
    case .binding, .returnValue, .assertion, .print, .error: return
    }
  }

  private mutating func noteAssignments(
    in block: Block, _ session: InteractiveSession, hidden: Set<String>
  ) {
    var hidden = hidden
    for statement in block.statements {
      noteAssignments(in: statement, session, hidden: hidden)
      if case .binding(let it) = statement.kind { hidden.formUnion(Self.names(it.pattern)) }
    }
  }

  /// The names that `pattern` binds.
  private static func names(_ pattern: Pattern) -> [String] {
    switch pattern.kind {
    case .name(let name), .indexed(let name, _): [name.text]
    case .tuple(let parts): parts.flatMap(names)
    case .error: []
    }
  }

  private mutating func bind(_ pattern: Pattern, isVariable: Bool) {
    for name in Self.names(pattern) where name != "_" && bound.insert(name).inserted {
      results.append(.name(name, isVariable: isVariable))
    }
  }

  /// The variables that an assignment to `target` changes.
  private static func names(_ target: Expression) -> [String] {
    switch target.kind {
    case .name(let name): [name.text]
    case .member(let base, _), .position(let base, _): names(base)
    case .bracket(let bracket): names(bracket.base)
    case .tuple(let parts): parts.flatMap { names($0.value) }
    default: []
    }
  }

  private mutating func chooseParameters(_ file: SourceFile, _ session: InteractiveSession) {
    if isEmpty { return }
    var mentioned: Set<String> = []
    for token in lex(file).tokens where token.kind == .identifier {
      let word = file.text(of: token)
      mentioned.insert(word == InputText.previousValue ? "_" : word)
    }
    for (name, value) in session.values.sorted(by: { $0.key < $1.key }) {
      guard mentioned.contains(name) else { continue }
      parameters.append(name)
      parameterTypes.append(value.value.typeDescription)
    }
  }

  /// The program: this input, then what the session has declared besides.
  func program(in session: InteractiveSession) -> InputProgramText {
    var program = InputProgramText()
    for line in session.imports { program.append(line + "\n") }
    if !isEmpty { addFunction(to: &program) }
    for declared in session.declarations {
      program.append(declared.input, declared.range)
      program.append("\n")
    }
    return program
  }

  private func addFunction(to program: inout InputProgramText) {
    func add(_ line: Line) {
      switch line {
      case .text(let text): program.append(text)
      case .typed(let before, let span):
        program.append(before)
        program.append(input, span.range)
      }
    }
    // A name that is bound anew stands in an inner scope, where it may hide the value before.
    let hides = !bound.isDisjoint(with: parameters)
    let list = zip(parameters, parameterTypes).map { "\(parameterName($0)): \($1)" }
    program.append("fn \(functionName)(\(list.joined(separator: ", "))) {\(hides ? " {" : "")\n")
    for name in assigned.sorted() { program.append("var \(name) = \(parameterName(name))\n") }
    for statement in statements {
      add(statement)
      program.append("\n")
    }
    if results.count > 1 { program.append("(") }
    for (position, target) in results.enumerated() {
      if results.count > 1 { program.append("\(resultLabel(position)): ") }
      switch target {
      case .value: lastExpression.map { add($0) }
      case .name(let name, _): program.append(name)
      }
      if position + 1 < results.count { program.append(", ") }
    }
    if results.count > 1 { program.append(")") }
    program.append("\n\(hides ? "} }" : "}")\n")
  }

  private func parameterName(_ name: String) -> String {
    if name == "_" { return InputText.previousValue }
    return assigned.contains(name) ? "\(name)_before" : name
  }
}

extension SourceSpan {
  /// The offsets that it covers.
  fileprivate var range: Range<Int> { Int(start)..<Int(end) }
}

extension Conditional {
  /// `true` iff each way through it ends in an expression.
  fileprivate var givesValue: Bool {
    guard let otherwise else { return false }
    return (branches.map(\.body) + [otherwise]).allSatisfy { block in
      guard case .expression(let last) = block.statements.last?.kind else { return false }
      if case .conditional(let inner) = last.kind { return inner.givesValue }
      return true
    }
  }
}
