import Foundation
import Tessera
import TesseraData
import TesseraSource

/// The prompt: reads inputs, evaluates them, shows what they give.
final class Prompt {
  var session: InteractiveSession
  let console: Console
  /// The sessions before each input that declared or named something, for `:undo`.
  private var past: [InteractiveSession] = []
  let diagnosticOptions: DiagnosticOptions
  /// Where the passes leave what they were told to print.
  private let log: PrintedText
  private var isDone = false
  /// What the inputs so far end with, for a prompt that nobody types at.
  var status = ExitStatus.success

  /// Creates a prompt with an empty session.
  init(
    _ options: SessionOptions, _ diagnosticOptions: DiagnosticOptions, _ log: PrintedText,
    on console: Console
  ) {
    session = InteractiveSession(options: options, modules: .beside("", console.files))
    self.console = console
    self.diagnosticOptions = diagnosticOptions
    self.log = log
  }

  /// Reads and evaluates until the input ends.
  func run(_ editor: LineEditor) -> ExitStatus {
    if editor.isInteractive {
      console.write("Tessera \(Tess.versionText). :help lists the commands, Ctrl-D ends.\n")
    }
    var text = ""
    while !isDone {
      switch editor.read(prompt: text.isEmpty ? "tess> " : "  ... ") {
      case .end:
        if !text.isEmpty { evaluate(text) }
        isDone = true
      case .cancelled:
        text = ""
        console.write("\n")
      case .line(let line):
        text += text.isEmpty ? line : "\n" + line
        // An empty line ends an input that is not complete, so that nobody is caught in it.
        let goesOn = !text.hasPrefix(":") && !line.isEmpty
        if goesOn, InteractiveSession.isIncomplete(text) { continue }
        editor.remember(text)
        handle(text)
        text = ""
      }
    }
    if editor.isInteractive { console.write("\n") }
    return editor.isInteractive ? .success : status
  }

  /// Ends the loop after this input.
  func quit() { isDone = true }

  private func handle(_ text: String) {
    let trimmed = text.trimmingCharacters(in: .whitespaces)
    if trimmed.isEmpty { return }
    guard trimmed.hasPrefix(":") else { return evaluate(text) }
    let parts = trimmed.dropFirst().split(separator: " ", maxSplits: 1).map(String.init)
    let rest = parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
    guard let name = parts.first, let command = PromptCommand.named(name) else {
      complain("there is no command '\(trimmed)'; :help lists them")
      return
    }
    if rest.isEmpty, command.needsArgument {
      complain("expected :\(command.name) \(command.argument)")
      return
    }
    do { try command.run(self, rest) } catch {
      complain("\(error)")
      if error is FileError || error is DataError { status = .wrongFile }
    }
  }

  /// Says that something is wrong.
  func complain(_ text: String) {
    console.note("\(text)\n")
    status = .programIsWrong
  }

  /// Evaluates `text` and shows what it gives.
  func evaluate(_ text: String) {
    if let evaluation = evaluated(text), let value = evaluation.value { show(value) }
  }

  /// What `text` gives, after showing what it printed and what is wrong; `nil` if something is.
  func evaluated(_ text: String) -> InteractiveSession.Evaluation? {
    Interrupt.clear()
    CrashGuard.add("input", Array(text.utf8))
    let before = session
    let evaluation = session.evaluate(text)
    console.note(log.take())
    console.write(evaluation.printed)
    let found = diagnosticOptions.report(evaluation.diagnostics, evaluation.sources, on: console)
    if found != .success { status = found }
    if let failure = evaluation.failure {
      console.note("\(failure)\n")
      status = .checkFailed
    }
    guard evaluation.isFine else { return nil }
    if !evaluation.names.isEmpty { past.append(before) }
    return evaluation
  }

  /// Gives `name` a value, so that `:undo` takes it back.
  func bind(_ name: String, to value: HostValue) {
    past.append(session)
    session.bind(name, to: value)
  }

  /// Takes back the last input that changed something.
  func undo() {
    guard let before = past.popLast() else { return complain("there is nothing to take back") }
    session = before
  }

  /// Writes `value` as a result.
  func show(_ value: HostValue) {
    let text = value.description
    if !text.isEmpty { console.write(text + "\n") }
  }

  /// The words that may complete `word` after `before`.
  func completions(of word: String, after before: String) -> [String] {
    if before.allSatisfy({ $0 == " " }), word.hasPrefix(":") {
      return PromptCommand.all.map { ":" + $0.name }.filter { $0.hasPrefix(word) }
    }
    let known = session.names + InteractiveSession.languageWords
    return Set(known).filter { $0.hasPrefix(word) && !word.isEmpty }.sorted()
  }
}
