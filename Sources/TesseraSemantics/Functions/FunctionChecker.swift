import TesseraSource
import TesseraSyntax

/// Checks the signature and body of one instance of a function.
///
/// A class, because checking an expression may declare locals, emit statements and learn facts in
/// every method; each lives only as long as its instance is checked.
final class FunctionChecker {
  /// What all functions share.
  let checker: Checker
  /// The module whose names are visible.
  let module: ID<ModuleInfo>

  // What is made.

  /// The function, as far as it is checked.
  var function: TypedFunction
  /// The statements of the block being checked.
  var statements: [TypedStatement] = []
  /// What has to be checked before the present statement, because it may not run.
  var pendingChecks: [Obligation] = []
  /// What it gives.
  var resultTypes = ResultTypes()
  /// `true` iff something is wrong with this instance, so that remarks on it would mislead.
  var hasErrors = false

  // How it is checked.

  /// `true` iff other instances may differ, so that remarks on needless text would mislead.
  var isGeneric = false
  /// `true` in tests and benches.
  var isTest = false
  /// The algorithms that this function and its callers ask for in what it calls.
  var requestedAlgorithms: Set<NamedAlgorithm> = []

  // What is known where the checker stands.

  /// What names stand for, innermost scope last.
  var scope = ScopedTable<String, ScopeEntry>()
  /// The state of each local of `function`.
  var states: [LocalState] = []
  /// The `int` locals that are dimensions.
  var localDimensions: [ID<Local>: Dimension] = [:]
  /// The number over which each index tile runs.
  var tileExtents: [ID<Local>: Dimension] = [:]
  /// Facts about dimensions.
  var prover = ShapeProver()
  /// The loops and branches around.
  var flow = FlowPosition()
  /// The copies of unrolled loops around.
  var copies = UnrolledCopies()
  /// What the programs of a kernel write.
  var coverage = KernelCoverage()
  /// Expressions that are typed before they are checked.
  var typedAhead = TypedAhead()
  /// Expressions around the one being checked.
  var expressionDepth = 0

  /// Creates a checker of a function in `module`.
  init(checker: Checker, module: ID<ModuleInfo>, name: String = "", span: SourceSpan = .none) {
    self.checker = checker
    self.module = module
    function = TypedFunction(name: name, declaredName: name, kind: .function, span: span)
  }

  /// A checker of types and constants of another module that speaks of the dimensions of `other`.
  init(checker: Checker, module: ID<ModuleInfo>, sharing other: FunctionChecker) {
    self.checker = checker
    self.module = module
    function = TypedFunction(name: "", declaredName: "", kind: .function, span: other.function.span)
    function.symbols = other.function.symbols
    prover = other.prover
    copies = UnrolledCopies(inside: other.copies.notes)
  }

  // MARK: Diagnostics

  /// Adds `diagnostic`, and says in which copy and instance it is found.
  func diagnose(_ diagnostic: Diagnostic) {
    var diagnostic = diagnostic
    if diagnostic.severity == .error { hasErrors = true }
    diagnostic.notes += copies.notes
    if let step = checker.instanceChain.last?.note { diagnostic.notes.append(step) }
    checker.diagnose(diagnostic)
  }

  /// Spells types and dimensions with the names of this function.
  var describe: TypeDescription {
    TypeDescription(checker: checker, symbols: function.symbols, indices: function.indices)
  }

  /// `type` as the user would write it.
  func describe(_ type: ValueType) -> String { describe.callAsFunction(type) }
  /// `dimension` as the user would write it.
  func describe(_ dimension: Dimension) -> String { describe.callAsFunction(dimension) }

  /// What stands for an expression of which an error was diagnosed.
  func error(at span: SourceSpan) -> TypedExpression { TypedExpression(.error, .error, at: span) }

  /// Adds `diagnostic`, and gives what stands for the expression that it is about.
  func fail(_ diagnostic: Diagnostic) -> TypedExpression {
    diagnose(diagnostic)
    return error(at: diagnostic.span)
  }

  // MARK: Names

  /// Makes `name` stand for `entity` in the innermost scope.
  func declare(_ name: Name, _ entity: Entity) {
    if name.text.isEmpty || name.text == "_" { return }
    if scope.innermostScopeContains(name.text), let earlier = scope[name.text] {
      diagnose(.duplicateDeclaration(name.text, earlier: earlier.span, at: name.span))
    }
    scope.insert(ScopeEntry(entity: entity, span: name.span), for: name.text)
  }

  /// Adds a local and its state.
  func addLocal(
    _ name: String, _ type: ValueType, isVariable: Bool = false, isDefined: Bool = true,
    at span: SourceSpan
  ) -> ID<Local> {
    states.append(LocalState(type: type, isDefined: isDefined))
    return function.locals.append(
      Local(name: name, type: type, isVariable: isVariable, span: span))
  }

  /// A new dimension symbol for the value of the `int` local `id`, which may be negative.
  func makeSymbol(for id: ID<Local>, named name: String) -> Dimension {
    let symbol = function.symbols.append(
      DimensionSymbol(name: name, origin: .local(id)))
    prover.assumeSigned(symbol)
    let dimension = Dimension(symbol)
    localDimensions[id] = dimension
    return dimension
  }

  /// The local that holds `id` now, as an expression.
  func use(_ id: ID<Local>, at span: SourceSpan) -> TypedExpression {
    TypedExpression(.local(id), states[Int(id.index)].type, at: span)
  }

  // MARK: Statements

  /// Runs `body` as one statement, and puts what it demands to be checked in front of what it emits.
  /// Inside a loop or index notation the statement around does so.
  func asStatement<Result>(_ body: () -> Result) -> Result {
    guard !flow.repeats else { return body() }
    let outer = pendingChecks
    pendingChecks = []
    let start = statements.count
    let result = body()
    let checks = pendingChecks.map { TypedStatement(.check($0), at: $0.span) }
    statements.insert(contentsOf: checks, at: start)
    pendingChecks = outer
    return result
  }

  /// Adds a statement to the block being checked.
  func emit(_ kind: TypedStatement.Kind, at span: SourceSpan) {
    statements.append(TypedStatement(kind, at: span))
  }

  /// Runs `body` and gives what it emitted.
  func collecting<Result>(_ body: () -> Result) -> (result: Result, statements: [TypedStatement]) {
    let outer = statements
    statements = []
    let result = body()
    defer { statements = outer }
    return (result, statements)
  }

  /// Tries `body` without diagnostics and without effect on the state of this checker.
  func speculating<Result>(_ body: () -> Result) -> Result? {
    let saved = (statements, states, localDimensions, tileExtents, prover, scope, function)
    let checks = pendingChecks
    defer {
      (statements, states, localDimensions, tileExtents, prover, scope, function) = saved
      pendingChecks = checks
    }
    return checker.quietly(body)
  }
}
