import TesseraIR
import TesseraNumbers
import Testing

/// Every scalar operation on every type, on numbers where things go wrong, against the interpreter.
@Suite struct ScalarTests {
  /// Numbers of a type at which operations turn.
  private func specials(_ type: ScalarType) -> [ScalarValue] {
    if type == .bool { return [.zero(.bool), .one(.bool)] }
    guard type.isFloat else {
      let least = type.isSigned ? UInt64(1) << UInt64(type.bitWidth - 1) : 0
      let greatest = type.isSigned ? type.bitMask >> 1 : type.bitMask
      let others: [Int64] = [1, 2, 3, 5, 7, 8, 31, 64, 100, -1, -2, -7, -100]
      return [.zero(type)] + [least, greatest, least &+ 1].map { ScalarValue(bits: $0, type) }
        + others.map { ScalarValue($0, type) }
    }
    let values: [Double] = [
      0, -0.0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 3, 7, -7, 0.1, 1e-3, 65504, 65520, 1e-7, 6e-8,
      3e-8, 1e9, -3e9, 2e19, -1e30, 1e38, 1e-40, 3.4e38, .infinity, -.infinity, .nan, 0x1p53 + 2,
      0x1.004p0, 0x1.00400001p0, 0x1.01p0, 0x1.01000001p0, 0x1.00ffffffp0, 255.5, 127.5, -128.9,
    ]
    return values.map { ScalarValue(rounding: $0, type) }
  }

  private static let integers: [ScalarType] = [.i8, .i16, .i32, .i64, .u8, .u16, .u32, .u64]
  private static let floats: [ScalarType] = [.f16, .bf16, .f32, .f64]

  /// The text of a function that applies an operation to each element of its inputs, and to a constant
  /// if that is given.
  private func loop(
    _ name: String, _ spelling: String, _ inputs: [ScalarType], _ result: ScalarType,
    _ constant: Int?
  ) -> String {
    let parameters = inputs.enumerated().map { "%x\($0): buffer \($1.rawValue)[?]" }
      .joined(separator: ", ")
    let loads = inputs.enumerated().map { "    %v\($0) = load %x\($0), %i : \($1.rawValue)" }
      .joined(separator: "\n")
    let last = constant.map { "%constant = constant {\($0)} : \(result.rawValue)" } ?? ""
    let operands = (inputs.indices.map { "%v\($0)" } + (constant == nil ? [] : ["%constant"]))
      .joined(separator: ", ")
    return """
      func @\(name)(\(parameters), %y: output buffer \(result.rawValue)[?]) export {
        %zero = constant {0} : i64
        %one = constant {1} : i64
        %n = dimension %y {0} : i64
        \(last)
        for %zero, %n, %one {
        ^(%i: i64):
      \(loads)
          %r = \(spelling) \(operands) : \(result.rawValue)
          store %r, %y, %i
          yield
        }
        return
      }

      """
  }

  /// Checks one operation on all combinations of specials; the last operand is `constant` if that is
  /// given.
  private func check(
    _ cases: [(opcode: Opcode, inputs: [ScalarType], result: ScalarType)], constant: Int? = nil
  ) throws {
    var text = ""
    for (index, item) in cases.enumerated() {
      text += loop("f\(index)", item.opcode.info.spelling, item.inputs, item.result, constant)
    }
    let (module, sources) = try parse(text)
    let plain = try session.compile(module, optimization: .none, sources: sources)
    let optimized = try session.compile(module, sources: sources)
    for (index, item) in cases.enumerated() {
      var columns: [[ScalarValue]] = item.inputs.map { _ in [] }
      for row in combinations(item) {
        for (column, value) in row.enumerated() { columns[column].append(value) }
      }
      let count = columns[0].count
      var arguments = zip(item.inputs, columns).map {
        TestArgument.buffer($0, shape: [count], $1)
      }
      arguments.append(.zeros(item.result, count))
      let expected = runInterpreted(module, "f\(index)", arguments, sources)
      for compiled in [plain, optimized] {
        let found = runCompiled(try #require(compiled["f\(index)"]), arguments)
        #expect(found.status == expected.status, "\(item) \(found)")
        guard found.status == 0, let results = found.buffers.last,
          let wanted = expected.buffers.last
        else { continue }
        for row in 0..<count where results[row] != wanted[row] {
          Issue.record(
            "\(item.opcode) \(item.inputs) \(columns.map { $0[row] }): \(results[row]), not \(wanted[row])"
          )
        }
      }
    }
  }

  /// Rows of operands; divisors of integers are not 0.
  private func combinations(
    _ item: (opcode: Opcode, inputs: [ScalarType], result: ScalarType)
  ) -> [[ScalarValue]] {
    var rows: [[ScalarValue]] = [[]]
    for (index, type) in item.inputs.enumerated() {
      var values = specials(type)
      if item.inputs.count == 3 { values = Array(values.prefix(24)) }
      let isDivision = item.opcode.info.traits.contains(.mayTrap) && type.isInteger
      if isDivision, index == 1 { values.removeAll { $0.bits == 0 } }
      rows = rows.flatMap { row in values.map { row + [$0] } }
    }
    return rows
  }

  @Test(arguments: integers)
  func integersAgree(_ type: ScalarType) throws {
    let binary: [Opcode] = [
      .add, .subtract, .multiply, .divide, .remainder, .divideTruncating, .remainderTruncating,
      .minimum, .maximum, .minimumNumber, .maximumNumber, .bitAnd, .bitOr, .bitXor, .shiftLeft,
      .shiftRight,
    ]
    let comparisons: [Opcode] = [
      .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual,
    ]
    try check(
      binary.map { ($0, [type, type], type) }
        + comparisons.map { ($0, [type, type], .bool) }
        + [Opcode.negate, .bitNot, .absolute].map { ($0, [type], type) }
        + [(.multiplyAdd, [type, type, type], type), (.select, [.bool, type, type], type)])
  }

  @Test(arguments: [2, 3, 7, 8, 100, -1, -2, -7, -128])
  func divisionsByConstantsAgree(_ divisor: Int) throws {
    let divisions: [Opcode] = [.divide, .remainder, .divideTruncating, .remainderTruncating]
    for type in [ScalarType.i8, .i32, .i64] {
      try check(divisions.map { ($0, [type], type) }, constant: divisor)
    }
  }

  @Test(arguments: floats)
  func floatsAgree(_ type: ScalarType) throws {
    let binary: [Opcode] = [
      .add, .subtract, .multiply, .divide, .remainder, .minimum, .maximum, .minimumNumber,
      .maximumNumber,
    ]
    let comparisons: [Opcode] = [
      .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual,
    ]
    let unary: [Opcode] = [
      .negate, .absolute, .floor, .ceil, .round, .truncate, .squareRoot,
    ]
    try check(
      binary.map { ($0, [type, type], type) }
        + comparisons.map { ($0, [type, type], .bool) }
        + unary.map { ($0, [type], type) }
        + [(.isNaN, [type], .bool), (.multiplyAdd, [type, type, type], type)])
  }

  @Test(arguments: floats)
  func mathematicalFunctionsAgree(_ type: ScalarType) throws {
    let unary: [Opcode] = [
      .reciprocalSquareRoot, .exponential, .exponential2, .logarithm, .logarithm2, .sine, .cosine,
      .tangent, .hyperbolicTangent, .errorFunction, .sigmoid,
    ]
    try check(unary.map { ($0, [type], type) } + [(.power, [type, type], type)])
  }

  @Test func boolsAgree() throws {
    let binary: [Opcode] = [
      .bitAnd, .bitOr, .bitXor, .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual,
    ]
    try check(
      binary.map { ($0, [.bool, .bool], .bool) } + [(.bitNot, [.bool], .bool)])
  }

  @Test func conversionsAgree() throws {
    let types = Self.integers + Self.floats
    try check(
      types.flatMap { from in types.map { (.convert, [from], $0) } }
        + types.map { (.convert, [.bool], $0) })
  }

  @Test func bitcastsAgree() throws {
    let types = Self.integers + Self.floats
    try check(
      types.flatMap { from in
        types.filter { $0.bitWidth == from.bitWidth && $0 != from }
          .map { (.bitcast, [from], $0) }
      })
  }
}
