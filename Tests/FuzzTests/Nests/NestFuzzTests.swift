import Tessera
import TesseraCodeGen
import TesseraData
import TesseraIR
import TesseraInterpreter
import TesseraNumbers
import TesseraPasses
import TesseraProgramTesting
import Testing

/// Random loop nests as machine code give the bits that the interpreter gives for the same IR, touch
/// no memory but their own, and mean what their tensors say.
@Suite struct NestFuzzTests {
  @Test func machineCodeAgrees() {
    for seed in FuzzRun.seeds(short: 60, long: 10_000) {
      var generator = NestGenerator(seed: seed)
      let (generated, isExact) = generator.program()
      FuzzRun.trace(seed, Array(generated.text.utf8))
      do {
        for problem in try problems(generated, generator.type, isExact, seed) {
          Issue.record("seed \(seed): \(problem)\nof \(shapes(generated))\n\(generated.text)")
        }
      } catch {
        Issue.record("seed \(seed): \(error)\nof \(shapes(generated))\n\(generated.text)")
      }
    }
  }

  private func shapes(_ generated: GeneratedProgram) -> [[Int]] { generated.arguments.map(\.shape) }

  private func problems(
    _ generated: GeneratedProgram, _ type: ScalarType, _ isExact: Bool, _ seed: UInt64
  ) throws -> [String] {
    let compiled = try CompiledProgram(generated.text, name: "nest.tess")
    let arguments = generated.arguments.map(\.interpreterValue)
    let meant = try Interpreter(compiled.module).run("f", arguments)

    var scheduled = compiled.module
    var pipeline = Pipeline.standard(.standard)
    pipeline.passes.removeAll { $0.name == "memory-plan" }
    var options = PipelineOptions()
    options.target = .host
    _ = try run(pipeline, on: &scheduled, options: options)
    let mistakes = verify(scheduled, stage: .scheduled)
    if !mistakes.isEmpty { return mistakes.map(\.message) }
    let expected = try ScheduledRun.results(of: scheduled, arguments, like: meant)

    var problems: [String] = []
    for (value, other) in zip(meant, expected) where !value.isNear(other, type, isExact) {
      problems.append("the interpreter gives \(other.doubles), not \(value.doubles)")
    }
    // Code that plans its memory is what users run; without a plan each temporary is guarded.
    let form: GuardedProgram.Form = seed % 2 == 0 ? .unplanned : .planned
    let program = try GuardedProgram(generated.text, name: "nest.tess", form)
    for placement in GuardPlacement.allCases {
      let found = try program.call(
        "f", generated.arguments, GuardedCallStyle(placement: placement, hasGaps: seed % 3 == 0))
      for (value, other) in zip(expected, found.map(\.interpreterValue))
      where !value.hasBits(of: other) {
        problems.append("machine code gives \(other.doubles), not \(value.doubles)")
      }
    }
    return problems
  }
}
