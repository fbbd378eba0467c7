import TesseraIR
import TesseraInterpreter
import TesseraSource
import Testing

/// The source of a test's module.
func source(_ text: String) -> SourceFile {
  SourceFile(id: FileID(index: 0), name: "test.tir", bytes: Array(text.utf8))
}

/// Runs `@f` of the module that `text` holds.
func run(
  _ text: String, _ arguments: InterpreterValue...,
  limits: Interpreter.Limits = Interpreter.Limits(), output: ((String) -> Void)? = nil,
  at location: SourceLocation = #_sourceLocation
) throws -> [InterpreterValue] {
  let (module, diagnostics) = parseModule(source(text))
  let found = diagnostics + verify(module ?? Module())
  #expect(found.map(\.message) == [], sourceLocation: location)
  let interpreter = Interpreter(try #require(module), limits: limits, output: output)
  return try interpreter.run("f", arguments)
}

typealias SourceLocation = Testing.SourceLocation

/// Runs `@f`, which must stop with an error, and returns it with the text to blame.
func failure(
  _ text: String, _ arguments: InterpreterValue...,
  limits: Interpreter.Limits = Interpreter.Limits(),
  at location: SourceLocation = #_sourceLocation
) throws -> (error: RunError, place: String) {
  let (module, diagnostics) = parseModule(source(text))
  let found = diagnostics + verify(module ?? Module())
  #expect(found.map(\.message) == [], sourceLocation: location)
  let interpreter = Interpreter(try #require(module), limits: limits)
  let error = #expect(throws: RunError.self, sourceLocation: location) {
    _ = try interpreter.run("f", arguments)
  }
  let place = source(text).text(try #require(error).span)
  return (try #require(error), place)
}
