import TesseraData
import TesseraIR

/// A function of a program as a host calls it: structs, tuples and sequences are their leaves.
public struct HostFunction: Hashable, Sendable {
  /// A scalar or tensor among parameters or results.
  public struct Leaf: Hashable, Sendable {
    /// The name of the parameter or result and the field path in it: `p.body.3.bias`.
    public var path: String
    /// The field path alone; empty where the leaf is the whole.
    public var key: String
    /// The type of the elements.
    public var elementType: TesseraData.ElementType
    /// The sizes, `nil` where one is known only when the function runs; a scalar has none.
    public var shape: [Int?]
    /// `true` iff the leaf is a number and no tensor; a host passes a tensor of rank 0.
    public var isScalar: Bool
    /// The type as the program writes it: `f32[N, 2*N]`.
    public var typeDescription: String

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
    /// The type as the program writes it.
    public var typeDescription: String
    /// `true` iff the function changes it, so that its leaves come back before the results.
    public var isInout: Bool
    /// `true` iff it is a struct, tuple or sequence.
    public var isAggregate: Bool
    /// Its leaves, in order of declaration.
    public var leaves: [Leaf]
  }

  /// The name by which it is called.
  public var name: String
  /// The signature as the program writes it.
  public var typeDescription: String
  /// The parameters, in order.
  public var parameters: [Parameter]
  /// The leaves of `inout` parameters, then those of the results.
  public var results: [Leaf]
  /// What entry checks and memory for results are computed from.
  let signature: ExportSignature

  /// The function that `signature` describes, or `nil` if it takes or gives addresses.
  init?(_ signature: ExportSignature) {
    self.signature = signature
    name = signature.name
    typeDescription = signature.text
    parameters = []
    results = []
    for parameter in signature.parameters {
      var leaves: [Leaf] = []
      for leaf in parameter.leaves {
        guard let leaf = Leaf(leaf, of: parameter) else { return nil }
        leaves.append(leaf)
      }
      parameters.append(
        Parameter(
          name: parameter.name, typeDescription: parameter.typeText, isInout: parameter.isInout,
          isAggregate: parameter.isAggregate, leaves: leaves))
      if parameter.isInout { results += leaves }
    }
    for result in signature.results {
      for leaf in result.leaves {
        guard let leaf = Leaf(leaf, of: result) else { return nil }
        results.append(leaf)
      }
    }
  }

  /// The shape of every result for arguments that were bound to the leaves of the parameters.
  public func resultShapes(for arguments: [Tensor]) -> [[Int]] {
    let symbols = symbolValues(for: arguments)
    let leaves =
      signature.parameters.filter(\.isInout).flatMap(\.leaves) + signature.results.flatMap(\.leaves)
    return leaves.map { leaf in leaf.shape?.map { $0.value(symbols) } ?? [] }
  }

  private func symbolValues(for arguments: [Tensor]) -> [Int] {
    signature.symbols.map { symbol in
      switch symbol.origin {
      case .axis(let leaf, let axis): arguments[leaf].shape[axis]
      case .scalar(let leaf):
        arguments[leaf].converted(to: .i64).values(as: Int.self)?.first ?? 0
      case .constant(let value): value
      }
    }
  }
}

extension HostFunction.Leaf {
  fileprivate init?(_ leaf: ExportSignature.Leaf, of parameter: ExportSignature.Parameter) {
    guard case .scalar(let scalar) = leaf.element,
      let elementType = TesseraData.ElementType(rawValue: scalar.rawValue)
    else { return nil }
    key = leaf.key
    path = leaf.key.isEmpty ? parameter.name : "\(parameter.name).\(leaf.key)"
    self.elementType = elementType
    isScalar = leaf.shape == nil
    shape = leaf.shape?.map { if case .constant(let size) = $0 { size } else { nil } } ?? []
    typeDescription = leaf.typeText
  }
}

extension ExportSignature {
  /// The signature of a function of IR text, which has no types of the language: every parameter
  /// stands for itself, every size that is not fixed is a symbol of its own.
  ///
  /// `nil` if a tensor among the results has a size that is not fixed, or for raw buffers.
  init?(of function: Function) {
    var symbols: [Symbol] = []
    var parameters: [Parameter] = []
    for (index, value) in function.parameters.enumerated() {
      let type = function.type(of: value)
      switch type {
      case .scalar, .pointer, .tensor: break
      case .buffer, .vector: return nil
      }
      let shape = type.extents.enumerated().map { axis, extent -> DimensionExpression in
        if case .constant(let size) = extent { return .constant(size) }
        symbols.append(
          Symbol(name: "d\(symbols.count)", origin: .axis(leaf: index, axis: axis)))
        return .symbol(symbols.count - 1)
      }
      let isTensor = if case .tensor = type { true } else { false }
      parameters.append(
        Parameter(
          name: function.values[value].name ?? "argument\(index)", typeText: type.description,
          leaves: [
            Leaf(element: type.element, shape: isTensor ? shape : nil, typeText: type.description)
          ]))
    }
    var results: [Parameter] = []
    for (index, type) in function.resultTypes.enumerated() {
      var shape: [DimensionExpression] = []
      for extent in type.extents {
        guard case .constant(let size) = extent else { return nil }
        shape.append(.constant(size))
      }
      let isTensor = if case .tensor = type { true } else { false }
      let name = function.resultNames[index]
      results.append(
        Parameter(
          name: name.isEmpty ? "result\(index)" : name, typeText: type.description,
          leaves: [
            Leaf(element: type.element, shape: isTensor ? shape : nil, typeText: type.description)
          ]))
    }
    self.init(
      name: function.name, function: function.name, symbols: symbols, parameters: parameters,
      results: results, span: function.span)
  }
}
