import Testing

@testable import TesseraSyntax

@Suite struct SampleTests {
  static let directory = Check.golden("parse/samples")

  @Test(arguments: Check.programs(in: directory))
  func parsesWithoutDiagnostics(sample: String) throws {
    Check.accepts(try Check.text(Self.directory.appending(path: "\(sample).tess")))
  }

  @Test func findsTheSamples() {
    #expect(Check.programs(in: Self.directory).count >= 19)
  }
}
