import TesseraCodeGen
import TesseraIR
import TesseraNumbers
import Testing

@Suite struct FailureTests {
  @Test func namesTheLineAndTheNumbers() throws {
    let text = """
      func @g(%n: i64, %x: f32) {
        %ten = constant {10} : i64
        %ok = less %n, %ten : bool
        assert %ok, %n, %x {"{} is too large for {}"}
        return
      }
      func @f(%n: i64, %x: f32) -> (%y: i64) export {
        call %n, %x {@g}
        return %n
      }
      """
    let failed = try agree(text, "f", .int(12), .scalar(ScalarValue(rounding: 0.5, .f32)))
    #expect(failed.status == 32)
    let (module, sources) = try parse(text)
    let compiled = try session.compile(module, sources: sources)
    let outcome = runCompiled(
      try #require(compiled["f"]), [.int(12), .scalar(ScalarValue(rounding: 0.5, .f32))])
    #expect(outcome.message == "12 is too large for 0.5")
    #expect(outcome.line == 4)
    try agree(text, "f", .int(2), .scalar(ScalarValue(rounding: 0.5, .f32)))
  }

  @Test(arguments: ["divide", "remainder", "divide_truncating", "remainder_truncating"])
  func divisionByZeroIsAnError(_ opcode: String) throws {
    let text = """
      func @f(%a: i32, %b: i32) -> (%c: i32) export {
        %c = \(opcode) %a, %b : i32
        return %c
      }
      """
    #expect(try agree(text, "f", .int(5, .i32), .int(0, .i32)).status == 33)
    #expect(try agree(text, "f", .int(-5, .i32), .int(3, .i32)).status == 0)
  }

  private let grid = """
    func @f(%x: buffer i64[?], %y: output buffer i64[?]) export {
      %zero = constant {0} : i64
      %n = dimension %x {0} : i64
      parallel %zero, %n {
      ^(%i: i64):
        %v = load %x, %i : i64
        %ok = not_equal %v, %zero : bool
        assert %ok, %i {"program {} met a zero"}
        %inner = dimension %y {0} : i64
        %one = constant {1} : i64
        parallel %zero, %one {
        ^(%j: i64):
          %t = allocate %inner : buffer i64[?]
          store %v, %t, %i
          %w = load %t, %i : i64
          store %w, %y, %i
          yield
        }
        yield
      }
      return
    }
    """

  @Test func runsGrids() throws {
    try agree(grid, "f", .numbers(.i64, (1...500).map(Double.init)), .zeros(.i64, 500))
    try agree(grid, "f", .numbers(.i64, []), .zeros(.i64, 0))
  }

  @Test func theFirstFailureOfAGridStays() throws {
    let values = (0..<500).map { $0 % 50 == 49 ? 0.0 : 1.0 }
    let (module, sources) = try parse(grid)
    let compiled = try session.compile(module, sources: sources)
    for _ in 0..<20 {
      let outcome = runCompiled(
        try #require(compiled["f"]), [.numbers(.i64, values), .zeros(.i64, 500)])
      #expect(outcome.message == "program 49 met a zero")
    }
  }

  @Test func entryRefusesWrongArguments() throws {
    let text = """
      func @f(%x: buffer f32[?, 3], %y: output buffer f32[?]) export {
        return
      }
      """
    let (module, sources) = try parse(text)
    let function = try #require(try session.compile(module, sources: sources)["f"])
    func status(_ x: TestArgument, _ y: TestArgument) -> Int32 {
      runCompiled(function, [x, y]).status
    }
    #expect(status(.zeros(.f32, 2, 3), .zeros(.f32, 2)) == 0)
    #expect(status(.zeros(.f32, 6), .zeros(.f32, 2)) == 2)
    #expect(status(.zeros(.f64, 2, 3), .zeros(.f32, 2)) == 3)
    #expect(status(.zeros(.f32, 2, 4), .zeros(.f32, 2)) == 4)
    let memory = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 64)
    defer { memory.deallocate() }
    let error = #expect(throws: CallError.self) {
      try function.call([
        .tensor(data: memory, .f32, shape: [2, 3]), .tensor(data: memory + 4, .f32, shape: [2]),
      ])
    }
    #expect(error?.status == 7)
    let null = #expect(throws: CallError.self) {
      try function.call([
        .tensor(data: nil, .f32, shape: [2, 3]), .tensor(data: memory, .f32, shape: [2]),
      ])
    }
    #expect(null?.status == 1)
  }

  @Test func shapesAndFactsAreChecked() throws {
    let text = """
      func @f(%x: buffer f32[?], %y: output buffer f32[?]) export {
        return
      }
      """
    var (module, sources) = try parse(text)
    func leaf(_ shape: DimensionExpression, _ text: String) -> ExportSignature.Leaf {
      ExportSignature.Leaf(element: .scalar(.f32), shape: [shape], typeText: text)
    }
    let half = DimensionExpression.quotient(.symbol(0), .constant(2))
    module.exports = [
      ExportSignature(
        name: "f", function: "f", symbols: [.init(name: "N", origin: .axis(leaf: 0, axis: 0))],
        parameters: [.init(name: "x", typeText: "f32[N]", leaves: [leaf(.symbol(0), "f32[N]")])],
        results: [.init(name: "y", typeText: "f32[N / 2]", leaves: [leaf(half, "f32[N / 2]")])],
        facts: [
          .init(.remainder(.symbol(0), .constant(2)), .equal, .constant(0), names: ["N"])
        ])
    ]
    let function = try #require(try session.compile(module, sources: sources)["f"])
    let right = runCompiled(function, [.zeros(.f32, 6), .zeros(.f32, 3)])
    #expect(right.status == 0)
    let shape = runCompiled(function, [.zeros(.f32, 6), .zeros(.f32, 4)])
    #expect(shape.status == 4)
    #expect(shape.message.contains("f32[N / 2]"))
    let fact = runCompiled(function, [.zeros(.f32, 7), .zeros(.f32, 3)])
    #expect(fact.status == 10)
    #expect(fact.message.contains("N % 2 == 0"))
    #expect(fact.message.contains("N = 7"))
  }
}
