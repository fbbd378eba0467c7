import TesseraCodeGen
import TesseraIR
import TesseraPasses
import TesseraSource

extension Compilation {
  /// The module after the passes of the default pipeline, as code generation for `target` takes it;
  /// `nil` if something is wrong with the program. The module itself stays as lowering made it.
  mutating func scheduledModule(
    _ options: SessionOptions, for target: TargetDescription
  ) throws(InternalFailure) -> TesseraIR.Module? {
    guard var scheduled = module, !hasErrors else { return nil }
    scheduled.exports = hostFunctions.map(\.signature)
    scheduled.permit(options.algorithms)
    var pipelineOptions = PipelineOptions()
    pipelineOptions.target = target
    pipelineOptions.allowsRelaxedFloats = options.allowsRelaxedFloats
    // What no symbol leads to is never called, so no time is spent on it.
    pipelineOptions.roots = Set(scheduled.exports.map(\.function))
    #if DEBUG
      pipelineOptions.verify = { verify($0) }
    #endif
    do throws(InvalidPassResult) {
      let report = try TesseraPasses.run(
        .standard(options.level), on: &scheduled, options: pipelineOptions)
      timings += report.timings.map { Timing(stage: $0.pass, duration: $0.duration) }
      diagnostics += report.diagnostics
    } catch {
      throw InternalFailure(error)
    }
    return hasErrors ? nil : scheduled
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
