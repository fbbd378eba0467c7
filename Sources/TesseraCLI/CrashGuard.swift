import Foundation
import Tessera

/// Turns a mistake of the compiler into a report: a message, a file that reproduces it, exit code 70.
///
/// The handler of signals may do little, so all text is prepared beforehand: the report is a list of
/// pieces that only grows.
enum CrashGuard {
  private static let capacity = 4096
  /// More than this of one text is left out of the report.
  private static let mostBytes = 1 << 22

  // Written by the main thread alone, before what may crash; read by the handler.
  nonisolated(unsafe) private static var message = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
  nonisolated(unsafe) private static var lostFile = UnsafeBufferPointer<UInt8>(
    start: nil, count: 0)
  nonisolated(unsafe) private static var path: UnsafePointer<CChar>?
  nonisolated(unsafe) private static var count = 0
  nonisolated(unsafe) private static let pieces =
    UnsafeMutablePointer<UnsafeBufferPointer<UInt8>>.allocate(capacity: capacity)

  /// Catches crashes from here on; the report begins with `arguments`.
  static func install(arguments: [String]) {
    let name = "tess-crash-\(getpid()).txt"
    message = permanent("tess: internal error; what reproduces it is in '\(name)'\n")
    lostFile = permanent(
      "tess: a file of data became shorter, or cannot be read any more, while it was in use\n")
    path = UnsafePointer(strdup(name))
    append("tess \(arguments.joined(separator: " "))\n")

    // A stack of its own, so that running out of stack is reported too.
    let size = 1 << 16
    var stack = stack_t()
    stack.ss_sp = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
    stack.ss_size = size
    sigaltstack(&stack, nil)
    var action = sigaction()
    action.sa_flags =
      Int32(SA_ONSTACK) | Int32(SA_SIGINFO) | Int32(bitPattern: UInt32(SA_RESETHAND))
    action.__sigaction_handler.sa_sigaction = { signal, info, _ in
      if signal == SIGBUS, info?.pointee.si_code == Int32(BUS_ADRERR) { CrashGuard.leaveLostFile() }
      CrashGuard.report()
      _exit(ExitStatus.internalError.rawValue)
    }
    var caught = sigset_t()
    sigemptyset(&caught)
    for signal in [SIGSEGV, SIGBUS, SIGILL, SIGABRT, SIGTRAP, SIGFPE] {
      sigaction(signal, &action, nil)
      sigaddset(&caught, signal)
    }
    InternalFailure.onFatalError { reason in
      if let reason {
        for text in ["tess: LLVM: ", String(cString: reason), "\n"] {
          _ = write(STDERR_FILENO, text, strlen(text))
        }
      }
      CrashGuard.report()
      _exit(ExitStatus.internalError.rawValue)
    }
    // The process that started this one may have left them blocked.
    sigprocmask(SIG_UNBLOCK, &caught, nil)
  }

  /// Ends the process since a file that it has mapped lacks what should be there: no other memory
  /// fails so. Does only what a signal handler may.
  private static func leaveLostFile() -> Never {
    _ = write(STDERR_FILENO, lostFile.baseAddress, lostFile.count)
    _exit(ExitStatus.wrongFile.rawValue)
  }

  /// Adds `bytes`, which were read from the file or the input called `title`, to the report.
  static func add(_ title: String, _ bytes: [UInt8]) {
    guard path != nil, bytes.count < mostBytes else { return }
    append("\n--- \(title)\n\(String(decoding: bytes, as: UTF8.self))")
  }

  /// Writes the report and says where it is; does only what a signal handler may.
  static func report() {
    guard let path else { return }
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    if descriptor < 0 { return }
    for index in 0..<count { _ = write(descriptor, pieces[index].baseAddress, pieces[index].count) }
    close(descriptor)
    _ = write(STDERR_FILENO, message.baseAddress, message.count)
  }

  private static func append(_ text: String) {
    if count == capacity { return }
    (pieces + count).initialize(to: permanent(text))
    count += 1
  }

  private static func permanent(_ text: String) -> UnsafeBufferPointer<UInt8> {
    let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: text.utf8.count)
    _ = bytes.initialize(from: text.utf8)
    return UnsafeBufferPointer(bytes)
  }
}
