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
/// `TESSERA_FUZZ_COUNT` says how many, `TESSERA_FUZZ_SEED` which is the first.
@Suite struct DifferentialFuzzTests {
  private static let count = Self.number("TESSERA_FUZZ_COUNT") ?? 40
  private static let firstSeed = Self.number("TESSERA_FUZZ_SEED") ?? 0
  private static let chunks = 4

  private static func number(_ variable: String) -> Int? {
    ProcessInfo.processInfo.environment[variable].flatMap { Int($0) }
  }

  @Test(arguments: 0..<chunks)
  func everyWayToRunAgrees(chunk: Int) {
    for number in stride(from: chunk, to: Self.count, by: Self.chunks) {
      let seed = UInt64(Self.firstSeed + number)
      var generator = ProgramGenerator(seed: seed)
      let generated = generator.program()
      do {
        let compiled = try CompiledProgram(generated.text, name: "seed\(seed).tess")
        for problem in try Self.disagreements(compiled, generated) {
          Issue.record("seed \(seed): \(problem)\n\(generated.text)")
        }
      } catch {
        Issue.record("seed \(seed): \(error)\n\(generated.text)")
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
      if zip(expected, results).allSatisfy({ agree($0, $1) }) { return }
      problems.append("\(way) gives \(results.map(\.doubles)), not \(expected.map(\.doubles))")
    }
    for level in [OptimizationLevel.none, .light, .standard] {
      var scheduled = compiled.module
      _ = try run(Pipeline.standard(level), on: &scheduled)
      let mistakes = verify(scheduled, stage: .scheduled)
      if !mistakes.isEmpty { problems.append("level \(level): \(mistakes.map(\.message))") }
      compare(
        "the interpreter at level \(level)",
        try runScheduled(scheduled, arguments, like: expected))
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

  /// Runs `f` of the scheduled stage, whose tensor results are buffers that the caller passes.
  private static func runScheduled(
    _ module: Module, _ arguments: [InterpreterValue], like expected: [InterpreterValue]
  ) throws -> [InterpreterValue] {
    var outputs: [InterpreterValue] = []
    for value in expected {
      guard case .tensor(let tensor) = value, case .scalar(let type) = tensor.element else {
        continue
      }
      outputs.append(.tensor(TensorValue(zeros: type, shape: tensor.shape)))
    }
    var scalars = try Interpreter(module).run("f", arguments + outputs)[...]
    var tensors = outputs[...]
    return expected.map { value in
      if case .tensor = value { return tensors.removeFirst() }
      return scalars.removeFirst()
    }
  }

  /// `true` iff both are the same bits, one NaN as good as another.
  private static func agree(_ a: InterpreterValue, _ b: InterpreterValue) -> Bool {
    switch (a, b) {
    case (.tensor(let a), .tensor(let b)):
      if a.bytes() == b.bytes() { return true }
      let (a, b) = (InterpreterValue.tensor(a).doubles, InterpreterValue.tensor(b).doubles)
      return a.count == b.count && zip(a, b).allSatisfy { isSame($0, $1) }
    case (.scalar, .scalar), (.scalar, .tensor), (.tensor, .scalar):
      return zip(a.doubles, b.doubles).allSatisfy { isSame($0, $1) }
    default: return false
    }
  }

  private static func isSame(_ a: Double, _ b: Double) -> Bool {
    a.bitPattern == b.bitPattern || (a.isNaN && b.isNaN)
  }
}

extension Tensor {
  /// The tensor as the interpreter takes it; one of rank 0 as a number.
  fileprivate var interpreterValue: InterpreterValue {
    guard let type = ScalarType(rawValue: elementType.rawValue) else { return .null }
    let tensor = TensorValue(type, shape: shape, bytes: bytes)
    if rank > 0 { return .tensor(tensor) }
    let bits = bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return .scalar(ScalarValue(bits: bits, type))
  }
}
