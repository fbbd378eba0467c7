import Foundation
internal import TesseraRuntime

/// Ctrl-C while the prompt or a kernel runs: it stops what runs and keeps the session.
enum Interrupt {
  /// Catches the signal from here on.
  static func install() {
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in tess_set_interrupt(1) }
    // Without SA_RESTART a read of the terminal ends too.
    sigaction(SIGINT, &action, nil)
  }

  /// `true` iff Ctrl-C came since the last `clear()`.
  static var isSet: Bool { tess_is_interrupted() != 0 }

  /// Forgets an interrupt.
  static func clear() { tess_set_interrupt(0) }
}
