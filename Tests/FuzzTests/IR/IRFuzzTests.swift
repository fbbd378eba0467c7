import Foundation
import TesseraIR
import TesseraInterpreter
import TesseraNumbers
import TesseraPasses
import TesseraSource
import TesseraTesting
import Testing

/// Mutated IR goes through printer, parser, verifier, passes and interpreter: nothing crashes or
/// hangs, what is valid stays valid, and means the same after each pass.
@Suite struct IRFuzzTests {
  @Test func mutationsStayValidAndKeepTheirMeaning() throws {
    let directory = PackageFiles.root.appendingPathComponent("Tests/Golden")
    let texts = try PackageFiles.files(below: directory, extensions: ["tir"]).map {
      Array(try Data(contentsOf: $0))
    }
    for seed in FuzzRun.seeds(short: 400, long: 20_000) {
      var mutator = TextMutator(.ir, seeds: texts, seed: seed)
      let text = mutator.next()
      FuzzRun.trace(seed, text)
      let trial = IRTrial(text: text, seed: seed)
      let complaint = trial.run()
      if let complaint {
        Issue.record("seed \(seed): \(complaint)\nof\n\(String(decoding: text, as: UTF8.self))")
      }
    }
  }
}

/// One text on its way through the middle of the compiler.
struct IRTrial {
  let text: [UInt8]
  let seed: UInt64

  /// What is wrong; `nil` if nothing is.
  func run() -> String? {
    guard let module = parsed(text) else { return nil }
    let printed = "\(module)"
    guard let again = parsed(Array(printed.utf8)) else { return "what is printed does not parse" }
    guard let stage = stages.first(where: { verify(module, stage: $0).isEmpty }) else { return nil }
    if "\(again)" != printed { return "printing again gives another text" }
    return check(module, stage)
  }

  /// What passes and pipelines do wrong with a valid module; `nil` if nothing.
  func check(_ module: Module, _ stage: Stage?) -> String? {
    var random = SplitMix(seed: seed)
    var pipelines = Pass.all.map { Pipeline([$0]) }
    pipelines.shuffle(using: &random)
    pipelines = Array(pipelines.prefix(4))
    pipelines.append(.standard(random.pick(OptimizationLevel.allCases)))
    for pipeline in pipelines {
      if let complaint = check(pipeline, on: module, stage) { return complaint }
    }
    return nil
  }

  private let stages: [Stage?] = [.tensor, .scheduled, nil]

  private func parsed(_ text: [UInt8]) -> Module? {
    let (module, diagnostics) = parseModule(
      SourceFile(id: FileID(index: 0), name: "fuzz.tir", bytes: text))
    return diagnostics.isEmpty ? module : nil
  }

  private func check(_ pipeline: Pipeline, on module: Module, _ stage: Stage?) -> String? {
    let names = pipeline.passes.map(\.name).joined(separator: ",")
    var result = module
    var options = PipelineOptions()
    options.verify = { verify($0, stage: nil) }
    do {
      _ = try TesseraPasses.run(pipeline, on: &result, options: options)
    } catch {
      return "\(names): \(error.pass) breaks the rules: \(error.diagnostics.map(\.message))"
        + "\n\(error.module)"
    }
    let schedules = pipeline.passes.contains { $0.name == "schedule" }
    let reorders = schedules || pipeline.passes.contains { $0.name == "order-reductions" }
    let broken = verify(result, stage: schedules ? .scheduled : stage)
    if !broken.isEmpty { return "\(names) leaves the stage: \(broken.map(\.message))\n\(result)" }
    for function in module.functions where result[function.name] != nil {
      let signature = module.exports.first { $0.function == function.name }
      let arguments = IRObservation.Arguments(
        function: function, signature: signature, seed: seed)
      if let complaint = compare(arguments, module, result, isScheduled: schedules, reorders) {
        return "\(names): @\(function.name) \(complaint)\n\(result)"
      }
    }
    return nil
  }

  private func compare(
    _ arguments: IRObservation.Arguments, _ module: Module, _ result: Module, isScheduled: Bool,
    _ reorders: Bool
  ) -> String? {
    guard let first = arguments.make(), let second = arguments.make() else { return nil }
    let function = arguments.function
    guard let expected = try? IRObservation.run(module, function, first) else { return nil }
    // What nobody has written may be anything.
    if module.holdsBlanks, expected.contains(where: mayBeUnwritten) { return nil }
    do {
      let found =
        isScheduled
        ? try IRObservation.runScheduled(result, function, second, expected: expected)
        : try IRObservation.run(result, function, second)
      for (a, b) in zip(expected, found) {
        let (a, b) = (IRObservation.numbers(a), IRObservation.numbers(b))
        let isSame = reorders ? a.count == b.count && zip(a, b).allSatisfy(isNear) : a == b
        if !isSame { return "gives \(b.prefix(20)), not \(a.prefix(20))" }
      }
      return nil
    } catch {
      let limits: [RunError.Status] = [.outOfSteps, .outOfMemory, .recursionTooDeep, .wrongShape]
      return limits.contains(error.status) ? nil : "stops: \(error.message)"
    }
  }

  /// `true` iff some bits may be those of memory that was never written.
  private func mayBeUnwritten(_ value: InterpreterValue) -> Bool {
    IRObservation.numbers(value).contains { number in
      number.isNaN || number == ScalarValue(bits: .max, number.type)
    }
  }

  /// Sums may have another order once it is chosen.
  private func isNear(_ a: ScalarValue, _ b: ScalarValue) -> Bool {
    if a == b { return true }
    guard a.type == b.type, a.type.isFloat else { return false }
    if a.isNaN || b.isNaN { return a.isNaN && b.isNaN }
    return abs(a.double - b.double) <= 1e-2 * max(1, abs(a.double), abs(b.double))
  }
}

extension Module {
  /// `true` iff there are tensors that may hold anything.
  fileprivate var holdsBlanks: Bool {
    functions.contains { $0.operations.contains { $0.opcode == .blank } }
  }
}
