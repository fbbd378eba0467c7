extension FixIt {
  /// The bytes of `file` with the edits made, or `nil` if an edit lies elsewhere or two overlap.
  public func applied(to file: SourceFile) -> [UInt8]? {
    var bytes = file.bytes
    var limit = bytes.count
    for edit in edits.sorted(by: { ($0.span.start, $0.span.end) > ($1.span.start, $1.span.end) }) {
      let (start, end) = (Int(edit.span.start), Int(edit.span.end))
      guard edit.span.file == file.id, start <= end, end <= limit else { return nil }
      bytes.replaceSubrange(start..<end, with: edit.replacement.utf8)
      limit = start
    }
    return bytes
  }
}
