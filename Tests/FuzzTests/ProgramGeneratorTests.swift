import TesseraSource
import TesseraSyntax
import Testing

@Suite struct ProgramGeneratorTests {
  @Test func programsParse() {
    for seed in 0..<100 as Range<UInt64> {
      var generator = ProgramGenerator(seed: seed)
      let program = generator.program()
      var sources = SourceMap()
      let parsed = parse(sources.add(name: "\(seed).tess", text: program.text))
      let messages = parsed.diagnostics.map(\.message)
      #expect(messages.isEmpty, "\(program.text)\n\(messages)")
    }
  }

  @Test func sameSeedSameProgram() {
    var first = ProgramGenerator(seed: 7)
    var second = ProgramGenerator(seed: 7)
    #expect(first.program().text == second.program().text)
  }
}
