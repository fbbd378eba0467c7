import TesseraSource

/// How a function looks from C: what the header, the manifest, the entry checks and callers by JIT
/// are made from.
///
/// The IR function called `function` has, in order: one parameter for each leaf of `parameters`,
/// with role `input` or `inout`. A tensor leaf is a tensor, in the scheduled stage a buffer; a
/// scalar leaf is a scalar, or a scalar `inout` a buffer of rank 0. In the tensor stage an `inout`
/// leaf comes back as a result, before the results proper; in the scheduled stage it is written in
/// place. The leaves of `results` follow: in the tensor stage as results; in the scheduled stage
/// those that are tensors are parameters with role `output`, in order, and scalars are results.
public struct ExportSignature: Hashable, Sendable {
  /// The symbol in C.
  public var name: String
  /// The name of the IR function.
  public var function: String
  /// The signature as the program writes it.
  public var text: String
  /// The documentation of the declaration, without comment marks.
  public var documentation: String
  /// The dimension symbols that shapes and facts use.
  public var symbols: [Symbol]
  /// The parameters, in order.
  public var parameters: [Parameter]
  /// The results, in order; never `inout`.
  public var results: [Parameter]
  /// What must hold when the function is entered, apart from the shapes of leaves.
  public var facts: [Fact]
  /// The declaration.
  public var span: SourceSpan

  /// Creates the signature of `function`, exported as `name`.
  public init(
    name: String, function: String, text: String = "", documentation: String = "",
    symbols: [Symbol] = [], parameters: [Parameter] = [], results: [Parameter] = [],
    facts: [Fact] = [], span: SourceSpan = .none
  ) {
    self.name = name
    self.function = function
    self.text = text
    self.documentation = documentation
    self.symbols = symbols
    self.parameters = parameters
    self.results = results
    self.facts = facts
    self.span = span
  }

  /// `true` iff there are parameters that can be packed ahead.
  public var hasConstants: Bool { parameters.contains { $0.isConstant && !$0.leaves.isEmpty } }

  /// A dimension that the arguments give.
  public struct Symbol: Hashable, Sendable {
    /// Where the value comes from.
    public enum Origin: Hashable, Sendable {
      /// The length of an axis of the leaf at this position among the leaves of all parameters, those
      /// of the results counted after them.
      case axis(leaf: Int, axis: Int)
      /// The value of an integer scalar leaf.
      case scalar(leaf: Int)
      /// Always this number.
      case constant(Int)
    }
    /// The name as the program writes it.
    public var name: String
    public var origin: Origin

    /// Creates a symbol.
    public init(name: String, origin: Origin) {
      self.name = name
      self.origin = origin
    }
  }

  /// A parameter or result.
  public struct Parameter: Hashable, Sendable {
    /// The name in the argument struct.
    public var name: String
    /// The type as the program writes it.
    public var typeText: String
    /// `true` iff the function changes what the caller passes.
    public var isInout: Bool
    /// `true` iff it is the same in many calls, so that what depends on it may be packed ahead.
    public var isConstant: Bool
    /// `true` iff it is a struct, tuple or sequence, so that C sees an array of its leaves; then
    /// every leaf travels as a tensor, a scalar as one of rank 0.
    public var isAggregate: Bool
    /// The tensors and scalars that it consists of, in order of declaration; one unless
    /// `isAggregate`.
    public var leaves: [Leaf]

    /// Creates a parameter.
    public init(
      name: String, typeText: String, isInout: Bool = false, isConstant: Bool = false,
      isAggregate: Bool = false, leaves: [Leaf]
    ) {
      self.name = name
      self.typeText = typeText
      self.isInout = isInout
      self.isConstant = isConstant
      self.isAggregate = isAggregate
      self.leaves = leaves
    }
  }

  /// A tensor, scalar or address within a parameter or result.
  public struct Leaf: Hashable, Sendable {
    /// The key within its parameter, as in a checkpoint: `body.3.weight`; empty where the leaf is
    /// the parameter itself.
    public var key: String
    /// What one element is.
    public var element: ElementType
    /// The length of each axis; `nil` for a scalar.
    public var shape: [DimensionExpression]?
    /// The type as the program writes it: `f32[N, 2*N]`.
    public var typeText: String

    /// Creates a leaf.
    public init(
      key: String = "", element: ElementType, shape: [DimensionExpression]?, typeText: String
    ) {
      self.key = key
      self.element = element
      self.shape = shape
      self.typeText = typeText
    }
  }

  /// A comparison of dimensions that entry checks make.
  public struct Fact: Hashable, Sendable {
    /// How the left side stands to the right one.
    public enum Relation: String, Hashable, Sendable {
      case equal, notEqual, less, lessOrEqual
    }
    /// What is compared.
    public var left: DimensionExpression
    public var relation: Relation
    public var right: DimensionExpression
    /// What must hold, in words of the language.
    public var text: String

    /// Creates a fact about symbols that are called `names`.
    public init(
      _ left: DimensionExpression, _ relation: Relation, _ right: DimensionExpression,
      names: [String]
    ) {
      self.left = left
      self.relation = relation
      self.right = right
      let sides = (left.text(names), right.text(names))
      // A number stands on the right, as people write it.
      text =
        switch (left, relation) {
        case (.constant, .equal): "\(sides.1) == \(sides.0)"
        case (.constant, .notEqual): "\(sides.1) != \(sides.0)"
        case (.constant, .less): "\(sides.1) > \(sides.0)"
        case (.constant, .lessOrEqual): "\(sides.1) >= \(sides.0)"
        case (_, .equal): "\(sides.0) == \(sides.1)"
        case (_, .notEqual): "\(sides.0) != \(sides.1)"
        case (_, .less): "\(sides.0) < \(sides.1)"
        case (_, .lessOrEqual): "\(sides.0) <= \(sides.1)"
        }
    }
  }
}

/// A whole number computed from the dimension symbols of a signature.
public indirect enum DimensionExpression: Hashable, Sendable {
  case constant(Int)
  /// The symbol at this position in the signature.
  case symbol(Int)
  case sum(DimensionExpression, DimensionExpression)
  case product(DimensionExpression, DimensionExpression)
  /// The quotient rounded down; 0 if the divisor is 0.
  case quotient(DimensionExpression, DimensionExpression)
  /// What the quotient leaves; the dividend if the divisor is 0.
  case remainder(DimensionExpression, DimensionExpression)
  case minimum(DimensionExpression, DimensionExpression)
  case maximum(DimensionExpression, DimensionExpression)

  /// The expression in words of the language, where symbol `i` is called `names[i]`.
  public func text(_ names: [String]) -> String {
    func operand(_ operand: DimensionExpression, besideProducts: Bool) -> String {
      let text = operand.text(names)
      return switch operand {
      case .sum, .quotient, .remainder, .product: besideProducts ? "(\(text))" : text
      case .constant(let value): value < 0 ? "(\(text))" : text
      case .symbol, .minimum, .maximum: text
      }
    }
    func binary(_ a: DimensionExpression, _ sign: String, _ b: DimensionExpression) -> String {
      let isProduct = sign != "+"
      return operand(a, besideProducts: isProduct) + " \(sign) "
        + operand(b, besideProducts: isProduct)
    }
    return switch self {
    case .constant(let value): "\(value)"
    case .symbol(let index): names[index]
    case .sum(let a, .constant(let value)) where value < 0 && value != .min:
      "\(a.text(names)) - \(-value)"
    case .sum(let a, let b): binary(a, "+", b)
    case .product(let a, let b): binary(a, "*", b)
    case .quotient(let a, let b): binary(a, "/", b)
    case .remainder(let a, let b): binary(a, "%", b)
    case .minimum(let a, let b): "min(\(a.text(names)), \(b.text(names)))"
    case .maximum(let a, let b): "max(\(a.text(names)), \(b.text(names)))"
    }
  }

  /// The value where symbol `i` is `symbols[i]`; wraps on overflow.
  public func value(_ symbols: [Int]) -> Int {
    switch self {
    case .constant(let value): return value
    case .symbol(let index): return symbols[index]
    case .sum(let a, let b): return a.value(symbols) &+ b.value(symbols)
    case .product(let a, let b): return a.value(symbols) &* b.value(symbols)
    case .minimum(let a, let b): return min(a.value(symbols), b.value(symbols))
    case .maximum(let a, let b): return max(a.value(symbols), b.value(symbols))
    case .quotient(let a, let b):
      let (dividend, divisor) = (a.value(symbols), b.value(symbols))
      if divisor == 0 { return 0 }
      if divisor == -1 { return 0 &- dividend }
      let quotient = dividend / divisor
      return dividend % divisor != 0 && (dividend < 0) != (divisor < 0) ? quotient - 1 : quotient
    case .remainder(let a, let b):
      let (dividend, divisor) = (a.value(symbols), b.value(symbols))
      if divisor == 0 { return dividend }
      if divisor == -1 { return 0 }
      let rest = dividend % divisor
      return rest != 0 && (rest < 0) != (divisor < 0) ? rest + divisor : rest
    }
  }
}
