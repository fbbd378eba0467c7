/// How a reduction, scan, update or atomic update combines two values.
public enum Combiner: String, Hashable, Sendable, CaseIterable {
  case sum, product, minimum, maximum, any, all
  /// The second region of the operation, associative, with the initial values as identity.
  case combiner
  /// The second region of the operation, strictly from left to right.
  case fold
  /// As `combiner`, of a number and its place: the greatest, or the least, of all terms, the first one
  /// of equals, and NaN before numbers. So the order of combination plays no part.
  case argmax, argmin
  /// Bitwise, for atomic updates.
  case bitAnd = "bit_and"
  case bitOr = "bit_or"
  case bitXor = "bit_xor"
  /// The new value alone, for updates.
  case replace
}

/// In which order a reduction adds up; chosen while scheduling and obeyed by interpreter and code
/// generator alike.
public enum ReductionOrder: Hashable, Sendable {
  /// One accumulator, row-major ascending: `accumulator = combine(accumulator, term)`.
  case sequential
  /// Independent accumulators, as many as lanes, for combiners that are built in.
  ///
  /// All accumulators start from the identity. For each tuple of outer indices, in row-major order,
  /// let the innermost index take the values of its range, numbered k = 0, 1, … up to count; the
  /// term k goes to accumulator k mod lanes for k below the largest multiple of lanes that is at
  /// most count. The terms that remain go round the first accumulators in the same way, as many as
  /// are for the rest; and those that remain then go to the last ones of these, the last term to the
  /// last one: so they lie in the vector that ends where the range ends. The accumulators live on from one
  /// tuple of outer indices to the next. At the end accumulator i takes in accumulator i + lanes/2,
  /// for all i below lanes/2, and so on in halves. Where the order is fused, an accumulator takes a
  /// product in with one rounding; else terms are rounded before they are added.
  case lanes(Lanes)

  /// The accumulators of an order by lanes.
  public struct Lanes: Hashable, Sendable {
    /// How many there are; a power of two.
    public var count: Int
    /// How many of them, from the first one on, take the terms that are too few for all; a power of
    /// two.
    public var restCount: Int
    /// How many of the last indices are one innermost index, which goes through all their values in
    /// row-major order.
    public var joinedIndices: Int
    /// `true` iff the terms are products, see `Function.product(of:addedBy:)`, that are not rounded
    /// before they are added.
    public var isFused: Bool

    /// Creates accumulators, as many for the rest unless that is given.
    public init(
      _ count: Int, rest restCount: Int? = nil, joined joinedIndices: Int = 1,
      fused isFused: Bool = false
    ) {
      self.count = count
      self.restCount = restCount ?? count
      self.joinedIndices = joinedIndices
      self.isFused = isFused
    }
  }
}

/// Elements of a constant tensor: row-major, little-endian.
public struct DenseConstant: Hashable, Sendable {
  /// The bytes of all elements.
  public var bytes: [UInt8]

  /// Creates the constant of `bytes`.
  public init(bytes: [UInt8]) { self.bytes = bytes }

  /// Creates the constant of `words`.
  public init(words: [UInt32]) {
    bytes = words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
  }

  /// The bytes read as numbers of 32 bits.
  public var words: [UInt32] {
    stride(from: 0, to: bytes.count, by: 4).map { first in
      (0..<4).reduce(0) { $0 | UInt32(bytes[first + $1]) << UInt32(8 * $1) }
    }
  }
}

/// The fixed data of an operation.
public enum Attribute: Sendable {
  case none
  /// A whole number: the value of an integer or bool constant (bits of a `u64` reinterpreted), an
  /// axis, or a lane.
  case integer(Int64)
  /// The value of a float constant, held so that every float type converts exactly.
  case float(Double)
  /// The elements of a constant tensor.
  case dense(DenseConstant)
  /// Text of `assert` and `print`.
  case string(String)
  /// The name of a function.
  case symbol(String)
  /// How `reduce` and `reduceLanes` combine, and which algorithms a `reduce` permits.
  case reduction(Combiner, ReductionOrder, permits: Algorithms = [])
  /// How `scan` combines, along which axis, from which end, and whether an element counts itself.
  case scan(Combiner, axis: Int, reverse: Bool, exclusive: Bool)
  /// How `update` and `atomicUpdate` combine the old value with the new.
  case update(Combiner)
}

// Floats are told apart by their bits, so that NaN equals itself and -0 is not 0.
extension Attribute: Hashable {
  public static func == (a: Attribute, b: Attribute) -> Bool {
    switch (a, b) {
    case (.none, .none): true
    case (.integer(let a), .integer(let b)): a == b
    case (.float(let a), .float(let b)): a.bitPattern == b.bitPattern
    case (.dense(let a), .dense(let b)): a == b
    case (.string(let a), .string(let b)): a == b
    case (.symbol(let a), .symbol(let b)): a == b
    case (.reduction(let a, let p, let s), .reduction(let b, let q, let t)):
      a == b && p == q && s == t
    case (.scan(let a, let i, let r, let x), .scan(let b, let j, let s, let y)):
      a == b && i == j && r == s && x == y
    case (.update(let a), .update(let b)): a == b
    default: false
    }
  }

  public func hash(into hasher: inout Hasher) {
    switch self {
    case .none: hasher.combine(0)
    case .integer(let value): hasher.combine(value)
    case .float(let value): hasher.combine(value.bitPattern)
    case .dense(let value): hasher.combine(value)
    case .string(let value), .symbol(let value): hasher.combine(value)
    case .reduction(let combiner, let order, let algorithms):
      hasher.combine(combiner)
      hasher.combine(order)
      hasher.combine(algorithms)
    case .scan(let combiner, let axis, let reverse, let exclusive):
      hasher.combine(combiner)
      hasher.combine(axis)
      hasher.combine(reverse)
      hasher.combine(exclusive)
    case .update(let combiner): hasher.combine(combiner)
    }
  }
}
