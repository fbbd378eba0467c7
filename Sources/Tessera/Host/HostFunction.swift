import TesseraData
import TesseraIR

/// A function of a program as a host calls it: structs, tuples and sequences are their leaves.
public struct HostFunction: Hashable, Sendable {
  /// A scalar or tensor among parameters or results.
  public struct Leaf: Hashable, Sendable {
    /// The field path after the name of the parameter or result: `p.body.3.bias`.
    public var path: String
    /// The type of the elements.
    public var elementType: TesseraData.ElementType
    /// The sizes, `nil` where one is known only when the function runs; a scalar has none.
    public var shape: [Int?]
    /// `true` iff the leaf is a number and no tensor; a host passes a tensor of rank 0.
    public var isScalar: Bool

    /// The type as the language writes it, `?` standing for a size that is not known.
    public var typeDescription: String {
      if isScalar { return elementType.rawValue }
      let sizes = shape.map { $0.map(String.init) ?? "?" }.joined(separator: ", ")
      return "\(elementType.rawValue)[\(sizes)]"
    }

    /// `true` iff `tensor` has the element type, the rank and the known sizes.
    public func accepts(_ tensor: Tensor) -> Bool {
      tensor.elementType == elementType && tensor.rank == shape.count
        && zip(tensor.shape, shape).allSatisfy { $1 == nil || $0 == $1 }
    }
  }

  /// A parameter of the declaration.
  public struct Parameter: Hashable, Sendable {
    /// The name.
    public var name: String
    /// Its leaves, in order of declaration.
    public var leaves: [Leaf]

    /// `true` iff the parameter is one scalar or tensor.
    public var isSingle: Bool { leaves.count == 1 && leaves[0].path == name }
  }

  /// The name by which it is called.
  public var name: String
  /// The parameters, in order.
  public var parameters: [Parameter]
  /// The leaves of the results, then those of `inout` parameters.
  public var results: [Leaf]

  /// The function that `function` is for hosts, or `nil` if it takes or gives addresses.
  init?(_ function: Function) {
    name = function.name
    parameters = []
    results = []
    for parameter in function.parameters {
      let path = function.values[parameter].name ?? ""
      guard let leaf = Leaf(path, function.type(of: parameter)) else { return nil }
      let name = String(path.prefix { $0 != "." })
      if parameters.last?.name == name, path != name {
        parameters[parameters.count - 1].leaves.append(leaf)
      } else {
        parameters.append(Parameter(name: name, leaves: [leaf]))
      }
    }
    for (index, type) in function.resultTypes.enumerated() {
      guard let leaf = Leaf(function.resultNames[index], type) else { return nil }
      results.append(leaf)
    }
  }
}

extension HostFunction.Leaf {
  fileprivate init?(_ path: String, _ type: Type) {
    guard let scalar = type.scalarType,
      let elementType = TesseraData.ElementType(rawValue: scalar.rawValue)
    else { return nil }
    switch type {
    case .scalar: isScalar = true
    case .tensor, .buffer: isScalar = false
    case .pointer, .vector: return nil
    }
    self.path = path
    self.elementType = elementType
    shape = type.extents.map { if case .constant(let size) = $0 { size } else { nil } }
  }
}
