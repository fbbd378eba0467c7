import ArgumentParser
import Tessera

/// `tess bench`: the `bench` declarations of programs.
struct BenchCommand: TessCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Times the benches that programs declare.")

  @OptionGroup var programs: DeclaringPrograms
  @Option(help: "How long to run each, in seconds.") var seconds = MeasuringTime(argument: "1")!

  func run(on console: Console) throws -> ExitStatus {
    var status = ExitStatus.success
    var rows = [["middle", "best", "runs", "bench"]]
    for path in programs.files {
      guard let (executable, benches) = try programs.compile(path, \.benches, on: console) else {
        status = .programIsWrong
        continue
      }
      for bench in benches {
        do {
          let times = try executable.measure(bench.name, for: seconds.duration)
          rows.append([
            milliseconds(times.median), milliseconds(times.fastest), "\(times.runs)", bench.title,
          ])
        } catch {
          console.note("\(bench.title): \(error)\n")
          status = .checkFailed
        }
      }
    }
    console.write(table(rows))
    return status
  }
}
