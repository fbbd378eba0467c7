public import TesseraIR
import TesseraNumbers

/// How the structure `NAME_args` of an exported function is laid out: the fields in order of
/// parameters, then of results; a tensor is a `tess_tensor`, a struct or sequence an array of them,
/// a scalar a number, and a scalar that the function writes the address of one. Where there are
/// constant parameters, the address and length of their packed form come last.
public struct ArgumentLayout: Sendable {
  /// What a field is.
  public enum Kind: Hashable, Sendable {
    /// Tensors, one a leaf, one after the other.
    case tensors
    /// A number.
    case scalar(ScalarType)
    /// The address of a number that is written.
    case scalarAddress(ScalarType)
    /// An address of numbers.
    case pointer(ScalarType)
  }

  /// A member of the structure.
  public struct Field: Sendable {
    /// The parameter or result.
    public let parameter: ExportSignature.Parameter
    /// `true` iff it is a result.
    public let isResult: Bool
    public let kind: Kind
    /// Where it lies in the structure, in bytes.
    public let byteOffset: Int
  }

  /// The members, in order.
  public let fields: [Field]
  /// Where the address of the packed constant parameters lies, and 8 bytes on their length; `nil`
  /// where there are none.
  public let packedByteOffset: Int?
  /// The length of the structure, in bytes.
  public let byteCount: Int

  /// Lays out the arguments of `signature`.
  public init(_ signature: ExportSignature) {
    var fields: [Field] = []
    var end = 0
    func append(_ parameter: ExportSignature.Parameter, isResult: Bool) {
      let kind = ArgumentLayout.kind(of: parameter, isResult: isResult)
      let (length, alignment) =
        switch kind {
        case .tensors: (TensorLayout.byteCount * parameter.leaves.count, 8)
        case .scalar(let type): (type.byteCount, type.byteCount)
        case .scalarAddress, .pointer: (8, 8)
        }
      end = (end + alignment - 1) / alignment * alignment
      fields.append(
        Field(
          parameter: parameter, isResult: isResult, kind: kind, byteOffset: end))
      end += length
    }
    for parameter in signature.parameters { append(parameter, isResult: false) }
    for result in signature.results { append(result, isResult: true) }
    self.fields = fields
    end = (end + 7) / 8 * 8
    packedByteOffset = signature.hasConstants ? end : nil
    byteCount = max(8, signature.hasConstants ? end + 16 : end)
  }

  private static func kind(of parameter: ExportSignature.Parameter, isResult: Bool) -> Kind {
    guard !parameter.isAggregate, let leaf = parameter.leaves.first, leaf.shape == nil else {
      return .tensors
    }
    return switch leaf.element {
    case .pointer(let type): .pointer(type)
    case .scalar(let type) where isResult || parameter.isInout: .scalarAddress(type)
    case .scalar(let type): .scalar(type)
    }
  }
}
