import TesseraIR
import TesseraInterpreter
import TesseraNumbers
import TesseraPasses
import Testing

/// A fixed sequence of numbers that look random.
struct Dice {
  var state: UInt64

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state >> 33
  }

  mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(max(1, limit))) }
}

/// A tensor of small numbers of `type`, such that sums of many products are exact in any order.
func tensor(_ type: ScalarType, _ shape: [Int], _ dice: inout Dice) -> InterpreterValue {
  let count = shape.reduce(1, *)
  let values = (0..<count).map { _ in
    type.isFloat
      ? ScalarValue(rounding: Double(dice.below(65) - 32) / 4, type)
      : ScalarValue(Int64(dice.below(21)) - 10, type)
  }
  return .tensor(TensorValue(type, shape: shape, values: values))
}

/// Checks that `@f` gives the same bits as tensor IR and when it is scheduled for `target`.
func checkAgreement(
  _ module: Module, _ arguments: [InterpreterValue], _ target: TargetDescription,
  _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let function = try #require(module["f"])
  let expected = try Interpreter(module).run("f", arguments)

  var scheduled = module
  schedule(&scheduled, for: target)
  var context = PassContext()
  Pass.memoryPlan.run(on: &scheduled, &context)
  let problems = verify(scheduled, stage: .scheduled)
  #expect(
    problems.isEmpty, "\(problems.map(\.message)) \(scheduled)", sourceLocation: sourceLocation)
  let interpreter = Interpreter(scheduled)
  var outputs: [InterpreterValue] = []
  if function.resultTypes.contains(where: { $0.rank > 0 || isTensor($0) }) {
    var extents = try interpreter.run(shapeFunctionName("f"), arguments)
      .map { Int($0.scalar?.integer ?? -1) }[...]
    for type in function.resultTypes where isTensor(type) {
      let shape = Array(extents.prefix(type.rank))
      extents = extents.dropFirst(type.rank)
      let scalar = try #require(type.scalarType)
      // What is not defined shows.
      let count = shape.reduce(scalar.byteCount, *)
      outputs.append(
        .tensor(TensorValue(scalar, shape: shape, bytes: Array(repeating: 0xA5, count: count))))
    }
  }
  let scalars = try interpreter.run("f", arguments + outputs)

  var found: [InterpreterValue] = []
  var (nextOutput, nextScalar) = (outputs.makeIterator(), scalars.makeIterator())
  for type in function.resultTypes {
    found.append(try #require(isTensor(type) ? nextOutput.next() : nextScalar.next()))
  }
  for (index, (a, b)) in zip(expected, found).enumerated() {
    #expect(
      bits(a) == bits(b), "result \(index): \(comment ?? "") \(a.doubles) \(b.doubles)",
      sourceLocation: sourceLocation)
  }
}

private func isTensor(_ type: Type) -> Bool {
  if case .tensor = type { return true }
  return false
}

private func bits(_ value: InterpreterValue) -> [UInt64] {
  if let tensor = value.tensor {
    return tensor.shape.map { UInt64($0) } + tensor.values().map(\.bits)
  }
  return value.scalar.map { [$0.bits] } ?? []
}
