import TesseraIR
import Testing

@testable import TesseraCodeGen

/// What LLVM is to translate fast rather than well.
@Suite struct EffortTests {
  /// A function that calls another one with `count` arguments, and nothing else.
  private func caller(passing count: Int) throws -> Function {
    let names = (0..<count).map { "%x\($0)" }
    let parameters = names.map { "\($0): f32" }.joined(separator: ", ")
    let arguments = names.joined(separator: ", ")
    let (module, _) = try parse(
      """
      func @g(\(parameters)) {
        return
      }

      func @f(\(parameters)) export {
        call \(arguments) {@g}
        return
      }
      """)
    return try #require(module.functions.first { $0.name == "f" })
  }

  @Test func callsWithManyArgumentsAreLong() throws {
    #expect(try caller(passing: 600).isWorthNoEffort)
  }

  @Test func shortFunctionsAreTranslatedWell() throws {
    #expect(try !caller(passing: 100).isWorthNoEffort)
  }
}
