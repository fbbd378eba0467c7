import Foundation
import Tessera
import TesseraData

/// A command of the prompt: `:name argument`.
struct PromptCommand: Sendable {
  /// The word after the colon.
  let name: String
  /// What it takes, as the help shows it; empty if nothing.
  let argument: String
  /// What it does, as one clause.
  let summary: String
  /// Does it.
  let run: @Sendable (Prompt, String) throws -> Void

  /// `true` iff the command means nothing without an argument.
  var needsArgument: Bool { !argument.isEmpty && !argument.hasPrefix("[") }

  /// Creates the command `:name argument`, with its help.
  init(
    _ name: String, _ argument: String, _ summary: String,
    _ run: @escaping @Sendable (Prompt, String) throws -> Void
  ) {
    self.name = name
    self.argument = argument
    self.summary = summary
    self.run = run
  }

  /// The command called `name`, or that only begins so.
  static func named(_ name: String) -> PromptCommand? {
    if let exact = all.first(where: { $0.name == name }) { return exact }
    let near = all.filter { $0.name.hasPrefix(name) }
    return near.count == 1 ? near[0] : nil
  }

  /// Every command, in the order of the help.
  static let all: [PromptCommand] = [
    PromptCommand("help", "", "list the commands") { prompt, _ in
      let rows = all.map { ["  :\($0.name) \($0.argument)", $0.summary] }
      prompt.console.write(table(rows))
    },
    PromptCommand("type", "EXPRESSION", "show the type of an expression") { prompt, text in
      guard let (_, function) = prompt.inspected(text), let function else { return }
      let types = function.results.map(\.typeDescription)
      prompt.console.write((types.count == 1 ? types[0] : "()") + "\n")
    },
    PromptCommand("tir", "EXPRESSION", "show the IR of an expression") { prompt, text in
      try prompt.showStage(text, .tir)
    },
    PromptCommand("llvm", "EXPRESSION", "show its LLVM IR") { prompt, text in
      try prompt.showStage(text, .llvm)
    },
    PromptCommand("asm", "EXPRESSION", "show its machine code") { prompt, text in
      try prompt.showStage(text, .asm)
    },
    PromptCommand("why", "EXPRESSION", "say how its statements are computed, and why so") {
      prompt, text in try prompt.explainSchedule(text)
    },
    PromptCommand("time", "EXPRESSION", "evaluate, and say how long compiling and running took") {
      prompt, text in
      guard let evaluation = prompt.evaluated(text) else { return }
      if let value = evaluation.value { prompt.show(value) }
      prompt.console.write(
        "compiled in \(milliseconds(evaluation.compileTime)), "
          + "ran in \(milliseconds(evaluation.runTime))\n")
    },
    PromptCommand("bench", "EXPRESSION", "run many times, and say how long one run takes") {
      prompt, text in try prompt.bench(text)
    },
    PromptCommand(
      "load", "FILE or NAME = FILE", "take in a .tess file, or a .npy, .png or .safetensors#KEY"
    ) { prompt, text in try prompt.load(text) },
    PromptCommand("save", "FILE", "write what was typed to a .tess file") { prompt, path in
      try prompt.console.write(Array(prompt.session.programText.utf8), to: path)
    },
    PromptCommand("undo", "", "take back the last input that declared or named something") {
      prompt, _ in prompt.undo()
    },
    PromptCommand("plot", "EXPRESSION", "draw a tensor as a curve of text") { prompt, text in
      guard let tensor = try prompt.tensor(text) else { return }
      prompt.console.write(Plot(tensor).text)
    },
    PromptCommand("img", "EXPRESSION [> FILE.png]", "write a tensor as a picture") { prompt, text in
      let parts = text.split(separator: ">", maxSplits: 1).map {
        $0.trimmingCharacters(in: .whitespaces)
      }
      guard let tensor = try prompt.tensor(parts[0]) else { return }
      let path = parts.count > 1 ? parts[1] : "image.png"
      let image = try (try? Image(tensor)) ?? Image(featureMap: tensor)
      try prompt.console.write(try PNG.encode(image), to: path)
      prompt.console.write("\(image.width) by \(image.height) pixels in '\(path)'\n")
    },
    PromptCommand("quit", "", "end the session") { prompt, _ in prompt.quit() },
  ]
}
