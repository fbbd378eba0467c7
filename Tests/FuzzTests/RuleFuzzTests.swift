import Foundation
import TesseraIR
import TesseraInterpreter
import TesseraNumbers
import TesseraTesting
import Testing

@testable import TesseraPasses

/// Every algebraic rule by itself, on random expressions, against the interpreter.
@Suite struct RuleFuzzTests {
  /// The rules that expressions over scalars can show.
  private static let scalarRules = Rule.all.indices.filter { index in
    Rule.all[index].opcodes.allSatisfy { $0.info.traits.contains(.elementwise) }
  }

  @Test(arguments: scalarRules)
  func keepsValues(ruleIndex: Int) throws {
    let rule = Rule.all[ruleIndex]
    var table = [[Rule]](repeating: [], count: Opcode.allCases.count)
    for opcode in rule.opcodes { table[Int(opcode.rawValue)] = [rule] }
    let wanted = min(FuzzRun.seeds(short: 4, long: 100).count, 1000)
    var fired = 0
    var random = SplitMix(seed: UInt64(ruleIndex))
    for _ in 0..<wanted * 2000 where fired < wanted {
      var generator = ExpressionGenerator(random: random)
      let before = generator.function(for: rule)
      random = generator.random
      var after = before
      // Constants that are folded on the way do not count as the rule's work.
      var folded = before
      _ = Rewriter.rewrite(
        &folded, by: [[Rule]](repeating: [], count: table.count), relaxed: false)
      guard Rewriter.rewrite(&after, by: table, relaxed: true),
        after.regions.map(\.operations) != folded.regions.map(\.operations)
      else { continue }
      fired += 1
      let problems = verify(Module(functions: [after]))
      #expect(problems.isEmpty, "\(rule.law): \(problems)\n\(before)\n\(after)")
      for _ in 0..<8 {
        try compare(before, after, rule, &random)
      }
    }
    #expect(fired > 0, "no expression shows «\(rule.law)»")
  }

  private func compare(
    _ before: Function, _ after: Function, _ rule: Rule, _ random: inout SplitMix
  ) throws {
    let isRelaxed = rule.domain == .relaxedFloats
    let arguments = before.parameters.map { parameter -> InterpreterValue in
      let type = before.type(of: parameter).scalarType!
      // Real-number laws hold exactly for small whole numbers.
      return .scalar(
        isRelaxed && type.isFloat
          ? ScalarValue(rounding: Double(random.below(9) + 1), type)
          : ExpressionGenerator.number(type, &random))
    }
    guard let expected = try? Interpreter(Module(functions: [before])).run("f", arguments) else {
      return
    }
    let actual = try Interpreter(Module(functions: [after])).run("f", arguments)
    for (a, b) in zip(expected, actual) {
      guard let a = a.scalar, let b = b.scalar else { continue }
      let isClose =
        isRelaxed && a.type.isFloat
        && abs(a.double - b.double) <= 0.02 * max(1, abs(a.double))
      #expect(
        a == b || (a.isNaN && b.isNaN) || isClose || (isRelaxed && !a.double.isFinite),
        "\(rule.law): \(arguments) gives \(a), then \(b)\n\(before)\n\(after)")
    }
  }
}

/// Makes functions that compute one expression over a few parameters.
struct ExpressionGenerator {
  var random: SplitMix
  private var builder = Builder(Function(name: "f"))
  private var made: [Value] = []
  private var type = ScalarType.i64

  init(random: SplitMix) { self.random = random }

  /// A function whose last operation is one that `rule` is tried on.
  mutating func function(for rule: Rule) -> Function {
    type = pickType(for: rule)
    for name in ["x", "y"] {
      made.append(builder.function.addParameter(name, .scalar(type)))
    }
    made.append(builder.function.addParameter("c", .bool))
    made.append(builder.function.addParameter("n", .scalar(random.pick(Self.numbers))))
    let family = Self.families.first { $0.contains(rule.opcodes[0]) } ?? rule.opcodes
    let root = random.pick(rule.opcodes)
    let value =
      type == .i64 && random.once(in: 2)
      ? inLoop { $0.operation(root, .i64, family, depth: 2) }
      : operation(root, type, family, depth: 2)
    builder.function.resultTypes = [builder.type(of: value)]
    builder.function.resultNames = [""]
    builder.emit(.return, [value])
    return builder.function
  }

  /// The last value, or 0, that a loop of few turns makes of its index.
  private mutating func inLoop(_ body: (inout ExpressionGenerator) -> Value) -> Value {
    let (zero, one, three) = (builder.constant(0), builder.constant(1), builder.constant(3))
    let end = builder.arithmetic(.bitAnd, made[0], three)
    made.append(end)
    let region = builder.function.makeRegion()
    let index = builder.function.addParameter("i", .index, to: region)
    let outer = builder.region
    builder.region = region
    made.append(index)
    let value = body(&self)
    let type = builder.type(of: value)
    builder.function.addParameter(nil, type, to: region)
    builder.emit(.yield, [value])
    builder.region = outer
    let nothing = builder.emit(
      .constant, results: [type],
      attribute: type.scalarType!.isFloat ? .float(0) : .integer(0))[0]
    return builder.emit(
      .for, [zero, end, one, nothing], results: [type], regions: [region])[0]
  }

  private static let numbers = ScalarType.allCases.filter { $0 != .bool }

  /// Operations that rules combine.
  private static let families: [[Opcode]] = [
    [.add, .subtract, .negate],
    [.multiply, .negate, .multiplyAdd],
    [.divide, .remainder, .multiply, .add, .convert],
    [.divideTruncating, .remainderTruncating, .convert],
    [.minimum, .maximum, .minimumNumber, .maximumNumber],
    [.absolute, .negate],
    [
      .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .add, .subtract, .divide,
      .convert,
    ],
    [.bitAnd, .bitOr, .bitXor, .bitNot, .less, .equal],
    [.shiftLeft, .shiftRight],
    [.isNaN, .convert],
    [.select, .bitNot, .less, .greater],
    [.convert], [.bitcast],
    [.floor, .ceil, .round, .truncate, .convert],
  ]

  private mutating func pickType(for rule: Rule) -> ScalarType {
    let types = ScalarType.allCases.filter { type in
      rule.holds(for: type, relaxed: true)
        && rule.opcodes.allSatisfy { Self.takes($0, type) }
    }
    return random.pick(types.isEmpty ? [.i64] : types)
  }

  /// `true` iff valid IR applies `opcode` to numbers of `type`.
  static func takes(_ opcode: Opcode, _ type: ScalarType) -> Bool {
    switch opcode {
    case .floor, .ceil, .round, .truncate, .squareRoot, .isNaN: type.isFloat
    case .bitAnd, .bitOr, .bitXor, .bitNot: !type.isFloat
    case .shiftLeft, .shiftRight, .divideTruncating, .remainderTruncating: type.isInteger
    case .add, .subtract, .multiply, .negate, .multiplyAdd, .divide, .remainder, .absolute,
      .minimum, .maximum, .minimumNumber, .maximumNumber, .bitcast:
      type != .bool
    default: true
    }
  }

  private mutating func operation(
    _ opcode: Opcode, _ type: ScalarType, _ family: [Opcode], depth: Int
  ) -> Value {
    func operand(_ generator: inout ExpressionGenerator, _ type: ScalarType) -> Value {
      generator.value(type, family, depth: depth - 1)
    }
    let a: Value
    switch opcode {
    case .select:
      let condition = operand(&self, .bool)
      let first = operand(&self, type)
      let second = operand(&self, type)
      return emit(.select, [condition, first, second], type)
    case .convert:
      let source = random.once(in: 3) ? type : random.pick(ScalarType.allCases)
      let target = type == .bool ? .i32 : type
      a = operand(&self, source)
      return emit(.convert, [a], target)
    case .bitcast:
      let sources = Self.numbers.filter { $0.bitWidth == type.bitWidth }
      a = operand(&self, random.pick(sources))
      return emit(.bitcast, [a], type)
    case .bitNot, .negate, .absolute, .floor, .ceil, .round, .truncate:
      a = operand(&self, type)
      return emit(opcode, [a], type)
    case .isNaN:
      a = operand(&self, type)
      return emit(.isNaN, [a], .bool)
    case .multiplyAdd:
      let operands = [operand(&self, type), operand(&self, type), operand(&self, type)]
      return emit(opcode, operands, type)
    default:
      a = operand(&self, type)
      let b = operand(&self, type)
      return emit(opcode, [a, b], opcode.isComparison ? .bool : type)
    }
  }

  private mutating func emit(_ opcode: Opcode, _ operands: [Value], _ type: ScalarType) -> Value {
    let value = builder.emit(opcode, operands, results: [.scalar(type)])[0]
    made.append(value)
    return value
  }

  /// A value of `type`: a parameter, a number, something made before, or an operation.
  private mutating func value(_ type: ScalarType, _ family: [Opcode], depth: Int) -> Value {
    let known = made.filter { builder.type(of: $0) == .scalar(type) }
    if !known.isEmpty, random.below(5) < 2 { return random.pick(known) }
    if depth <= 0 || random.once(in: 3) {
      if random.once(in: 2), !known.isEmpty { return random.pick(known) }
      return constant(type)
    }
    let gives = family.filter { opcode in
      if type == .bool, opcode.isComparison { return true }
      return Self.takes(opcode, type) && !opcode.isComparison && opcode != .isNaN
        && !(opcode == .convert && type == .bool)
    }
    guard !gives.isEmpty else { return constant(type) }
    let opcode = random.pick(gives)
    let operandType = opcode.isComparison ? self.type : type
    return operation(opcode, operandType, family, depth: depth)
  }

  private mutating func constant(_ type: ScalarType) -> Value {
    let value = Self.number(type, &random)
    let attribute = value.attribute ?? .integer(0)
    return builder.emit(.constant, results: [.scalar(type)], attribute: attribute)[0]
  }

  /// A number of `type`, often one that a law speaks of.
  static func number(_ type: ScalarType, _ random: inout SplitMix) -> ScalarValue {
    if type.isFloat {
      let special: [Double] = [
        0, -0.0, 1, -1, 2, 0.5, 8, 3, 1e-3, .infinity, -.infinity, .nan, 1e30, -2.5,
      ]
      return random.once(in: 4)
        ? ScalarValue(rounding: Double(random.below(2001) - 1000) / 7, type)
        : ScalarValue(rounding: random.pick(special), type)
    }
    let special: [Int64] = [0, 1, -1, 2, 3, 4, 6, 8, 12, 16, -3, .min, .max, 64, 100]
    return random.once(in: 4)
      ? ScalarValue(Int64(bitPattern: random.next()), type)
      : ScalarValue(random.pick(special), type)
  }
}
