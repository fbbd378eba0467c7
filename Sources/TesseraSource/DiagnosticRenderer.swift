/// Shows diagnostics to people, with the lines that they are about.
///
///     error[chained-comparison]: comparisons do not chain
///      --> clip.tess:2:12
///       |
///     2 |   if 0 <= i < n { i } else { 0 }
///       |             ^
///       |        -- the first comparison
///       = note: '<' would compare the truth of the first comparison.
///       = help: compare twice
///     2 |   if 0 <= i and i < n { i } else { 0 }
public struct DiagnosticRenderer: Sendable {
  /// The files that spans point into.
  public var sources: SourceMap
  /// `true` iff the text carries the escapes of a terminal for colour.
  public var isColored: Bool
  /// The widest excerpt that is shown whole.
  public var maximalWidth = 120

  /// Creates a renderer of diagnostics about `sources`.
  public init(_ sources: SourceMap, isColored: Bool = false) {
    self.sources = sources
    self.isColored = isColored
  }

  /// Returns the text of all `diagnostics`, a blank line between them.
  public func render(_ diagnostics: [Diagnostic]) -> String {
    diagnostics.map(render).joined(separator: "\n")
  }

  /// Returns the text of `diagnostic`, each line ended.
  public func render(_ diagnostic: Diagnostic) -> String {
    var lines = [headline(diagnostic)]
    let excerpts = excerpts(of: diagnostic)
    let last = excerpts.map(\.line).max() ?? 0
    let margin = String(repeating: " ", count: String(last).count)
    var shown: (file: FileID, line: Int)?
    for excerpt in excerpts {
      if shown?.file != excerpt.file.id {
        let sign = shown == nil ? "-->" : ":::"
        lines.append("\(margin)\(blue(sign)) \(excerpt.place)")
        lines.append("\(margin) \(blue("|"))")
      } else if let line = shown?.line, excerpt.line > line + 1 {
        lines.append(blue("..."))
      }
      lines += self.lines(of: excerpt, margin: margin, severity: diagnostic.severity)
      shown = (excerpt.file.id, excerpt.line)
    }
    for note in diagnostic.notes { lines.append("\(margin) \(blue("=")) note: \(note)") }
    for fixIt in diagnostic.fixIts {
      lines.append("\(margin) \(blue("=")) help: \(fixIt.message)")
      if let (number, text) = editedLine(fixIt) { lines.append(numbered(number, text, margin)) }
    }
    return lines.map { $0.trimmingTrailingBlanks + "\n" }.joined()
  }

  private func headline(_ diagnostic: Diagnostic) -> String {
    let code = "\(diagnostic.severity.rawValue)[\(diagnostic.identifier)]"
    let message = ": \(diagnostic.message)"
    return paint(code, diagnostic.severity.color) + paint(message, .plain)
  }
}

// MARK: - Excerpts

extension DiagnosticRenderer {
  /// A line of source and what is said about it.
  private struct Excerpt {
    var file: SourceFile
    var line: Int
    var place: String
    var marks: [Mark]
  }

  /// An underlined part of a line, in columns.
  private struct Mark {
    var columns: Range<Int>
    var message: String?
  }

  /// The lines to show: first those of the primary span's file, each file in order of lines.
  private func excerpts(of diagnostic: Diagnostic) -> [Excerpt] {
    let primary = Diagnostic.Label("", at: diagnostic.span)
    var excerpts: [Excerpt] = []
    for (index, label) in ([primary] + diagnostic.labels).enumerated() {
      guard let file = sources[label.span.file] else { continue }
      let location = file.location(of: label.span.start)
      let mark = mark(label.span, in: file, message: index == 0 ? nil : label.message)
      let known = excerpts.firstIndex { $0.file.id == file.id && $0.line == location.line }
      if let known {
        excerpts[known].marks.append(mark)
      } else {
        let place = "\(file.name):\(location.line):\(location.column)"
        excerpts.append(Excerpt(file: file, line: location.line, place: place, marks: [mark]))
      }
    }
    let places = Dictionary(zip(excerpts.map(\.file.id), 0...), uniquingKeysWith: min)
    let sorted = excerpts.sorted { a, b in
      (places[a.file.id] ?? 0, a.line) < (places[b.file.id] ?? 0, b.line)
    }
    // The place that is named is that of the primary span, also when a label stands above it.
    guard var head = sorted.first, let place = excerpts.first?.place else { return sorted }
    head.place = place
    return [head] + sorted.dropFirst()
  }

  private func mark(_ span: SourceSpan, in file: SourceFile, message: String?) -> Mark {
    let location = file.location(of: span.start)
    let shown = DisplayText(file.line(location.line))
    let lineStart = file.offset(ofLine: location.line)
    let start = shown.column(ofByteAt: Int(span.start) - lineStart)
    let end = shown.column(ofByteAt: Int(span.end) - lineStart)
    return Mark(columns: start..<max(start + 1, end), message: message)
  }

  private func lines(
    of excerpt: Excerpt, margin: String, severity: Diagnostic.Severity
  ) -> [String] {
    let shown = DisplayText(excerpt.file.line(excerpt.line))
    let start = excerpt.marks[0].columns.lowerBound
    let window = window(around: start, width: shown.width)
    var text = shown.text(in: window)
    if window.lowerBound > 0 { text = "…" + text.dropFirst() }
    if window.upperBound < shown.width { text += "…" }
    var lines = [numbered(excerpt.line, text, margin)]
    for mark in excerpt.marks {
      let columns = mark.columns.clamped(to: window.lowerBound..<window.upperBound + 1)
      let blanks = String(repeating: " ", count: columns.lowerBound - window.lowerBound)
      let sign = mark.message == nil ? "^" : "-"
      let signs = String(repeating: sign, count: max(1, columns.count))
      let color = mark.message == nil ? severity.color : Color.blue
      let message = mark.message.map { " \($0)" } ?? ""
      lines.append("\(margin) \(blue("|")) \(blanks)\(paint(signs + message, color))")
    }
    return lines
  }

  /// The columns to show of a line of `width` columns whose point of interest is `column`.
  private func window(around column: Int, width: Int) -> Range<Int> {
    if width <= maximalWidth { return 0..<max(1, width) }
    let start = max(0, min(column - maximalWidth / 3, width - maximalWidth))
    return start..<min(width, start + maximalWidth)
  }

  private func numbered(_ number: Int, _ text: String, _ margin: String) -> String {
    let blanks = String(repeating: " ", count: max(0, margin.count - String(number).count))
    return "\(blanks)\(blue("\(number) |")) \(text)"
  }

  /// The line that `fixIt` changes, as it would read; `nil` if it changes several.
  private func editedLine(_ fixIt: FixIt) -> (number: Int, text: String)? {
    guard let first = fixIt.edits.first, let file = sources[first.span.file] else { return nil }
    let number = file.location(of: first.span.start).line
    for edit in fixIt.edits {
      guard edit.span.file == file.id, file.location(of: edit.span.start).line == number,
        file.location(of: edit.span.end).line == number, !edit.replacement.contains("\n")
      else { return nil }
    }
    guard let bytes = fixIt.applied(to: file) else { return nil }
    let edited = SourceFile(id: file.id, name: file.name, bytes: bytes)
    let shown = DisplayText(edited.line(number))
    return shown.width <= maximalWidth ? (number, shown.text) : nil
  }
}

// MARK: - Colours

extension DiagnosticRenderer {
  /// The colours of terminals by their codes.
  fileprivate enum Color: String {
    case plain = "1"
    case red = "1;31"
    case yellow = "1;33"
    case blue = "1;34"
    case cyan = "1;36"
  }

  private func paint(_ text: String, _ color: Color) -> String {
    isColored ? "\u{1B}[\(color.rawValue)m\(text)\u{1B}[0m" : text
  }

  private func blue(_ text: String) -> String { paint(text, .blue) }
}

extension Diagnostic.Severity {
  fileprivate var color: DiagnosticRenderer.Color {
    switch self {
    case .error: .red
    case .warning: .yellow
    case .note: .cyan
    case .remark: .blue
    }
  }
}
