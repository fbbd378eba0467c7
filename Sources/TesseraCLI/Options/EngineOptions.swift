import ArgumentParser
import Foundation
import Tessera
import TesseraData
import TesseraIR
import TesseraPasses

/// What runs programs, and how they are compiled for it.
struct EngineOptions: ParsableArguments {
  @Flag(help: "Run by the interpreter, which checks every access, instead of machine code.")
  var interpret = false
  @Option(
    name: .customShort("O", allowingJoined: true),
    help: "How hard the compiler tries: 0, 1, 2 or 3.")
  var level: Int = 2
  @Option(help: "The number of threads; 0 takes what TESSERA_THREADS says, or all processors.")
  var threads: Int = 0
  @Option(
    help: ArgumentHelp(
      "Use a named algorithm wherever the program permits some, as @algorithm would.",
      valueName: "name"))
  var algorithm: [String] = []
  @Flag(help: "Say how long each stage and pass took.") var timePasses = false
  @Flag(help: "Say how each statement is computed: schedule, vectors, what is fused, and why not.")
  var remarks = false
  @Flag(help: "Work in a process of its own, whose end by a signal is an error of tess.")
  var isolated = false
  @OptionGroup var passOptions: PassOptions

  /// The numbers of threads that may be asked for; 0 for the usual one.
  private static let threadCounts = 0...1024

  /// Refuses an environment whose `TESSERA_THREADS` is no number of threads; an empty one says nothing.
  static func checkEnvironment() throws {
    guard let text = ProcessInfo.processInfo.environment["TESSERA_THREADS"], !text.isEmpty else {
      return
    }
    if !(Int(text).map(threadCounts.contains) ?? false) {
      throw UsageError("TESSERA_THREADS takes 0 to 1024, not \(text)")
    }
  }

  func validate() throws {
    if OptimizationLevel(rawValue: level) == nil {
      throw ValidationError("-O takes 0, 1, 2 or 3, not \(level)")
    }
    if !Self.threadCounts.contains(threads) {
      throw ValidationError("--threads takes 0 to 1024, not \(threads)")
    }
    if let unknown = algorithm.first(where: { Algorithms(spelling: $0) == nil }) {
      let known = Algorithms.all.map(\.spelling).joined(separator: ", ")
      throw ValidationError("there is no algorithm '\(unknown)'; there are \(known)")
    }
  }

  /// The options of a session; the IR after passes that are watched is added to `log`.
  func options(_ log: PrintedText) throws -> SessionOptions {
    var options = SessionOptions()
    if interpret { options.engine = .interpreter }
    options.level = OptimizationLevel(rawValue: level) ?? .standard
    options.threads = threads
    options.wantsRemarks = remarks
    options.algorithms = Algorithms(algorithm.compactMap { Algorithms(spelling: $0) })
    options.pipeline = try passOptions.pipeline(usual: .standard(options.level))
    options.printAfter = try passOptions.printedPasses
    options.show = { log.add(PassOptions.listing($0, $1)) }
    return options
  }

  /// Writes what passes have left in `log`, and the table of stages, if it was asked for.
  func report(_ compilation: Compilation, _ log: PrintedText, on console: Console) {
    console.note(log.take())
    guard timePasses else { return }
    console.note(table(compilation.timings.map { [$0.stage, milliseconds($0.duration)] }))
    func bytes(_ count: Int?) -> String { count.map { "\($0) bytes" } ?? "by arguments" }
    console.note(
      table(
        compilation.memory.map {
          [$0.function, "arena", bytes($0.temporaryByteCount), "packed", bytes($0.packedByteCount)]
        }))
  }

  /// Writes how long more took, if the table of stages was asked for.
  func report(_ times: [(what: String, duration: Duration)], on console: Console) {
    guard timePasses else { return }
    console.note(table(times.map { [$0.what, milliseconds($0.duration)] }))
  }

  /// Calls a function; what it prints goes to the output of `console`.
  func call(
    _ executable: Executable, _ name: String, _ arguments: [Tensor], on console: Console
  ) throws -> [Tensor] {
    let printed = PrintedText()
    defer { console.write(printed.text) }
    return try executable.call(name, arguments) { printed.add($0) }
  }
}
