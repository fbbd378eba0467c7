import TesseraSource

/// A type as it is written in a declaration.
public struct TypeNode: Hashable, Sendable {
  /// The form of the type.
  public indirect enum Kind: Hashable, Sendable {
    /// `f32`, `T`, `Conv<I, O, 3>`, `nn.Conv<…>`; the arguments may be types or values.
    case named(module: Name?, Name, arguments: [Expression])
    /// `f32[N, ..S]`.
    case tensor(element: TypeNode, dimensions: [Dimension])
    /// `T?`.
    case optional(TypeNode)
    /// `*T`.
    case pointer(TypeNode)
    /// `(A, (), B)` or `(v: f32, i: int)`; `()` is the empty one.
    case tuple([TupleTypeElement])
    /// `[T; n]`.
    case array(element: TypeNode, count: Expression)
    /// `[T<i> for i in a..b]`.
    case sequence(element: TypeNode, index: Name, range: Expression)
    /// `fn(A, B) -> C`.
    case function(parameters: [TypeNode], result: TypeNode)
    /// `decimal(p, s)`.
    case decimal(precision: Expression, scale: Expression)
    /// `complex<T>`.
    case complex(TypeNode)
    /// Text that is no type; a diagnostic was given.
    case error
  }

  /// A dimension of a tensor type.
  public struct Dimension: Hashable, Sendable {
    /// The dimension.
    public var span: SourceSpan
    /// The number of elements, or the name of the pack.
    public var value: Expression
    /// `true` iff `..` makes it a pack.
    public var isPack: Bool
  }

  /// The type.
  public var span: SourceSpan
  /// The form of the type.
  public var kind: Kind

  /// Creates a type of the form `kind` at `span`.
  public init(_ kind: Kind, at span: SourceSpan) {
    self.kind = kind
    self.span = span
  }
}

/// One part of a tuple type.
public struct TupleTypeElement: Hashable, Sendable {
  /// The name before the colon.
  public var name: Name?
  /// The type of the part.
  public var type: TypeNode
}

/// `name: Type` in a list of results.
public struct NamedType: Hashable, Sendable {
  /// The name and the type.
  public var span: SourceSpan
  /// The declared name.
  public var name: Name
  /// The declared type.
  public var type: TypeNode
}

extension TypeNode {
  /// Creates the type that `expression` spells, or `nil` if it spells none.
  ///
  /// Types as arguments are parsed as expressions: `zeros(f32[M, N])`, `Pair<f32[N], int>`.
  public init?(_ expression: Expression) {
    let span = expression.span
    switch expression.kind {
    case .type(let type):
      self = type
    case .name(let name):
      self.init(.named(module: nil, name, arguments: []), at: span)
    case .member(let base, let name):
      guard case .name(let module) = base.kind else { return nil }
      self.init(.named(module: module, name, arguments: []), at: span)
    case .bracket(let bracket):
      guard let element = TypeNode(bracket.base), bracket.outside == nil else { return nil }
      var dimensions: [Dimension] = []
      for item in bracket.items {
        guard item.boundary == nil else { return nil }
        switch item.kind {
        case .expression(let value):
          if case .range = value.kind { return nil }
          dimensions.append(Dimension(span: item.span, value: value, isPack: false))
        case .indexPack(let name):
          let value = Expression(.name(name), at: name.span)
          dimensions.append(Dimension(span: item.span, value: value, isPack: true))
        case .wholeAxis, .rest, .newAxis, .binder:
          return nil
        }
      }
      self.init(.tensor(element: element, dimensions: dimensions), at: span)
    case .tuple(let arguments):
      var elements: [TupleTypeElement] = []
      for argument in arguments {
        guard let type = TypeNode(argument.value) else { return nil }
        elements.append(TupleTypeElement(name: argument.label, type: type))
      }
      self.init(.tuple(elements), at: span)
    case .comprehension(let it):
      guard let element = TypeNode(it.element) else { return nil }
      self.init(.sequence(element: element, index: it.index, range: it.range), at: span)
    default:
      return nil
    }
  }
}
