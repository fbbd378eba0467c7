import TesseraData
import TesseraIR
import TesseraNumbers

/// A function of a program as a host calls it: structs, tuples and sequences are their leaves.
public struct HostFunction: Hashable, Sendable {
  /// A scalar or tensor among parameters or results.
  public struct Leaf: Hashable, Sendable {
    /// The name of the parameter or result and the field path in it: `p.body.3.bias`.
    public var path: String
    /// The field path alone; empty where the leaf is the whole.
    public var key: String
    /// The type of the elements.
    public var elementType: ScalarType
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

  /// A parameter or result of the declaration.
  public struct Parameter: Hashable, Sendable {
    /// The name.
    public var name: String
    /// The type as the program writes it.
    public var typeDescription: String
    /// `true` iff the function changes it, so that it comes back before the results.
    public var isInout: Bool
    /// `true` iff it is the same in many calls, so that it may be prepared once.
    public var isConstant: Bool
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
  /// The `inout` parameters as they are afterwards, then the results.
  public var results: [Parameter]
  /// What entry checks and memory for results are computed from.
  package let signature: ExportSignature

  /// The function that `signature` describes, or `nil` if it takes or gives addresses.
  init?(_ signature: ExportSignature) {
    self.signature = signature
    name = signature.name
    typeDescription = signature.text
    parameters = []
    results = []
    for parameter in signature.parameters {
      guard let parameter = Parameter(parameter) else { return nil }
      parameters.append(parameter)
    }
    results = parameters.filter(\.isInout)
    for result in signature.results {
      guard let result = Parameter(result) else { return nil }
      results.append(result)
    }
  }

  /// The leaves of the parameters that may be prepared, in order.
  public var constantLeaves: [Leaf] { parameters.filter(\.isConstant).flatMap(\.leaves) }

  /// The leaves of the parameters, in order.
  public var parameterLeaves: [Leaf] { parameters.flatMap(\.leaves) }

  /// The leaves of the results, in order.
  public var resultLeaves: [Leaf] { results.flatMap(\.leaves) }

  /// The shape of each leaf of the results proper for these leaves of the parameters; `nil` if only
  /// a run can tell, as for IR text.
  public func resultShapes(for arguments: [Tensor]) -> [[Int]]? {
    var symbols: [Int] = []
    for symbol in signature.symbols {
      switch symbol.origin {
      case .axis(let leaf, let axis):
        guard leaf < arguments.count else { return nil }
        symbols.append(arguments[leaf].shape[axis])
      case .scalar(let leaf):
        let value = arguments[leaf].converted(to: .i64).values(as: Int.self)?.first
        symbols.append(value ?? 0)
      case .constant(let value): symbols.append(value)
      }
    }
    return signature.results.flatMap(\.leaves).map { leaf in
      leaf.shape?.map { $0.value(symbols) } ?? []
    }
  }
}

extension HostFunction.Parameter {
  fileprivate init?(_ parameter: ExportSignature.Parameter) {
    name = parameter.name
    typeDescription = parameter.typeText
    isInout = parameter.isInout
    isConstant = parameter.isConstant
    isAggregate = parameter.isAggregate
    leaves = []
    for leaf in parameter.leaves {
      guard let leaf = HostFunction.Leaf(leaf, of: parameter) else { return nil }
      leaves.append(leaf)
    }
  }
}

extension HostFunction.Leaf {
  fileprivate init?(_ leaf: ExportSignature.Leaf, of parameter: ExportSignature.Parameter) {
    guard case .scalar(let elementType) = leaf.element else { return nil }
    key = leaf.key
    path = leaf.key.isEmpty ? parameter.name : "\(parameter.name).\(leaf.key)"
    self.elementType = elementType
    isScalar = leaf.shape == nil
    shape = leaf.shape?.map { if case .constant(let size) = $0 { size } else { nil } } ?? []
    typeDescription = leaf.typeText
  }
}

extension ExportSignature {
  /// The signature of a function of IR text in the tensor stage, which has no types of the language:
  /// every parameter stands for itself, every size that is not fixed is a symbol of its own.
  ///
  /// `nil` for functions of raw buffers.
  init?(of function: Function) {
    var symbols: [Symbol] = []
    func shape(_ type: Type, leaf: Int) -> [DimensionExpression]? {
      guard case .tensor(_, let extents) = type else { return nil }
      return extents.enumerated().map { axis, extent in
        if case .constant(let size) = extent { return .constant(size) }
        symbols.append(Symbol(name: "d\(symbols.count)", origin: .axis(leaf: leaf, axis: axis)))
        return .symbol(symbols.count - 1)
      }
    }
    func parameter(_ name: String, _ type: Type, leaf: Int) -> Parameter {
      let leaf = Leaf(
        element: type.element, shape: shape(type, leaf: leaf), typeText: type.description)
      return Parameter(name: name, typeText: type.description, leaves: [leaf])
    }
    let types = function.parameters.map { function.type(of: $0) } + function.resultTypes
    for type in types {
      switch type {
      case .scalar, .pointer, .tensor: break
      case .buffer, .vector: return nil
      }
    }
    let parameters = function.parameters.enumerated().map { index, value in
      parameter(function.values[value].name ?? "x\(index)", types[index], leaf: index)
    }
    let results = function.resultTypes.enumerated().map { index, type in
      let name = function.resultNames[index]
      return parameter(
        name.isEmpty ? "y\(index)" : name, type, leaf: parameters.count + index)
    }
    self.init(
      name: function.name, function: function.name, symbols: symbols, parameters: parameters,
      results: results, span: function.span)
  }
}
