import TesseraData
import TesseraInterpreter
import TesseraProgramTesting
import Testing

/// Random contractions as machine code give what the interpreter gives, and touch no memory but
/// their own.
@Suite struct GuardedContractionTests {
  @Test func machineCodeStaysInside() {
    check(FuzzRun.seeds(short: 40, long: 5_000)) { ContractionGenerator(seed: $0) }
  }

  @Test func machineCodeOfGroupsStaysInside() {
    check(FuzzRun.seeds(short: 20, long: 2_000)) { ContractionGenerator(groupsOf: $0) }
  }

  private func check(_ seeds: Range<UInt64>, _ generate: (UInt64) -> ContractionGenerator) {
    for seed in seeds {
      let generator = generate(seed)
      FuzzRun.trace(seed, Array(generator.text.utf8))
      do {
        try check(generator)
      } catch {
        Issue.record("seed \(seed): \(error)\nof \(generator.numbers)\n\(generator.text)")
      }
    }
  }

  private func check(_ generator: ContractionGenerator) throws {
    let module = try #require(generator.module)
    let expected = try Interpreter(module).run(
      "f",
      generator.numbers.map { .integer(Int64($0)) }
        + generator.arguments.map { .tensor($0.values, shape: $0.shape, $0.type) })
    let arguments =
      generator.numbers.map { Tensor(Int64($0)) }
      + generator.arguments.map { shape, type, values in
        Tensor(values, shape: shape).converted(to: type)
      }
    let program = try GuardedProgram(generator.text, name: "contraction.tir", .unplanned)
    for placement in GuardPlacement.allCases {
      let found = try program.call(
        "f", arguments, resultShapes: expected.map { $0.tensor?.shape ?? [] },
        GuardedCallStyle(placement: placement))
      for (expected, found) in zip(expected, found) {
        let numbers = expected.tensor?.values().map {
          $0.type.isFloat ? $0.double : Double($0.integer)
        }
        #expect(numbers == found.doubles())
      }
    }
  }
}
