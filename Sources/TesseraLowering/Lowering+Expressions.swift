import TesseraIR
import TesseraNumbers
import TesseraSemantics

extension FunctionLowering {
  /// Computes `expression` here and gives its value.
  mutating func lower(_ expression: TypedExpression) -> Lowered {
    let outer = builder.span
    builder.span = expression.span
    defer { builder.span = outer }
    switch expression.kind {
    case .constant(let value):
      return constant(value, expression.type)
    case .local(let id):
      let value = complete(local(id), as: expression.type)
      return sharedLocals.contains(id) ? value.rebuilt(from: unboxed(value.values)) : value
    case .index(let id):
      guard let value = indices[id] else {
        internalError("index '\(source.indices[id].name)' has no value")
      }
      return .value(value)
    case .dimension(let dimension):
      return .value(extent(dimension))
    case .component(let whole, let position):
      return lower(whole).component(position)
    case .aggregate(let parts):
      return aggregate(parts, expression.type)
    case .block(let block):
      return lowerBlock(block)
    case .conditional(let condition, let first, let second):
      return lowerConditional(condition, first, second, type: expression.type)
    case .call(let callee, let arguments, _):
      return lowerCall(callee, arguments, type: expression.type)
    case .read(let base, let places, let outside):
      return lowerRead(base, places, outside: outside)
    case .reduce(let reduction):
      return lowerReduction(reduction, type: expression.type)
    case .reduceAxis(let kind, let operand, let axis):
      return lowerReduceAxis(kind, operand, axis: axis, type: expression.type)
    case .scanAxis(let kind, let operand, let axis, let isReversed):
      return lowerScanAxis(
        kind, operand, axis: axis, isReversed: isReversed, type: expression.type)
    case .operation, .convert, .bitcast, .lifted, .slice:
      return materialized(elements(of: expression))
    case .builtin(let builtin, let operands):
      return lowerBuiltin(builtin, operands, expression)
    case .error:
      internalError("an erroneous program was lowered")
    }
  }

  /// The one value of a scalar, address or tensor of such.
  mutating func lowerValue(_ expression: TypedExpression) -> Value { lower(expression).value }

  /// An index or count as an `i64`.
  mutating func lowerIndex(_ expression: TypedExpression) -> Value {
    builder.convert(lowerValue(expression), to: .i64)
  }

  /// A tuple, sequence or struct, or a tensor of such from its tensors.
  private mutating func aggregate(_ parts: [TypedExpression], _ type: ValueType) -> Lowered {
    if case .indexTile(let length) = type, parts.count == 1 {
      return .aggregate([.value(lowerIndex(parts[0])), .value(extent(length))])
    }
    return .aggregate(parts.map { lower($0) })
  }

  /// The value with zeros in place of what was never given.
  mutating func complete(_ value: Lowered, as type: ValueType) -> Lowered {
    switch value {
    case .value: return value
    case .undefined: return zero(type)
    case .aggregate(let values):
      guard let parts = parts(of: type), parts.count == values.count else { return value }
      return .aggregate(zip(values, parts).map { complete($0, as: $1.type) })
    }
  }

  // MARK: Constants

  /// A value known while compiling.
  mutating func constant(_ value: ConstantValue, _ type: ValueType) -> Lowered {
    switch value {
    case .integer(let bits, let scalar):
      if case .tensor = type { return broadcast(constant(value, type.elementType), to: type) }
      return .value(constant(Int(bits), scalar))
    case .float(let number, let scalar):
      if case .tensor = type { return broadcast(constant(value, type.elementType), to: type) }
      return .value(builder.constant(number, scalar))
    case .tensor(let scalar, let shape, let bytes):
      let dense = builder.emit(
        .constant, results: [.tensor(.scalar(scalar), shape.map { .constant($0) })],
        attribute: .dense(DenseConstant(bytes: bytes)))
      return .value(dense[0])
    case .aggregate(let values):
      let parts = parts(of: type) ?? []
      return .aggregate(
        values.enumerated().map { position, value in
          constant(value, position < parts.count ? parts[position].type : .error)
        })
    case .string:
      return .aggregate([])
    }
  }

  /// A value of `type` all of whose numbers are 0; dimensions that have no value here count as 0.
  mutating func zero(_ type: ValueType) -> Lowered {
    if let parts = parts(of: type) { return .aggregate(parts.map { zero($0.type) }) }
    switch type {
    case .scalar(let scalar): return .value(zero(scalar))
    case .pointer: internalError("an address has no default")
    default:
      let extents = type.dimensions.map { isComputable($0) ? extent($0) : constant(0) }
      let leaf = leaves(of: type)[0].type
      return .value(
        fill(extents, leaf) { lowering in
          lowering.zero(leaf.scalarType ?? .i64)
        })
    }
  }

  /// A value of `type`, or zeros of one without extents, that is written whole before anybody looks.
  mutating func blank(_ type: ValueType) -> Lowered {
    if let parts = parts(of: type) { return .aggregate(parts.map { blank($0.type) }) }
    guard case .tensor = type else { return zero(type) }
    let leaf = leaves(of: type)[0].type
    return .value(builder.emit(.blank, extents(type.dimensions), results: [leaf])[0])
  }

  /// The number 0 of `type`.
  mutating func zero(_ type: ScalarType) -> Value { number(0, type) }

  /// A small whole number of any type.
  mutating func number(_ value: Int, _ type: ScalarType) -> Value {
    type.isFloat ? builder.constant(Double(value), type) : constant(value, type)
  }

  /// A tensor of `type` whose elements all are what `element` gives.
  mutating func fill(
    _ extents: [Value], _ type: Type, _ element: (inout FunctionLowering) -> Value
  ) -> Value {
    compute(extents, [type]) { lowering, _ in [element(&lowering)] }[0]
  }

  /// A scalar, or struct of scalars, in every element of a tensor of `type`.
  mutating func broadcast(_ value: Lowered, to type: ValueType) -> Lowered {
    let results = compute(extents(type.dimensions), leaves(of: type).map(\.type)) { _, _ in
      value.values
    }
    return lowered(type, results)
  }

  /// Appends `compute` over `extents`.
  mutating func compute(
    _ extents: [Value], _ types: [Type], indexNames: [String?] = [],
    _ body: (inout FunctionLowering, [Value]) -> [Value]
  ) -> [Value] {
    if types.isEmpty { return [] }
    let parameters = extents.indices.map {
      RegionParameter.index($0 < indexNames.count ? indexNames[$0] : nil)
    }
    let region = region(parameters) { lowering, indices in body(&lowering, indices) }
    return builder.emit(.compute, extents, results: types, regions: [region])
  }
}
