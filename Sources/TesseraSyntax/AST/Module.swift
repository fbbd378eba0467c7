import TesseraSource

/// A word that a program uses to name something, and where it stands.
public struct Name: Hashable, Sendable {
  /// The word; empty where the parser missed one.
  public var text: String
  /// The place of the word.
  public var span: SourceSpan

  /// Creates the name `text` at `span`.
  public init(_ text: String, at span: SourceSpan) {
    self.text = text
    self.span = span
  }
}

/// The contents of one file.
public struct Module: Hashable, Sendable {
  /// The whole text.
  public var span: SourceSpan
  /// The name in `module nn`, if the file states one.
  public var name: Name?
  /// The modules whose names are visible here, in source order.
  public var imports: [Import]
  /// The declarations in source order.
  public var declarations: [Declaration]
}

/// One module of an `import` line.
public struct Import: Hashable, Sendable {
  /// The name and its alias; `import a, b` makes two of these.
  public var span: SourceSpan
  /// The imported module.
  public var module: Name
  /// The name after `as`, under which the module is known here.
  public var alias: Name?
}

/// An `@name(…)` before a declaration.
public struct Attribute: Hashable, Sendable {
  /// The attribute with its sign and arguments.
  public var span: SourceSpan
  /// The word after `@`.
  public var name: Name
  /// What stands in parentheses after the name.
  public var arguments: [Argument]
}

/// A declaration at the top level of a file.
public struct Declaration: Hashable, Sendable {
  /// What is declared.
  public indirect enum Kind: Hashable, Sendable {
    case function(FunctionDeclaration)
    case kernel(KernelDeclaration)
    case structure(StructDeclaration)
    case combiner(CombinerDeclaration)
    case constant(ConstantDeclaration)
    case exportAlias(ExportAlias)
    case test(TestDeclaration)
    case bench(TestDeclaration)
    case table(TableDeclaration)
    case query(QueryDeclaration)
    /// Text that is no declaration; a diagnostic was given.
    case error
  }

  /// The declaration from its first attribute or word to its end.
  public var span: SourceSpan
  /// The attributes, in source order.
  public var attributes: [Attribute]
  /// `true` iff `private` keeps the name in its file.
  public var isPrivate: Bool
  /// `true` iff `export` makes a C symbol of it.
  public var isExported: Bool
  /// The text of the `///` lines directly before, without the slashes.
  public var documentation: String?
  /// What is declared.
  public var kind: Kind

  /// The declared name, or `nil` for tests, benches and errors.
  public var name: Name? {
    switch kind {
    case .function(let it): it.name
    case .kernel(let it): it.name
    case .structure(let it): it.name
    case .combiner(let it): it.name
    case .constant(let it): it.name
    case .exportAlias(let it): it.name
    case .table(let it): it.name
    case .query(let it): it.name
    case .test, .bench, .error: nil
    }
  }
}
