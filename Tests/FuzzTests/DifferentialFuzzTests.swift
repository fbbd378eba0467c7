import Foundation
import TesseraData
import TesseraIR
import TesseraInterpreter
import TesseraLowering
import TesseraPasses
import TesseraProgramTesting
import TesseraSource
import TesseraTesting
import Testing

@testable import Tessera

/// Random programs give the same bits however they are run.
///
/// See `FuzzRun` for how many.
@Suite struct DifferentialFuzzTests {
  private static let chunks = 4

  @Test(arguments: 0..<chunks)
  func everyWayToRunAgrees(chunk: Int) {
    for seed in FuzzRun.seeds(short: 40, long: 5000) where seed % UInt64(Self.chunks) == chunk {
      var generator = ProgramGenerator(seed: seed)
      let generated = generator.program()
      FuzzRun.check(seed, generated.text, of: generated.arguments.map(\.shape)) {
        let compiled = try CompiledProgram(generated.text, name: "seed\(seed).tess")
        return try Self.disagreements(compiled, generated)
      }
    }
  }

  /// The ways that give something else than the interpreter on the tensor stage.
  private static func disagreements(
    _ compiled: CompiledProgram, _ generated: GeneratedProgram
  ) throws -> [String] {
    let arguments = generated.arguments.map(\.interpreterValue)
    let expected = try Interpreter(compiled.module).run("f", arguments)
    var problems: [String] = []
    func compare(_ way: String, _ results: [InterpreterValue]) {
      if zip(expected, results).allSatisfy({ $0.hasBits(of: $1) }) { return }
      problems.append("\(way) gives \(results.map(\.doubles)), not \(expected.map(\.doubles))")
    }
    for level in [OptimizationLevel.none, .light, .standard] {
      var scheduled = compiled.module
      _ = try run(Pipeline.standard(level), on: &scheduled)
      let mistakes = verify(scheduled, stage: .scheduled)
      if !mistakes.isEmpty { problems.append("level \(level): \(mistakes.map(\.message))") }
      compare(
        "the interpreter at level \(level)",
        try ScheduledRun.results(of: scheduled, arguments, like: expected))
      if level != .light {
        compare(
          "machine code at level \(level)", try runCode(scheduled, compiled, generated, level))
      }
    }
    return problems
  }

  /// Runs `f` as machine code.
  private static func runCode(
    _ scheduled: Module, _ compiled: CompiledProgram, _ generated: GeneratedProgram,
    _ level: OptimizationLevel
  ) throws -> [InterpreterValue] {
    guard
      let id = compiled.program.functions.ids.first(where: {
        compiled.program.functions[$0].name == "f"
      })
    else { return [] }
    var module = scheduled
    let signature = exportSignature(of: id, in: compiled.program)
    module.exports = [signature]
    var options = SessionOptions()
    options.level = level
    let executable = try Executable.compiling(
      module, functions: [HostFunction(signature)].compactMap { $0 }, sources: SourceMap(), options)
    return try executable.call("f", generated.arguments).map(\.interpreterValue)
  }
}
