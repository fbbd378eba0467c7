import TesseraSource

/// A comment of a source text.
public struct Comment: Hashable, Sendable {
  /// The comment with its slashes, without the end of its line.
  public var span: SourceSpan
  /// `true` iff three slashes make it documentation.
  public var isDocumentation: Bool
}

/// What parsing makes of a file; there is always a tree.
public struct ParsedFile: Sendable {
  /// The tree, with error nodes where the text is wrong.
  public var module: Module
  /// What is wrong, in source order.
  public var diagnostics: [Diagnostic]
  /// The comments, in source order.
  public var comments: [Comment]
}

/// One thing that a person may type into the prompt.
public enum InputItem: Hashable, Sendable {
  case importLine([Import])
  case declaration(Declaration)
  case statement(Statement)
}

/// What parsing makes of text typed into the prompt.
public struct ParsedInput: Sendable {
  /// Imports, declarations and statements in source order.
  public var items: [InputItem]
  /// What is wrong, in source order.
  public var diagnostics: [Diagnostic]
  /// `true` iff the text is right as far as it goes, but ends too early.
  public var isIncomplete: Bool
}

/// Parses the text of `file`; never fails.
public func parse(_ file: SourceFile) -> ParsedFile {
  let lexed = lex(file)
  var parser = Parser(file, lexed)
  let module = parser.module()
  return ParsedFile(
    module: module, diagnostics: parser.finishedDiagnostics(with: lexed.diagnostics),
    comments: lexed.comments)
}

/// Parses text typed into the prompt, where statements stand beside declarations.
public func parseInput(_ file: SourceFile) -> ParsedInput {
  let lexed = lex(file)
  var parser = Parser(file, lexed)
  let items = parser.input()
  return ParsedInput(
    items: items, diagnostics: parser.finishedDiagnostics(with: lexed.diagnostics),
    isIncomplete: lexed.diagnostics.isEmpty && parser.firstDiagnosticIsAtEnd)
}

/// `true` iff `text`, typed into the prompt, is right as far as it goes but ends too early.
public func isIncomplete(_ text: String) -> Bool {
  parseInput(SourceFile(id: FileID(index: 0), name: "input", bytes: Array(text.utf8))).isIncomplete
}
