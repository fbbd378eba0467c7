/// Writes diagnostics for people: headline, place, the source around it, notes and proposals.
///
///     error[shape-mismatch]: 'a' is f32[M, K] and 'b' is f32[K, N]
///      --> net.tess:3:11
///       |
///     3 |   let c = a + b
///       |           ^^^^^
///       = note: '+' needs equal shapes
public struct DiagnosticRenderer: Sendable {
  /// The files that spans point into.
  public var sources: SourceMap
  /// `true` iff the text carries the escapes of a terminal for colour.
  public var isColored: Bool

  /// Creates a renderer of diagnostics about `sources`.
  public init(_ sources: SourceMap, isColored: Bool = false) {
    self.sources = sources
    self.isColored = isColored
  }

  /// The text for `diagnostic`, which ends with a newline.
  public func render(_ diagnostic: Diagnostic) -> String {
    var text = styled(
      "\(diagnostic.severity.rawValue)[\(diagnostic.identifier)]", .bold, color(diagnostic.severity)
    )
    text += styled(": \(diagnostic.message)", .bold) + "\n"
    text += excerpts(of: diagnostic)
    for note in diagnostic.notes { text += remark("note", note) }
    for fixIt in diagnostic.fixIts { text += remark("help", describe(fixIt)) }
    return text
  }

  /// The texts for `diagnostics`, with an empty line between two.
  public func render(_ diagnostics: [Diagnostic]) -> String {
    diagnostics.map(render).joined(separator: "\n")
  }
}

extension DiagnosticRenderer {
  /// A stretch of one line with a mark under it.
  private struct Mark {
    var line: Int
    var columns: Range<Int>
    var message: String
    var isPrimary: Bool
  }

  private func excerpts(of diagnostic: Diagnostic) -> String {
    var marks: [FileID: [Mark]] = [:]
    var order: [FileID] = []
    func add(_ span: SourceSpan, _ message: String, isPrimary: Bool) {
      guard let file = sources[span.file] else { return }
      if marks[span.file] == nil { order.append(span.file) }
      marks[span.file, default: []].append(
        mark(span, in: file, message: message, isPrimary: isPrimary))
    }
    add(diagnostic.span, "", isPrimary: true)
    for label in diagnostic.labels { add(label.span, label.message, isPrimary: false) }
    var text = ""
    for id in order {
      guard let file = sources[id], let marks = marks[id] else { continue }
      text += excerpt(of: file, marks, after: text.isEmpty ? "-->" : ":::")
    }
    return text
  }

  /// The mark of `span`, of which only the first line is shown.
  private func mark(
    _ span: SourceSpan, in file: SourceFile, message: String, isPrimary: Bool
  ) -> Mark {
    let start = file.location(of: span.start)
    let end = file.location(of: max(span.start, span.end))
    let last = end.line == start.line ? end.column : file.line(start.line).count + 1
    return Mark(
      line: start.line, columns: start.column..<max(last, start.column + 1), message: message,
      isPrimary: isPrimary)
  }

  private func excerpt(of file: SourceFile, _ marks: [Mark], after arrow: String) -> String {
    guard let first = marks.first else { return "" }
    let lines = Set(marks.map(\.line)).sorted()
    let width = String(lines.last ?? 1).count
    let margin = String(repeating: " ", count: width)
    let place = "\(file.name):\(first.line):\(first.columns.lowerBound)"
    var text = "\(margin)\(styled(arrow, .blue)) \(place)\n\(margin) \(styled("|", .blue))\n"
    var previous: Int?
    for line in lines {
      if let previous, line > previous + 1 { text += "\(margin)\(styled("...", .blue))\n" }
      let number = String(line)
      let padding = String(repeating: " ", count: width - number.count)
      let content = file.line(line)
      text += "\(styled(padding + number + " |", .blue)) \(expanded(content))\n"
      let here = marks.filter { $0.line == line }.sorted { $0.isPrimary && !$1.isPrimary }
      for mark in here {
        let before = expanded(String(content.prefix(mark.columns.lowerBound - 1))).count
        let beneath = content.dropFirst(mark.columns.lowerBound - 1).prefix(mark.columns.count)
        let sign = mark.isPrimary ? "^" : "-"
        let under = String(repeating: sign, count: max(1, expanded(String(beneath)).count))
        let words = under + (mark.message.isEmpty ? "" : " " + mark.message)
        text += "\(margin) \(styled("|", .blue)) \(String(repeating: " ", count: before))"
        text += styled(words, .bold, mark.isPrimary ? .red : .blue) + "\n"
      }
      previous = line
    }
    return text
  }

  /// `line` with tabs as four spaces, so that marks stand where they should.
  private func expanded(_ line: String) -> String {
    line.split(separator: "\t", omittingEmptySubsequences: false).joined(separator: "    ")
  }

  private func remark(_ kind: String, _ words: String) -> String {
    "  \(styled("=", .blue)) \(styled(kind, .bold)): \(words)\n"
  }

  /// The imperative of `fixIt`, with the new text where it says more.
  private func describe(_ fixIt: FixIt) -> String {
    guard fixIt.edits.count == 1, let edit = fixIt.edits.first, !edit.replacement.isEmpty,
      !edit.replacement.contains("\n"), !fixIt.message.contains(edit.replacement)
    else { return fixIt.message }
    return "\(fixIt.message): '\(edit.replacement)'"
  }

  private enum Style: String {
    case bold = "1"
    case red = "31"
    case yellow = "33"
    case blue = "34"
    case cyan = "36"
  }

  private func color(_ severity: Diagnostic.Severity) -> Style {
    switch severity {
    case .error: .red
    case .warning: .yellow
    case .note, .remark: .cyan
    }
  }

  private func styled(_ text: String, _ styles: Style...) -> String {
    guard isColored else { return text }
    return "\u{1B}[\(styles.map(\.rawValue).joined(separator: ";"))m\(text)\u{1B}[0m"
  }
}
