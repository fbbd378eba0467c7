import TesseraIR
import TesseraPasses
import Testing

/// Random loop nests as machine code give the bits that the interpreter gives for the same IR, touch
/// no memory but their own, and mean what their tensors say.
@Suite struct NestFuzzTests {
  @Test func machineCodeAgrees() {
    for seed in FuzzRun.seeds(short: 60, long: 10_000) {
      var generator = NestGenerator(seed: seed)
      let (generated, isExact) = generator.program()
      FuzzRun.check(seed, generated.text, of: generated.arguments.map(\.shape)) {
        try problems(MeantProgram(generated, generator.type, isExact: isExact), seed)
      }
    }
  }

  private func problems(_ program: MeantProgram, _ seed: UInt64) throws -> [String] {
    var scheduled = program.module
    var options = PipelineOptions()
    options.target = .host
    _ = try run(MeantProgram.pipeline, on: &scheduled, options: options)
    let mistakes = verify(scheduled, stage: .scheduled)
    if !mistakes.isEmpty { return mistakes.map(\.message) }
    let expected = try ScheduledRun.results(
      of: scheduled, program.arguments, like: program.meant)
    // Code that plans its memory is what users run; without a plan each temporary is guarded.
    return try program.problems(of: expected, "the interpreter")
      + program.problemsOfMachineCode(
        beside: expected, seed % 2 == 0 ? .unplanned : .planned, hasGaps: seed % 3 == 0)
  }
}
