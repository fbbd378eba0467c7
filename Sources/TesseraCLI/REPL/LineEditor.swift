internal import CEdit
import Foundation

/// Reads lines from a terminal with history and completion, or from a pipe without either.
///
/// Only one may exist, for libedit keeps its state for the whole process.
final class LineEditor {
  /// What reading a line ends with.
  enum Input {
    case line(String)
    /// Ctrl-C: what was typed is dropped.
    case cancelled
    case end
  }

  /// `true` iff there is a person to prompt.
  let isInteractive: Bool
  private let historyPath: String?

  /// Creates an editor whose completions come from `complete`, which is given the beginning of a
  /// word and the line before it.
  init(historyPath: String?, complete: @escaping (_ word: String, _ before: String) -> [String]) {
    isInteractive = isatty(STDIN_FILENO) != 0 && isatty(STDOUT_FILENO) != 0
    self.historyPath = historyPath
    guard isInteractive else { return }
    Completion.provider = complete
    Completion.install()
    using_history()
    stifle_history(2000)
    if let historyPath { read_history(historyPath) }
  }

  /// Reads a line, after showing `prompt` if there is a person.
  func read(prompt: String) -> Input {
    guard isInteractive else { return readLine().map(Input.line) ?? .end }
    Interrupt.clear()
    guard let line = readline(prompt) else {
      guard Interrupt.isSet else { return .end }
      Interrupt.clear()
      return .cancelled
    }
    defer { free(line) }
    return .line(String(cString: line))
  }

  /// Remembers `text` for later lines and sessions.
  func remember(_ text: String) {
    guard isInteractive, !text.isEmpty else { return }
    add_history(text)
    if let historyPath { write_history(historyPath) }
  }
}

/// The words that libedit asks for; its callbacks carry no context, hence the globals.
private enum Completion {
  // Used by the one thread that reads lines.
  nonisolated(unsafe) static var provider: ((String, String) -> [String])?
  nonisolated(unsafe) static var candidates: [String] = []

  static func install() {
    // A word goes back to a blank or sign; names and commands hold letters, digits, `_` and `:`.
    tess_edit_set_word_breaks(strdup(" \t\n()[]{},+-*/%<>=&|^~.;\"'"))
    tess_edit_set_completion { text, start, _ in
      tess_edit_end_completion()
      guard let text, let buffer = tess_edit_line() else { return nil }
      let line = String(cString: buffer)
      let before = String(decoding: line.utf8.prefix(Int(start)), as: UTF8.self)
      Completion.candidates = Completion.provider?(String(cString: text), before).reversed() ?? []
      return rl_completion_matches(text) { _, _ in
        Completion.candidates.popLast().flatMap { strdup($0) }
      }
    }
  }
}
