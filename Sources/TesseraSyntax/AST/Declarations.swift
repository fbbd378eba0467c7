import TesseraSource

/// The part of a function, kernel or combiner that its callers see.
public struct Signature: Hashable, Sendable {
  /// From the generic parameters to the end of the `where` clause.
  public var span: SourceSpan
  /// What stands in `<…>` after the name.
  public var generics: [GenericParameter]
  /// What stands in `(…)`.
  public var parameters: [Parameter]
  /// What stands after `->`.
  public var result: ResultClause
  /// The conditions after `where`, in source order; commas mean «and».
  public var facts: [Expression]

  /// Creates a signature from its parts.
  public init(
    span: SourceSpan, generics: [GenericParameter], parameters: [Parameter], result: ResultClause,
    facts: [Expression]
  ) {
    self.span = span
    self.generics = generics
    self.parameters = parameters
    self.result = result
    self.facts = facts
  }
}

/// A parameter in `<…>`: `N`, `T: float`, `const R: int`, `..S`, each perhaps with a default.
public struct GenericParameter: Hashable, Sendable {
  /// What an argument stands for.
  public indirect enum Kind: Hashable, Sendable {
    /// `N`: a dimension.
    case dimension
    /// `..S`: any number of dimensions.
    case pack
    /// `T: float`: a type of the kind named (`any number integer float struct sequence`).
    case type(kind: Name)
    /// `const R: int`: a constant.
    case constant(TypeNode)
  }

  /// The parameter with its default.
  public var span: SourceSpan
  /// The declared name.
  public var name: Name
  /// What an argument stands for.
  public var kind: Kind
  /// The value that is taken where nothing fixes the parameter.
  public var defaultValue: Expression?
}

/// A parameter of a function, kernel, combiner or query.
public struct Parameter: Hashable, Sendable {
  /// How an argument reaches the body.
  public enum Passing: String, Hashable, Sendable { case value, `inout`, out, const }

  /// The parameter with its default.
  public var span: SourceSpan
  /// How an argument reaches the body.
  public var passing: Passing
  /// The name, which is also the label.
  public var name: Name
  /// The declared type.
  public var type: TypeNode
  /// The value that is taken where the call gives none.
  public var defaultValue: Expression?

  /// Creates a parameter; `defaultValue` is what it is where no argument is given.
  public init(
    span: SourceSpan, passing: Passing, name: Name, type: TypeNode, defaultValue: Expression?
  ) {
    self.span = span
    self.passing = passing
    self.name = name
    self.type = type
    self.defaultValue = defaultValue
  }
}

/// What a declaration says about its results.
public struct ResultClause: Hashable, Sendable {
  /// The form of the results.
  public indirect enum Kind: Hashable, Sendable {
    /// Nothing is written: the type follows from the body.
    case inferred
    /// `-> T`: the body's value is the result.
    case type(TypeNode)
    /// `-> (y: T, …)`: results that the body defines by name (or a named tuple as value).
    case named([NamedType])
  }

  /// From `->` to the end, or an empty span where nothing is written.
  public var span: SourceSpan
  /// The dimensions that the result brings: `<K>` in `-> <K> (y: f32[K])`.
  public var broughtDimensions: [Name]
  /// The form of the results.
  public var kind: Kind

  /// Creates a result clause of the form `kind`.
  public init(span: SourceSpan, broughtDimensions: [Name], kind: Kind) {
    self.span = span
    self.broughtDimensions = broughtDimensions
    self.kind = kind
  }
}

/// `fn name<…>(…) -> … where … { … }`.
public struct FunctionDeclaration: Hashable, Sendable {
  /// The declared name.
  public var name: Name
  /// What callers see.
  public var signature: Signature
  /// The body; `nil` where it is missing, which was diagnosed.
  public var body: Block?
}

/// `kernel name<…>(…) over (…) where … { … }`.
public struct KernelDeclaration: Hashable, Sendable {
  /// The declared name.
  public var name: Name
  /// What callers see.
  public var signature: Signature
  /// The axes of the grid.
  public var grid: [GridAxis]
  /// The body; `nil` where it is missing, which was diagnosed.
  public var body: Block?
}

/// `m in tiles(M, BM)`: one axis of the grid of a kernel.
public struct GridAxis: Hashable, Sendable {
  /// The axis.
  public var span: SourceSpan
  /// The index, or tile of indices, of a program.
  public var name: Name
  /// What the index runs over: an extent, a range, or `tiles(…)`.
  public var domain: Expression
}

/// `combiner name(a: T, b: T) -> T from identity { … }`.
public struct CombinerDeclaration: Hashable, Sendable {
  /// The declared name.
  public var name: Name
  /// What users see.
  public var signature: Signature
  /// The value of the reduction of nothing, if given.
  public var identity: Expression?
  /// The body; `nil` where it is missing, which was diagnosed.
  public var body: Block?
}

/// `struct Name<…> { fields }`.
public struct StructDeclaration: Hashable, Sendable {
  /// The declared name.
  public var name: Name
  /// What stands in `<…>` after the name.
  public var generics: [GenericParameter]
  /// The conditions after `where`.
  public var facts: [Expression]
  /// The fields in source order; a name may stand twice with exclusive conditions.
  public var fields: [FieldDeclaration]
}

/// `name: Type if condition`: a field of a struct or a column of a table.
public struct FieldDeclaration: Hashable, Sendable {
  /// The field with its condition.
  public var span: SourceSpan
  /// The text of the `///` lines directly before.
  public var documentation: String?
  /// The declared name.
  public var name: Name
  /// The declared type.
  public var type: TypeNode
  /// The constant condition under which the field exists.
  public var condition: Expression?
}

/// `const NAME: Type = value` at the top level.
public struct ConstantDeclaration: Hashable, Sendable {
  /// The declared name.
  public var name: Name
  /// The written type.
  public var type: TypeNode?
  /// The value.
  public var value: Expression
}

/// `export name = f(const arguments)`.
public struct ExportAlias: Hashable, Sendable {
  /// The C symbol.
  public var name: Name
  /// The function and its constant arguments; by rule a call.
  public var value: Expression
}

/// `test "title" { … }` or `bench "title" { … }`.
public struct TestDeclaration: Hashable, Sendable {
  /// The title, with escapes resolved.
  public var title: String
  /// The place of the title.
  public var titleSpan: SourceSpan
  /// What runs.
  public var body: Block
}
