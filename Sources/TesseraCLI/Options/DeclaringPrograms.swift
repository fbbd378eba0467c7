import ArgumentParser
import Tessera

/// Programs that declare tests or benches, and how these are run.
struct DeclaringPrograms: ParsableArguments {
  @Argument(help: "The .tess files.") var files: [String]
  @Option(help: "Run only what has a title that contains this.") var filter: String?
  @OptionGroup var lockOptions: LockOptions
  @OptionGroup var engineOptions: EngineOptions
  @OptionGroup var diagnosticOptions: DiagnosticOptions

  /// The program at `path`, ready to run the declarations that `choose` gives and the filter keeps;
  /// `nil` if it is wrong, which was said.
  func compile(
    _ path: String, _ choose: (Compilation) -> [Compilation.Declared], on console: Console
  ) throws -> (Executable, [Compilation.Declared])? {
    var compilation = try console.compilation(of: path)
    compilation.check()
    let chosen = choose(compilation).filter { declared in
      filter.map { declared.title.contains($0) } ?? true
    }
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
}
