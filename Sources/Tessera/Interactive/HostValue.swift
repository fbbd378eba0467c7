import TesseraData

/// A value that a program gave: a tensor or scalar, or a tree of them.
public struct HostValue: Hashable, Sendable {
  /// The type as the program writes it.
  public var typeDescription: String
  /// The leaves, each with its field path in the value; that of a whole value is empty.
  public var leaves: [(key: String, tensor: Tensor)] {
    zip(keys, tensors).map { ($0, $1) }
  }

  private var keys: [String]
  private var tensors: [Tensor]

  /// Creates a value of one leaf.
  public init(_ tensor: Tensor) {
    typeDescription = tensor.typeDescription
    keys = [""]
    tensors = [tensor]
  }

  /// Creates a value of several leaves.
  public init(typeDescription: String, leaves: [(key: String, tensor: Tensor)]) {
    self.typeDescription = typeDescription
    keys = leaves.map(\.key)
    tensors = leaves.map(\.tensor)
  }

  /// The tensor, if the value is one.
  public var tensor: Tensor? { keys == [""] ? tensors[0] : nil }
}

extension HostValue: CustomStringConvertible {
  /// The tensor as text; a tuple of scalars on one line; else a line or block for each leaf.
  public var description: String {
    if let tensor { return tensor.description }
    if leaves.allSatisfy({ $0.tensor.rank == 0 && !$0.key.contains(".") }) {
      let parts = leaves.map { Int($0.key) == nil ? "\($0.key): \($0.tensor)" : "\($0.tensor)" }
      return "(\(parts.joined(separator: ", ")))"
    }
    return leaves.map { key, tensor in
      tensor.rank < 2 && tensor.elementCount <= 1000
        ? "\(key): \(tensor)" : "\(key): \(tensor.typeDescription)\n\(tensor)"
    }.joined(separator: "\n")
  }
}
