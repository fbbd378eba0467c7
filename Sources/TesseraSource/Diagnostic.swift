/// A message about a source text: what is wrong, where, why, and what would mend it.
///
/// Each kind is made by one static factory in the module that raises it; `identifier` is the
/// factory's name in kebab case and is what `tess explain` takes.
public struct Diagnostic: Hashable, Sendable {
  /// How grave a diagnostic is.
  public enum Severity: String, Hashable, Sendable { case error, warning, note, remark }

  /// A span with a few words about its part in the matter.
  public struct Label: Hashable, Sendable {
    /// The text that is spoken of.
    public var span: SourceSpan
    /// The words beside it.
    public var message: String

    /// Creates a label that says `message` at `span`.
    public init(_ message: String, at span: SourceSpan) {
      self.span = span
      self.message = message
    }
  }

  /// How grave it is.
  public var severity: Severity
  /// The stable code, in kebab case.
  public var identifier: String
  /// The headline: lower case, no full stop.
  public var message: String
  /// The text that is wrong.
  public var span: SourceSpan
  /// Other texts that have part in it.
  public var labels: [Label]
  /// Sentences that explain.
  public var notes: [String]
  /// Edits that would mend it.
  public var fixIts: [FixIt]

  /// Creates a diagnostic.
  public init(
    _ severity: Severity, _ identifier: String, _ message: String, at span: SourceSpan,
    labels: [Label] = [], notes: [String] = [], fixIts: [FixIt] = []
  ) {
    self.severity = severity
    self.identifier = identifier
    self.message = message
    self.span = span
    self.labels = labels
    self.notes = notes
    self.fixIts = fixIts
  }

  /// Creates an error.
  public init(
    _ identifier: String, _ message: String, at span: SourceSpan, labels: [Label] = [],
    notes: [String] = [], fixIts: [FixIt] = []
  ) {
    self.init(
      .error, identifier, message, at: span, labels: labels, notes: notes, fixIts: fixIts)
  }
}

/// A set of text edits that mends a diagnostic, and an imperative that names it.
public struct FixIt: Hashable, Sendable {
  /// A span of text and what should stand there.
  public struct Edit: Hashable, Sendable {
    /// The text to replace; empty where text is inserted.
    public var span: SourceSpan
    /// The new text.
    public var replacement: String

    /// Creates the edit that puts `replacement` in place of `span`.
    public init(_ span: SourceSpan, _ replacement: String) {
      self.span = span
      self.replacement = replacement
    }
  }

  /// What the edits do, as an imperative: «insert ')'».
  public var message: String
  /// The edits; their spans do not overlap.
  public var edits: [Edit]

  /// Creates a fix-it.
  public init(_ message: String, _ edits: [Edit]) {
    self.message = message
    self.edits = edits
  }

  /// Creates a fix-it that puts `text` in place of `span`.
  public init(_ message: String, replacing span: SourceSpan, with text: String) {
    self.init(message, [Edit(span, text)])
  }

  /// Creates a fix-it that inserts `text` before the first byte of `span`.
  public init(_ message: String, inserting text: String, before span: SourceSpan) {
    self.init(message, [Edit(span.leadingEdge, text)])
  }

  /// Creates a fix-it that inserts `text` behind the last byte of `span`.
  public init(_ message: String, inserting text: String, after span: SourceSpan) {
    self.init(message, [Edit(span.trailingEdge, text)])
  }

  /// Creates a fix-it that puts what stands at `span` between `opening` and `closing`.
  public init(
    _ message: String, enclosing span: SourceSpan, in opening: String, _ closing: String
  ) {
    self.init(message, [Edit(span.leadingEdge, opening), Edit(span.trailingEdge, closing)])
  }
}

extension Sequence<Diagnostic> {
  /// `true` iff one of the diagnostics is an error.
  public var hasErrors: Bool { contains { $0.severity == .error } }
}
