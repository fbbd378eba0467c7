import TesseraNumbers
import TesseraSource
import TesseraSyntax

/// A constant with its type.
struct TypedConstant: Hashable, Sendable {
  /// The value.
  var value: ConstantValue
  /// Its type.
  var type: ValueType
}

/// What a generic parameter of a struct stands for in an instance.
enum GenericArgument: Hashable, Sendable {
  case dimension(Dimension)
  case pack([Dimension])
  case type(ValueType)
  case constant(TypedConstant)
}

/// What makes a struct instance the same as another.
struct StructureKey: Hashable, Sendable {
  /// The declaration.
  var structure: ID<StructureDeclared>
  /// What its parameters stand for.
  var arguments: [GenericArgument]
}

/// A function known while compiling: what a `const f: fn(T) -> U` parameter stands for.
enum FunctionValue: Hashable, Sendable {
  /// Declared functions of one name, among which the argument types choose.
  case declared(name: String, [ID<Callable>])
  /// An operation that the language has.
  case builtin(String)
  case lambda(ID<LambdaValue>)
}

/// A lambda with what it needs of its surroundings.
struct LambdaValue: Sendable {
  /// A run-time value of the surroundings, passed along as an argument.
  struct Capture: Sendable {
    var name: String
    /// The value, in terms of the function in which the lambda is called.
    var value: TypedExpression
    /// The dimension symbol that the value stands for, where types of other captures need it.
    var symbol: Dimension.Atom?
    /// What the symbol is known to be at least.
    var lowerBound: Int?
    /// `true` iff the name stands for the value in the body.
    var isNamed = true
  }

  /// A name around it that stands for dimensions made of captured symbols.
  struct NamedDimensions: Sendable {
    var name: String
    var dimensions: [Dimension]
    var isPack: Bool
  }

  /// A lambda around it; what that one captures is captured, from `firstCapture` on.
  struct NamedLambda: Sendable {
    var name: String
    var lambda: ID<LambdaValue>
    var firstCapture: Int
  }

  /// Its parameters.
  var parameters: [LambdaParameter]
  /// What it computes.
  var body: Expression
  /// The module that it stands in.
  var module: ID<ModuleInfo>
  /// Names around it that are known while compiling.
  var constants: [String: Entity]
  /// The values around it that it uses, symbols of dimensions first.
  var captures: [Capture]
  /// The dimensions around it that it uses.
  var dimensions: [NamedDimensions] = []
  /// The lambdas around it that it uses and that capture something themselves.
  var lambdas: [NamedLambda] = []
  /// Where it stands.
  var span: SourceSpan
}

/// What generic and const parameters stand for at a call.
struct Bindings {
  /// Types by the names of their parameters.
  var types: [String: ValueType] = [:]
  /// Constants by the names of their parameters.
  var constants: [String: TypedConstant] = [:]
  /// Dimensions by the names of their parameters.
  var dimensions: [String: Dimension] = [:]
  /// Dimensions that an export fixes, by the names of their parameters.
  var fixedDimensions: [String: Int] = [:]
  /// Packs of dimensions by the names of their parameters.
  var packs: [String: [Dimension]] = [:]
  /// Functions by the names of their parameters.
  var functions: [String: FunctionValue] = [:]

  /// Lets the parameter `name` stand for `argument`.
  mutating func bind(_ name: Name, to argument: GenericArgument) {
    switch argument {
    case .constant(let constant): constants[name.text] = constant
    case .type(let type): types[name.text] = type
    case .dimension(let dimension): dimensions[name.text] = dimension
    case .pack(let dimensions): packs[name.text] = dimensions
    }
  }

  /// What the generic parameter `name` stands for, if that is known and no pack.
  subscript(name: String) -> GenericArgument? {
    dimensions[name].map { .dimension($0) } ?? constants[name].map { .constant($0) }
      ?? types[name].map { .type($0) }
  }

  /// `true` iff `name` stands for something.
  func binds(_ name: String) -> Bool {
    types[name] != nil || constants[name] != nil || dimensions[name] != nil
      || packs[name] != nil || functions[name] != nil
  }
}

extension ValueType {
  /// A sequence of `elements`; the empty one is the unit type.
  static func makeSequence(_ elements: [ValueType]) -> ValueType {
    elements.isEmpty ? .unit : .sequence(elements)
  }

  /// A tensor, or the element type itself if there are no dimensions.
  static func makeTensor(_ element: ValueType, _ dimensions: [Dimension]) -> ValueType {
    dimensions.isEmpty ? element : .tensor(element: element, dimensions: dimensions)
  }

  /// The type of one element: that of a tensor, else the type itself.
  public var elementType: ValueType {
    if case .tensor(let element, _) = self { return element }
    return self
  }

  /// The dimensions of a tensor; none for other types.
  public var dimensions: [Dimension] {
    if case .tensor(_, let dimensions) = self { return dimensions }
    return []
  }

  /// The scalar type of a scalar or of a tensor's elements.
  public var scalarElement: ScalarType? {
    if case .scalar(let scalar) = elementType { return scalar }
    return nil
  }

  /// The scalar type of a scalar.
  var scalar: ScalarType? {
    if case .scalar(let scalar) = self { return scalar }
    return nil
  }

  /// `true` iff a diagnostic was given where the type comes from.
  var isError: Bool {
    switch self {
    case .error: true
    case .tensor(let element, _): element.isError
    default: false
    }
  }

  /// `true` iff this is `()` or a sequence of nothing.
  var isUnit: Bool {
    switch self {
    case .tuple(let components): components.isEmpty
    case .sequence(let elements): elements.isEmpty
    default: false
    }
  }

  /// The types of the components of a tuple or sequence.
  var componentTypes: [ValueType]? {
    switch self {
    case .tuple(let components): components.map(\.type)
    case .sequence(let elements): elements
    default: nil
    }
  }
}
