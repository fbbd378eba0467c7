import TesseraData

/// How long runs of a function take.
public struct RunTimes: Hashable, Sendable {
  /// The number of runs.
  public var runs: Int
  /// The time of the run in the middle of all.
  public var median: Duration
  /// The time of the fastest run.
  public var fastest: Duration
}

extension Executable {
  /// Runs the function called `name` on the leaves of its parameters, once to warm up and then for
  /// `duration`, but once at least; what it prints is dropped.
  ///
  /// - Throws: as `call`.
  public func measure(
    _ name: String, _ arguments: [Tensor] = [], for duration: Duration
  ) throws(CallError) -> RunTimes {
    _ = try call(name, arguments) { _ in }
    var times: [Duration] = []
    let end = ContinuousClock.now + duration
    repeat {
      let start = ContinuousClock.now
      _ = try call(name, arguments) { _ in }
      times.append(ContinuousClock.now - start)
    } while ContinuousClock.now < end
    times.sort()
    return RunTimes(runs: times.count, median: times[times.count / 2], fastest: times[0])
  }
}
