import TesseraCodeGen
import TesseraIR
import Testing

@testable import Tessera

@Suite struct MachineCodePreparationTests {
  /// Else LLVM would be made ready for less than it does, and nobody would be told.
  @Test func sampleIsTranslated() throws {
    let sample = MachineCodePreparation.sample()
    #expect(verify(sample, stage: .scheduled).map(\.message) == [])
    try prepareCodeGeneration(sample)
  }
}
