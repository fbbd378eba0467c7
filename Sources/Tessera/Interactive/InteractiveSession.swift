import TesseraData
import TesseraSource
import TesseraSyntax

/// A program that grows line by line, as at a prompt.
///
/// Declarations stay until one of the same name replaces them. What `let` and `var` name becomes a
/// value of the host. Statements become a function that takes the values that they mention and gives
/// those that they make; it is compiled by the same pipeline as every program.
public struct InteractiveSession: Sendable {
  /// What an input gave.
  public struct Evaluation: Sendable {
    /// The value of the last expression, if the input ends in one.
    public var value: HostValue?
    /// The names that were declared or given values.
    public var names: [String] = []
    /// What the program printed.
    public var printed = ""
    /// What is wrong with the input.
    public var diagnostics: [Diagnostic] = []
    /// The files that diagnostics point into.
    public var sources = SourceMap()
    /// Why the run stopped, if it did.
    public var failure: CallError?
    /// How long compiling took.
    public var compileTime = Duration.zero
    /// How long running took.
    public var runTime = Duration.zero

    /// `true` iff nothing was wrong.
    public var isFine: Bool { failure == nil && !diagnostics.hasErrors }
  }

  /// A declaration and the names that it makes.
  struct Declared: Sendable {
    /// The declared name, if there is one.
    var name: String?
    /// The input that declares it.
    var input: InputText
    /// Where it stands in the input, as that is compiled.
    var range: Range<Int>

    /// The text of the declaration.
    var text: String { String(decoding: input.compiled[range], as: UTF8.self) }
  }

  /// A value that has a name.
  struct Bound: Sendable {
    /// The value.
    var value: HostValue
    /// `true` iff `var` declares it.
    var isVariable: Bool
  }

  /// The imports so far.
  var imports: [String] = []
  /// The declarations so far, in order.
  var declarations: [Declared] = []
  /// The values so far, by their names.
  var values: [String: Bound] = [:]
  /// The inputs that were fine, in order, for saving.
  public private(set) var inputs: [String] = []
  private var count = 0
  /// Where imported modules come from.
  public var finder: ModuleFinder
  /// How programs are compiled.
  public var options: SessionOptions

  /// Creates a session that knows the standard library.
  public init(options: SessionOptions = SessionOptions(), modules: ModuleFinder = .standardLibrary)
  {
    self.options = options
    finder = modules
  }

  /// The names that an input may use: of declarations and values.
  public var names: [String] { declarations.compactMap(\.name) + values.keys.sorted() }

  /// `true` iff `text` is right as far as it goes but ends too early.
  public static func isIncomplete(_ text: String) -> Bool { TesseraSyntax.isIncomplete(text) }

  /// Gives `name` a value.
  public mutating func bind(_ name: String, to value: HostValue) {
    values[name] = Bound(value: value, isVariable: false)
  }

  /// Declares and runs what `text` says.
  ///
  /// An input that is wrong changes nothing.
  public mutating func evaluate(_ text: String) -> Evaluation {
    count += 1
    var changed = self
    let input = InputProgram(text, number: count, in: self)
    let evaluation = changed.evaluate(input)
    if evaluation.isFine {
      self = changed
      inputs.append(text)
    }
    return evaluation
  }

  /// The expression `text`, or the function of that name, compiled up to IR but not run.
  public func inspect(_ text: String) -> (compilation: Compilation, function: HostFunction?) {
    let isDeclared = declarations.contains { $0.name == text }
    let input = InputProgram(isDeclared ? "" : text, number: count + 1, in: self)
    if input.parsed.diagnostics.hasErrors {
      return (Compilation(name: "input", bytes: Array(text.utf8), modules: finder), nil)
    }
    let name = isDeclared ? text : input.functionName
    let compilation = compile(input, entry: name)
    return (compilation, compilation.hostFunctions.first { $0.name == name })
  }

  /// Compiles `text` once and runs it for about half a second; `nil` if it does nothing.
  public func measure(_ text: String) throws -> (runs: RunTimes, compileTime: Duration)? {
    let start = ContinuousClock.now
    let input = InputProgram(text, number: count + 1, in: self)
    var compilation = compile(input, entry: input.functionName)
    guard let executable = try compilation.executable(options),
      executable[input.functionName] != nil
    else { return nil }
    let compileTime = ContinuousClock.now - start
    let runs = try executable.measure(
      input.functionName, arguments(of: input), for: .milliseconds(500))
    return (runs, compileTime)
  }

  /// The leaves of the values that `input` takes.
  private func arguments(of input: InputProgram) -> [Tensor] {
    input.parameters.flatMap { values[$0]?.value.leaves.map(\.tensor) ?? [] }
  }

  /// The program of `input` in this session, up to IR, with the function `entry` for hosts.
  private func compile(_ input: InputProgram, entry: String) -> Compilation {
    let program = input.program(in: self)
    var compilation = Compilation(name: "input", bytes: program.bytes, modules: finder)
    compilation.check()
    compilation.lower(entries: compilation.functions(called: entry))
    compilation.speakOfInputs(program, input.input)
    return compilation
  }

  /// The inputs so far as the text of a program: what was declared, and the rest as a test.
  public var programText: String {
    let statements = inputs.filter { text in
      let file = SourceFile(id: FileID(index: 0), name: "input", bytes: Array(text.utf8))
      return parseInput(file).items.contains { if case .statement = $0 { true } else { false } }
    }
    var parts = imports + declarations.map(\.text)
    if !statements.isEmpty {
      let body = statements.joined(separator: "\n").split(separator: "\n")
      parts.append("test \"session\" {\n" + body.map { "  \($0)\n" }.joined() + "}")
    }
    return parts.joined(separator: "\n") + "\n"
  }

  /// The words of the language that mean something everywhere.
  public static let languageWords = TokenKind.words.keys.sorted()

  private mutating func evaluate(_ input: InputProgram) -> Evaluation {
    var evaluation = Evaluation()
    let start = ContinuousClock.now
    if input.parsed.diagnostics.hasErrors {
      let file = evaluation.sources.add(name: "input", text: input.input.typed)
      evaluation.diagnostics = input.parsed.diagnostics.map { diagnostic in
        diagnostic.moved { span in
          SourceSpan(
            file: file.id, start: UInt32(input.input.typedOffset(Int(span.start))),
            end: UInt32(input.input.typedOffset(Int(span.end))))
        }
      }
      return evaluation
    }
    for text in input.imports where !imports.contains(text) { imports.append(text) }
    for declared in input.declarations {
      if let name = declared.name { declarations.removeAll { $0.name == name } }
      declarations.append(declared)
      if let name = declared.name { evaluation.names.append(name) }
    }
    var compilation = compile(input, entry: input.functionName)
    evaluation.diagnostics = compilation.diagnostics
    evaluation.sources = compilation.sources
    if compilation.hasErrors || input.isEmpty {
      evaluation.compileTime = ContinuousClock.now - start
      return evaluation
    }
    do {
      guard let executable = try compilation.executable(options) else { return evaluation }
      evaluation.compileTime = ContinuousClock.now - start
      guard let function = executable[input.functionName] else { return evaluation }
      let printed = PrintedText()
      defer { evaluation.printed = printed.text }
      let begin = ContinuousClock.now
      let results = try executable.call(function.name, arguments(of: input)) {
        printed.add($0)
      }
      evaluation.runTime = ContinuousClock.now - begin
      take(results, of: function, for: input, into: &evaluation)
    } catch let error as CallError {
      evaluation.failure = error
    } catch {
      evaluation.failure = CallError(status: 70, "internal error: \(error)")
    }
    return evaluation
  }

  /// Gives names their new values and finds the value of the input itself.
  private mutating func take(
    _ results: [Tensor], of function: HostFunction, for input: InputProgram,
    into evaluation: inout Evaluation
  ) {
    for (position, target) in input.results.enumerated() {
      let label = input.results.count == 1 ? nil : input.resultLabel(position)
      guard let value = HostValue(results, of: function, label: label) else { continue }
      switch target {
      case .value:
        evaluation.value = value
        values["_"] = Bound(value: value, isVariable: false)
      case .name(let name, let isVariable):
        let wasVariable = values[name]?.isVariable == true
        values[name] = Bound(value: value, isVariable: isVariable || wasVariable)
        evaluation.names.append(name)
      }
    }
  }
}

extension HostValue {
  /// The part called `label` of what `function` gave, or all of it; `nil` if that is nothing.
  fileprivate init?(_ results: [Tensor], of function: HostFunction, label: String?) {
    var leaves: [(key: String, tensor: Tensor)] = []
    for (leaf, tensor) in zip(function.resultLeaves, results) {
      var path = leaf.path.split(separator: ".").map(String.init)
      if let label {
        guard let place = path.firstIndex(of: label) else { continue }
        path.removeFirst(place + 1)
      } else if function.results.count == 1 {
        path = leaf.key.split(separator: ".").map(String.init)
      }
      leaves.append((path.joined(separator: "."), tensor))
    }
    guard let first = leaves.first else { return nil }
    if leaves.count == 1, first.key.isEmpty {
      self.init(first.tensor)
    } else {
      let whole = function.results.first { $0.name == label || function.results.count == 1 }
      let parts = leaves.map { "\($0.key): \($0.tensor.typeDescription)" }
      self.init(
        typeDescription: whole?.typeDescription ?? "(\(parts.joined(separator: ", ")))",
        leaves: leaves)
    }
  }
}
