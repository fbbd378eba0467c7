import Testing
import TesseraIR
import TesseraInterpreter
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

  @Test(arguments: schedulingPrograms.map(\.name))
  func computesTheSame(name: String) throws {
    let program = schedulingPrograms.first { $0.name == name }!
    let module = try module(program.text)
    var dice = Dice(state: 7)
    for sizes in [[0, 3, 2], [1, 1, 1], [3, 0, 4], [5, 7, 3], [9, 17, 5], [16, 24, 8]] {
      for target in [VectorTarget.scalar, VectorTarget()] {
        let arguments = program.arguments(sizes[0], sizes[1], sizes[2], &dice)
        try checkAgreement(module, arguments, target, "\(name) \(sizes)")
      }
    }
  }
}
