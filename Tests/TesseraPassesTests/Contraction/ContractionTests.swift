import TesseraIR
import TesseraInterpreter
import TesseraPasses
import Testing

/// Contractions are scheduled by panels, and give what the tensors say.
///
/// Elements are small whole numbers, so that sums are exact in any order.
@Suite struct ContractionTests {
  /// Runs `@f`, of the program of this name or text, before and after scheduling and compares all
  /// results, of these shapes; with none and with one of the first two parameters constant.
  private func check(
    _ name: String, _ shapes: [[Int]], gives results: [[Int]], usesPanels: Bool = true
  ) throws {
    let text = contractionPrograms.first { $0.name == name }?.text ?? name
    for constants in [[], [0], [1]] {
      try check(text, shapes, gives: results, usesPanels: usesPanels, constants: constants)
    }
  }

  private func check(
    _ text: String, _ shapes: [[Int]], gives results: [[Int]], usesPanels: Bool, constants: [Int]
  ) throws {
    var module = try module(text)
    module.functions[0].isExported = true
    for index in constants { module.functions[0].roles[index] = .constant }
    var state: UInt64 = 1
    let arguments = shapes.map { shape in
      let values = (0..<shape.reduce(1, *)).map { _ -> Double in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Double(Int(state >> 60) - 8)
      }
      return InterpreterValue.tensor(values, shape: shape)
    }
    let expected = try Interpreter(module).run("f", arguments)
    schedule(&module)
    var context = PassContext()
    for pass in [Pass.prepare, .memoryPlan] {
      pass.run(on: &module, &context)
      #expect(verify(module, stage: .scheduled).map(\.message) == [])
    }
    #expect("\(module)".contains("%depth") == usesPanels)
    let outputs = results.map { shape in
      InterpreterValue.tensor(
        Array(repeating: .nan, count: shape.reduce(1, *)), shape: shape)
    }
    _ = try Interpreter(module).run("f", arguments + outputs)
    for (output, expected) in zip(outputs, expected) {
      #expect(output.doubles == expected.doubles, "\(text) \(shapes)")
    }
  }

  @Test(arguments: [
    (0, 3, 4), (1, 1, 1), (3, 0, 5), (5, 7, 0), (6, 5, 16), (7, 11, 17), (13, 3, 31), (6, 1300, 16),
    (7, 2570, 9),
  ])
  func multipliesMatrices(rows: Int, depth: Int, columns: Int) throws {
    try check("matmul", [[rows, depth], [depth, columns]], gives: [[rows, columns]])
  }

  /// Few rows read columns in place, if these fill whole registers and lie in the order of rows; more
  /// rows if the columns stay close.
  @Test(arguments: [
    // Two blocks of the depth.
    (rows: 7, depth: 1300, columns: 32, isInPlace: true), (4, 1300, 8, true), (12, 1300, 16, true),
    (4, 1300, 20, false), (40, 1300, 32, false),
    (40, 200, 32, true), (40, 20, 272, false),
  ])
  func readsColumnsOfFewRowsInPlace(
    rows: Int, depth: Int, columns: Int, isInPlace: Bool
  ) throws {
    let text = fixedProduct(rows: rows, depth: depth, columns: columns)
    try check(text, [[rows, depth], [depth, columns]], gives: [[rows, columns]])
    var scheduled = try module(text)
    scheduled.functions[0].isExported = true
    schedule(&scheduled)
    #expect("\(scheduled)".contains("%columns") != isInPlace)
  }

  /// Few columns and terms read rows in place, if these fill tiles; more columns if no tile waits for
  /// its sums.
  @Test(arguments: [
    (rows: 36, columns: 16, depth: 40, isInPlace: true), (64, 29, 7, true), (30, 9, 17, true),
    (40, 77, 3, true), (36, 88, 40, true), (8, 88, 40, false), (36, 264, 40, false),
    (36, 16, 300, false),
    // The last tiles are lower.
    (32, 32, 32, true), (37, 29, 40, true), (64, 88, 40, true),
  ])
  func readsRowsOfFewColumnsInPlace(rows: Int, columns: Int, depth: Int, isInPlace: Bool) throws {
    let text = fixedProduct(rows: rows, depth: depth, columns: columns)
    try check(text, [[rows, depth], [depth, columns]], gives: [[rows, columns]])
    var scheduled = try module(text)
    scheduled.functions[0].isExported = true
    schedule(&scheduled)
    #expect("\(scheduled)".contains("%rows") != isInPlace)
  }

  /// The last tile begins with rows that the one before it has, too, if the same task makes both: so
  /// none lacks rows, and there is one way to finish them.
  @Test(arguments: [(rows: 46, depth: 300, columns: 32), (20, 300, 64), (21, 1300, 32)])
  func repeatsRowsOfTheLastTile(rows: Int, depth: Int, columns: Int) throws {
    let text = fixedProduct(rows: rows, depth: depth, columns: columns)
    try check(text, [[rows, depth], [depth, columns]], gives: [[rows, columns]])
    #expect(try !hasRestOfTile(text))
  }

  /// A task of its own has the last tile; columns beside whole tiles.
  @Test(arguments: [(rows: 400, depth: 1300, columns: 64), (20, 300, 68)])
  func keepsRowsOfTheLastTileApart(rows: Int, depth: Int, columns: Int) throws {
    #expect(try hasRestOfTile(fixedProduct(rows: rows, depth: depth, columns: columns)))
  }

  /// `true` iff some tiles are finished by way of memory.
  private func hasRestOfTile(_ text: String) throws -> Bool {
    var scheduled = try module(text)
    scheduled.functions[0].isExported = true
    schedule(&scheduled)
    return "\(scheduled)".contains("%tile = ")
  }

  /// Where one task has all rows, it packs the columns that it alone needs, several panels of many at a
  /// time.
  @Test(arguments: [(20, 30, 50), (13, 2, 2112)])
  func packsColumnsInTheirTask(rows: Int, depth: Int, columns: Int) throws {
    let text = fixedProduct(rows: rows, depth: depth, columns: columns)
    try check(text, [[rows, depth], [depth, columns]], gives: [[rows, columns]])
  }

  @Test func packsOwnColumnsInTheLoopOfTheProduct() throws {
    var scheduled = try module(fixedProduct(rows: 20, depth: 260, columns: 120))
    scheduled.functions[0].isExported = true
    schedule(&scheduled)
    let loops = "\(scheduled)".split(separator: "parallel %")
    let packing = loops.map { $0.contains(/store [^\n]*%columns/) }
    // Before it one packs the rows, which all tasks need.
    #expect(packing == [false, false, true])
  }

  private func fixedProduct(rows: Int, depth: Int, columns: Int) -> String {
    """
    func @f(%a: f32[\(rows), \(depth)], %b: f32[\(depth), \(columns)])
        -> (%c: f32[\(rows), \(columns)]) {
      %zero = constant {0} : i64
      %one = constant {1} : i64
      %m = constant {\(rows)} : i64
      %k = constant {\(depth)} : i64
      %n = constant {\(columns)} : i64
      %c = compute %m, %n : f32[\(rows), \(columns)] {
      ^(%i: i64, %j: i64):
        %s = reduce %zero, %k, %one {sum} : f32 {
        ^(%l: i64):
          %v = read %a, %i, %l : f32
          %w = read %b, %l, %j : f32
          %p = multiply %v, %w : f32
          yield %p
        }
        yield %s
      }
      return %c
    }
    """
  }

  @Test func packsConstantWeightsOnce() throws {
    var module = try module(contractionPrograms.first { $0.name == "matmul" }!.text)
    module.functions[0].isExported = true
    module.functions[0].roles[0] = .constant
    let whole = module
    schedule(&module)
    var context = PassContext()
    for pass in [Pass.prepare, .memoryPlan] { pass.run(on: &module, &context) }
    let interpreter = Interpreter(module)
    func tensor(_ shape: [Int], _ seed: Int) -> InterpreterValue {
      let count = shape.reduce(1, *)
      return .tensor((0..<count).map { Double(($0 * 7 + seed) % 13 - 6) }, shape: shape)
    }
    // Two blocks of the depth.
    let weight = tensor([7, 1300], 1)
    let byteCount = try interpreter.run("f.packed", [weight])[0].scalar!.integer
    #expect(byteCount >= 4 * 7 * 1300)
    let packed = InterpreterValue.tensor(TensorValue(zeros: .u8, shape: [Int(byteCount)]))
    _ = try interpreter.run("f.prepare", [weight, packed])
    for seed in 2...3 {
      let columns = tensor([1300, 20], seed)
      let result = tensor([7, 20], 0)
      // The rest does not look at what was packed.
      let lost = InterpreterValue.tensor(
        Array(repeating: .nan, count: 7 * 1300), shape: [7, 1300])
      _ = try interpreter.run("f.prepared", [lost, columns, result, packed])
      let expected = try Interpreter(whole).run("f", [weight, columns])
      #expect(result.doubles == expected[0].doubles)
    }
  }

  @Test func multipliesTransposedMatricesOfABatch() throws {
    try check("transposed", [[2, 5, 9], [2, 19, 9]], gives: [[2, 5, 19]])
  }

  @Test(arguments: [(1, 1), (2, 8), (3, 20), (5, 7), (0, 4)])
  func convolves(height: Int, width: Int) throws {
    try check(
      "convolution", [[3, height, width], [7, 3, 3, 3], [7]], gives: [[7, height, width]])
  }

  @Test func convolvesInSteps() throws {
    try check("strided", [[2, 9, 21], [5, 2, 3, 3]], gives: [[5, 5, 11]])
  }

  @Test func leavesMatrixTimesVectorToLoops() throws {
    try check("matrix-vector", [[5, 9], [9]], gives: [[5]], usesPanels: false)
  }

  @Test func leavesProductsOfTheSameAxisToLoops() throws {
    try check("depthwise", [[5, 9], [5, 9]], gives: [[9]], usesPanels: false)
  }

  /// `@f` with `body` for what a result element is, scheduled; `sum` is `%s`.
  private func scheduled(
    extents: [Int64], order: String = "sum", _ body: String
  ) throws -> Module {
    let constants = extents.enumerated().map { "%n\($0) = constant {\($1)} : i64" }
    let names = extents.indices.map { "%n\($0)" }.joined(separator: ", ")
    let indices = extents.indices.map { "%i\($0): i64" }.joined(separator: ", ")
    let shape = extents.map { _ in "?" }.joined(separator: ", ")
    var module = try module(
      """
      func @f(%a: f32[?, ?], %b: f32[?, ?], %yes: bool) -> (%c: f32[\(shape)]) {
        %zero = constant {0} : i64
        %one = constant {1} : i64
        %k = dimension %a {1} : i64
        \(constants.joined(separator: "\n  "))
        %c = compute \(names) : f32[\(shape)] {
        ^(\(indices)):
          %s = reduce %zero, %k, %one {\(order)} : f32 {
          ^(%l: i64):
            %v = read %a, %i0, %l : f32
            %w = read %b, %l, %i\(extents.count - 1) : f32
            %p = multiply %v, %w : f32
            yield %p
          }
          \(body)
        }
        return %c
      }
      """)
    schedule(&module)
    #expect(verify(module, stage: .scheduled).map(\.message) == [])
    return module
  }

  @Test func keepsAssertionsOfElements() throws {
    let module = try scheduled(extents: [8, 16], "assert %yes {\"no\"}\n    yield %s")
    #expect("\(module)".contains("assert"))
  }

  @Test func keepsAnOrderThatIsSettled() throws {
    let module = try scheduled(extents: [8, 16], order: "sum, lanes 4", "yield %s")
    #expect(!"\(module)".contains("splat"))
  }

  @Test func countsElementsBeyondAllMemory() throws {
    let module = try scheduled(extents: [1 << 19, 1 << 19, 1 << 19, 1 << 19, 1 << 19], "yield %s")
    #expect("\(module)".contains("splat"))
  }

  @Test func runsNothingWithoutElements() throws {
    // A number that every index has would be divided by.
    var module = try module(
      """
      func @f(%a: f32[?, ?], %b: f32[?, ?]) -> (%c: f32[?, ?]) {
        %zero = constant {0} : i64
        %one = constant {1} : i64
        %m = dimension %a {0} : i64
        %k = dimension %a {1} : i64
        %n = dimension %b {1} : i64
        %c = compute %m, %n : f32[?, ?] {
        ^(%i: i64, %j: i64):
          %s = reduce %zero, %k, %one {sum} : f32 {
          ^(%l: i64):
            %place = divide %i, %n : i64
            %v = read %a, %place, %l : f32
            %w = read %b, %l, %j : f32
            %p = multiply %v, %w : f32
            yield %p
          }
          yield %s
        }
        return %c
      }
      """)
    schedule(&module)
    #expect("\(module)".contains("splat"))
    let arguments = [[3, 2], [2, 0], [3, 0]].map {
      InterpreterValue.tensor(TensorValue(zeros: .f32, shape: $0))
    }
    _ = try Interpreter(module).run("f", arguments)
  }
}
