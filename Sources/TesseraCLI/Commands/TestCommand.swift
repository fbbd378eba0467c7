import ArgumentParser
import Tessera

/// `tess test`: the `test` declarations of programs.
struct TestCommand: TessCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Runs the tests that programs declare.")

  @OptionGroup var programs: DeclaringPrograms

  func run(on console: Console) throws -> ExitStatus {
    var status = ExitStatus.success
    var failures = 0
    var rows: [[String]] = []
    for path in programs.files {
      guard let (executable, tests) = try programs.compile(path, \.tests, on: console) else {
        status = .programIsWrong
        continue
      }
      for test in tests {
        let start = ContinuousClock.now
        var verdict = "passed"
        do {
          _ = try programs.engineOptions.call(executable, test.name, [], on: console)
        } catch let error as CallError {
          console.note("\(test.title): \(error)\n")
          verdict = "failed"
          failures += 1
        }
        rows.append([verdict, milliseconds(ContinuousClock.now - start), test.title])
      }
    }
    console.write(table(rows))
    console.write("\(rows.count) test\(rows.count == 1 ? "" : "s"), \(failures) failed\n")
    if status == .success, failures > 0 { status = .checkFailed }
    return status
  }
}
