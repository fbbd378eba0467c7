import TesseraSource

/// A statement with everything resolved.
public struct TypedStatement: Sendable {
  /// What a statement does.
  public indirect enum Kind: Sendable {
    /// Gives a local its first value.
    case bind(ID<Local>, TypedExpression)
    /// Gives every element of one tensor, or of several of one shape: the indices run over the
    /// dimensions of the locals' type. With several targets the value is a tuple.
    case define([Place], indices: [ID<IndexInfo>], dimensions: [Dimension], value: TypedExpression)
    /// Writes or combines elements at computed places, in ascending order of the iteration. With
    /// several targets the value is a tuple. All right-hand sides are read before.
    case update([Place], Update)
    /// Replaces a value.
    case assign(Place, TypedExpression)
    /// Replaces a part of a tensor, or combines it with the value: `y[m, ..] = v`. The items are
    /// those of a slice without new axes; the value is broadcast to the shape of the part.
    case assignSlice(Place, [SliceItem], combining: Update.Combining, value: TypedExpression)
    /// Counts `variable` (an `int`, or an index tile when `capacity` is given).
    case forLoop(
      variable: ID<Local>, lower: TypedExpression, upper: TypedExpression, step: TypedExpression?,
      capacity: TypedExpression?, body: TypedBlock)
    case whileLoop(condition: TypedExpression, body: TypedBlock)
    case returnValue(TypedExpression?)
    /// An error of the run unless the condition holds.
    case assertion(condition: TypedExpression, message: String)
    case print([TypedExpression])
    /// One check before the next statement.
    case check(Obligation)
    /// An expression for its effects.
    case evaluate(TypedExpression)
  }

  /// What it does.
  public var kind: Kind
  /// Where it stands.
  public var span: SourceSpan

  /// Creates a statement.
  public init(_ kind: Kind, at span: SourceSpan) {
    self.kind = kind
    self.span = span
  }
}

/// Something that can be written to: a local, or a part of it by position (`p.body.0`).
public struct Place: Hashable, Sendable {
  /// The local that is written to.
  public var local: ID<Local>
  /// Positions through structs, tuples and sequences.
  public var path: [Int]
  /// The type of what is written to.
  public var type: ValueType

  /// Creates a place.
  public init(_ local: ID<Local>, path: [Int] = [], type: ValueType) {
    self.local = local
    self.path = path
    self.type = type
  }
}

/// An update of some elements of a tensor.
public struct Update: Sendable {
  /// How old and new combine.
  public enum Combining: Hashable, Sendable {
    case replace, add, subtract, multiply, divide, minimum, maximum, any, all
    case remainder, bitAnd, bitOr, bitXor
  }

  /// The iteration, outermost first; empty for one element.
  public var ranges: [IndexRange]
  /// The place that each iteration writes to: an index an axis.
  public var places: [ReadIndex]
  /// `else skip`: writes outside do nothing. Otherwise all places are proved or clamped.
  public var skipsOutside: Bool
  /// How old and new combine.
  public var combining: Combining
  /// The new element.
  public var value: TypedExpression
}
