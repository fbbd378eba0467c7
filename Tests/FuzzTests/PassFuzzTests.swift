import TesseraIR
import TesseraInterpreter
import TesseraNumbers
import TesseraPasses
import TesseraTesting
import Testing

/// Passes on random functions, against the interpreter: valid IR, the same results to the bit, the
/// same text printed. A run that stops with an error may do anything afterwards, since a pass may
/// leave out what would have failed.
@Suite struct PassFuzzTests {
  private static let pipelines: [[Pass]] =
    Pass.all.filter(isExact).map { [$0] }
    + OptimizationLevel.allCases.map { Pipeline.standard($0).passes.filter(isExact) }

  /// `true` iff a pass keeps every bit, and how functions are called: not so for the one that
  /// chooses in which order reductions add up, nor for the one that makes buffers of tensors.
  private static func isExact(_ pass: Pass) -> Bool {
    !["order-reductions", "schedule"].contains(pass.name)
  }

  @Test func keepMeaning() throws {
    var compared = 0
    let seeds = FuzzRun.seeds(short: 24, long: 2000)
    for seed in seeds {
      var generator = FunctionGenerator(random: SplitMix(seed: seed))
      let module = generator.module()
      FuzzRun.trace(seed, Array(module.description.utf8))
      let problems = verify(module)
      try #require(problems.isEmpty, "the generator made \(problems)\n\(module)")
      let expected = [0, 1, 3].map { try? run(module, $0, seed, steps: 50_000) }
      compared += expected.count { $0 != nil }
      for passes in Self.pipelines where !keeps(expected, module, passes, seed) { return }
    }
    #expect(compared > seeds.count, "most programs should run to their end")
  }

  /// `true` iff `module` still gives what is expected, for loops that turn 0, 1 and 3 times.
  private func keeps(
    _ expected: [[String]?], _ module: Module, _ passes: [Pass], _ seed: UInt64
  ) -> Bool {
    var after = module
    var context = PassContext()
    let names = passes.map(\.name).joined(separator: ",")
    for pass in passes {
      pass.run(on: &after, &context)
      let problems = verify(after)
      #expect(
        problems.isEmpty, "seed \(seed): \(pass.name) of \(names) left \(problems)\n\(module)")
      if !problems.isEmpty { return false }
    }
    for (turns, expected) in zip([0, 1, 3], expected) {
      guard let expected else { continue }
      // A pass may trade steps of one kind for some more of another.
      let actual = try? run(after, turns, seed, steps: 500_000)
      #expect(expected == actual, "seed \(seed), \(turns) turns, \(names):\n\(module)\n\(after)")
      if expected != actual { return false }
    }
    return true
  }

  /// What a run gives and prints.
  private func run(
    _ module: Module, _ turns: Int, _ seed: UInt64, steps: Int
  ) throws -> [String] {
    var random = SplitMix(seed: seed &* 4 &+ UInt64(turns))
    let arguments = FunctionGenerator.parameterTypes().enumerated().map {
      index, type -> InterpreterValue in
      let scalar = type.scalarType!
      if index == 3 { return .integer(Int64(turns)) }
      if case .tensor = type {
        return .tensor((0..<turns).map { _ in Double(random.below(9)) - 4 }, scalar)
      }
      return .scalar(ExpressionGenerator.number(scalar, &random))
    }
    var printed: [String] = []
    let limits = Interpreter.Limits(steps: steps, callDepth: 1000)
    let interpreter = Interpreter(module, limits: limits) { printed.append($0) }
    let results = try interpreter.run("f", arguments)
    return printed + results.map(bits)
  }

  /// The bits of a result; all NaN are one.
  private func bits(_ value: InterpreterValue) -> String {
    func bits(_ number: ScalarValue) -> String { number.isNaN ? "nan" : "\(number.bits)" }
    switch value {
    case .scalar(let number): return bits(number)
    case .tensor(let tensor): return tensor.values().map(bits).joined(separator: " ")
    case .address, .null: return ""
    }
  }
}
