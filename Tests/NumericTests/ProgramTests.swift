import Foundation
import Tessera
import TesseraPasses
import TesseraProgramTesting
import TesseraTesting
import Testing

/// The programs of `Programs/`, each a file of functions and of `test` declarations about them.
let programs: [URL] = PackageFiles.files(
  below: PackageFiles.root.appendingPathComponent("Tests/NumericTests/Programs"),
  extensions: ["tess"])

@Test(arguments: programs)
func program(file: URL) throws {
  try checkTests(of: String(contentsOf: file, encoding: .utf8), name: file.lastPathComponent)
}

/// Every test declaration of `text` holds in the interpreter and as machine code, plain and
/// optimized.
func checkTests(of text: String, name: String) throws {
  _ = try CompiledProgram(text, name: name)
  for (engine, level) in ways {
    var options = SessionOptions()
    options.engine = engine
    options.level = level
    var compilation = Compilation(name: name, bytes: Array(text.utf8))
    compilation.check()
    let tests = compilation.tests
    #expect(!tests.isEmpty)
    guard let executable = try compilation.executable(options, declared: tests) else {
      Issue.record("\(name) does not compile")
      return
    }
    for test in tests {
      do {
        _ = try executable.call(test.name, [])
      } catch {
        Issue.record("\(name), \(engine), level \(level): \(test.title): \(error)")
      }
    }
  }
}

/// The ways in which a program is run.
let ways: [(SessionOptions.Engine, OptimizationLevel)] = [
  (.interpreter, .none), (.jit, .none), (.jit, .standard),
]
