import ArgumentParser

/// How long something is measured, as a number of seconds.
struct MeasuringTime: ExpressibleByArgument {
  let duration: Duration
  let defaultValueDescription: String

  /// Creates the time that is written as `argument`; `nil` if that is no number, or no time that
  /// anybody would wait.
  init?(argument: String) {
    guard let seconds = Double(argument), (0...1_000_000).contains(seconds) else { return nil }
    duration = .seconds(seconds)
    defaultValueDescription = argument
  }
}
