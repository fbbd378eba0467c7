/// Finds the indentation of each line from the brackets that are open before it.
struct Indenter {
  /// An open bracket, or the file.
  private struct Frame {
    /// `true` iff statements or declarations stand inside.
    var isBlock: Bool
    /// The indentation of lines inside.
    var inner: Int
    /// The indentation of the line that closes it.
    var outer: Int
    /// The indentation of the statement that stands inside now.
    var statement: Int
    /// What a line that goes on with a statement is indented beyond it.
    var continuation: Int
  }

  private let layout: Layout
  private var frames = [Frame(isBlock: true, inner: 0, outer: 0, statement: 0, continuation: 4)]

  /// `true` iff the head of a function or kernel is open, whose lists stand deeper than its body.
  private var isInHead = false

  /// Begins at the start of a file.
  init(_ layout: Layout) { self.layout = layout }

  /// Returns the indentation of `line`, and takes account of the brackets in it.
  ///
  /// A comment alone is indented as the line after it, `next`, or as a statement.
  mutating func indent(_ line: FormatLine, before next: FormatLine?) -> Int {
    guard let first = line.tokens.first else {
      guard let token = next?.tokens.first, !isClosing(token) else {
        return frames[frames.count - 1].inner
      }
      return indentation(of: token)
    }
    let indentation = indentation(of: first)
    for (index, token) in line.tokens.enumerated() {
      if isClosing(token) {
        if frames.count > 1 { frames.removeLast() }
        continue
      }
      if layout.starts.contains(token.start), frames[frames.count - 1].isBlock {
        frames[frames.count - 1].statement = indentation
      }
      switch token.kind {
      case .fn, .kernel, .combiner: isInHead = isInHead || frames.count == 1
      case .leftBrace: isInHead = false
      default: break
      }
      if isOpening(token) {
        push(token, isLast: index == line.tokens.count - 1, indentation: indentation)
      }
    }
    return indentation
  }

  private mutating func push(_ token: FormatToken, isLast: Bool, indentation: Int) {
    let frame = frames[frames.count - 1]
    if token.kind == .leftBrace {
      let base = frame.isBlock ? frame.statement : indentation
      frames.append(
        Frame(isBlock: true, inner: base + 2, outer: base, statement: base + 2, continuation: 2))
    } else {
      let inner = indentation + (isLast && !isInHead ? 2 : 4)
      frames.append(
        Frame(
          isBlock: false, inner: inner, outer: indentation, statement: inner, continuation: 0))
    }
  }

  private func indentation(of token: FormatToken) -> Int {
    let frame = frames[frames.count - 1]
    if isClosing(token) { return frame.outer }
    if !frame.isBlock || layout.starts.contains(token.start) { return frame.inner }
    return frame.statement + (token.kind == .else ? 0 : frame.continuation)
  }

  private func isOpening(_ token: FormatToken) -> Bool {
    switch token.kind {
    case .leftParenthesis, .leftBracket, .leftBrace: true
    case .less: token.isAngle
    default: false
    }
  }

  private func isClosing(_ token: FormatToken) -> Bool {
    switch token.kind {
    case .rightParenthesis, .rightBracket, .rightBrace: true
    case .greater: token.isAngle
    default: false
    }
  }
}
