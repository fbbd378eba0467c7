import TesseraSource
import Testing

@testable import TesseraSyntax

@Suite struct FormatTests {
  static let directory = Check.golden("fmt")

  @Test(arguments: Check.programs(in: directory))
  func formatsAsExpected(name: String) throws {
    let file = try Check.program(name, in: Self.directory)
    try Check.expect(format(file), matches: name, in: Self.directory)
    Self.checkFormatting(of: file)
  }

  @Test(arguments: Check.programs(in: SampleTests.directory))
  func keepsTreeOfSample(sample: String) throws {
    Self.checkFormatting(of: try Check.program(sample, in: SampleTests.directory))
  }

  @Test(arguments: GrammarTests.sections.map(\.text))
  func keepsTreeOfExample(text: String) { Self.checkFormatting(of: Check.file(text)) }

  @Test func leavesMistakesAlone() {
    let text = "fn  f( {\n    }\n"
    #expect(format(Check.file(text)) == text)
  }

  @Test func endsWithOneLineEnd() {
    #expect(format(Check.file("")) == "")
    #expect(format(Check.file("\n\n// a\r\n\r\n\r\n\r\n// b  \n\n")) == "// a\n\n// b\n")
  }

  /// Checks that formatting keeps the tree and the comments, and changes nothing the second time.
  static func checkFormatting(
    of file: SourceFile, sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) {
    let once = Check.file(format(file))
    #expect(
      dumpAST(parse(once).module) == dumpAST(parse(file).module), sourceLocation: sourceLocation)
    #expect(parse(once).diagnostics == [], sourceLocation: sourceLocation)
    #expect(lex(once).comments.count == lex(file).comments.count, sourceLocation: sourceLocation)
    #expect(
      format(once) == String(decoding: once.bytes, as: UTF8.self), sourceLocation: sourceLocation)
  }
}
