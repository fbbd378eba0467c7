import TesseraData
import TesseraSource

extension Diagnostic {
  /// The diagnostic as one JSON object; places carry the name of their file, byte offsets, and lines
  /// and columns counted from 1.
  public func json(_ sources: SourceMap) -> JSON {
    var members: [JSON.Member] = [
      .init("severity", .string(severity.rawValue)), .init("identifier", .string(identifier)),
      .init("message", .string(message)), .init("place", place(span, sources)),
    ]
    if !labels.isEmpty {
      members.append(
        .init(
          "labels",
          .array(
            labels.map {
              .object([
                .init("message", .string($0.message)), .init("place", place($0.span, sources)),
              ])
            })))
    }
    if !notes.isEmpty { members.append(.init("notes", .array(notes.map(JSON.string)))) }
    if !fixIts.isEmpty { members.append(.init("fixits", .array(fixIts.map { json($0, sources) }))) }
    return .object(members)
  }

  private func json(_ fixIt: FixIt, _ sources: SourceMap) -> JSON {
    .object([
      .init("message", .string(fixIt.message)),
      .init(
        "edits",
        .array(
          fixIt.edits.map {
            .object([
              .init("place", place($0.span, sources)),
              .init("replacement", .string($0.replacement)),
            ])
          })),
    ])
  }

  private func place(_ span: SourceSpan, _ sources: SourceMap) -> JSON {
    guard let file = sources[span.file] else { return .null }
    func number(_ value: some BinaryInteger) -> JSON { .number(String(value)) }
    let start = file.location(of: span.start)
    let end = file.location(of: span.end)
    return .object([
      .init("file", .string(file.name)), .init("start", number(span.start)),
      .init("end", number(span.end)), .init("line", number(start.line)),
      .init("column", number(start.column)), .init("endLine", number(end.line)),
      .init("endColumn", number(end.column)),
    ])
  }
}
