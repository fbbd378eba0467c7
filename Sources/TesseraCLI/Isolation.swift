import Foundation
import Tessera

/// Runs the same command in a process of its own, so that nothing that goes wrong there, not even
/// the end of all memory, passes without a report.
enum Isolation {
  /// The flag that asks for it; it is for `main` and means nothing to the command itself.
  static let flag = "--isolated"

  /// `true` iff `arguments` ask for a process of its own.
  static func isWanted(_ arguments: [String]) -> Bool {
    arguments.prefix { $0 != "--" }.contains(flag)
  }

  /// Runs `tess` with `arguments` but for the flag, and returns the exit code.
  static func run(_ arguments: [String]) -> Int32 {
    let own = arguments.prefix { $0 != "--" }
    let words = own.filter { $0 != flag } + arguments.dropFirst(own.count)
    var argv = (["tess"] + words).map { strdup($0) } + [nil]
    defer { for word in argv { free(word) } }
    var child = pid_t()
    let problem = posix_spawn(&child, "/proc/self/exe", nil, nil, &argv, environ)
    guard problem == 0 else {
      complain("tess: no process can be started: \(String(cString: strerror(problem)))\n")
      return ExitStatus.wrongFile.rawValue
    }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
    let signal = status & 0x7F
    if signal == 0 { return status >> 8 & 0xFF }
    for word in words where word.hasSuffix(".tess") || word.hasSuffix(".tir") {
      if let bytes = try? FileAccess().read(word) { CrashGuard.add(word, bytes) }
    }
    let name = String(cString: strsignal(signal)).lowercased()
    complain("tess: the process that compiled was ended by signal \(signal), \(name)\n")
    CrashGuard.report()
    return ExitStatus.internalError.rawValue
  }

  private static func complain(_ text: String) {
    FileHandle.standardError.write(Data(text.utf8))
  }
}
