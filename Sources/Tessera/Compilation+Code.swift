import TesseraCodeGen
import TesseraIR
import TesseraPasses
import TesseraSource

extension Compilation {
  /// Runs the passes of the default pipeline, up to what code generation takes.
  public mutating func optimize(_ options: SessionOptions) throws(InternalFailure) {
    var pipelineOptions = PipelineOptions()
    pipelineOptions.allowsRelaxedFloats = options.allowsRelaxedFloats
    #if DEBUG
      pipelineOptions.verify = { verify($0) }
    #endif
    do throws(InvalidPassResult) {
      _ = try run(.standard(options.level), options: pipelineOptions)
    } catch {
      throw InternalFailure(error)
    }
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
