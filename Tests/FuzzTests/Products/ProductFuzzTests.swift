import TesseraIR
import TesseraInterpreter
import TesseraPasses
import Testing

/// Random products with what is before and after them give the bits, as machine code, that the
/// interpreter gives for the same IR, touch no memory but their own, and mean what their tensors say.
@Suite struct ProductFuzzTests {
  /// What `fuse` did with the programs.
  private struct Reach {
    /// The programs of which a tensor was computed where it is read.
    var fused = 0
    /// Those in which parts of a product became sums beside each other.
    var parts = 0
    /// Those in which a contraction packs what a mathematical function gives.
    var packed = 0

    /// Counts a program of which `fuse` made `module`.
    mutating func note(_ report: PipelineReport, _ module: Module) {
      let remarks = report.diagnostics.filter { $0.identifier == "computed-where-read" }
      if !remarks.isEmpty { fused += 1 }
      if remarks.contains(where: { $0.notes.contains { $0.hasPrefix("parts: ") } }) { parts += 1 }
      if module.functions.contains(where: Self.packsMathematics) { packed += 1 }
    }

    private static func packsMathematics(_ function: Function) -> Bool {
      var found = false
      function.forEachOperation(in: function.body) { id in
        let content = function.operations[id]
        guard content.opcode == .reduce else { return }
        var (hasMathematics, hasProduct) = (false, false)
        function.forEachOperation(in: content.regions[0]) { inner in
          switch function.operations[inner].opcode {
          case .exponential, .hyperbolicTangent, .sigmoid, .errorFunction: hasMathematics = true
          case .multiply: hasProduct = true
          default: break
          }
        }
        found = found || hasMathematics && hasProduct
      }
      return found
    }
  }

  @Test func machineCodeAgrees() {
    let seeds = FuzzRun.seeds(short: 24, long: 10_000)
    var reach = Reach()
    for seed in seeds {
      var generator = ProductGenerator(seed: seed)
      let (generated, isExact) = generator.program()
      FuzzRun.check(seed, generated.text, of: generated.arguments.map(\.shape)) {
        let program = try MeantProgram(generated, generator.type, isExact: isExact)
        return try problems(program, hasWeights: generator.hasWeights, seed, &reach)
      }
    }
    // Programs of which nothing is fused would say nothing of fusion.
    #expect(reach.fused > seeds.count * 2 / 3)
    #expect(reach.parts > seeds.count / 20)
    #expect(reach.packed > seeds.count / 100)
  }

  private func problems(
    _ program: MeantProgram, hasWeights: Bool, _ seed: UInt64, _ reach: inout Reach
  ) throws -> [String] {
    var scheduled = program.module
    let pipeline = MeantProgram.pipeline
    let split = try #require(pipeline.passes.firstIndex { $0.name == "fuse" })
    var options = PipelineOptions()
    options.target = .host
    options.wantsRemarks = true
    _ = try run(Pipeline(Array(pipeline.passes[..<split])), on: &scheduled, options: options)
    let fusion = try run(Pipeline([.fusion]), on: &scheduled, options: options)
    reach.note(fusion, scheduled)
    let fused = try Interpreter(scheduled).run("f", program.arguments)
    options.wantsRemarks = false
    _ = try run(Pipeline(Array(pipeline.passes[(split + 1)...])), on: &scheduled, options: options)
    let mistakes = verify(scheduled, stage: .scheduled)
    if !mistakes.isEmpty { return mistakes.map(\.message) }
    let expected = try ScheduledRun.results(
      of: scheduled, program.arguments, like: program.meant)
    // What is prepared from weights may be another form, with another order of additions.
    return try program.problems(of: fused, "the interpreter after fusion")
      + program.problems(of: expected, "the interpreter")
      + program.problemsOfMachineCode(
        beside: expected, seed % 2 == 0 ? .unplanned : .planned, hasGaps: seed % 3 == 0,
        mayReorder: hasWeights)
  }
}
