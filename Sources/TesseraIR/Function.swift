import TesseraSource
@_exported import TesseraTables

/// A handle of a value.
public typealias Value = ID<ValueInfo>

/// What is known of a value.
public struct ValueInfo: Hashable, Sendable {
  /// Where a value comes from.
  public enum Definition: Hashable, Sendable {
    /// The result `index` of an operation.
    case result(of: ID<Operation>, index: Int)
    /// The parameter `index` of a region.
    case parameter(of: ID<Region>, index: Int)
  }

  /// The type of the value.
  public var type: Type
  /// Where it comes from.
  public var definition: Definition
  /// The name that the source gave it, if any.
  public var name: String?
}

/// One operation: content only; the regions hold the order.
public struct Operation: Hashable, Sendable {
  /// What it does.
  public var opcode: Opcode
  /// What it works on, in the order of the opcode's documentation.
  public var operands: [Value]
  /// What it gives.
  public var results: [Value]
  /// Its fixed data.
  public var attribute: Attribute
  /// Its regions, in the order of the opcode's documentation.
  public var regions: [ID<Region>]
  /// The source text it stands for.
  public var span: SourceSpan
}

/// A list of operations with parameters; the last one is a terminator.
public struct Region: Hashable, Sendable {
  /// The values that the region is given.
  public var parameters: [Value]
  /// The operations, in order.
  public var operations: [ID<Operation>]
  /// The operation that has the region; `nil` for the body of a function, and until there is one.
  public fileprivate(set) var owner: ID<Operation>?

  fileprivate init() { (parameters, operations) = ([], []) }
}

/// A function of the IR.
///
/// Invariants, kept by `Builder` and checked by the verifier:
/// - every value is defined earlier in its region or in an enclosing one;
/// - every region ends in a terminator and holds no other;
/// - content never moves: a removed operation is a handle left out of its region.
public struct Function: Sendable {
  /// How a caller sees a parameter.
  public enum ParameterRole: String, Hashable, Sendable {
    /// Read only.
    case input
    /// Read only, and the same in many calls: what depends on constants alone may be computed once.
    case constant
    /// A buffer that is read and written.
    case `inout`
    /// A buffer that is defined entirely.
    case output

    /// `true` iff the function writes what it is given.
    public var isWritten: Bool { self == .inout || self == .output }
  }

  /// The name, unique in the module.
  public var name: String
  /// `true` iff the function has a C symbol.
  public var isExported: Bool
  /// The roles of the parameters; the values are the body's parameters.
  public var roles: [ParameterRole]
  /// The names of the results for the ABI; as many as result types.
  public var resultNames: [String]
  /// The types of the results.
  public var resultTypes: [Type]
  /// All values.
  public var values = Table<ValueInfo>()
  /// All operations, also those that no region lists any more.
  public var operations = Table<Operation>()
  /// All regions.
  public var regions = Table<Region>()
  /// The function's own region; it ends in `return` or `tailCall`.
  public let body: ID<Region>
  /// The source text of the declaration.
  public var span: SourceSpan

  /// Creates a function called `name` with an empty body.
  public init(name: String, isExported: Bool = false, span: SourceSpan = .none) {
    self.name = name
    self.isExported = isExported
    self.roles = []
    self.resultNames = []
    self.resultTypes = []
    self.span = span
    body = regions.append(Region())
  }

  /// The values of the parameters.
  public var parameters: [Value] { regions[body].parameters }

  /// Adds a parameter and returns its value.
  @discardableResult
  public mutating func addParameter(
    _ name: String?, _ type: Type, role: ParameterRole = .input
  ) -> Value {
    roles.append(role)
    return addParameter(name, type, to: body)
  }

  /// Adds a parameter to `region` and returns its value.
  @discardableResult
  public mutating func addParameter(_ name: String?, _ type: Type, to region: ID<Region>) -> Value {
    let index = regions[region].parameters.count
    let value = values.append(
      ValueInfo(type: type, definition: .parameter(of: region, index: index), name: name))
    regions[region].parameters.append(value)
    return value
  }

  /// Creates an empty region.
  public mutating func makeRegion() -> ID<Region> {
    regions.append(Region())
  }

  /// Creates an operation that no region lists yet.
  public mutating func makeOperation(
    _ opcode: Opcode, _ operands: [Value] = [], results: [Type] = [],
    attribute: Attribute = .none, regions: [ID<Region>] = [], span: SourceSpan = .none,
    names: [String?] = []
  ) -> ID<Operation> {
    let operation = operations.append(
      Operation(
        opcode: opcode, operands: operands, results: [], attribute: attribute, regions: regions,
        span: span))
    for region in regions { self.regions[region].owner = operation }
    for (index, type) in results.enumerated() {
      let value = values.append(
        ValueInfo(
          type: type, definition: .result(of: operation, index: index),
          name: index < names.count ? names[index] : nil))
      operations[operation].results.append(value)
    }
    return operation
  }

  /// The type of `value`.
  public func type(of value: Value) -> Type { values[value].type }

  /// The operation that gives `value`, or `nil` for a parameter of a region.
  public func definition(of value: Value) -> ID<Operation>? {
    if case .result(let operation, _) = values[value].definition { return operation }
    return nil
  }

  /// The last operation of `region`, which is its terminator in valid IR.
  public func terminator(of region: ID<Region>) -> ID<Operation>? {
    regions[region].operations.last
  }

  /// The product of floats that `terms` yield, where `combiner` adds them up; `nil` if the terms are
  /// no products, not added, or not made without regions.
  public func product(of terms: ID<Region>, addedBy combiner: Combiner) -> Operation? {
    guard combiner == .sum, let end = terminator(of: terms),
      let term = operations[end].operands.first, let definition = definition(of: term),
      regions[terms].operations.contains(definition),
      regions[terms].operations.allSatisfy({ operations[$0].regions.isEmpty }),
      operations[definition].opcode == .multiply,
      type(of: term).scalarType?.isFloat == true
    else { return nil }
    return operations[definition]
  }

  /// Calls `visit` with each listed operation of `region` and of the regions within, outer ones
  /// first, in order.
  public func forEachOperation(
    in region: ID<Region>, _ visit: (ID<Operation>) -> Void
  ) {
    for operation in regions[region].operations {
      visit(operation)
      for inner in operations[operation].regions { forEachOperation(in: inner, visit) }
    }
  }

  /// Replaces every use of `old` in listed operations by `new`.
  ///
  /// - Complexity: O(n) in the operations of the function; passes that replace many values collect
  ///   them and call `replaceUses(_:)` once.
  public mutating func replaceUses(of old: Value, with new: Value) {
    replaceUses([old: new])
  }

  /// Replaces every use of a key of `replacements` by its value, following chains.
  public mutating func replaceUses(_ replacements: [Value: Value]) {
    if replacements.isEmpty { return }
    for id in operations.ids {
      for index in operations[id].operands.indices {
        guard var value = replacements[operations[id].operands[index]] else { continue }
        while let next = replacements[value] { value = next }
        operations[id].operands[index] = value
      }
    }
  }
}

/// The functions of one compilation.
public struct Module: Sendable {
  /// The functions, in order of declaration.
  public var functions: [Function]
  /// How the exported functions look from C, in order of declaration.
  public var exports: [ExportSignature]

  /// Creates a module of `functions`.
  public init(functions: [Function] = [], exports: [ExportSignature] = []) {
    self.functions = functions
    self.exports = exports
  }

  /// The position of the function called `name`.
  public func index(of name: String) -> Int? { functions.firstIndex { $0.name == name } }

  /// The function called `name`.
  public subscript(name: String) -> Function? { functions.first { $0.name == name } }
}
