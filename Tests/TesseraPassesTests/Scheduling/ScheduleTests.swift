import Testing
import TesseraIR
import TesseraPasses
import TesseraSource

/// The module that `text` spells.
func module(_ text: String) throws -> Module {
  let file = SourceFile(id: FileID(index: 0), name: "test.tir", bytes: Array(text.utf8))
  let (module, diagnostics) = parseModule(file)
  #expect(diagnostics.isEmpty, "\(diagnostics.map(\.message))")
  return try #require(module)
}

@Suite struct ScheduleTests {
  @Test(arguments: schedulingPrograms.map(\.name))
  func givesValidScheduledIR(name: String) throws {
    var module = try module(schedulingPrograms.first { $0.name == name }!.text)
    #expect(verify(module, stage: .tensor).map(\.message) == [])
    #expect(schedule(&module))
    #expect(verify(module, stage: .scheduled).map(\.message) == [], "\(module)")
    #expect(!schedule(&module))
  }
}
