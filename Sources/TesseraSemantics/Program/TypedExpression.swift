import TesseraNumbers
import TesseraSource
import TesseraSyntax

/// An expression with its type.
public struct TypedExpression: Sendable {
  /// What an expression computes.
  public indirect enum Kind: Sendable {
    case constant(ConstantValue)
    /// A parameter, `let`, `var`, named result or loop variable.
    case local(ID<Local>)
    /// An index of the statement around.
    case index(ID<IndexInfo>)
    /// A dimension as an `int`.
    case dimension(Dimension)
    /// Works on scalars. If `type` is a tensor it works element by element; scalar operands,
    /// dimensions of constant 1 and missing leading dimensions are broadcast.
    case operation(Operator, [TypedExpression])
    /// Conversion to the element type of `type`, elementwise.
    case convert(TypedExpression)
    /// The bits read as the element type of `type`, elementwise.
    case bitcast(TypedExpression)
    /// One element; proved inside, or with boundaries, or `outside` saying what lies there.
    case read(TypedExpression, [ReadIndex], outside: TypedExpression?)
    /// A part of a tensor.
    case slice(TypedExpression, [SliceItem])
    case reduce(TypedReduction)
    /// Reduction of a whole tensor, or along one axis, to the element type or a smaller tensor.
    case reduceAxis(ReductionKind, TypedExpression, axis: Int?)
    /// Scan of a tensor along an axis with a combine function (inclusive).
    case scanAxis(ReductionKind, TypedExpression, axis: Int, isReversed: Bool)
    /// A call. Arguments stand in parameter order; for `inout` they are `.local` or `.component`
    /// of one. Kernels are called with their inputs and `inout`s and give their `out`s.
    case call(ID<TypedFunction>, [TypedExpression], isTail: Bool)
    /// A function of scalars called for each element, broadcasting as `operation` does.
    case lifted(ID<TypedFunction>, [TypedExpression])
    /// `if` with a value, or for its effects when `type` is unit. Only one branch runs.
    case conditional(TypedExpression, TypedBlock, TypedBlock)
    case block(TypedBlock)
    /// A tuple, sequence or struct from its components.
    case aggregate([TypedExpression])
    /// The component of a tuple, sequence or struct at a position.
    case component(TypedExpression, Int)
    /// A component of tensor elements that are structs or tuples is `component` of the `read`.
    case builtin(Builtin, [TypedExpression])
    case error
  }

  /// What it computes.
  public var kind: Kind
  /// The type of its value.
  public var type: ValueType
  /// Where it stands.
  public var span: SourceSpan

  /// Creates an expression.
  public init(_ kind: Kind, _ type: ValueType, at span: SourceSpan) {
    self.kind = kind
    self.type = type
    self.span = span
  }
}

/// Statements, then perhaps a value.
public struct TypedBlock: Sendable {
  /// What is done first.
  public var statements: [TypedStatement]
  /// The value of the block.
  public var value: TypedExpression?

  /// Creates a block.
  public init(statements: [TypedStatement], value: TypedExpression?) {
    self.statements = statements
    self.value = value
  }
}

/// An index of a read or write and what it means outside.
public struct ReadIndex: Sendable {
  /// The index.
  public var value: TypedExpression
  /// What it means outside.
  public var boundary: BracketItem.Boundary?
  /// `true` iff it was proved that the index lies inside, so no check is needed for it.
  public var isProved: Bool

  /// Creates an index.
  public init(_ value: TypedExpression, boundary: BracketItem.Boundary? = nil, isProved: Bool) {
    self.value = value
    self.boundary = boundary
    self.isProved = isProved
  }
}

/// What a slice says of one axis; `newAxis` stands for none.
public enum SliceItem: Sendable {
  /// One index: the axis goes.
  case element(TypedExpression)
  /// As many elements as the type's dimension says, from this place.
  case range(from: TypedExpression)
  /// The indices of an index tile.
  case tile(TypedExpression)
  case wholeAxis
  case newAxis
}

/// A reduction of index notation.
public struct TypedReduction: Sendable {
  /// How it combines.
  public var kind: ReductionKind
  /// The iteration, outermost first.
  public var ranges: [IndexRange]
  /// Leaves out the indices for which it is false.
  public var condition: TypedExpression?
  /// What is combined.
  public var body: TypedExpression
  /// The free index of which the range is a prefix (`0..i + 1`, `0..i`) or suffix (`i..N`), when
  /// the body does not use it: such a reduction costs one pass for all.
  public var scanIndex: ID<IndexInfo>?
}

/// How a reduction combines.
public indirect enum ReductionKind: Sendable {
  case sum, product, mean, count, minimum, maximum, any, all, argmin, argmax
  /// A combiner or combine function of two values, with what it is given of its surroundings after
  /// them, and its identity if it has one.
  case combiner(ID<TypedFunction>, captures: [TypedExpression], identity: TypedExpression?)
  /// Strictly from left to right from a start.
  case fold(ID<TypedFunction>, captures: [TypedExpression], start: TypedExpression)

  /// What the function is given of its surroundings.
  public var captures: [TypedExpression] {
    switch self {
    case .combiner(_, let captures, _), .fold(_, let captures, _): captures
    default: []
    }
  }

  /// The values that it is made with: captures, an identity, a start.
  public var operands: [TypedExpression] {
    switch self {
    case .combiner(_, let captures, let identity): captures + (identity.map { [$0] } ?? [])
    case .fold(_, let captures, let start): captures + [start]
    default: []
    }
  }
}

/// The values that an index takes.
public struct IndexRange: Sendable {
  /// The index.
  public var index: ID<IndexInfo>
  /// The first value.
  public var lower: TypedExpression
  /// The end, which is not taken.
  public var upper: TypedExpression
  /// The distance of values; 1 where it is `nil`.
  public var step: TypedExpression?
}

/// What the language has beyond functions written in it. Shapes and element types of results are
/// those of the expression's `type`.
public enum Builtin: Hashable, Sendable {
  /// A tensor of zeros; no operands.
  case zeros
  /// A tensor of one value: the value.
  case full
  /// 0, 1, 2, … along the last axis; no operands.
  case iota
  /// A tensor from its elements: as many operands as elements, row-major.
  case tensor
  /// The product of two matrices, plus the third operand if there is one; batched over leading
  /// axes.
  case dot
  /// The elements in row-major order in another shape.
  case reshape
  /// The axes in another order.
  case permute([Int])
  /// Two tensors interleaved along a new last axis of length 2.
  case join
  /// The two halves of the last axis, of length 2, as a tuple.
  case split
  /// The operand broadcast to the type's shape.
  case broadcast
  /// Sorted along an axis, stable, NaN last.
  case sort(axis: Int, isDescending: Bool)
  /// The places from which `sort` takes its elements.
  case argsort(axis: Int, isDescending: Bool)
  /// Elements of the first operand at the places of the second along an axis.
  case gather(axis: Int)
  /// How many elements of the first operand are i, for each i below the type's dimension.
  case histogram
  /// Philox-4x32-10 of (seed, stream, position): 32 random bits an element; operands seed, stream.
  case randomBits
  /// Uniform in 0 ..< 1; operands seed, stream.
  case randomUniform
  /// Normal with mean 0 and variance 1 by Box and Muller; operands seed, stream.
  case randomNormal
  /// `load(p, mask:, other:)`: addresses, mask, other; scalars or tensors alike.
  case load
  /// `store(p, value, mask:)`: addresses, value, mask.
  case store
  /// `atomic_*(p, value, mask:)` gives the old values.
  case atomic(AtomicOperation)
  /// `atomic_cas(p, expected, new)` gives the old value.
  case atomicCompareExchange
  /// The start of an index tile.
  case tileStart
  /// The indices of an index tile as a tensor.
  case tileIndices
}

/// What an atomic update does.
public enum AtomicOperation: String, Hashable, Sendable, CaseIterable {
  case add, minimum, maximum, bitAnd, bitOr, bitXor, exchange
}
