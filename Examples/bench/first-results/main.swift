// How long programs take to their first results in a process that goes on to the next, as a host has it that
// compiles what it is given.
//
// Each line of the input names a program, a function and a file of tensors, with tabs between; the answer is
// a line of JSON: milliseconds to compile the text, to pack the weights and run for the first time, and of the
// fastest of the runs that follow.
import Foundation
import Tessera
import TesseraData

/// How often each result is come to from the text; the least time counts, since neighbours on a machine
/// slow some down.
let attempts = 3

/// How long it took, in milliseconds.
struct FirstResult: Encodable {
  /// From the text of the program to code that can be called.
  var compileMilliseconds: Double
  /// To pack the weights and come to the first result.
  var firstRunMilliseconds: Double
  /// The fastest of the runs after it.
  var steadyMilliseconds: Double

  /// All of the way to the first result.
  var milliseconds: Double { compileMilliseconds + firstRunMilliseconds }

  private enum CodingKeys: String, CodingKey {
    case compileMilliseconds = "compile_ms"
    case firstRunMilliseconds = "first_run_ms"
    case steadyMilliseconds = "steady_ms"
  }
}

/// Compiles `program` and calls its function `name` with the tensors of `file`, each named for its parameter.
func firstResult(of program: String, _ name: String, _ file: Safetensors) throws -> FirstResult {
  let start = ContinuousClock.now
  let executable = try Session().compile(program, entries: [name])
  let compiled = ContinuousClock.now
  let parameters = executable[name]?.parameters ?? []
  func tensors(_ isWanted: (HostFunction.Parameter) -> Bool) throws -> [Tensor] {
    try parameters.filter(isWanted).flatMap { try $0.load(from: file, prefix: $0.name) }
  }
  let (weights, inputs) = try (tensors(\.isConstant), tensors { !$0.isConstant })
  let loaded = ContinuousClock.now
  let prepared = try executable.prepare(name, weights)
  _ = try prepared.call(inputs)
  let ran = ContinuousClock.now
  var steady = Duration.seconds(3600)
  let end = ran + .milliseconds(100)
  repeat {
    let begin = ContinuousClock.now
    _ = try prepared.call(inputs)
    steady = min(steady, ContinuousClock.now - begin)
  } while ContinuousClock.now < end
  return FirstResult(
    compileMilliseconds: (compiled - start) / .milliseconds(1),
    firstRunMilliseconds: (ran - loaded) / .milliseconds(1),
    steadyMilliseconds: steady / .milliseconds(1))
}

/// What libraries do when they are imported.
let preparation = MachineCodePreparation()
preparation.finish()

while let line = readLine() {
  let words = line.split(separator: "\t").map(String.init)
  guard words.count == 3 else {
    let message = "expected PROGRAM, FUNCTION and DATA, not '\(line)'\n"
    FileHandle.standardError.write(Data(message.utf8))
    exit(64)
  }
  let program = try String(contentsOfFile: words[0], encoding: .utf8)
  let data = try Data(contentsOf: URL(fileURLWithPath: words[2]))
  let file = try data.withUnsafeBytes { try Safetensors(TensorBytes($0)) }
  let results = try (0..<attempts).map { _ in try firstResult(of: program, words[1], file) }
  var best = results.min { $0.milliseconds < $1.milliseconds }!
  best.steadyMilliseconds = results.map(\.steadyMilliseconds).min()!
  FileHandle.standardOutput.write(try JSONEncoder().encode(best) + Data("\n".utf8))
}
