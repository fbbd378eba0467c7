import TesseraCodeGen
import TesseraData
import TesseraIR
import TesseraPasses
import TesseraRuntime

extension TargetDescription {
  /// `true` iff this machine runs code that is made for it.
  public var canRunHere: Bool {
    let own = TargetDescription.native
    let features = own.features.split(separator: ",")
    return architecture == own.architecture && vectorByteCount <= own.vectorByteCount
      && extensions.allSatisfy { features.contains("+" + $0) }
  }
}

/// Finds a schedule for a function by measuring it on this machine.
///
/// It changes one number at a time and keeps what is faster. What gives other results than the
/// usual schedule is never kept, unless it is another algorithm that the function permits.
public struct Tuner {
  /// What was found.
  public struct Result: Sendable {
    /// The function as it is exported.
    public var signature: ExportSignature
    /// The best schedule; empty where the usual one is.
    public var choice: ScheduleChoice
    /// The least time of a call by the usual schedule, and by the best one.
    public var usual: Duration
    public var best: Duration
    /// How many schedules were measured.
    public var triedCount: Int
  }

  /// Why nothing was found.
  public struct Failure: Error, CustomStringConvertible {
    public var description: String
  }

  /// The machine that code is made for; one of its level has to run it.
  public var target: TargetDescription
  /// How code is made and run.
  public var options: SessionOptions
  /// How long two schedules are compared.
  public var duration: Duration

  /// Creates a tuner.
  public init(target: TargetDescription, options: SessionOptions, duration: Duration) {
    self.target = target
    self.options = options
    self.duration = duration
  }

  /// Tunes the exported function called `name` for the sizes that `dimensions` tells.
  ///
  /// - Returns: `nil` if something is wrong with the program, which is diagnosed.
  public func tune(
    _ name: String, of compilation: inout Compilation, dimensions: [String: Int]
  ) throws -> Result? {
    compilation.check()
    compilation.lower()
    guard !compilation.hasErrors else { return nil }
    guard let function = compilation.hostFunctions.first(where: { $0.name == name }) else {
      throw Failure(description: "the program exports no function '\(name)' that could be called")
    }
    let arguments = try SampleArguments(function, dimensions).tensors
    if options.threads > 0 { tess_set_threads(Int32(options.threads)) }

    var choice = ScheduleChoice()
    var texts: Set<String> = []
    guard let usual = try candidate(choice, function, arguments, of: &compilation, &texts) else {
      return nil
    }
    let expected = try usual.results()
    var best = usual
    for knob in ScheduleKnob.allCases {
      for number in knob.candidates {
        var next = choice
        next[knob] = number
        let rival = try candidate(next, function, arguments, of: &compilation, &texts)
        guard let rival else { continue }
        let isPermitted = try rival.results() == expected || knob.choosesAlgorithm
        if try isPermitted && compare(best, rival, for: duration).isFaster {
          (best, choice) = (rival, next)
        }
      }
    }
    // Several steps that each seemed to gain may have been noise.
    let times = try compare(usual, best, for: duration * 4)
    if !times.isFaster { choice = ScheduleChoice() }
    return Result(
      signature: function.signature, choice: choice, usual: times.old,
      best: times.isFaster ? times.new : times.old, triedCount: texts.count)
  }

  /// Code by one schedule, with memory for a call.
  private final class Candidate {
    private let code: CompiledFunction
    private let frame: CallFrame
    private let memory = WorkspacePool()

    /// Prepares calls of `code` in the memory of `frame`.
    init(_ code: CompiledFunction, _ frame: CallFrame) {
      self.code = code
      self.frame = frame
    }

    /// Calls the code once.
    func call() throws(CallError) {
      do throws(TesseraCodeGen.CallError) {
        try frame.withArguments { arguments throws(TesseraCodeGen.CallError) in
          try code.call(arguments, memory: memory)
        }
      } catch {
        throw CallError(error)
      }
    }

    /// What a first call gives, in memory that later ones leave alone.
    func results() throws -> [Tensor] {
      try call()
      return try frame.results().map {
        try Tensor($0.elementType, $0.shape, bytes: Array($0.bytes))
      }
    }
  }

  /// The function by `choice`; `nil` if the same code was made before.
  private func candidate(
    _ choice: ScheduleChoice, _ function: HostFunction, _ arguments: [Tensor],
    of compilation: inout Compilation, _ texts: inout Set<String>
  ) throws -> Candidate? {
    var options = options
    var lock = ScheduleLock()
    lock.set(
      .init(
        target: target.level, function: function.name, signature: function.signature.text,
        choice: choice))
    options.lock = (name: "candidate", bytes: Array(lock.text.utf8))
    guard let module = try compilation.scheduledModule(options, for: target) else { return nil }
    guard texts.insert("\(module)").inserted else { return nil }
    let compiled = try SharedJIT.session.get().compile(
      module, optimization: options.level.codeGeneration, sources: compilation.sources,
      target: target)
    guard let code = compiled[function.signature.name] else { return nil }
    return Candidate(code, try CallFrame(function, arguments))
  }

  /// The least times of two candidates.
  private struct Times {
    var old: Duration
    var new: Duration
    /// `true` iff the new one is faster by more than what noise makes.
    var isFaster: Bool { new * 100 < old * 97 }
  }

  /// Times two candidates turn by turn.
  private func compare(
    _ old: Candidate, _ new: Candidate, for duration: Duration
  ) throws(CallError) -> Times {
    func time(_ candidate: Candidate, _ count: Int) throws(CallError) -> Duration {
      let start = ContinuousClock.now
      for _ in 0..<count { try candidate.call() }
      return (ContinuousClock.now - start) / count
    }
    // Short calls are repeated until the clock does not matter.
    let once = max(try time(old, 1), .nanoseconds(1))
    let count = Int(max(1, Duration.microseconds(200) / once))
    var least = Times(old: try time(old, count), new: try time(new, count))
    let end = ContinuousClock.now + duration
    repeat {
      least.old = min(least.old, try time(old, count))
      least.new = min(least.new, try time(new, count))
    } while ContinuousClock.now < end
    return least
  }
}
