import TesseraCodeGen
import TesseraIR
import TesseraInterpreter
import TesseraNumbers
import TesseraPasses
import TesseraProgramTesting

/// A generated program and what its tensors say, which every way to run it must give.
struct MeantProgram {
  let generated: GeneratedProgram
  /// The program on the tensor stage.
  let module: Module
  let arguments: [InterpreterValue]
  /// What the interpreter gives for `module`.
  let meant: [InterpreterValue]
  /// The type of the numbers that are added up.
  private let type: ScalarType
  /// `true` iff every order of additions gives the same bits.
  private let isExact: Bool

  /// Compiles and interprets `generated`.
  ///
  /// - Throws: what is wrong with the program, or what stops the interpreter.
  init(_ generated: GeneratedProgram, _ type: ScalarType, isExact: Bool) throws {
    self.generated = generated
    self.type = type
    self.isExact = isExact
    module = try CompiledProgram(generated.text, name: "fuzz.tess").module
    arguments = generated.arguments.map(\.interpreterValue)
    meant = try Interpreter(module).run("f", arguments)
  }

  /// The passes before code generation but for the plan of memory, without which the interpreter runs
  /// what they make.
  static var pipeline: Pipeline {
    var pipeline = Pipeline.standard(.standard)
    pipeline.passes.removeAll { $0.name == "memory-plan" }
    return pipeline
  }

  /// The results that another order of additions could not have made of what is meant, one line each.
  func problems(of results: [InterpreterValue], _ way: String) -> [String] {
    zip(meant, results).filter { !$0.isNear($1, type, isExact) }.map(way.gives)
  }

  /// The results of machine code that have other bits than `expected`, one line each; called with its
  /// memory against either side of a page that cannot be touched.
  ///
  /// - Parameter mayReorder: another order of additions is none of the problems.
  /// - Throws: `GuardedCallFailure` if something else is touched.
  func problemsOfMachineCode(
    beside expected: [InterpreterValue], _ form: GuardedProgram.Form,
    target: TargetDescription = .host, hasGaps: Bool, mayReorder: Bool = false
  ) throws -> [String] {
    let program = try GuardedProgram(generated.text, name: "fuzz.tess", form, target: target)
    return try GuardPlacement.allCases.flatMap { placement in
      let style = GuardedCallStyle(placement: placement, hasGaps: hasGaps)
      let found = try program.call("f", generated.arguments, style).map(\.interpreterValue)
      return zip(expected, found).filter {
        mayReorder ? !$0.isNear($1, type, isExact) : !$0.hasBits(of: $1)
      }.map("machine code for \(target.name)".gives)
    }
  }
}

extension String {
  /// Says that this way to run a program gives `other` instead of `value`.
  fileprivate func gives(_ value: InterpreterValue, _ other: InterpreterValue) -> String {
    "\(self) gives \(other.doubles), not \(value.doubles)"
  }
}
