import TesseraIR
import TesseraInterpreter
import TesseraPasses
import Testing

/// Random contractions give the same before and after scheduling, bit for bit.
@Suite struct ContractionFuzzTests {
  private func targets() throws -> [TargetDescription] {
    let names = [
      "x86-64-v3", "x86-64-v4", "x86-64-v4+avx512vnni+avx512bf16", "x86-64-v3+avxvnniint8",
      "aarch64+dotprod",
    ]
    return try names.map { try #require(TargetDescription(name: $0)) }
  }

  @Test func groupsGiveWhatTheTensorsSay() throws {
    let seeds = FuzzRun.seeds(short: 100, long: 10_000)
    let planeCount = try scheduled(with: "%plane", seeds) { ContractionGenerator(groupsOf: $0) }
    #expect(planeCount > seeds.count / 4)
  }

  @Test func panelsGiveWhatTheTensorsSay() throws {
    let seeds = FuzzRun.seeds(short: 250, long: 20_000)
    let panelCount = try scheduled(with: "splat", seeds) { ContractionGenerator(seed: $0) }
    // The generator would test nothing if the engine refused all that it makes.
    #expect(panelCount > seeds.count / 3)
  }

  /// Tries what `generate` makes of each seed, and counts what is scheduled with `word` in it.
  private func scheduled(
    with word: String, _ seeds: Range<UInt64>, _ generate: (UInt64) -> ContractionGenerator
  ) throws -> Int {
    let targets = try targets()
    var count = 0
    for seed in seeds {
      let generator = generate(seed)
      FuzzRun.trace(seed, Array(generator.text.utf8))
      if let complaint = check(generator, seed, targets, counting: word, &count) {
        Issue.record("seed \(seed): \(complaint)\nof \(generator.numbers)\n\(generator.text)")
      }
    }
    return count
  }

  /// What is wrong, `nil` if nothing is; counts what is scheduled with `word` in it.
  private func check(
    _ generator: ContractionGenerator, _ seed: UInt64, _ targets: [TargetDescription],
    counting word: String, _ count: inout Int
  ) -> String? {
    guard let parsed = generator.module else { return "does not parse" }
    let problems = verify(parsed, stage: .tensor)
    if !problems.isEmpty { return "\(problems.map(\.message))" }
    let arguments =
      generator.numbers.map { InterpreterValue.integer(Int64($0)) }
      + generator.arguments.map {
        InterpreterValue.tensor($0.values, shape: $0.shape, $0.type)
      }
    do {
      let expected = try Interpreter(parsed).run("f", arguments)
      var scheduled = parsed
      guard let split = Pass.named("split-axes") else { return "no such pass" }
      _ = try TesseraPasses.run(Pipeline([split]), on: &scheduled)
      schedule(&scheduled, for: targets[Int(seed % UInt64(targets.count))])
      if "\(scheduled)".contains(word) { count += 1 }
      let broken = verify(scheduled, stage: .scheduled)
      if !broken.isEmpty { return "\(broken.map(\.message))\n\(scheduled)" }
      let outputs = expected.map {
        InterpreterValue.tensor(
          TensorValue(zeros: generator.type, shape: $0.tensor?.shape ?? []))
      }
      _ = try Interpreter(scheduled).run("f", arguments + outputs)
      for (expected, found) in zip(expected, outputs) {
        let (expected, found) = (expected.tensor?.values() ?? [], found.tensor?.values() ?? [])
        guard let place = expected.indices.first(where: { expected[$0] != found[$0] }) else {
          continue
        }
        return "element \(place) is \(found[place]), not \(expected[place])\n\(scheduled)"
      }
      return nil
    } catch {
      return "\(error)"
    }
  }
}
