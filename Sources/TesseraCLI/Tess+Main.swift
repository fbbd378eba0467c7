import ArgumentParser
import Foundation
import Tessera
import TesseraData
import TesseraPasses

/// The command `tess`.
public struct Tess: ParsableCommand {
  public static let configuration = CommandConfiguration(
    commandName: "tess", abstract: "Compiles, runs and looks into Tessera programs.",
    discussion: """
      Results go to the standard output, all else to the standard error. Exit codes: 0 fine, 1 the \
      program is wrong, 2 a check failed while it ran, 64 wrong usage, 66 a file cannot be read or \
      written, 70 an error of tess itself.
      """,
    version: "tess \(versionText)",
    subcommands: [
      BenchCommand.self, BuildCommand.self, CheckCommand.self, ExplainCommand.self, FmtCommand.self,
      InspectCommand.self,
      OptCommand.self, ReplCommand.self, RunCommand.self, TestCommand.self, TuneCommand.self,
    ])

  private static var commandNames: [String] {
    configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
  }

  /// The version of the package.
  static let versionText = "0.1.0"

  public init() {}

  /// Runs the command that the process was started with, and ends the process.
  public static func main() -> Never {
    Heap.growInLargeSteps()
    let arguments = Array(CommandLine.arguments.dropFirst())
    CrashGuard.install(arguments: arguments)
    if Isolation.isWanted(arguments) { Foundation.exit(Isolation.run(arguments)) }
    // A pipe that nobody reads is an error like any other.
    signal(SIGPIPE, SIG_IGN)
    let preparation = mayRunMachineCode(arguments) ? MachineCodePreparation() : nil
    let status = run(arguments, on: .standard())
    preparation?.finish()
    if status == .internalError { CrashGuard.report() }
    Foundation.exit(status.rawValue)
  }

  /// `true` iff the command in `arguments` runs programs as machine code if nothing is wrong: then that
  /// is made ready while the words are looked at, which takes as long as to check a short program.
  private static func mayRunMachineCode(_ arguments: [String]) -> Bool {
    let runners: [any ParsableCommand.Type] = [
      BenchCommand.self, ReplCommand.self, RunCommand.self, TestCommand.self,
    ]
    return runners.contains { $0.configuration.commandName == arguments.first }
      && arguments.allSatisfy { !["--interpret", "--help", "-h"].contains($0) }
  }

  /// Runs `tess` with `arguments` in this process, relative paths below `directory`.
  public static func run(
    arguments: [String], directory: String? = nil
  ) -> (output: String, errors: String, exitCode: Int32) {
    var output: [UInt8] = []
    var errors: [UInt8] = []
    let console = Console(files: FileAccess(directory: directory), isColored: false) {
      if $0 == .output { output += $1 } else { errors += $1 }
    }
    let status = run(arguments, on: console)
    return (
      String(decoding: output, as: UTF8.self), String(decoding: errors, as: UTF8.self),
      status.rawValue
    )
  }

  /// Runs `tess` with `arguments` on `console`.
  static func run(_ arguments: [String], on console: Console) -> ExitStatus {
    let status = perform(arguments, on: console)
    guard let failure = console.outputFailure else { return status }
    console.note("tess: \(failure)\n")
    return status == .internalError ? status : .wrongFile
  }

  private static func perform(_ arguments: [String], on console: Console) -> ExitStatus {
    do {
      try TargetOptions.checkEnvironment()
      try EngineOptions.checkEnvironment()
      var command = try parseAsRoot(arguments)
      if let command = command as? any TessCommand { return try command.run(on: console) }
      try command.run()
      return .success
    } catch let error as FileError {
      console.note("tess: \(error)\n")
      return .wrongFile
    } catch let error as DataError {
      console.note("tess: \(error)\n")
      return .wrongFile
    } catch let error as CompilationFailure {
      console.note("\(error)")
      return .programIsWrong
    } catch let error as InternalFailure {
      console.note("tess: internal error: \(error)\n")
      return .internalError
    } catch let error as InvalidPassResult {
      console.note("tess: internal error: pass '\(error.pass)' left IR that breaks the rules\n")
      console.note(error.diagnostics.map { "  \($0.message)\n" }.joined() + "\(error.module)")
      return .internalError
    } catch let error as UsageError {
      console.note("tess: \(error.message)\n")
      return .wrongUsage
    } catch {
      if let word = arguments.first, !word.hasPrefix("-"), !commandNames.contains(word) {
        console.note(
          "tess: there is no command '\(word)'; there are \(commandNames.joined(separator: ", "))\n"
        )
        return .wrongUsage
      }
      let isFine = exitCode(for: error) == .success
      let message = fullMessage(for: error)
      if isFine { console.write(message + "\n") } else { console.note(message + "\n") }
      return isFine ? .success : .wrongUsage
    }
  }
}
