import ArgumentParser
import Foundation
import Tessera

/// `tess repl`: the prompt.
struct ReplCommand: TessCommand {
  static let configuration = CommandConfiguration(
    commandName: "repl", abstract: "Evaluates what is typed, line by line.",
    discussion: """
      Declarations stay, values have names, _ is the value before. Without a terminal it reads the \
      standard input by the same grammar and shows no prompt.
      """)

  @OptionGroup var engineOptions: EngineOptions
  @OptionGroup var diagnosticOptions: DiagnosticOptions

  func run(on console: Console) throws -> ExitStatus {
    Interrupt.install()
    let log = PrintedText()
    let prompt = Prompt(try engineOptions.options(log), diagnosticOptions, log, on: console)
    let home = ProcessInfo.processInfo.environment["HOME"]
    let editor = LineEditor(historyPath: home.map { $0 + "/.tess_history" }) { word, before in
      prompt.completions(of: word, after: before)
    }
    return prompt.run(editor)
  }
}
