import TesseraCodeGen
import TesseraIR
import TesseraPasses
import TesseraSource

extension Compilation {
  /// The module after the passes that `options` ask for, made for `target`; `nil` if something is
  /// wrong with the program. The module itself stays as lowering made it.
  mutating func transformedModule(
    _ options: SessionOptions, for target: TargetDescription
  ) throws(InternalFailure) -> TesseraIR.Module? {
    guard var transformed = module, !hasErrors else { return nil }
    // What no symbol leads to is never called, so no time is spent on it.
    transformed.exports = hostFunctions.map(\.signature)
    transformed.permit(options.algorithms)
    var pipelineOptions = PipelineOptions()
    pipelineOptions.target = target
    pipelineOptions.allowsRelaxedFloats = options.allowsRelaxedFloats
    pipelineOptions.wantsRemarks = options.wantsRemarks
    pipelineOptions.printAfter = options.printAfter
    pipelineOptions.show = options.show
    #if DEBUG
      pipelineOptions.verify = { verify($0) }
    #endif
    do throws(InvalidPassResult) {
      let report = try TesseraPasses.run(
        options.pipeline ?? .standard(options.level), on: &transformed, options: pipelineOptions)
      timings += report.timings.map { Timing(stage: $0.pass, duration: $0.duration) }
      diagnostics += report.diagnostics
    } catch {
      throw InternalFailure(error)
    }
    return hasErrors ? nil : transformed
  }

  /// The module as code generation takes it; `nil` if something is wrong with the program.
  mutating func scheduledModule(
    _ options: SessionOptions, for target: TargetDescription
  ) throws(InternalFailure) -> TesseraIR.Module? {
    let transformed = try transformedModule(options, for: target)
    guard let transformed, isScheduled(transformed, options) else { return nil }
    return transformed
  }

  /// `true` iff the passes have left no whole tensors in `module`; else that is diagnosed.
  ///
  /// The usual passes leave none, so only others are looked after.
  mutating func isScheduled(_ module: TesseraIR.Module, _ options: SessionOptions) -> Bool {
    guard options.pipeline != nil, let problem = verify(module, stage: .scheduled).first else {
      return true
    }
    diagnostics.append(.notScheduled(at: problem.span))
    return false
  }

  /// The failure for hosts that `error` is.
  func failure(_ error: CodeGenError) -> InternalFailure {
    let place: String
    switch error {
    case .unsupported(_, let span), .malformed(_, let span):
      let file = sources[span.file]
      let location = file?.location(of: span.start)
      place = file.map { " at \($0.name):\(location?.line ?? 0)" } ?? ""
    case .tool: place = ""
    }
    return InternalFailure("\(error)\(place)")
  }
}

extension InternalFailure {
  /// The failure of a pass that left IR which breaks the rules.
  public init(_ error: InvalidPassResult) {
    let problems = error.diagnostics.map { "\n  \($0.message)" }.joined()
    self.init("pass '\(error.pass)' left IR that breaks the rules\(problems)\n\(error.module)")
  }
}

extension Diagnostic {
  /// The passes that were asked for leave whole tensors, of which no machine code is made.
  ///
  ///     tess build --stop-after=fuse --emit=obj program.tess
  static func notScheduled(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "not-scheduled", "the passes that were asked for leave whole tensors", at: span,
      notes: [
        "machine code is made of loops over buffers, which the pass 'schedule' makes; "
          + "expected it among the passes, or --emit=tir to see what they leave"
      ])
  }
}
