import TesseraSource

/// `table Name { columns }`.
public struct TableDeclaration: Hashable, Sendable {
  /// The declared name.
  public var name: Name
  /// The columns in source order.
  public var columns: [FieldDeclaration]
}

/// `query name(…) { clauses }`.
public struct QueryDeclaration: Hashable, Sendable {
  /// The declared name.
  public var name: Name
  /// The tables and values that the query takes.
  public var parameters: [Parameter]
  /// The clauses in source order, which is the order in which they work.
  public var clauses: [QueryClause]
}

/// One step of a query.
public struct QueryClause: Hashable, Sendable {
  /// What the step does.
  public indirect enum Kind: Hashable, Sendable {
    /// `scan table`.
    case scan(Expression)
    /// `where condition`.
    case filter(Expression)
    /// `select column, name = value`.
    case select([QueryColumn])
    /// `group by columns`.
    case group([Expression])
    /// `aggregate name = value`.
    case aggregate([QueryColumn])
    /// `order by columns`.
    case order([QueryOrdering])
    /// `limit count`.
    case limit(Expression)
  }

  /// The clause from its word to its end.
  public var span: SourceSpan
  /// What the step does.
  public var kind: Kind
}

/// `name = value`, or a column that keeps its name.
public struct QueryColumn: Hashable, Sendable {
  /// The column with its name.
  public var span: SourceSpan
  /// The name before `=`.
  public var name: Name?
  /// The value.
  public var value: Expression
}

/// A key of `order by`.
public struct QueryOrdering: Hashable, Sendable {
  /// The key and its direction.
  public var span: SourceSpan
  /// What is compared.
  public var key: Expression
  /// `true` iff `descending` follows.
  public var isDescending: Bool
}
