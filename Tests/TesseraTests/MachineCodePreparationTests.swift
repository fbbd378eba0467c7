import Testing

@testable import Tessera

@Suite struct MachineCodePreparationTests {
  /// Else LLVM would be made ready for less than it does, and nobody would be told.
  @Test func sampleIsTranslated() throws {
    try MachineCodePreparation.translateSample()
  }
}
