import ArgumentParser
import Tessera

/// The schedules that were found by measuring.
struct LockOptions: ParsableArguments {
  @Option(help: "Read schedules from this lock, which tess tune has written.")
  var schedule: String?

  /// Adds the lock that was asked for to `options`.
  func add(to options: SessionOptions, on console: Console) throws -> SessionOptions {
    guard let schedule else { return options }
    var options = options
    options.lock = (name: schedule, bytes: try console.read(schedule))
    return options
  }
}
