import Tessera
import TesseraCodeGen
import TesseraIR
import TesseraInterpreter
import TesseraPasses
import TesseraProgramTesting
import Testing

/// Random programs that define `inout` tensors anew, by the elements that they replace, by others, by rows,
/// in loops, mean what they say: what is made in place reads nothing that was replaced before.
///
/// Machine code for either level of x86-64 gives the bits that the interpreter gives for the same IR, and
/// touches no memory but its own.
@Suite struct InPlaceFuzzTests {
  @Test func machineCodeAgrees() {
    var counts = (inPlace: 0, copied: 0)
    for seed in FuzzRun.seeds(short: 40, long: 10_000) {
      var generator = NestGenerator(seed: seed)
      let (generated, isExact) = generator.program(changes: true)
      FuzzRun.check(seed, generated.text, of: generated.arguments.map(\.shape)) {
        let program = try MeantProgram(generated, generator.type, isExact: isExact)
        return try problems(program, seed, &counts)
      }
    }
    #expect(counts.inPlace > 10 && counts.copied > 10, "\(counts)")
  }

  private func problems(
    _ program: MeantProgram, _ seed: UInt64, _ counts: inout (inPlace: Int, copied: Int)
  ) throws -> [String] {
    var problems: [String] = []
    for target in [.x86_64v3, .host] as [TargetDescription]
    where target == .host || TargetDescription.host.architecture == .x86_64 {
      var scheduled = program.module
      var options = PipelineOptions()
      options.target = target
      _ = try run(MeantProgram.pipeline, on: &scheduled, options: options)
      let mistakes = verify(scheduled, stage: .scheduled)
      if !mistakes.isEmpty { return mistakes.map(\.message) }
      if copies(scheduled) { counts.copied += 1 } else { counts.inPlace += 1 }
      let expected = try ScheduledRun.results(
        of: scheduled, program.arguments, like: program.meant)
      problems += program.problems(of: expected, "the interpreter for \(target.name)")
      problems += try program.problemsOfMachineCode(
        beside: expected, seed % 2 == 0 ? .unplanned : .planned, target: target,
        hasGaps: seed % 3 == 0)
    }
    return problems
  }

  /// `true` iff a tensor is made elsewhere and copied to where it belongs.
  private func copies(_ module: Module) -> Bool {
    module.functions.contains { function in
      var found = false
      function.forEachOperation(in: function.body) { id in
        if function.operations[id].opcode == .copy { found = true }
      }
      return found
    }
  }
}
