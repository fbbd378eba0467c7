extension Formatter {
  /// The text of `tokens` on one line.
  func text(of tokens: [FormatToken]) -> String {
    var text = ""
    for index in tokens.indices {
      if index > 0, hasBlank(before: index, in: tokens) { text += " " }
      text += tokens[index].text
    }
    return text
  }

  /// `true` iff a blank stands between the token at `index` and the one before it.
  private func hasBlank(before index: Int, in tokens: [FormatToken]) -> Bool {
    let (left, right) = (tokens[index - 1], tokens[index])
    if left.isAngle, right.isAngle { return false }
    if runTogether(left, right, after: index > 1 ? tokens[index - 2] : nil) { return true }
    return !isTight(left, right) && !isProduct(index - 1, in: tokens)
      && !isProduct(index, in: tokens)
  }

  /// `true` iff the two would be read as one token, or as others, without a blank.
  private func runTogether(
    _ left: FormatToken, _ right: FormatToken, after previous: FormatToken?
  ) -> Bool {
    if left.kind == .integer, right.kind == .point { return previous?.kind != .point }
    guard !left.kind.isWord, !right.kind.isWord else { return false }
    let bytes = Array((left.text + right.text).utf8)
    let length = left.text.utf8.count
    return TokenKind.signs.contains { sign in
      sign.bytes.count > length && bytes.starts(with: sign.bytes)
    }
  }

  /// `true` iff the two stand without a blank between them.
  private func isTight(_ left: FormatToken, _ right: FormatToken) -> Bool {
    if layout.prefixes.contains(left.start) { return true }
    if left.isAngle { return left.kind == .less || isTightBehindName(right) }
    if right.isAngle { return left.kind != .arrow }
    switch left.kind {
    case .leftParenthesis, .leftBracket, .at, .twoPoints: return true
    case .point: return true
    case .threePoints: return isClosingOrComma(right)
    case .leftBrace: return right.kind == .rightBrace
    default: break
    }
    switch right.kind {
    case .rightParenthesis, .rightBracket, .comma, .semicolon, .colon: return true
    case .question: return true
    case .point: return !layout.prefixes.contains(right.start)
    case .twoPoints: return endsOperand(left)
    case .leftParenthesis, .leftBracket: return layout.attached.contains(right.start)
    case .assign: return left.kind == .reductionWord && left.end == right.start
    default: return false
    }
  }

  /// `true` iff `token` follows a name or type without a blank.
  private func isTightBehindName(_ token: FormatToken) -> Bool {
    switch token.kind {
    case .leftParenthesis, .leftBracket: layout.attached.contains(token.start)
    case .point, .question: true
    default: isClosingOrComma(token)
    }
  }

  private func isClosingOrComma(_ token: FormatToken) -> Bool {
    switch token.kind {
    case .rightParenthesis, .rightBracket, .comma, .semicolon, .colon: true
    default: false
    }
  }

  /// `true` iff an operand may end with `token`, so that `..` behind it makes a range.
  private func endsOperand(_ token: FormatToken) -> Bool {
    switch token.kind {
    case .rightParenthesis, .rightBracket, .rightBrace, .integer, .float, .imaginary, .string,
      .identifier, .typeWord, .reductionWord, .true, .false, .null:
      true
    default: false
    }
  }

  /// `true` iff the token at `index` is `*`, `/` or `%`, written without blanks on both sides.
  private func isProduct(_ index: Int, in tokens: [FormatToken]) -> Bool {
    switch tokens[index].kind {
    case .star, .slash, .percent: break
    default: return false
    }
    guard index > 0, index + 1 < tokens.count, !layout.prefixes.contains(tokens[index].start)
    else { return false }
    return tokens[index - 1].end == tokens[index].start
      && tokens[index].end == tokens[index + 1].start
  }
}
