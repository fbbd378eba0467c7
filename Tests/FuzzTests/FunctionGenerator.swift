import TesseraIR
import TesseraNumbers
import TesseraTesting

/// Makes modules of random functions with structured control flow.
///
/// `f` takes two numbers, a bool, how often loops turn, and two tensors of one extent; loops are
/// short and reads inside, so most programs run to their end. Functions made before `f` are called
/// by it.
struct FunctionGenerator {
  var random: SplitMix
  private var builder = Builder(Function(name: ""))
  /// The values that are visible, region by region.
  private var scopes: [[Value]] = []
  private var callees: [Function] = []
  private var extent: Value?
  private var tensors: [Value] = []
  private var room = 0

  init(random: SplitMix) { self.random = random }

  static let scalars: [ScalarType] = [.i64, .i32, .u8, .f32, .bool]

  /// A module whose function `f` is to be run.
  mutating func module() -> Module {
    var functions: [Function] = []
    for name in ["g", "h"] {
      let function = scalarFunction(name)
      functions.append(function)
      callees.append(function)
    }
    functions.append(random.once(in: 2) ? recursion("r") : exits("r"))
    callees.append(functions.last!)
    functions.append(mainFunction())
    return Module(functions: functions)
  }

  /// Arguments of `f` for loops of `turns` and tensors as long.
  static func parameterTypes() -> [Type] {
    [
      .scalar(.i64), .scalar(.f32), .bool, .index, .tensor(.scalar(.i64), [.dynamic]),
      .tensor(.scalar(.f32), [.dynamic]),
    ]
  }

  // MARK: Functions

  private mutating func begin(_ name: String, _ parameters: [Type], room: Int) {
    builder = Builder(Function(name: name))
    scopes = [[]]
    tensors = []
    extent = nil
    self.room = room
    for type in parameters { note(builder.function.addParameter(nil, type)) }
  }

  private mutating func end(_ results: [Value]) -> Function {
    builder.function.resultTypes = results.map { builder.type(of: $0) }
    builder.function.resultNames = results.map { _ in "" }
    builder.emit(.return, results)
    return builder.function
  }

  private mutating func scalarFunction(_ name: String) -> Function {
    begin(name, [.scalar(.i64), .scalar(.f32)], room: 8)
    statements()
    return end([scalar(.i64), scalar(.f32)])
  }

  private mutating func mainFunction() -> Function {
    begin("f", Self.parameterTypes(), room: 40)
    let parameters = builder.function.parameters
    extent = builder.dimension(parameters[4], 0)
    tensors = [parameters[4], parameters[5]]
    statements()
    return end([scalar(.i64), scalar(.f32), scalar(.bool), scalar(.i32), tensors.last!])
  }

  /// A function that calls itself a few times, in tail position or to combine the result.
  private mutating func recursion(_ name: String) -> Function {
    begin(name, [.scalar(.i64), .scalar(.f32)], room: 4)
    let (n, x) = (builder.function.parameters[0], builder.function.parameters[1])
    // Few turns, whatever the argument is.
    let mask = builder.constant(7)
    let small = builder.arithmetic(.bitAnd, n, mask)
    let zero = builder.constant(0)
    let done = builder.compare(.lessOrEqual, small, zero)
    let isCombined = random.once(in: 2)
    let combination = random.pick([Opcode.add, .multiply, .subtract, .maximum, .bitXor])
    let last = region([]) { generator, _ in
      generator.statements()
      return [generator.scalar(.i64), generator.scalar(.f32)]
    }
    let again = region([]) { generator, _ in
      let one = generator.builder.constant(1)
      let less = generator.builder.arithmetic(.subtract, small, one)
      let number = generator.scalar(.i64)
      let other = generator.random.once(in: 2) ? x : generator.scalar(.f32)
      let results = generator.builder.emit(
        .call, [less, other], results: [.scalar(.i64), .scalar(.f32)], attribute: .symbol(name))
      if !isCombined { return results }
      return [generator.builder.arithmetic(combination, number, results[0]), results[1]]
    }
    let results = builder.emit(
      .if, [done], results: [.scalar(.i64), .scalar(.f32)], regions: [last, again])
    return end(results)
  }

  /// A function that ends in branches.
  private mutating func exits(_ name: String) -> Function {
    begin(name, [.scalar(.i64), .scalar(.f32)], room: 6)
    for _ in 0...random.below(2) {
      let condition = scalar(.bool)
      let leaving = builder.function.makeRegion()
      scopes.append([])
      let knownTensors = tensors
      appending(to: leaving) { generator in
        generator.statements()
        let results = [generator.scalar(.i64), generator.scalar(.f32)]
        generator.builder.emit(.return, results)
      }
      tensors = knownTensors
      scopes.removeLast()
      let staying = region([]) { _, _ in [] }
      builder.emit(
        .if, [condition], regions: random.once(in: 2) ? [leaving, staying] : [staying, leaving])
    }
    statements()
    return end([scalar(.i64), scalar(.f32)])
  }

  private mutating func appending<Result>(
    to region: ID<Region>, _ body: (inout FunctionGenerator) -> Result
  ) -> Result {
    let outer = builder.region
    builder.region = region
    defer { builder.region = outer }
    return body(&self)
  }

  // MARK: Regions

  private mutating func note(_ value: Value) { scopes[scopes.count - 1].append(value) }

  /// A region that yields what `body` returns.
  private mutating func region(
    _ parameters: [Type], _ body: (inout FunctionGenerator, [Value]) -> [Value]
  ) -> ID<Region> {
    let region = builder.function.makeRegion()
    let values = parameters.map { builder.function.addParameter(nil, $0, to: region) }
    scopes.append(values)
    let knownTensors = tensors
    appending(to: region) { generator in
      let results = body(&generator, values)
      generator.builder.emit(.yield, results)
    }
    tensors = knownTensors
    scopes.removeLast()
    return region
  }

  // MARK: Statements

  private mutating func statements() {
    for _ in 0...random.below(4) where room > 0 {
      room -= 1
      statement()
    }
  }

  private mutating func statement() {
    switch random.below(12) {
    case 0: branch()
    case 1: loop()
    case 2: whileLoop()
    case 3: compute()
    case 4: reduce()
    case 5: call()
    case 6: printed()
    case 7: update()
    default: arithmetic()
    }
  }

  private mutating func branch() {
    let types = [ScalarType.i64, .f32, .bool].map { Type.scalar($0) }
    let condition = scalar(.bool)
    let regions = (0..<2).map { _ in
      region([]) { generator, _ in
        generator.statements()
        return types.map { generator.scalar($0.scalarType!) }
      }
    }
    for value in builder.emit(.if, [condition], results: types, regions: regions) { note(value) }
  }

  /// How often a loop turns: the parameter if it is one of `f`, or a few times.
  private mutating func turns() -> Value {
    if let extent, random.once(in: 2) { return extent }
    return builder.constant(Int64(random.below(4)))
  }

  private mutating func loop() {
    let carried: [ScalarType] = [.i64, .f32, .bool]
    let initial = carried.map { scalar($0) }
    let lower = builder.constant(Int64(random.below(2)))
    let upper = turns()
    let step = builder.constant(Int64(1 + random.below(2)))
    let body = region([.index] + carried.map { .scalar($0) }) { generator, parameters in
      generator.statements()
      // Some are handed round as they are, some only feed themselves.
      return carried.enumerated().map { index, type in
        generator.random.once(in: 4) ? parameters[1 + index] : generator.scalar(type)
      }
    }
    let results = builder.emit(
      .for, [lower, upper, step] + initial, results: carried.map { .scalar($0) }, regions: [body])
    for value in results { note(value) }
  }

  private mutating func whileLoop() {
    let types: [Type] = [.index, .scalar(.f32), .scalar(.i64)]
    let zero = builder.constant(0)
    let limit = turns()
    let initial = [zero, scalar(.f32), scalar(.i64)]
    let first = builder.function.makeRegion()
    let parameters = types.map { builder.function.addParameter(nil, $0, to: first) }
    scopes.append(parameters)
    let knownTensors = tensors
    appending(to: first) { generator in
      generator.statements()
      let more = generator.builder.compare(.less, parameters[0], limit)
      let passed = [parameters[0], generator.scalar(.f32), parameters[2]]
      generator.builder.emit(.condition, [more] + passed)
    }
    tensors = knownTensors
    scopes.removeLast()
    let second = region(types) { generator, parameters in
      generator.statements()
      let one = generator.builder.constant(1)
      let next = generator.builder.arithmetic(.add, parameters[0], one)
      return [
        next, generator.scalar(.f32),
        generator.random.once(in: 2) ? parameters[2] : generator.scalar(.i64),
      ]
    }
    let results = builder.emit(.while, initial, results: types, regions: [first, second])
    for value in results { note(value) }
  }

  private mutating func compute() {
    guard let extent else { return arithmetic() }
    let type = random.pick([ScalarType.i64, .f32])
    let body = region([.index]) { generator, indices in
      generator.readAll(at: indices[0])
      generator.statements()
      return [generator.scalar(type)]
    }
    tensors += builder.emit(
      .compute, [extent], results: [.tensor(.scalar(type), [.dynamic])], regions: [body])
  }

  private mutating func update() {
    guard let extent, let tensor = tensors.last else { return arithmetic() }
    let type = builder.type(of: tensor).scalarType!
    let (zero, one) = (builder.constant(0), builder.constant(1))
    let combiner = random.pick([Combiner.sum, .replace, .maximum])
    let body = region([.index]) { generator, indices in
      generator.readAll(at: indices[0])
      generator.statements()
      return [indices[0], generator.scalar(type), generator.scalar(.bool)]
    }
    tensors += builder.emit(
      .update, [tensor, zero, extent, one], results: [builder.type(of: tensor)],
      attribute: .update(combiner), regions: [body])
  }

  private mutating func reduce() {
    guard let extent else { return arithmetic() }
    let type = random.pick([ScalarType.i64, .f32])
    let (zero, one) = (builder.constant(0), builder.constant(1))
    let combiner = random.pick([Combiner.sum, .product, .minimum, .maximum])
    // Further indices take few values, often a single one.
    let lowers = (0..<random.below(3)).map { _ in Int64(random.below(3)) }
    let lower = lowers.map { builder.constant($0) }
    let upper = lowers.map { builder.constant($0 + Int64(1 + random.below(2))) }
    let steps = lowers.map { _ in one }
    let body = region([.index] + lowers.map { _ in .index }) { generator, indices in
      generator.readAll(at: indices[0])
      generator.statements()
      return [generator.scalar(type)]
    }
    note(
      builder.emit(
        .reduce, [zero] + lower + [extent] + upper + [one] + steps, results: [.scalar(type)],
        attribute: .reduction(combiner, .sequential), regions: [body])[0])
  }

  /// Reads one or two tensors at an index that lies inside all of them.
  private mutating func readAll(at index: Value) {
    for _ in 0...random.below(2) { note(builder.read(random.pick(tensors), [index])) }
  }

  private mutating func call() {
    guard !callees.isEmpty else { return arithmetic() }
    let callee = random.pick(callees)
    let arguments = [scalar(.i64), scalar(.f32)]
    let results = builder.emit(
      .call, arguments, results: callee.resultTypes, attribute: .symbol(callee.name))
    for value in results { note(value) }
  }

  private mutating func printed() {
    builder.emit(.print, [scalar(.i64)], attribute: .string("{}"))
  }

  // MARK: Values

  /// A visible value of `type`, or a constant.
  private mutating func scalar(_ type: ScalarType) -> Value {
    let known = scopes.joined().filter { builder.type(of: $0) == .scalar(type) }
    if !known.isEmpty, !random.once(in: 5) { return random.pick(Array(known.suffix(6))) }
    let value = ExpressionGenerator.number(type, &random)
    return builder.emit(
      .constant, results: [.scalar(type)], attribute: value.attribute ?? .integer(0))[0]
  }

  private mutating func arithmetic() {
    let type = random.pick(Self.scalars)
    let binary: [Opcode] = [
      .add, .subtract, .multiply, .minimum, .maximum, .bitAnd, .bitOr, .bitXor, .shiftLeft,
      .shiftRight, .divide, .remainder,
    ]
    switch random.below(8) {
    case 0:
      let (a, b) = (scalar(type), scalar(type))
      let comparison = random.pick([Opcode.equal, .less, .greaterOrEqual, .notEqual])
      note(builder.compare(comparison, a, b))
    case 1:
      let target = random.pick(Self.scalars.filter { $0 != .bool })
      let source = scalar(type)
      note(builder.emit(.convert, [source], results: [.scalar(target)])[0])
    case 2:
      let operands = [scalar(.bool), scalar(type), scalar(type)]
      note(builder.emit(.select, operands, results: [.scalar(type)])[0])
    case 3:
      let unary = [Opcode.negate, .absolute, .bitNot].filter {
        ExpressionGenerator.takes($0, type)
      }
      if let opcode = unary.isEmpty ? nil : random.pick(unary) {
        note(builder.arithmetic(opcode, scalar(type)))
      }
    default:
      let opcode = random.pick(binary.filter { ExpressionGenerator.takes($0, type) })
      let (a, b) = (scalar(type), scalar(type))
      note(builder.arithmetic(opcode, a, b))
    }
  }
}
