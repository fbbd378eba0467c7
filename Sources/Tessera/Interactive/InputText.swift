import TesseraSource
import TesseraSyntax

/// The text of an input, as it was typed and as it is compiled: with a name for the value before in
/// place of each `_`.
struct InputText: Hashable, Sendable {
  /// Which input of the session it is.
  let number: Int
  /// The text as it was typed.
  let typed: String
  /// The text as it is compiled.
  let compiled: [UInt8]
  /// Where in the compiled text names stand for `_`.
  private let replaced: [Int]

  /// The name that stands for `_`, the value before.
  static let previousValue = "_previous"

  /// Creates the input `number`, which was typed as `text`. A `_` that makes a new axis of a slice
  /// stays.
  init(_ text: String, number: Int) {
    self.number = number
    typed = text
    let file = SourceFile(id: FileID(index: 0), name: "input", bytes: Array(text.utf8))
    var bytes: [UInt8] = []
    var places: [Int] = []
    var copied = 0
    var brackets: [TokenKind] = []
    for token in lex(file).tokens {
      switch token.kind {
      case .leftBracket, .leftParenthesis, .leftBrace: brackets.append(token.kind)
      case .rightBracket, .rightParenthesis, .rightBrace: _ = brackets.popLast()
      default:
        let range = Int(token.start)..<Int(token.end)
        guard file.bytes[range].elementsEqual([UInt8(ascii: "_")]), brackets.last != .leftBracket
        else { continue }
        bytes += file.bytes[copied..<range.lowerBound]
        places.append(bytes.count)
        bytes += Array(Self.previousValue.utf8)
        copied = range.upperBound
      }
    }
    compiled = bytes + file.bytes[copied...]
    replaced = places
  }

  /// Where that was typed which is compiled at `offset`.
  func typedOffset(_ offset: Int) -> Int {
    let growth = Self.previousValue.utf8.count - 1
    return offset
      - replaced.reduce(0) { $0 + max(0, min(growth, offset - $1 - 1)) }
  }
}

/// A program put together of inputs and of text around them.
struct InputProgramText {
  /// A piece of an input: bytes `start..<end` of the program are those from `offset` on.
  private struct Piece {
    var start: Int
    var end: Int
    var input: InputText
    var offset: Int
  }

  /// The bytes of the program.
  private(set) var bytes: [UInt8] = []
  private var pieces: [Piece] = []

  /// Adds text that nobody typed.
  mutating func append(_ text: String) { bytes += Array(text.utf8) }

  /// Adds what `input` has at `range`.
  mutating func append(_ input: InputText, _ range: Range<Int>) {
    pieces.append(
      Piece(
        start: bytes.count, end: bytes.count + range.count, input: input, offset: range.lowerBound))
    bytes += input.compiled[range]
  }

  /// Where the text was typed that `span` covers, or `nil` if nobody typed it.
  func origin(of span: SourceSpan) -> (input: InputText, range: Range<Int>)? {
    guard let piece = pieces.first(where: { $0.start <= span.start && span.start < $0.end }) else {
      return nil
    }
    let shift = piece.offset - piece.start
    let start = piece.input.typedOffset(Int(span.start) + shift)
    let end = piece.input.typedOffset(min(Int(span.end), piece.end) + shift)
    return (piece.input, start..<max(start, end))
  }
}

extension Compilation {
  /// Lets diagnostics and the IR speak of what was typed, not of the program made of it: `program`,
  /// for the input `current`, of which everything else is said.
  mutating func speakOfInputs(_ program: InputProgramText, _ current: InputText) {
    var files: [InputText: FileID] = [:]
    func file(_ input: InputText, _ sources: inout SourceMap) -> FileID {
      if let known = files[input] { return known }
      let file = sources.add(name: "input", text: input.typed).id
      files[input] = file
      return file
    }
    let made = root.id
    var known = sources
    func moved(_ span: SourceSpan) -> SourceSpan {
      guard span.file == made else { return span }
      let (input, range) = program.origin(of: span) ?? (current, 0..<current.typed.utf8.count)
      return SourceSpan(
        file: file(input, &known), start: UInt32(range.lowerBound), end: UInt32(range.upperBound))
    }
    diagnostics = diagnostics.map {
      $0.moved(moved).respelled { $0.replacing(InputText.previousValue, with: "_") }
    }
    guard var module else {
      sources = known
      return
    }
    self.module = nil
    for place in module.functions.indices where module.functions[place].span.file == made {
      module.functions[place].span = moved(module.functions[place].span)
      for id in module.functions[place].operations.ids {
        let span = module.functions[place].operations[id].span
        module.functions[place].operations[id].span = moved(span)
      }
    }
    self.module = module
    sources = known
  }
}

extension Diagnostic {
  /// The same about other spans.
  func moved(_ move: (SourceSpan) -> SourceSpan) -> Diagnostic {
    var diagnostic = self
    diagnostic.span = move(span)
    for place in labels.indices { diagnostic.labels[place].span = move(labels[place].span) }
    for (place, fixIt) in fixIts.enumerated() {
      for edit in fixIt.edits.indices {
        diagnostic.fixIts[place].edits[edit].span = move(fixIt.edits[edit].span)
      }
    }
    return diagnostic
  }
}

extension Diagnostic {
  /// The same with all texts as `spell` has them.
  fileprivate func respelled(_ spell: (String) -> String) -> Diagnostic {
    var diagnostic = self
    diagnostic.message = spell(message)
    diagnostic.notes = notes.map(spell)
    for (place, label) in labels.enumerated() {
      diagnostic.labels[place].message = spell(label.message)
    }
    for (place, fixIt) in fixIts.enumerated() {
      diagnostic.fixIts[place].message = spell(fixIt.message)
      for (position, edit) in fixIt.edits.enumerated() {
        diagnostic.fixIts[place].edits[position].replacement = spell(edit.replacement)
      }
    }
    return diagnostic
  }
}
