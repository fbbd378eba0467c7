import TesseraNumbers

/// The length of one axis as far as it is known while compiling.
public enum Extent: Hashable, Sendable {
  /// The length is this number.
  case constant(Int)
  /// The length is known when the program runs.
  case dynamic

  /// `true` iff the lengths are equal or one of them is not known.
  public func agrees(with other: Extent) -> Bool {
    self == other || self == .dynamic || other == .dynamic
  }
}

/// What an element of a tensor or buffer is.
public enum ElementType: Hashable, Sendable {
  case scalar(ScalarType)
  /// An address of numbers of one type; only in kernels with raw pointers.
  case pointer(ScalarType)

  /// The width in memory, in bytes.
  public var byteCount: Int {
    switch self {
    case .scalar(let type): type.byteCount
    case .pointer: 8
    }
  }
}

/// The type of an IR value.
public enum Type: Hashable, Sendable {
  /// One number.
  case scalar(ScalarType)
  /// The address of numbers in memory that the program did not allocate.
  case pointer(ScalarType)
  /// A whole tensor as a value: it never changes.
  case tensor(ElementType, [Extent])
  /// A strided region of memory whose elements can be loaded and stored.
  case buffer(ElementType, [Extent])
  /// As many numbers as fit one vector register.
  case vector(ScalarType, lanes: Int)

  /// The type of indices and extents.
  public static let index = Type.scalar(.i64)
  /// The type of conditions.
  public static let bool = Type.scalar(.bool)

  /// The number type of a scalar or a vector, or of a tensor's or buffer's elements; `nil` where
  /// those are addresses.
  public var scalarType: ScalarType? {
    switch self {
    case .scalar(let type), .vector(let type, _): type
    case .tensor(.scalar(let type), _), .buffer(.scalar(let type), _): type
    case .pointer, .tensor, .buffer: nil
    }
  }

  /// The extents of a tensor or buffer; empty for all else.
  public var extents: [Extent] {
    switch self {
    case .tensor(_, let extents), .buffer(_, let extents): extents
    case .scalar, .pointer, .vector: []
    }
  }

  /// The element of a tensor or buffer, or the scalar or address itself.
  public var element: ElementType {
    switch self {
    case .tensor(let element, _), .buffer(let element, _): element
    case .scalar(let type), .vector(let type, _): .scalar(type)
    case .pointer(let type): .pointer(type)
    }
  }

  /// The most axes that a tensor or buffer has; what walks over axes may recurse so far.
  public static let rankLimit = 64

  /// How many lanes a vector may have.
  public static let laneCounts = 1...256

  /// `true` iff values are whole tensors.
  public var isTensor: Bool {
    if case .tensor = self { return true }
    return false
  }

  /// `true` iff values are buffers.
  public var isBuffer: Bool {
    if case .buffer = self { return true }
    return false
  }

  /// The number of axes of a tensor or buffer; 0 for all else.
  public var rank: Int { extents.count }

  /// `true` iff a value of this type may be handed on where `other` is expected: they are equal,
  /// but for lengths that one of them does not know.
  public func agrees(with other: Type) -> Bool {
    switch (self, other) {
    case (.tensor(let a, let m), .tensor(let b, let n)),
      (.buffer(let a, let m), .buffer(let b, let n)):
      a == b && m.count == n.count && zip(m, n).allSatisfy { $0.agrees(with: $1) }
    default: self == other
    }
  }
}

extension ElementType {
  /// The type of one element as a value of its own.
  public var type: Type {
    switch self {
    case .scalar(let type): .scalar(type)
    case .pointer(let type): .pointer(type)
    }
  }
}

extension ElementType: CustomStringConvertible {
  public var description: String {
    switch self {
    case .scalar(let type): type.rawValue
    case .pointer(let type): "*" + type.rawValue
    }
  }
}

extension Extent: CustomStringConvertible {
  public var description: String {
    switch self {
    case .constant(let length): String(length)
    case .dynamic: "?"
    }
  }
}

/// The spelling of the IR text: `f32`, `*f32`, `f32[?, 4]`, `buffer f32[?, 4]`, `vector f32 x 8`.
extension Type: CustomStringConvertible {
  public var description: String {
    func shape(_ extents: [Extent]) -> String {
      "[" + extents.map(\.description).joined(separator: ", ") + "]"
    }
    switch self {
    case .scalar(let type): return type.rawValue
    case .pointer(let type): return "*" + type.rawValue
    case .tensor(let element, let extents): return element.description + shape(extents)
    case .buffer(let element, let extents): return "buffer " + element.description + shape(extents)
    case .vector(let type, let lanes): return "vector \(type.rawValue) x \(lanes)"
    }
  }
}
