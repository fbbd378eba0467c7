import TesseraIR
import TesseraInterpreter
import TesseraNumbers
import TesseraPasses
import Testing

/// Sums of products of narrow numbers, some at a time, are those of one by one, bit for bit.
@Suite struct DotTests {
  /// A product of matrices; of sizes that are known, where they are given.
  private func product(
    _ type: ScalarType, into sum: ScalarType, _ shape: (Int, Int, Int)? = nil
  ) -> String {
    let type = type.rawValue
    let sum = sum.rawValue
    let (m, k, n) = shape.map { ("\($0.0)", "\($0.1)", "\($0.2)") } ?? ("?", "?", "?")
    return """
      func @f(%a: \(type)[\(m), \(k)], %b: \(type)[\(k), \(n)]) -> (%c: \(sum)[\(m), \(n)]) export {
        %m = dimension %a {0} : i64
        %k = dimension %a {1} : i64
        %n = dimension %b {1} : i64
        %zero = constant {0} : i64
        %one = constant {1} : i64
        %c = compute %m, %n : \(sum)[\(m), \(n)] {
        ^(%i: i64, %j: i64):
          %s = reduce %zero, %k, %one {sum} : \(sum) {
          ^(%l: i64):
            %x = read %a, %i, %l : \(type)
            %y = read %b, %l, %j : \(type)
            %v = convert %x : \(sum)
            %w = convert %y : \(sum)
            %p = multiply %v, %w : \(sum)
            yield %p
          }
          yield %s
        }
        return %c
      }
      """
  }

  /// What `text` gives, scheduled for the target of this name, with parameters that are constant.
  private func result(
    _ text: String, _ arguments: [InterpreterValue], _ output: InterpreterValue, on name: String,
    constants: [Int] = []
  ) throws -> [UInt64] {
    var module = try module(text)
    for index in constants { module.functions[0].roles[index] = .constant }
    schedule(&module, for: try #require(TargetDescription(name: name)))
    #expect("\(module)".contains("dot_lanes") == name.contains("+"))
    var context = PassContext()
    for pass in [Pass.prepare, .memoryPlan] { pass.run(on: &module, &context) }
    #expect(verify(module, stage: .scheduled).map(\.message) == [])
    _ = try Interpreter(module).run("f", arguments + [output])
    return output.tensor?.values().map(\.bits) ?? []
  }

  /// Numbers of any exponents; with subnormal ones; near the least normal one: as they would be, were
  /// there no instruction for them.
  @Test(arguments: [(15, 71, 33), (1, 2, 1), (9, 33, 3), (3, 2600, 2)], [0..<254, 0..<3, 50..<72])
  func keepsSmallNumbers(shape: (Int, Int, Int), exponents: Range<Int>) throws {
    try keepsSmallNumbers(shape, exponents, product(.bf16, into: .f32))
  }

  /// The same of a depth that is known to be great, in one block and in several: sums are finished by
  /// way of memory.
  @Test(arguments: [(15, 300, 33), (8, 2600, 17)], [0..<254, 0..<3, 50..<72])
  func keepsSmallNumbersOfDeepSums(shape: (Int, Int, Int), exponents: Range<Int>) throws {
    try keepsSmallNumbers(shape, exponents, product(.bf16, into: .f32, shape))
  }

  private func keepsSmallNumbers(
    _ shape: (Int, Int, Int), _ exponents: Range<Int>, _ text: String
  ) throws {
    let (rows, depth, columns) = shape
    var dice = Dice(state: UInt64(depth + exponents.lowerBound))
    func numbers(_ shape: [Int], _ exponents: Range<Int>) -> InterpreterValue {
      let values = (0..<shape.reduce(1, *)).map { _ in
        let exponent = UInt64(exponents.lowerBound + dice.below(exponents.count))
        let isZero = dice.below(4) == 0
        return ScalarValue(bits: isZero ? 0 : exponent << 7 | dice.next() & 0x807f, .bf16)
      }
      return .tensor(TensorValue(.bf16, shape: shape, values: values))
    }
    // Products of which some are about as small as numbers are, and some are not.
    let others = exponents.lowerBound == 50 ? 60..<76 : 40..<200
    let arguments = [numbers([rows, depth], exponents), numbers([depth, columns], others)]
    func output() -> InterpreterValue { .tensor(TensorValue(zeros: .f32, shape: [rows, columns])) }
    let expected = try result(text, arguments, output(), on: "x86-64-v4")
    for constants in [[], [0], [1]] {
      let found = try result(
        text, arguments, output(), on: "x86-64-v4+avx512bf16", constants: constants)
      #expect(found == expected, "\(constants)")
    }
  }

  /// Bytes whose columns or rows are packed ahead, with the least one among them.
  @Test(arguments: ["x86-64-v4+avx512vnni", "x86-64-v3+avxvnniint8"], [[], [0], [1]])
  func packsBytesAhead(target: String, constants: [Int]) throws {
    var dice = Dice(state: 3)
    func bytes(_ shape: [Int]) -> InterpreterValue {
      let values = (0..<shape.reduce(1, *)).map { _ in
        ScalarValue(dice.below(3) == 0 ? -128 : Int64(dice.below(256) - 128), .i8)
      }
      return .tensor(TensorValue(.i8, shape: shape, values: values))
    }
    let arguments = [bytes([17, 39]), bytes([39, 35])]
    let text = product(.i8, into: .i32)
    let expected = try Interpreter(try module(text)).run("f", arguments)[0]
    let output = InterpreterValue.tensor(TensorValue(zeros: .i32, shape: [17, 35]))
    let found = try result(text, arguments, output, on: target, constants: constants)
    #expect(found == expected.tensor?.values().map(\.bits))
  }
}
