import Foundation

/// Turns a crash of the compiler into a report: a message, a file that reproduces it, exit code 70.
///
/// The handler may only do what is safe in a signal handler, so all text is prepared beforehand.
enum CrashGuard {
  // Written once before the signals are caught, and only read after that.
  nonisolated(unsafe) private static var message = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
  nonisolated(unsafe) private static var report = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
  nonisolated(unsafe) private static var path: UnsafePointer<CChar>?

  /// Catches crashes from here on; the report holds `arguments` and the files among them.
  static func install(arguments: [String]) {
    let name = "tess-crash-\(getpid()).txt"
    message = permanent("tess: internal error; what reproduces it is in '\(name)'\n")
    path = UnsafePointer(strdup(name))
    var text = "tess \(arguments.joined(separator: " "))\n"
    for argument in arguments where argument.hasSuffix(".tess") || argument.hasSuffix(".tir") {
      guard let bytes = FileManager.default.contents(atPath: argument), bytes.count < 1 << 22
      else { continue }
      text += "\n--- \(argument)\n\(String(decoding: bytes, as: UTF8.self))"
    }
    report = permanent(text)

    // A stack of its own, so that running out of stack is reported too.
    let size = 1 << 16
    var stack = stack_t()
    stack.ss_sp = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
    stack.ss_size = size
    sigaltstack(&stack, nil)
    var action = sigaction()
    action.sa_flags = Int32(SA_ONSTACK) | Int32(bitPattern: UInt32(SA_RESETHAND))
    action.__sigaction_handler.sa_handler = { _ in CrashGuard.handle() }
    for signal in [SIGSEGV, SIGBUS, SIGILL, SIGABRT, SIGTRAP, SIGFPE] {
      sigaction(signal, &action, nil)
    }
  }

  private static func handle() {
    if let path {
      let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
      if descriptor >= 0 {
        _ = write(descriptor, report.baseAddress, report.count)
        close(descriptor)
      }
    }
    _ = write(STDERR_FILENO, message.baseAddress, message.count)
    _exit(ExitStatus.internalError.rawValue)
  }

  private static func permanent(_ text: String) -> UnsafeBufferPointer<UInt8> {
    let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: text.utf8.count)
    _ = bytes.initialize(from: text.utf8)
    return UnsafeBufferPointer(bytes)
  }
}
