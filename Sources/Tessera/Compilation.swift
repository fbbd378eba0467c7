import TesseraIR
import TesseraLowering
import TesseraPasses
import TesseraSemantics
import TesseraSource
import TesseraSyntax

/// A program on its way from text to code, with what was found wrong on the way.
///
/// Stages follow one another, and each does nothing where an earlier one found an error: a `.tess`
/// file is parsed, checked and lowered to IR; a `.tir` file is IR at once.
public struct Compilation: Sendable {
  /// The time that one stage took.
  public struct Timing: Hashable, Sendable {
    /// The name of the stage.
    public var stage: String
    /// How long it took.
    public var duration: Duration
  }

  /// The files that diagnostics point into.
  public internal(set) var sources: SourceMap
  /// What was found so far, in order of the stages.
  public internal(set) var diagnostics: [Diagnostic] = []
  /// How long the stages took that have run.
  public internal(set) var timings: [Timing] = []
  /// The memory that calls of exported functions take, once they are scheduled.
  public internal(set) var memory: [Memory] = []
  /// The typed program, once it was checked.
  public internal(set) var program: Program?
  /// The IR, once there is some.
  public internal(set) var module: TesseraIR.Module?
  /// The file that the program begins with.
  let root: SourceFile
  /// Its tree; `nil` for IR text.
  private(set) var parsed: ParsedFile?
  private let finder: ModuleFinder

  /// Parses `bytes`, which diagnostics call `name`: IR text if the name ends in `.tir`.
  public init(name: String, bytes: [UInt8], modules finder: ModuleFinder = .standardLibrary) {
    sources = ParsedLibrary.shared.sources
    root = sources.add(name: name, bytes: bytes)
    self.finder = finder
    let root = root
    if name.hasSuffix(".tir") {
      let (module, problems) = time("parse") { _ in parseModule(root) }
      self.module = module
      diagnostics = problems + (module.map { verify($0) } ?? [])
    } else {
      let parsed = time("parse") { _ in parse(root) }
      diagnostics = parsed.diagnostics
      self.parsed = parsed
    }
  }

  /// `true` iff something makes the program wrong.
  public var hasErrors: Bool { diagnostics.hasErrors }

  /// The name by which diagnostics call the file that the program begins with.
  public var name: String { root.name }

  /// The bytes of the file that the program begins with.
  public var bytes: [UInt8] { root.bytes }

  /// The text of the file in the usual layout.
  public var formattedText: String { format(root) }

  /// The tokens of the file, a line each: place, kind, text.
  public var tokenLines: String { dumpTokens(root) }

  /// The syntax tree of the file as nested lists; empty for IR text.
  public var treeLines: String { parsed.map { dumpAST($0.module) } ?? "" }

  /// Finds names, types and shapes.
  public mutating func check() {
    guard let parsed, program == nil, !hasErrors else { return }
    let finder = finder
    let modules = time("load modules") { compilation in
      compilation.loadModules(root: parsed, finder)
    }
    if hasErrors { return }
    let result = time("check") { _ in
      TesseraSemantics.check(
        modules: modules, evaluator: InterpretingEvaluator(), data: DataFiles(finder))
    }
    diagnostics += result.diagnostics
    if !hasErrors { program = result.program }
  }

  /// Makes IR of the checked program, with symbols for `entries`, beside what it exports or, if
  /// `isClosed`, in its place: what no entry needs is then left out of machine code.
  public mutating func lower(entries: [ID<TypedFunction>] = [], isClosed: Bool = false) {
    guard var program, module == nil, !hasErrors else { return }
    if isClosed {
      for export in program.exports { program.functions[export].isExported = false }
      program.exports = []
    }
    for entry in entries where !program.exports.contains(entry) { program.exports.append(entry) }
    module = time("lower") { _ in TesseraLowering.lower(program) }
  }

  /// Runs `pipeline` on the module, if there is one and nothing is wrong with it.
  ///
  /// - Throws: if a pass leaves IR that the verifier refuses, which is our mistake.
  public mutating func run(
    _ pipeline: Pipeline, options: PipelineOptions = PipelineOptions()
  ) throws(InvalidPassResult) -> PipelineReport {
    guard var module, !hasErrors else { return PipelineReport() }
    self.module = nil
    let report = try TesseraPasses.run(pipeline, on: &module, options: options)
    self.module = module
    timings += report.timings.map { Timing(stage: $0.pass, duration: $0.duration) }
    diagnostics += report.diagnostics
    return report
  }

  /// Runs `body` and adds the time that it took.
  mutating func time<Result, Failure: Error>(
    _ stage: String, _ body: (inout Compilation) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let start = ContinuousClock.now
    let result = try body(&self)
    timings.append(Timing(stage: stage, duration: ContinuousClock.now - start))
    return result
  }
}
