import TesseraNumbers
import TesseraSource

/// Appends operations to a function, region by region.
///
/// A builder borrows nothing: it owns the function while building and gives it back by `function`.
public struct Builder: Sendable {
  /// The function that is being built.
  public var function: Function
  /// The region to which operations are appended; setting it moves there.
  public var region: ID<Region>
  /// The span given to new operations.
  public var span: SourceSpan = .none

  /// Creates a builder that appends to the body of `function`.
  public init(_ function: Function) {
    self.function = function
    region = function.body
  }

  /// Appends an operation and returns its results.
  @discardableResult
  public mutating func emit(
    _ opcode: Opcode, _ operands: [Value] = [], results: [Type] = [],
    attribute: Attribute = .none, regions: [ID<Region>] = [], names: [String?] = []
  ) -> [Value] {
    let operation = function.makeOperation(
      opcode, operands, results: results, attribute: attribute, regions: regions, span: span,
      names: names)
    function.regions[region].operations.append(operation)
    return function.operations[operation].results
  }

  /// Creates a region with `parameters`, builds it by `body`, and comes back to this one.
  ///
  /// `body` ends the region by a terminator.
  public mutating func buildRegion(
    _ parameters: [(name: String?, type: Type)] = [],
    _ body: (inout Builder, [Value]) throws -> Void
  ) rethrows -> ID<Region> {
    let outer = region
    defer { region = outer }
    let inner = function.makeRegion()
    var values: [Value] = []
    for parameter in parameters {
      values.append(function.addParameter(parameter.name, parameter.type, to: inner))
    }
    region = inner
    try body(&self, values)
    return inner
  }

  /// Runs `body` with `region` as the place of new operations.
  public mutating func appending<Result>(
    to region: ID<Region>, _ body: (inout Builder) throws -> Result
  ) rethrows -> Result {
    let outer = self.region
    defer { self.region = outer }
    self.region = region
    return try body(&self)
  }

  /// The type of `value`.
  public func type(of value: Value) -> Type { function.type(of: value) }
}

// MARK: Shorthands

extension Builder {
  /// Appends an integer or bool constant.
  public mutating func constant(_ value: Int64, _ type: ScalarType = .i64) -> Value {
    emit(.constant, results: [.scalar(type)], attribute: .integer(value))[0]
  }

  /// Appends a float constant, rounded to `type`.
  public mutating func constant(_ value: Double, _ type: ScalarType) -> Value {
    emit(.constant, results: [.scalar(type)], attribute: .float(type.rounded(value)))[0]
  }

  /// Appends the number `value`.
  ///
  /// - Requires: it is no NaN.
  public mutating func constant(_ value: ScalarValue) -> Value {
    value.type.isFloat ? constant(value.double, value.type) : constant(value.integer, value.type)
  }

  /// Appends an operation whose one result has the type of its first operand.
  public mutating func arithmetic(_ opcode: Opcode, _ operands: Value...) -> Value {
    emit(opcode, operands, results: [type(of: operands[0])])[0]
  }

  /// Appends a comparison.
  public mutating func compare(_ opcode: Opcode, _ a: Value, _ b: Value) -> Value {
    var result = Type.bool
    if case .vector(_, let lanes) = type(of: a) { result = .vector(.bool, lanes: lanes) }
    return emit(opcode, [a, b], results: [result])[0]
  }

  /// Appends `convert` to `target`; the value itself if it has that type already.
  public mutating func convert(_ value: Value, to target: ScalarType) -> Value {
    switch type(of: value) {
    case .scalar(target): value
    case .vector(let source, let lanes):
      source == target
        ? value : emit(.convert, [value], results: [.vector(target, lanes: lanes)])[0]
    default: emit(.convert, [value], results: [.scalar(target)])[0]
    }
  }

  /// Appends the length of `axis` of a tensor or buffer.
  public mutating func dimension(_ tensor: Value, _ axis: Int) -> Value {
    emit(.dimension, [tensor], results: [.index], attribute: .integer(Int64(axis)))[0]
  }

  /// Appends `read` of one element.
  public mutating func read(_ tensor: Value, _ indices: [Value]) -> Value {
    emit(.read, [tensor] + indices, results: [type(of: tensor).element.type])[0]
  }
}
