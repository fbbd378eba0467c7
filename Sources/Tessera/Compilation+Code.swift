import TesseraCodeGen
import TesseraIR
import TesseraLowering
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
    pipelineOptions.schedules = schedules(options.lock, for: target)
    if hasErrors { return nil }
    pipelineOptions.printAfter = options.printAfter
    pipelineOptions.show = options.show
    #if DEBUG
      pipelineOptions.verify = { verify($0) }
    #endif
    do throws(InvalidPassResult) {
      let report = try TesseraPasses.run(
        options.pipeline ?? .standard(options.level), on: &transformed, options: pipelineOptions)
      timings += report.timings.map { Timing(stage: $0.pass, duration: $0.duration) }
      memory = transformed.exports.map { transformed.memory(of: $0) }
      diagnostics += report.diagnostics.map(\.namingLibraryFunction)
    } catch {
      throw InternalFailure(error)
    }
    return hasErrors ? nil : transformed
  }

  /// What `lock` says of the functions that the program exports, also where only some of them are
  /// compiled; what is wrong with it is diagnosed.
  private mutating func schedules(
    _ lock: (name: String, bytes: [UInt8])?, for target: TargetDescription
  ) -> [String: ScheduleChoice] {
    guard let lock else { return [:] }
    let exports =
      program.map { program in program.exports.map { exportSignature(of: $0, in: program) } }
      ?? hostFunctions.map(\.signature)
    let file = sources.add(name: lock.name, bytes: lock.bytes)
    var problems: [Diagnostic] = []
    let schedules = ScheduleLock(file, &problems)
    let choices = problems.isEmpty ? schedules.choices(for: exports, on: target, &problems) : [:]
    diagnostics += problems
    return choices
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

extension TesseraIR.Module {
  /// The memory that a call of the function of `signature` takes at its start.
  fileprivate func memory(of signature: ExportSignature) -> Compilation.Memory {
    func byteCount(_ name: String) -> Int? { constantByteCount(workspaceFunctionName(name)) }
    let name = signature.function
    guard self[preparedFunctionName(name)] != nil else {
      return Compilation.Memory(
        function: signature.name, temporaryByteCount: byteCount(name), packedByteCount: 0)
    }
    return Compilation.Memory(
      function: signature.name, temporaryByteCount: byteCount(preparedFunctionName(name)),
      packedByteCount: byteCount(name))
  }
}

extension Compilation {
  /// The memory that calls of an exported function take, where it does not depend on arguments.
  public struct Memory: Hashable, Sendable {
    /// The name of the function.
    public var function: String
    /// The bytes of its arena; `nil` where the arguments tell.
    public var temporaryByteCount: Int?
    /// The bytes of its constant parameters when packed; `nil` where the arguments tell.
    public var packedByteCount: Int?
  }
}
