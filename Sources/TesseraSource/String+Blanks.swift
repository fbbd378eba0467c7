extension String {
  /// The text without the blanks and tabs at its end.
  package var trimmingTrailingBlanks: String {
    let isBlank = { (character: Character) in character == " " || character == "\t" }
    return lastIndex { !isBlank($0) }.map { String(self[...$0]) } ?? ""
  }
}
