import TesseraSource

/// An expression; also a type or slice where the same text spells one.
public struct Expression: Hashable, Sendable {
  /// The form of the expression.
  public indirect enum Kind: Hashable, Sendable {
    /// `12`, `0x1F`; `nil` if the value needs more than 64 bits, which was diagnosed.
    case integer(UInt64?)
    /// `1.5`, `1e-5`; the text keeps what a double would lose.
    case float(Double, text: String)
    /// `2.0i`.
    case imaginary(Double, text: String)
    /// `"text"`, with escapes resolved.
    case string(String)
    case boolean(Bool)
    case null
    /// A name; type words such as `f32` are names here too.
    case name(Name)
    /// `.name`: an option, or the name of a parameter.
    case option(Name)
    /// `(a, b)`, `(v: a, i: b)`, `(a,)`, `()`; never one part without label and comma.
    case tuple([Argument])
    /// `[a, b, c]`.
    case array([Expression])
    /// `[e for i in a..b]`.
    case comprehension(Comprehension)
    /// A type that cannot be spelled as another expression: `complex<f32>`, `Conv<I, O>`.
    case type(TypeNode)
    case unary(UnaryOperator, Expression)
    case binary(BinaryOperator, Expression, Expression)
    /// `x is null`, `x is not null`.
    case isNull(Expression, isNegated: Bool)
    /// `a..b by s`.
    case range(lower: Expression, upper: Expression, step: Expression?)
    /// `f(a, label: b)`; `x.f(y)` has a `.member` as callee.
    case call(callee: Expression, arguments: [Argument])
    /// `x.name`: a field, a module's name, or the function of a call.
    case member(Expression, Name)
    /// `x.0`.
    case position(Expression, Int)
    /// `name[…]`: a type, an element or a slice.
    case bracket(Bracket)
    case reduction(Reduction)
    /// `(a, b) => body`, `a => body`.
    case lambda(parameters: [LambdaParameter], body: Expression)
    case conditional(Conditional)
    case block(Block)
    /// `tail f(x)`.
    case tailCall(Expression)
    /// Text that is no expression; a diagnostic was given.
    case error
  }

  /// The expression, with parentheses around it if there are any.
  public var span: SourceSpan
  /// The form of the expression.
  public var kind: Kind

  /// Creates an expression of the form `kind` at `span`.
  public init(_ kind: Kind, at span: SourceSpan) {
    self.kind = kind
    self.span = span
  }
}

/// A value in a call or tuple, perhaps with a label.
public struct Argument: Hashable, Sendable {
  /// The value with its label.
  public var span: SourceSpan
  /// The word before the colon.
  public var label: Name?
  /// The value.
  public var value: Expression

  /// Creates an argument; `label` is `nil` where it goes by position.
  public init(span: SourceSpan, label: Name?, value: Expression) {
    self.span = span
    self.label = label
    self.value = value
  }
}

/// `[element for index in range]`.
public struct Comprehension: Hashable, Sendable {
  /// What each position holds.
  public var element: Expression
  /// The constant that numbers the positions.
  public var index: Name
  /// The range of the index.
  public var range: Expression
}

/// `base[items else …]`.
public struct Bracket: Hashable, Sendable {
  /// What stands for the elements that lie outside.
  public enum Outside: Hashable, Sendable {
    /// `else v`: the value of a read outside.
    case value(Expression)
    /// `else skip`: a write outside does nothing.
    case skip(SourceSpan)
  }

  /// What stands before the bracket.
  public var base: Expression
  /// What stands between the brackets, without `else`.
  public var items: [BracketItem]
  /// What `else` says.
  public var outside: Outside?
}

/// One place between brackets.
public struct BracketItem: Hashable, Sendable {
  /// The form of the item.
  public indirect enum Kind: Hashable, Sendable {
    /// An index, a dimension or a range (`.range`).
    case expression(Expression)
    /// `i in a..b`: an index declared on the left of a definition.
    case binder(IndexBinder)
    /// `..`: the whole axis.
    case wholeAxis
    /// `...`: all the other axes.
    case rest
    /// `_`: a new axis of length 1.
    case newAxis
    /// `..b`: an index pack, or a dimension pack in a type.
    case indexPack(Name)
  }

  /// What an index outside its dimension means.
  public enum Boundary: String, Hashable, Sendable { case clamp, wrap, reflect }

  /// The item with its boundary.
  public var span: SourceSpan
  /// The form of the item.
  public var kind: Kind
  /// The word after the index.
  public var boundary: Boundary?
}

/// `sum[k in a..b where p] body` and its kin.
public struct Reduction: Hashable, Sendable {
  /// Which reduction it is.
  public var operation: ReductionOperator
  /// The place of the word.
  public var operationSpan: SourceSpan
  /// The indices that are reduced.
  public var binders: [IndexBinder]
  /// The condition after `where`.
  public var condition: Expression?
  /// The combiner of `reduce`, after `by`.
  public var combiner: Expression?
  /// The start and the function of `fold`, else empty.
  public var arguments: [Argument]
  /// What is reduced: the product to the right.
  public var body: Expression
}

/// A parameter of a lambda.
public struct LambdaParameter: Hashable, Sendable {
  /// The declared name.
  public var name: Name
  /// The type, if written.
  public var type: TypeNode?

  /// Creates a parameter; `type` is `nil` where it follows from the use.
  public init(name: Name, type: TypeNode?) {
    self.name = name
    self.type = type
  }
}

/// `if c { … } else if d { … } else { … }`.
public struct Conditional: Hashable, Sendable {
  /// A condition and what holds under it.
  public struct Branch: Hashable, Sendable {
    /// The condition.
    public var condition: Expression
    /// What is done if it is the first to hold.
    public var body: Block
  }

  /// `true` iff `const` asks for a choice while compiling.
  public var isConst: Bool
  /// The branches in order; there is at least one.
  public var branches: [Branch]
  /// What is done if no condition holds.
  public var otherwise: Block?
}
