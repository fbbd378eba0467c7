import TesseraNumbers
import TesseraSyntax

/// The type of a value once generics are gone: only dimensions are still symbols.
public indirect enum ValueType: Hashable, Sendable {
  case scalar(ScalarType)
  /// Elements are scalars, pointers, structs of scalars or named tuples of scalars.
  case tensor(element: ValueType, dimensions: [Dimension])
  case pointer(ScalarType)
  /// `()` is the tuple without components.
  case tuple([Component])
  /// `(A, (), B)` by position and `[T; n]`; indexed by constants.
  case sequence([ValueType])
  /// An instance of a struct: its fields are those that exist.
  case structure(ID<StructureInstance>)
  /// A tile of indices of a kernel: a start, and as many indices as the dimension says.
  case indexTile(length: Dimension)
  /// Text; only in `assert`, `print` and `data`.
  case string
  /// What stands where a diagnostic was given; agrees with everything.
  case error

  /// A component of a tuple.
  public struct Component: Hashable, Sendable {
    /// The name, if it has one.
    public var name: String?
    /// The type.
    public var type: ValueType

    /// Creates a component.
    public init(name: String? = nil, type: ValueType) {
      self.name = name
      self.type = type
    }
  }

  /// The empty tuple.
  public static let unit = ValueType.tuple([])
  /// The type of indices, dimensions and loop variables.
  public static let int = ValueType.scalar(.i64)
  /// The type of conditions.
  public static let bool = ValueType.scalar(.bool)
}

/// A struct with its generic arguments given.
///
/// Two instances are the same entity iff name and arguments are equal.
public struct StructureInstance: Hashable, Sendable {
  /// A field that exists in this instance.
  public struct Field: Hashable, Sendable {
    /// The name: one part of a checkpoint's key.
    public var name: String
    /// The type.
    public var type: ValueType
  }

  /// The name as the source spells it with arguments: `Conv<I, O, 3>`.
  public var name: String
  /// The fields, in order of declaration.
  public var fields: [Field]
}

/// A value known while compiling.
public indirect enum ConstantValue: Hashable, Sendable {
  /// The two's complement bits of an integer, sign- or zero-extended by its type; 0 or 1 for a
  /// bool.
  case integer(Int64, ScalarType)
  /// A float, exact in its type.
  case float(Double, ScalarType)
  /// Elements of a tensor: row-major, little-endian bytes.
  case tensor(ScalarType, shape: [Int], bytes: [UInt8])
  /// A tuple, sequence or struct.
  case aggregate([ConstantValue])
  case string(String)

  /// The whole number `value` of any scalar type that holds it.
  static func number(_ value: Int64, _ type: ScalarType) -> ConstantValue {
    type.isFloat ? .float(Double(value), type) : .integer(value, type)
  }
}
