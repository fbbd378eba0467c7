import TesseraNumbers
import TesseraSource
import TesseraSyntax

/// Runs typed code on constants while compiling: scalars, tuples and sequences, `if`, loops and
/// calls. What works on tensors or needs vector mathematics goes to the injected evaluator.
struct Evaluator {
  /// Why there is no value.
  enum Stop: Error {
    /// Something is not known while compiling, or is not for this evaluator.
    case notConstant
    case failure(String)
  }

  /// How a statement ends.
  private enum Flow {
    case next
    case returned(ConstantValue?)
  }

  /// What the locals of a function are.
  typealias Environment = [ID<Local>: ConstantValue]

  /// Knows the functions that are called.
  let checker: Checker
  private(set) var steps = 0
  private var callDepth = 0

  /// Creates an evaluator of the functions that `checker` has finished.
  init(checker: Checker) { self.checker = checker }

  /// The value of `expression`, where `environment` holds the locals.
  mutating func evaluate(
    _ expression: TypedExpression, in environment: inout Environment
  ) throws(Stop) -> ConstantValue {
    try countStep()
    switch expression.kind {
    case .constant(let value): return value
    case .local(let local):
      guard let value = environment[local] else { throw .notConstant }
      return value
    case .dimension(let dimension):
      guard let value = dimension.constant else { throw .notConstant }
      return .integer(Int64(value), .i64)
    case .operation(let operation, let operands):
      guard expression.type.scalar != nil else { throw .notConstant }
      var values: [ConstantValue] = []
      for operand in operands { values.append(try evaluate(operand, in: &environment)) }
      return try operation.evaluate(values)
    case .convert(let operand):
      guard let type = expression.type.scalar else { throw .notConstant }
      return try evaluate(operand, in: &environment).converted(to: type)
    case .conditional(let condition, let then, let otherwise):
      guard case .integer(let holds, .bool) = try evaluate(condition, in: &environment)
      else { throw .notConstant }
      return try value(of: holds != 0 ? then : otherwise, in: &environment)
    case .block(let block): return try value(of: block, in: &environment)
    case .aggregate(let parts):
      var values: [ConstantValue] = []
      for part in parts { values.append(try evaluate(part, in: &environment)) }
      return .aggregate(values)
    case .component(let base, let position):
      guard case .aggregate(let parts) = try evaluate(base, in: &environment),
        position < parts.count
      else { throw .notConstant }
      return parts[position]
    case .call(let callee, let arguments, _):
      var values: [ConstantValue] = []
      for argument in arguments { values.append(try evaluate(argument, in: &environment)) }
      return try call(callee, values)
    case .read(let base, let places, let outside):
      return try read(base, places, outside, in: &environment)
    case .index, .bitcast, .slice, .reduce, .reduceAxis, .scanAxis, .lifted, .builtin, .error:
      throw .notConstant
    }
  }

  /// Gives long computations to the injected evaluator, which is faster and has its own limit.
  private mutating func countStep() throws(Stop) {
    steps += 1
    if steps <= Limits.evaluationSteps { return }
    if checker.evaluator != nil { throw .notConstant }
    throw .failure("it takes too many steps")
  }

  private mutating func read(
    _ base: TypedExpression, _ places: [ReadIndex], _ outside: TypedExpression?,
    in environment: inout Environment
  ) throws(Stop) -> ConstantValue {
    guard case .tensor(let type, let shape, let bytes) = try evaluate(base, in: &environment)
    else { throw .notConstant }
    func remainder(_ index: Int, _ period: Int) -> Int { ((index % period) + period) % period }
    var offset = 0
    for (place, size) in zip(places, shape) {
      guard case .integer(let value, _) = try evaluate(place.value, in: &environment)
      else { throw .notConstant }
      var index = Int(value)
      switch place.boundary {
      case .clamp: index = min(max(index, 0), size - 1)
      case .wrap: index = size > 0 ? remainder(index, size) : 0
      case .reflect:
        let period = max(2 * (size - 1), 1)
        index = remainder(index, period)
        index = min(index, period - index)
      case nil: break
      }
      guard (0..<size).contains(index) else {
        if let outside { return try evaluate(outside, in: &environment) }
        throw .notConstant
      }
      offset = offset * size + index
    }
    guard let value = ConstantValue(type, bytes: bytes, element: offset) else { throw .notConstant }
    return value
  }

  private mutating func call(
    _ id: ID<TypedFunction>, _ arguments: [ConstantValue]
  ) throws(Stop) -> ConstantValue {
    guard Int(id.index) < checker.program.functions.count else { throw .notConstant }
    callDepth += 1
    defer { callDepth -= 1 }
    if callDepth > 2_000 { throw .failure("it recurses too deeply") }
    let function = checker.program.functions[id]
    guard case .function = function.kind, function.parameters.count == arguments.count,
      function.parameters.allSatisfy({ $0.passing == .value })
    else { throw .notConstant }
    do {
      return try run(function, arguments)
    } catch {
      guard case .notConstant = error, let evaluator = checker.evaluator else { throw error }
      switch evaluator.evaluate(id, arguments: arguments, in: checker.program) {
      case .value(let value): return value
      case .failure(let text): throw .failure(text)
      }
    }
  }

  private mutating func run(
    _ function: TypedFunction, _ arguments: [ConstantValue]
  ) throws(Stop) -> ConstantValue {
    var environment: Environment = [:]
    for (parameter, value) in zip(function.parameters, arguments) {
      environment[parameter.local] = value
    }
    if case .returned(let value) = try run(function.body.statements, in: &environment) {
      if let value { return value }
    } else if let value = function.body.value {
      return try evaluate(value, in: &environment)
    }
    var results: [ConstantValue] = []
    for result in function.results {
      guard let local = result.local, let value = environment[local] else { throw .notConstant }
      results.append(value)
    }
    return results.count == 1 ? results[0] : .aggregate(results)
  }

  private mutating func value(
    of block: TypedBlock, in environment: inout Environment
  ) throws(Stop) -> ConstantValue {
    guard case .next = try run(block.statements, in: &environment) else { throw .notConstant }
    guard let value = block.value else { return .aggregate([]) }
    return try evaluate(value, in: &environment)
  }

  private mutating func run(
    _ statements: [TypedStatement], in environment: inout Environment
  ) throws(Stop) -> Flow {
    for statement in statements {
      if case .returned(let value) = try run(statement, in: &environment) {
        return .returned(value)
      }
    }
    return .next
  }

  private mutating func run(
    _ statement: TypedStatement, in environment: inout Environment
  ) throws(Stop) -> Flow {
    try countStep()
    switch statement.kind {
    case .bind(let local, let value):
      environment[local] = try evaluate(value, in: &environment)
    case .assign(let place, let value) where place.path.isEmpty:
      environment[place.local] = try evaluate(value, in: &environment)
    case .forLoop(let variable, let lower, let upper, let step, nil, let body):
      guard step == nil, case .integer(let first, _) = try evaluate(lower, in: &environment),
        case .integer(let last, _) = try evaluate(upper, in: &environment)
      else { throw .notConstant }
      var counter = first
      while counter < last {
        environment[variable] = .integer(counter, .i64)
        if case .returned(let value) = try run(body.statements, in: &environment) {
          return .returned(value)
        }
        counter += 1
      }
    case .whileLoop(let condition, let body):
      while case .integer(let holds, _) = try evaluate(condition, in: &environment), holds != 0 {
        if case .returned(let value) = try run(body.statements, in: &environment) {
          return .returned(value)
        }
      }
    case .returnValue(let value):
      guard let value else { return .returned(nil) }
      return .returned(try evaluate(value, in: &environment))
    case .assertion(let condition, let message):
      guard case .integer(let holds, _) = try evaluate(condition, in: &environment)
      else { throw .notConstant }
      if holds == 0 { throw .failure("an assertion fails: \(message)") }
    case .evaluate(let expression):
      // An `if` for its effects: its blocks may assign, and may return.
      guard case .conditional(let condition, let then, let otherwise) = expression.kind,
        case .integer(let holds, _) = try evaluate(condition, in: &environment)
      else { throw .notConstant }
      return try run((holds != 0 ? then : otherwise).statements, in: &environment)
    case .define, .update, .assign, .assignSlice, .forLoop, .print, .check:
      throw .notConstant
    }
    return .next
  }
}

extension ConstantValue {
  /// The element at `element` of the bytes of a tensor.
  init?(_ type: ScalarType, bytes: [UInt8], element: Int) {
    let width = type.byteCount
    guard element >= 0, (element + 1) * width <= bytes.count else { return nil }
    var bits: UInt64 = 0
    for place in 0..<width { bits |= UInt64(bytes[element * width + place]) << UInt64(8 * place) }
    self.init(ScalarValue(bits: bits, type))
  }
}
