import TesseraSource

/// `{ statements }`; the value is that of the last statement, if that is an expression.
public struct Block: Hashable, Sendable {
  /// The block with its braces.
  public var span: SourceSpan
  /// The statements in source order.
  public var statements: [Statement]
}

/// A statement of a body.
public struct Statement: Hashable, Sendable {
  /// What the statement does.
  public indirect enum Kind: Hashable, Sendable {
    case binding(Binding)
    case assignment(Assignment)
    case forLoop(ForLoop)
    case whileLoop(condition: Expression, body: Block)
    case returnValue(Expression?)
    case assertion(condition: Expression, message: Expression?)
    case print([Argument])
    /// An expression; also every `if`, which is a value when it has `else`.
    case expression(Expression)
    /// Text that is no statement; a diagnostic was given.
    case error
  }

  /// The statement without what separates it from the next.
  public var span: SourceSpan
  /// What the statement does.
  public var kind: Kind
}

/// `let pattern: Type = value`, and the same with `var` and `const`.
public struct Binding: Hashable, Sendable {
  /// The word that introduces a binding.
  public enum Introducer: String, Hashable, Sendable { case `let`, `var`, const }

  /// The word that introduces the binding.
  public var introducer: Introducer
  /// What is bound.
  public var pattern: Pattern
  /// The written type.
  public var type: TypeNode?
  /// The value; `nil` only for `var x: T` and where it is missing, which was diagnosed.
  public var value: Expression?
}

/// The left side of a binding.
public struct Pattern: Hashable, Sendable {
  /// The form of the pattern.
  public indirect enum Kind: Hashable, Sendable {
    /// `x`, or `_` for nothing.
    case name(Name)
    /// `s[i, j in a..b]`: a tensor defined by index notation.
    case indexed(Name, [IndexBinder])
    /// `(x, y)`.
    case tuple([Pattern])
    /// Text that is no pattern; a diagnostic was given.
    case error
  }

  /// The pattern.
  public var span: SourceSpan
  /// The form of the pattern.
  public var kind: Kind
}

/// `i`, `i in a..b by s` or `..s`: the declaration of an index.
public struct IndexBinder: Hashable, Sendable {
  /// The binder with its range.
  public var span: SourceSpan
  /// The declared index.
  public var name: Name
  /// `true` iff `..` makes it a pack of indices.
  public var isPack: Bool
  /// The written range; usually a `.range` expression.
  public var range: Expression?
}

/// `target = value`, `target += value` and the like.
///
/// The target is a name, a field, an element or slice (`.bracket`, whose items may declare
/// indices and ranges), or a `.tuple` of these for a joint definition.
public struct Assignment: Hashable, Sendable {
  /// What is written to.
  public var target: Expression
  /// How old and new value combine.
  public var operation: AssignmentOperator
  /// The place of the operator.
  public var operatorSpan: SourceSpan
  /// The new value.
  public var value: Expression
}

/// `for x in domain { … }`, unrolled with `const` before it.
public struct ForLoop: Hashable, Sendable {
  /// `true` iff `const` asks for unrolling.
  public var isConst: Bool
  /// The variable of the loop.
  public var variable: Name
  /// A range, `tiles(…)`, or a sequence.
  public var domain: Expression
  /// What is repeated.
  public var body: Block
}
