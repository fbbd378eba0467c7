import TesseraSource
import Testing

@Suite struct RendererTests {
  /// The rendering of an error in `text` about the part between the marks « and ».
  private func rendering(
    _ text: String, labels: [(String, String)] = [], isColored: Bool = false
  ) -> String {
    var map = SourceMap()
    let start =
      text.utf8.firstIndex(of: 0xC2).map { text.utf8.distance(from: text.startIndex, to: $0) } ?? 0
    let plain = text.replacing("«", with: "")
    let end = plain.range(of: "»").map {
      plain.utf8.distance(from: plain.startIndex, to: $0.lowerBound)
    }
    let source = plain.replacing("»", with: "")
    let file = map.add(name: "a.tess", text: source)
    let span = SourceSpan(file: file.id, start: UInt32(start), end: UInt32(end ?? start))
    let others = labels.map { name, text in
      let other = map.add(name: name, text: text)
      let whole = SourceSpan(file: other.id, start: 0, end: UInt32(text.utf8.count))
      return Diagnostic.Label("there", at: whole)
    }
    let diagnostic = Diagnostic("some-code", "headline", at: span, labels: others)
    return DiagnosticRenderer(map, isColored: isColored).render(diagnostic)
  }

  @Test func underlinesTheSpan() {
    #expect(
      rendering("let a\nlet «bc» = 1\n") == """
        error[some-code]: headline
         --> a.tess:2:5
          |
        2 | let bc = 1
          |     ^^

        """)
  }

  @Test func expandsTabs() {
    #expect(rendering("\ta\t«b»").hasSuffix("\n1 |     a   b\n  |         ^\n"))
  }

  @Test func countsWideCharacters() {
    #expect(rendering("\"変é\" «x»").hasSuffix("\n1 | \"変é\" x\n  |       ^\n"))
  }

  @Test func hidesControlCharacters() {
    #expect(rendering("a\u{1B}[0m «b»").hasSuffix("\n1 | a\u{FFFD}[0m b\n  |       ^\n"))
  }

  @Test func clipsLongLines() {
    let filler = String(repeating: "x", count: 500)
    let lines = rendering("\(filler)«yy»\(filler)").split(separator: "\n")
    #expect(lines.count == 5)
    #expect(lines.allSatisfy { $0.count < 130 })
    #expect(lines[3].hasPrefix("1 | …") && lines[3].hasSuffix("…"))
    let column = lines[4].firstIndex(of: "^").map {
      lines[4].distance(from: lines[4].startIndex, to: $0)
    }
    let shown = lines[3].firstIndex(of: "y").map {
      lines[3].distance(from: lines[3].startIndex, to: $0)
    }
    #expect(column == shown)
  }

  @Test func showsOtherFiles() {
    #expect(
      rendering("«a»", labels: [("b.tess", "other")]).hasSuffix(
        """
         ::: b.tess:1:1
          |
        1 | other
          | ----- there

        """))
  }

  @Test func showsEmptyFilesAndPlacesInNone() {
    #expect(rendering("").hasSuffix("\n1 |\n  | ^\n"))
    let nowhere = Diagnostic("some-code", "headline", at: .none, notes: ["a"])
    #expect(
      DiagnosticRenderer(SourceMap()).render(nowhere)
        == "error[some-code]: headline\n  = note: a\n")
  }

  @Test func colorsOnlyIfAsked() {
    #expect(rendering("«a»", isColored: true).contains("\u{1B}[1;31m^"))
    #expect(!rendering("«a»").contains("\u{1B}"))
  }
}
