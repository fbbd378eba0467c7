import Testing

@testable import TesseraSyntax

@Suite struct SampleTests {
  static let directory = Check.golden("parse/samples")

  @Test(arguments: Check.programs(in: directory))
  func parsesWithoutDiagnostics(sample: String) throws {
    Check.accepts(try Check.program(sample, in: Self.directory))
  }

  @Test(arguments: Check.programs(in: directory))
  func hasTheExpectedTree(sample: String) throws {
    let file = try Check.program(sample, in: Self.directory)
    try Check.expect(dumpAST(parse(file).module), matches: sample, in: Self.directory)
  }

  @Test func findsTheSamples() {
    #expect(Check.programs(in: Self.directory).count >= 19)
  }
}
