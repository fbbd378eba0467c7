import TesseraRuntime
import Testing

@testable import TesseraCodeGen

/// What entries know of the runtime.
@Suite struct EntryTests {
  @Test func elementsLieBehindTheCall() {
    #expect(MemoryLayout<tess_call>.size == CallLayout.elements)
    #expect(MemoryLayout<tess_call>.offset(of: \.run) == 0)
    #expect(MemoryLayout<tess_run>.offset(of: \.error) == 0)
  }
}
