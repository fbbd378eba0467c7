import TesseraIR
import TesseraSource

/// How a pipeline is run and watched.
public struct PipelineOptions: Sendable {
  /// `true` iff floats may be treated as real numbers.
  public var allowsRelaxedFloats = false
  /// `true` iff passes are to say what they do with each statement, and why.
  public var wantsRemarks = false
  /// The machine that code is made for.
  public var target = TargetDescription.x86_64v3
  /// What a lock says of functions, by their names in the IR.
  public var schedules: [String: ScheduleChoice] = [:]
  /// Checks the module after every pass, so that the first guilty one is named.
  public var verify: (@Sendable (Module) -> [Diagnostic])?
  /// The names of the passes after which `show` is called.
  public var printAfter: Set<String> = []
  /// Is given the name of a pass of `printAfter` and the module that it left.
  public var show: (@Sendable (_ pass: String, _ module: Module) -> Void)?

  /// Creates options that watch nothing.
  public init() {}
}

/// What a run of a pipeline has to tell.
public struct PipelineReport: Sendable {
  /// The time that one pass took.
  public struct Timing: Hashable, Sendable {
    /// The name of the pass.
    public var pass: String
    /// How long it took.
    public var duration: Duration
    /// `true` iff the pass changed anything.
    public var changed: Bool
  }

  /// What the passes found wrong in the program, and the remarks that were wanted.
  public var diagnostics: [Diagnostic] = []
  /// One row a pass, in order.
  public var timings: [Timing] = []

  /// Creates the report of a run of no pass.
  public init() {}
}

/// A pass that left IR which breaks the rules.
public struct InvalidPassResult: Error, Sendable {
  /// The name of the pass.
  public var pass: String
  /// What the verifier says.
  public var diagnostics: [Diagnostic]
  /// The module as the pass left it.
  public var module: Module
}

/// Runs `pipeline` on `module`.
///
/// - Throws: `InvalidPassResult` when `options.verify` finds something after a pass.
public func run(
  _ pipeline: Pipeline, on module: inout Module, options: PipelineOptions = PipelineOptions()
) throws(InvalidPassResult) -> PipelineReport {
  var report = PipelineReport()
  var context = PassContext()
  context.allowsRelaxedFloats = options.allowsRelaxedFloats
  context.wantsRemarks = options.wantsRemarks
  context.target = options.target
  context.schedules = options.schedules
  let clock = ContinuousClock()
  for pass in pipeline.passes {
    let start = clock.now
    let changed = pass.run(on: &module, &context)
    report.timings.append(
      .init(pass: pass.name, duration: clock.now - start, changed: changed))
    if options.printAfter.contains(pass.name) { options.show?(pass.name, module) }
    if let problems = options.verify?(module), !problems.isEmpty {
      throw InvalidPassResult(pass: pass.name, diagnostics: problems, module: module)
    }
  }
  report.diagnostics = context.diagnostics
  return report
}
