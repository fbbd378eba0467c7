import ArgumentParser
import Tessera

/// `tess bench`: the `bench` declarations of programs.
struct BenchCommand: TessCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Times the benches that programs declare.")

  @Argument(help: "The .tess files.") var files: [String]
  @Option(help: "Run only benches whose title contains this.") var filter: String?
  @Option(help: "How long to run each, in seconds.") var seconds = MeasuringTime(argument: "1")!
  @OptionGroup var lockOptions: LockOptions
  @OptionGroup var engineOptions: EngineOptions
  @OptionGroup var diagnosticOptions: DiagnosticOptions

  func run(on console: Console) throws -> ExitStatus {
    var status = ExitStatus.success
    var rows = [["middle", "best", "runs", "bench"]]
    for path in files {
      guard
        let (executable, benches) = try compiled(
          path, filter, lockOptions, engineOptions, diagnosticOptions, on: console, \.benches)
      else {
        status = .programIsWrong
        continue
      }
      for bench in benches {
        do {
          let times = try measured(executable, bench.name)
          rows.append([
            milliseconds(times[times.count / 2]), milliseconds(times[0]), "\(times.count)",
            bench.title,
          ])
        } catch let error as CallError {
          console.note("\(bench.title): \(error)\n")
          status = .checkFailed
        }
      }
    }
    console.write(table(rows))
    return status
  }

  /// The times of runs, ascending, after one that warms up.
  private func measured(_ executable: Executable, _ name: String) throws -> [Duration] {
    _ = try executable.call(name, []) { _ in }
    var times: [Duration] = []
    let end = ContinuousClock.now + seconds.duration
    repeat {
      let start = ContinuousClock.now
      _ = try executable.call(name, []) { _ in }
      times.append(ContinuousClock.now - start)
    } while ContinuousClock.now < end
    return times.sorted()
  }
}
