import TesseraIR
import TesseraNumbers
import TesseraSemantics

extension FunctionLowering {
  /// Applies an operator to scalars, or to addresses and tuples where it compares.
  mutating func apply(_ operation: Operator, _ operands: [Lowered], type: ValueType) -> Lowered {
    switch operation {
    case .equal, .notEqual:
      return .value(compare(operation, operands[0].values, operands[1].values))
    case .select:
      let condition = operands[0].value
      let values = zip(operands[1].values, operands[2].values).map { select(condition, $0, $1) }
      return operands[1].rebuilt(from: values)
    case .pointerOffset:
      let pointer = operands[0].value
      let offset = builder.convert(operands[1].value, to: .i64)
      return .value(
        builder.emit(
          .pointerOffset, [pointer, offset], results: [builder.type(of: pointer)])[0])
    case .add where type == .int:
      return .value(sum(operands[0].value, operands[1].value))
    case .subtract where type == .int:
      return .value(difference(operands[0].value, operands[1].value))
    case .power where type.scalarElement?.isInteger == true:
      return .value(integerPower(operands[0].value, operands[1].value))
    default:
      let element = type.elementType
      guard case .scalar(let scalar) = element else {
        internalError("\(operation) gives \(type)")
      }
      return .value(
        builder.emit(
          operation.opcode, operands.map(\.value), results: [.scalar(scalar)])[0])
    }
  }

  /// The power of integers by repeated multiplication; 1 for exponents below 1.
  private mutating func integerPower(_ base: Value, _ exponent: Value) -> Value {
    let type = builder.type(of: base).scalarType ?? .i64
    let one = constant(1, type)
    let count = builder.convert(exponent, to: .i64)
    let region = region([.index(), RegionParameter(nil, .scalar(type))]) { lowering, values in
      [lowering.builder.arithmetic(.multiply, values[1], base)]
    }
    return builder.emit(
      .for, [constant(0), count, constant(1), one], results: [.scalar(type)], regions: [region])[0]
  }

  /// Compares all leaves: equal iff all are.
  private mutating func compare(_ operation: Operator, _ a: [Value], _ b: [Value]) -> Value {
    let joined: Opcode = operation == .equal ? .bitAnd : .bitOr
    var result: Value?
    for (first, second) in zip(a, b) {
      let verdict = builder.compare(operation.opcode, first, second)
      result = result.map { builder.arithmetic(joined, $0, verdict) } ?? verdict
    }
    return result ?? constant(operation == .equal ? 1 : 0, .bool)
  }

  /// `first` if `condition` holds, else `second`.
  mutating func select(_ condition: Value, _ first: Value, _ second: Value) -> Value {
    builder.emit(.select, [condition, first, second], results: [builder.type(of: first)])[0]
  }

  /// The conjunction of conditions; `nil` if there are none.
  mutating func all(_ conditions: [Value]) -> Value? {
    guard var result = conditions.first else { return nil }
    for condition in conditions.dropFirst() {
      result = builder.arithmetic(.bitAnd, result, condition)
    }
    return result
  }

  /// `true` iff `index` is at least 0 and less than `length`.
  mutating func isInside(_ index: Value, _ length: Value) -> Value {
    let isHigh = builder.compare(.lessOrEqual, constant(0), index)
    return builder.arithmetic(.bitAnd, isHigh, builder.compare(.less, index, length))
  }
}
