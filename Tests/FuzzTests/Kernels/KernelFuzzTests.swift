import Tessera
import TesseraData
import TesseraIR
import TesseraInterpreter
import TesseraPasses
import Testing

/// Random tile kernels as machine code give the bits that the interpreter gives for the same IR,
/// touch no memory but their own, and mean what their programs say one by one.
@Suite struct KernelFuzzTests {
  /// How often something happened that must happen often, for the test to mean anything.
  private struct Counts {
    var programs = 0
    /// Kernels whose sums over tiles became one sum.
    var joinedSums = 0
    /// Kernels that became statements over whole tensors.
    var joinedPrograms = 0
    /// Kernels that still run program by program.
    var separatePrograms = 0
    /// Loops of rows against keys that run with a lane for each row.
    var columnLoops = 0
  }

  @Test func everyWayToRunAgrees() {
    var counts = Counts()
    let seeds = FuzzRun.seeds(short: 50, long: 5_000)
    for seed in seeds {
      var generator = KernelGenerator(seed: seed)
      let (generated, isExact) = generator.program()
      FuzzRun.check(seed, generated.text, of: generated.arguments.map(\.shape)) {
        let program = try MeantProgram(generated, generator.type, isExact: isExact)
        return try problems(program, seed, &counts)
      }
    }
    // A few seeds that are tried again need not show each form.
    if seeds.count < 50 { return }
    #expect(counts.joinedSums * 20 >= counts.programs, "\(counts)")
    #expect(counts.joinedPrograms * 6 >= counts.programs, "\(counts)")
    #expect(counts.separatePrograms * 5 >= counts.programs, "\(counts)")
    #expect(counts.columnLoops * 60 >= counts.programs, "\(counts)")
  }

  private func problems(
    _ program: MeantProgram, _ seed: UInt64, _ counts: inout Counts
  ) throws -> [String] {
    let target: TargetDescription =
      seed % 2 == 0 || TargetDescription.host.architecture != .x86_64 ? .host : .x86_64v3
    let scheduled = try schedule(program.module, target, &counts)
    let expected = try ScheduledRun.results(
      of: scheduled, program.arguments, like: program.meant)
    var problems = program.problems(
      of: expected, "the interpreter, scheduled for \(target.name),")
    // Code that plans its memory is what users run; without a plan each temporary is guarded.
    problems += try program.problemsOfMachineCode(
      beside: expected, seed % 4 < 2 ? .unplanned : .planned, target: target,
      hasGaps: seed % 3 == 0)
    let generated = program.generated
    problems += program.problems(
      of: try run(generated, .none, threads: 1), "machine code at -O0")
    if seed % 3 == 0 {
      let (one, two) = (
        try run(generated, .standard, threads: 1), try run(generated, .standard, threads: 2)
      )
      for (value, other) in zip(one, two) where !value.hasBits(of: other) {
        problems.append("two threads give \(other.doubles), not \(value.doubles)")
      }
    }
    return problems
  }

  /// The module as code generation takes it, but for its plan of memory; what was done is counted.
  private func schedule(
    _ module: Module, _ target: TargetDescription, _ counts: inout Counts
  ) throws -> Module {
    var scheduled = module
    var options = PipelineOptions()
    options.target = target
    options.wantsRemarks = true
    options.verify = { verify($0) }
    let report = try TesseraPasses.run(MeantProgram.pipeline, on: &scheduled, options: options)
    let remarks = report.diagnostics
    counts.programs += 1
    func count(_ identifier: String, _ note: String = "") -> Int {
      let isOne = remarks.contains { remark in
        remark.identifier == identifier
          && (note.isEmpty || remark.notes.contains { $0.contains(note) })
      }
      return isOne ? 1 : 0
    }
    counts.joinedPrograms += count("computed-for-all-programs")
    counts.separatePrograms += count("computed-by-programs")
    counts.columnLoops += count("computed-row-by-row", "a lane each")
    counts.joinedSums += report.timings.contains { $0.pass == "join-sums" && $0.changed } ? 1 : 0
    return scheduled
  }

  /// Runs `f` as a host does.
  private func run(
    _ generated: GeneratedProgram, _ level: OptimizationLevel, threads: Int
  ) throws -> [InterpreterValue] {
    var options = SessionOptions()
    options.level = level
    options.threads = threads
    let session = Session(options: options)
    let executable = try session.compile(generated.text)
    return try executable.call("f", generated.arguments).map(\.interpreterValue)
  }
}
