import ArgumentParser
import Tessera

/// `tess test`: the `test` declarations of programs.
struct TestCommand: TessCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Runs the tests that programs declare.")

  @Argument(help: "The .tess files.") var files: [String]
  @Option(help: "Run only tests whose title contains this.") var filter: String?
  @OptionGroup var lockOptions: LockOptions
  @OptionGroup var engineOptions: EngineOptions
  @OptionGroup var diagnosticOptions: DiagnosticOptions

  func run(on console: Console) throws -> ExitStatus {
    var status = ExitStatus.success
    var failures = 0
    var rows: [[String]] = []
    for path in files {
      guard
        let (executable, tests) = try compiled(
          path, filter, lockOptions, engineOptions, diagnosticOptions, on: console, \.tests)
      else {
        status = .programIsWrong
        continue
      }
      for test in tests {
        let start = ContinuousClock.now
        var verdict = "passed"
        do {
          _ = try engineOptions.call(executable, test.name, [], on: console)
        } catch let error as CallError {
          console.note("\(test.title): \(error)\n")
          verdict = "failed"
          failures += 1
        }
        rows.append([verdict, milliseconds(ContinuousClock.now - start), test.title])
      }
    }
    console.write(table(rows))
    console.write("\(rows.count) tests, \(failures) failed\n")
    if status == .success, failures > 0 { status = .checkFailed }
    return status
  }
}

/// The program at `path`, ready to run the declarations that `choose` gives and `filter` keeps;
/// `nil` if it is wrong, which was said.
func compiled(
  _ path: String, _ filter: String?, _ lockOptions: LockOptions, _ engineOptions: EngineOptions,
  _ diagnosticOptions: DiagnosticOptions, on console: Console,
  _ choose: (Compilation) -> [Compilation.Declared]
) throws -> (Executable, [Compilation.Declared])? {
  var compilation = Compilation(
    name: path, bytes: try console.read(path), modules: .beside(path, console.files))
  compilation.check()
  let chosen = choose(compilation).filter { filter == nil || $0.title.contains(filter!) }
  let log = PrintedText()
  var options = try lockOptions.add(to: engineOptions.options(log), on: console)
  // Nothing will be called, so no code is made.
  if chosen.isEmpty { options.engine = .interpreter }
  let executable = try compilation.executable(options, declared: chosen, isClosed: true)
  let status = diagnosticOptions.report(compilation.diagnostics, compilation.sources, on: console)
  engineOptions.report(compilation, log, on: console)
  guard let executable, status == .success else { return nil }
  return (executable, chosen)
}
