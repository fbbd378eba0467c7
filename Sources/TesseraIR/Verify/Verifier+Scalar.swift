import TesseraNumbers

/// Types of the scalar family.
extension Verifier {
  /// The number, or the bytes of a dense constant, are of the type of the result.
  mutating func checkConstant(_ op: Operation) {
    guard hasResults(op, 1) else { return }
    let type = type(op.results[0])
    switch (op.attribute, type) {
    case (.integer(let value), .scalar(let scalar)) where !scalar.isFloat:
      if !scalar.holds(value) {
        fail(op, .irAttribute("\(value) does not fit \(scalar.rawValue)"))
      }
    case (.float(let value), .scalar(let scalar)) where scalar.isFloat:
      if !value.isNaN, scalar.rounded(value).bitPattern != value.bitPattern {
        fail(op, .irAttribute("\(value) is not a number of \(scalar.rawValue)"))
      }
    case (.dense(let constant), .tensor(.scalar(let scalar), let extents)),
      (.dense(let constant), .buffer(.scalar(let scalar), let extents)):
      checkDense(op, constant, scalar, extents)
    default:
      fail(op, .irResultType(op.spelling, 0, "of the kind of the number", type))
    }
  }

  /// A dense constant has the bytes of its type, whose extents are known.
  private mutating func checkDense(
    _ op: Operation, _ constant: DenseConstant, _ scalar: ScalarType, _ extents: [Extent]
  ) {
    var byteCount = scalar.byteCount
    for extent in extents {
      guard case .constant(let length) = extent else {
        fail(op, .irAttribute("a dense constant needs extents that are numbers"))
        return
      }
      let product = byteCount.multipliedReportingOverflow(by: length)
      byteCount = product.overflow ? .max : product.partialValue
    }
    if constant.bytes.count != byteCount {
      let found = constant.bytes.count
      fail(op, .irAttribute("the type takes \(byteCount) bytes, the constant has \(found)"))
    }
  }

  /// Operands and result have one type, whose numbers are among `kinds`.
  mutating func checkArithmetic(_ op: Operation, _ kinds: ScalarKinds) {
    guard checkUniform(op, kinds) else { return }
    checkResults(op, [operand(op, 0)])
  }

  /// Operands have one type, the result is as many bools.
  mutating func checkPredicate(_ op: Operation, _ kinds: ScalarKinds) {
    guard checkUniform(op, kinds) else { return }
    checkResults(op, [operand(op, 0).withScalar(.bool)])
  }

  /// `true` iff the first operand is among `kinds`; all others have its type.
  private mutating func checkUniform(_ op: Operation, _ kinds: ScalarKinds) -> Bool {
    let first = operand(op, 0)
    guard let scalar = first.laneType, kinds.contains(scalar) else {
      failOperand(op, 0, kinds.name)
      return false
    }
    for index in 1..<max(1, op.operands.count) { checkOperand(op, index, first) }
    return true
  }

  /// An i32 chooses among numbers as wide.
  mutating func checkLookUp(_ op: Operation) {
    guard operand(op, 0).laneType == .i32 else { return failOperand(op, 0, "an i32") }
    guard hasResults(op, 1) else { return }
    let result = type(op.results[0])
    guard let scalar = result.laneType, scalar.bitWidth == 32,
      result == operand(op, 0).withScalar(scalar)
    else { return fail(op, .irResultType(op.spelling, 0, "as wide as the operand", result)) }
    guard case .dense(let table) = op.attribute, table.bytes.count == 32 else {
      return fail(op, .irAttribute("a table has eight numbers of 32 bits"))
    }
  }

  /// A bool, or one for each lane, chooses between two values of one type.
  mutating func checkSelect(_ op: Operation) {
    let chosen = operand(op, 1)
    switch chosen {
    case .scalar, .pointer: checkOperand(op, 0, .bool)
    case .vector:
      if operand(op, 0) != .bool { checkOperand(op, 0, chosen.withScalar(.bool)) }
    case .tensor, .buffer: failOperand(op, 1, "a scalar, an address or a vector")
    }
    checkOperand(op, 2, chosen)
    checkResults(op, [chosen])
  }

  /// The result has as many lanes as the operand, of another number type but bool.
  mutating func checkConvert(_ op: Operation) {
    guard hasResults(op, 1) else { return }
    let source = operand(op, 0)
    let result = type(op.results[0])
    guard source.laneType != nil else {
      return failOperand(op, 0, ScalarKinds.numbersAndBools.name)
    }
    guard let target = result.laneType, result == source.withScalar(target), target != .bool else {
      return fail(op, .irResultType(op.spelling, 0, "a number, lane by lane", result))
    }
  }

  /// Operand and result are numbers as wide, lane by lane.
  mutating func checkBitcast(_ op: Operation) {
    guard hasResults(op, 1) else { return }
    let source = operand(op, 0)
    let result = type(op.results[0])
    guard let from = source.laneType, from != .bool else {
      return failOperand(op, 0, ScalarKinds.numbers.name)
    }
    guard let to = result.laneType, to != .bool, to.bitWidth == from.bitWidth,
      result == source.withScalar(to)
    else { return fail(op, .irResultType(op.spelling, 0, "as wide as the operand", result)) }
  }
}

extension Type {
  /// The number type of a scalar or of a vector's lanes; `nil` for all else.
  public var laneType: ScalarType? {
    switch self {
    case .scalar(let type), .vector(let type, _): type
    case .pointer, .tensor, .buffer: nil
    }
  }

  /// The scalar or vector type with `scalar` in place of its number type; other types stay.
  public func withScalar(_ scalar: ScalarType) -> Type {
    switch self {
    case .scalar: .scalar(scalar)
    case .vector(_, let lanes): .vector(scalar, lanes: lanes)
    case .pointer, .tensor, .buffer: self
    }
  }
}

extension ScalarType {
  /// `true` iff `value`, read as a constant's attribute, is a number of this integer type or bool.
  func holds(_ value: Int64) -> Bool {
    switch self {
    case .bool: value == 0 || value == 1
    case .i8: Int8(exactly: value) != nil
    case .i16: Int16(exactly: value) != nil
    case .i32: Int32(exactly: value) != nil
    case .u8: UInt8(exactly: value) != nil
    case .u16: UInt16(exactly: value) != nil
    case .u32: UInt32(exactly: value) != nil
    case .i64, .u64: true
    case .f16, .bf16, .f32, .f64: false
    }
  }
}
