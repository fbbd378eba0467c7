import ArgumentParser
import Tessera
import TesseraData

/// What a command ends with, as the code of the process.
public enum ExitStatus: Int32 {
  case success = 0
  /// The program is wrong: there are errors.
  case programIsWrong = 1
  /// A check failed while the program ran.
  case checkFailed = 2
  /// The command line is wrong.
  case wrongUsage = 64
  /// A file cannot be read or written.
  case wrongFile = 66
  /// We are wrong.
  case internalError = 70
}

/// A subcommand of `tess`.
protocol TessCommand: ParsableCommand {
  /// Does what the arguments say.
  func run(on console: Console) throws -> ExitStatus
}

/// A mistake in the arguments that only the command itself can see.
struct UsageError: Error {
  /// What is wrong, and what was expected.
  var message: String

  /// Creates the mistake that `message` tells.
  init(_ message: String) { self.message = message }
}
