import TesseraSource
import Testing

@testable import TesseraSyntax

@Suite struct LexerTests {
  /// The kinds of the tokens of `text`, without the end of the file, as their spellings.
  private func kinds(_ text: String) -> String {
    lex(Check.file(text)).tokens.dropLast().map(\.kind.rawValue).joined(separator: " ")
  }

  @Test func readsNumbers() {
    #expect(
      kinds("1 0x1F 1_000 1.5 1e-5 2.0i 3i")
        == "integer integer integer number number imaginary number imaginary number")
    #expect(lex(Check.file("1 0x1F 1_000 1.5 1e-5 2.0i 3i")).diagnostics.isEmpty)
  }

  @Test func keepsPointsOfRangesAndPositions() {
    #expect(kinds("0..n") == "integer .. name")
    #expect(kinds("0..0.5") == "integer .. number")
    #expect(kinds("t.0.1") == "name . integer . integer")
    #expect(kinds("1.f") == "integer . name")
  }

  @Test(arguments: ["12px", "0x", "0xG", "1__", "1.5_", "0x_"])
  func refusesNumber(text: String) {
    #expect(lex(Check.file(text)).diagnostics.map(\.identifier) == ["malformed-number"])
    #expect(lex(Check.file(text)).tokens.count == 2)
  }

  @Test func takesTheLongestSign() {
    #expect(
      kinds("a<<b<=c??d?..e...f->g=>h**i")
        == "name << name <= name ?? name ? .. name ... name -> name => name ** name")
  }

  @Test func knowsReservedWords() {
    #expect(kinds("fn sum f32 table argmax lambda") == "fn reduction type word name reduction name")
  }

  @Test func readsNamesOfOtherScripts() {
    #expect(kinds("größe λ x² 変数 _a1") == "name name name unknown text name name")
  }

  @Test func readsStrings() {
    #expect(unescaped(#""a\n\t\\\"\u{41}\0é""#) == "a\n\t\\\"A\0é")
    #expect(
      lex(Check.file(#""\q" "\u{110000}" "\u{}" "a"#)).diagnostics.map(\.identifier) == [
        "unknown-escape", "unknown-escape", "unknown-escape", "unterminated-string",
      ])
  }

  @Test func keepsCommentsApart() {
    let lexed = lex(Check.file("a // one\n/// two\n//// three\nb"))
    #expect(lexed.comments.map(\.isDocumentation) == [false, true, false])
    #expect(lexed.tokens.map(\.beginsLine) == [true, true, false])
  }

  @Test func losesNothing() throws {
    for sample in Check.programs(in: SampleTests.directory) {
      let file = try Check.program(sample, in: SampleTests.directory)
      var end: UInt32 = 0
      for token in lex(file).tokens {
        #expect(token.triviaStart == end && token.start >= end)
        end = token.end
      }
      #expect(Int(end) == file.bytes.count)
    }
  }

  @Test func toleratesAnyBytes() {
    for byte in UInt8.min...UInt8.max {
      let lexed = lex(Check.file([byte, 0x80, byte]))
      #expect(lexed.tokens.last?.kind == .endOfFile)
    }
  }

  @Test(arguments: Check.programs(in: Check.golden("lex")))
  func dumpsAsExpected(name: String) throws {
    let directory = Check.golden("lex")
    let file = try Check.program(name, in: directory)
    try Check.expect(dumpTokens(file), matches: name, in: directory)
  }
}
