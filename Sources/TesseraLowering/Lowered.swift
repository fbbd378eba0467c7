import TesseraIR
import TesseraNumbers
import TesseraSemantics

/// What a value of the language is in the IR: a tree whose leaves are IR values.
///
/// A tensor of structs is a struct of tensors; an index tile is its start and its length.
indirect enum Lowered {
  case value(Value)
  case aggregate([Lowered])
  /// A part of a result to which nothing was given yet.
  case undefined

  /// The leaves, first to last.
  var values: [Value] {
    switch self {
    case .value(let value): [value]
    case .aggregate(let parts): parts.flatMap(\.values)
    case .undefined: []
    }
  }

  /// The one leaf of a scalar, address or tensor of such.
  var value: Value {
    guard case .value(let value) = self else {
      internalError("a single value was expected, not \(self)")
    }
    return value
  }

  /// The part at `position`.
  func component(_ position: Int) -> Lowered {
    switch self {
    case .aggregate(let parts) where parts.indices.contains(position): parts[position]
    case .undefined: .undefined
    case .aggregate, .value: internalError("no component \(position) in \(self)")
    }
  }

  /// The tree with `replacement` at the place to which `path` leads.
  func replacing(_ path: ArraySlice<Int>, with replacement: Lowered) -> Lowered {
    guard let position = path.first else { return replacement }
    guard case .aggregate(var parts) = self else {
      internalError("no component \(position) in \(self)")
    }
    parts[position] = parts[position].replacing(path.dropFirst(), with: replacement)
    return .aggregate(parts)
  }

  /// The tree with `values` as its leaves.
  func rebuilt(from values: [Value]) -> Lowered {
    var rest = values[...]
    return rebuilt(from: &rest)
  }

  /// The tree with the leaves taken from `values`, in order.
  func rebuilt(from values: inout ArraySlice<Value>) -> Lowered {
    switch self {
    case .value: .value(values.removeFirst())
    case .aggregate(let parts): .aggregate(parts.map { $0.rebuilt(from: &values) })
    case .undefined: .undefined
    }
  }
}

/// A leaf of a type: its field path and what it is in the IR.
struct Leaf {
  /// Names of fields and positions, joined by points, after the name of the whole.
  var key: String
  /// Its type in the IR.
  var type: Type
}

/// Stops on a mistake of the compiler itself.
func internalError(_ message: String) -> Never { fatalError("lowering: \(message)") }

// MARK: Types

extension ValueType {
  /// `true` iff the type is a tensor.
  var isTensor: Bool {
    if case .tensor = self { return true }
    return false
  }
}

extension Dimension {
  /// The extent in IR types.
  var extent: Extent { constant.map { .constant($0) } ?? .dynamic }
}

extension FunctionLowering {
  /// `true` iff a parameter of `type` holds what is the same in many calls: a struct, such as a
  /// layer or a network, or a sequence or tuple of such.
  func isConstant(_ type: ValueType) -> Bool {
    switch type {
    case .structure: true
    case .sequence(let elements): !elements.isEmpty && elements.allSatisfy(isConstant)
    case .tuple(let components):
      !components.isEmpty && components.allSatisfy { isConstant($0.type) }
    default: false
    }
  }

  /// The types of the parts of a tuple, sequence or struct, with their names; `nil` for all else.
  func parts(of type: ValueType) -> [(name: String, type: ValueType)]? {
    switch type {
    case .tuple(let components):
      components.enumerated().map { ($1.name ?? String($0), $1.type) }
    case .sequence(let elements):
      elements.enumerated().map { (String($0), $1) }
    case .structure(let structure):
      program.structures[structure].fields.map { ($0.name, $0.type) }
    case .indexTile:
      [("start", .int), ("length", .int)]
    case .tensor(let element, let dimensions):
      parts(of: element)?.map { ($0.name, .tensor(element: $0.type, dimensions: dimensions)) }
    case .string, .error: []
    case .scalar, .pointer: nil
    }
  }

  /// The leaves of `type`; their keys begin with `prefix`.
  func leaves(of type: ValueType, prefix: String = "") -> [Leaf] {
    if let parts = parts(of: type) {
      return parts.flatMap { part in
        leaves(of: part.type, prefix: prefix.isEmpty ? part.name : "\(prefix).\(part.name)")
      }
    }
    return [Leaf(key: prefix, type: leafType(type))]
  }

  /// The IR type of a scalar, an address, or a tensor of such.
  private func leafType(_ type: ValueType) -> Type {
    switch type {
    case .scalar(let scalar): .scalar(scalar)
    case .pointer(let scalar): .pointer(scalar)
    case .tensor(.scalar(let scalar), let dimensions):
      .tensor(.scalar(scalar), dimensions.map(\.extent))
    case .tensor(.pointer(let scalar), let dimensions):
      .tensor(.pointer(scalar), dimensions.map(\.extent))
    default: internalError("\(type) is no leaf")
    }
  }

  /// The tree of a value of `type` with these leaves.
  func lowered(_ type: ValueType, _ values: [Value]) -> Lowered {
    skeleton(type).rebuilt(from: values)
  }

  /// The tree of `type`, with leaves that stand for nothing.
  func skeleton(_ type: ValueType) -> Lowered {
    parts(of: type).map { .aggregate($0.map { skeleton($0.type) }) } ?? .value(Value(index: 0))
  }

  /// The tree of `type` with nothing given yet: parts of sequences and structs are apart, so that
  /// they can be given one by one.
  func undefined(_ type: ValueType) -> Lowered {
    if type.isTensor { return .undefined }
    return parts(of: type).map { .aggregate($0.map { undefined($0.type) }) } ?? .undefined
  }
}
