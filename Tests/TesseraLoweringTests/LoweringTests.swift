import Testing

@testable import TesseraLowering
@testable import TesseraSemantics

@Suite struct LoweringTests {
  @Test func definitionBecomesCompute() {
    var f = ProgramBuilder("matmul")
    let (a, left) = f.tensor("a", ["M", "K"])
    let (b, right) = f.tensor("b", ["L", "N"])
    let type = ValueType.f32([left[0], right[1]])
    let c = f.result("c", type)
    let (i, j, k) = (f.index("i"), f.index("j"), f.index("k"))
    let product = TypedExpression.apply(
      .multiply,
      [
        .read(.local(a, .f32(left)), [.index(i), .index(k)]),
        .read(.local(b, .f32(right)), [.index(k), .index(j)]),
      ], .f32)
    f.statement(
      .define(
        [Place(c, type: type)], indices: [i, j], dimensions: type.dimensions,
        value: .reduce(.sum, k, to: .dimension(left[1]), product)))
    #expect(
      f.lowered() == """
        func @matmul(%a: f32[?, ?], %b: f32[?, ?]) -> (%c: f32[?, ?]) {
          %M = dimension %a {0} : i64
          %N = dimension %b {1} : i64
          %c = compute %M, %N : f32[?, ?] {
          ^(%i: i64, %j: i64):
            %0 = constant {0} : i64
            %K = dimension %a {1} : i64
            %1 = constant {1} : i64
            %2 = reduce %0, %K, %1 {sum} : f32 {
            ^(%k: i64):
              %3 = read %a, %i, %k : f32
              %4 = read %b, %k, %j : f32
              %5 = multiply %3, %4 : f32
              yield %5
            }
            yield %2
          }
          return %c
        }

        """)
  }

  @Test func readOutsideIsLazy() {
    var f = ProgramBuilder("shift")
    let (x, shape) = f.tensor("x", ["N"])
    let y = f.result("y", .f32(shape))
    let i = f.index("i")
    let before = TypedExpression.apply(.subtract, [.index(i), .int(1)], .int)
    f.statement(
      .define(
        [Place(y, type: .f32(shape))], indices: [i], dimensions: shape,
        value: .read(.local(x, .f32(shape)), [before], outside: .float(0))))
    let text = f.lowered()
    #expect(text.contains("= if "))
    #expect(text.contains("less_or_equal"))
  }

  @Test func prefixReductionIsOneScan() {
    var f = ProgramBuilder("cumulative_sum")
    let (x, shape) = f.tensor("x", ["N"])
    let y = f.result("y", .f32(shape))
    let (i, k) = (f.index("i"), f.index("k"))
    let end = TypedExpression.apply(.add, [.index(i), .int(1)], .int)
    f.statement(
      .define(
        [Place(y, type: .f32(shape))], indices: [i], dimensions: shape,
        value: .reduce(
          .sum, k, to: end, .read(.local(x, .f32(shape)), [.index(k)]), scanning: i)))
    #expect(
      f.lowered() == """
        func @cumulative_sum(%x: f32[?]) -> (%y: f32[?]) {
          %N = dimension %x {0} : i64
          %0 = scan %N {sum, axis 0} : f32[?] {
          ^(%k: i64):
            %1 = read %x, %k : f32
            yield %1
          }
          %y = compute %N : f32[?] {
          ^(%i: i64):
            %2 = read %0, %i : f32
            yield %2
          }
          return %y
        }

        """)
  }

  @Test func exclusivePrefixStartsFromTheIdentity() {
    var f = ProgramBuilder("before")
    let (x, shape) = f.tensor("x", ["N"])
    let y = f.result("y", .f32(shape))
    let (i, k) = (f.index("i"), f.index("k"))
    f.statement(
      .define(
        [Place(y, type: .f32(shape))], indices: [i], dimensions: shape,
        value: .reduce(
          .sum, k, to: .index(i), .read(.local(x, .f32(shape)), [.index(k)]), scanning: i)))
    let text = f.lowered()
    #expect(text.contains("scan"))
    #expect(text.contains("= if "))
  }

  @Test func elementwiseChainIsOneCompute() {
    var f = ProgramBuilder("silu")
    let (x, shape) = f.tensor("x", ["M", "N"])
    let type = ValueType.f32(shape)
    let value = TypedExpression.local(x, type)
    let sum = TypedExpression.apply(
      .add, [.float(1), .apply(.exponential, [.apply(.negate, [value], type)], type)], type)
    f.function.results = [.init(name: "", local: nil, type: type)]
    f.function.body.value = .apply(.divide, [value, sum], type)
    let text = f.lowered()
    #expect(text.components(of: "compute") == 1)
    #expect(text.components(of: "read") == 2)
  }

  @Test func loopCarriesWhatItChanges() {
    var f = ProgramBuilder("power")
    let n = f.parameter("n", .int)
    f.function.results = [.init(name: "", local: nil, type: .int)]
    let p = f.local("p", .int, isVariable: true)
    let i = f.local("i", .int)
    f.statement(.bind(p, .int(1)))
    let doubled = TypedExpression.apply(.multiply, [.local(p, .int), .int(2)], .int)
    f.statement(
      .forLoop(
        variable: i, lower: .int(0), upper: .local(n, .int), step: nil, capacity: nil,
        body: TypedBlock(
          statements: [
            TypedStatement(.assign(Place(p, type: .int), doubled), at: .none)
          ], value: nil)))
    f.function.body.value = .local(p, .int)
    #expect(f.lowered().contains(" = for "))
  }

  @Test func returnInsideLoopSetsAFlag() {
    var f = ProgramBuilder("first")
    let n = f.parameter("n", .int)
    f.function.results = [.init(name: "", local: nil, type: .int)]
    let i = f.local("i", .int)
    let isFound = TypedExpression.apply(.equal, [.local(i, .int), .int(3)], .bool)
    let leave = TypedBlock(
      statements: [TypedStatement(.returnValue(.local(i, .int)), at: .none)], value: nil)
    let test = TypedExpression(
      .conditional(isFound, leave, TypedBlock(statements: [], value: nil)), .unit, at: .none)
    f.statement(
      .forLoop(
        variable: i, lower: .int(0), upper: .local(n, .int), step: nil, capacity: nil,
        body: TypedBlock(statements: [TypedStatement(.evaluate(test), at: .none)], value: nil)))
    f.function.body.value = .int(-1)
    let text = f.lowered()
    #expect(text.contains("%left"))
    #expect(text.contains("%returned"))
  }

  @Test func callInTailPositionStaysThere() {
    var f = ProgramBuilder("count")
    let n = f.parameter("n", .int)
    f.function.results = [.init(name: "", local: nil, type: .int)]
    let less = TypedExpression.apply(.subtract, [.local(n, .int), .int(1)], .int)
    let call = TypedExpression(
      .call(ID(index: 0), [less], isTail: true), .int, at: .none)
    let isDone = TypedExpression.apply(.equal, [.local(n, .int), .int(0)], .bool)
    f.function.body.value = TypedExpression(
      .conditional(
        isDone, TypedBlock(statements: [], value: .int(0)),
        TypedBlock(statements: [], value: call)), .int, at: .none)
    #expect(f.lowered().contains("tail_call %"))
  }

  @Test func kernelBecomesLaunch() {
    var f = ProgramBuilder("double")
    let (x, shape) = f.tensor("x", ["N"])
    let y = f.parameter("y", .f32(shape), .out)
    let length = f.function.symbols.append(
      DimensionSymbol(name: "m", origin: .tileLength(ID(index: 2))))
    let tile = ValueType.indexTile(length: Dimension(length))
    let m = f.local("m", tile)
    f.function.kind = .kernel(grid: [
      .init(local: m, extent: .dimension(shape[0]), capacity: .int(64))
    ])
    f.function.results = [.init(name: "y", local: y, type: .f32(shape))]
    let i = f.index("i")
    let part = TypedExpression(
      .slice(.local(x, .f32(shape)), [.tile(.local(m, tile))]), .f32([Dimension(length)]),
      at: .none)
    let start = TypedExpression(.builtin(.tileStart, [.local(m, tile)]), .int, at: .none)
    let read = TypedExpression.read(part, [.index(i)])
    f.statement(
      .update(
        [Place(y, type: .f32(shape))],
        Update(
          ranges: [
            IndexRange(
              index: i, lower: .int(0), upper: .dimension(Dimension(length)), step: nil)
          ],
          places: [ReadIndex(.apply(.add, [start, .index(i)], .int), isProved: true)],
          skipsOutside: false, combining: .replace,
          value: .apply(.add, [read, read], .f32))))
    let text = f.lowered()
    #expect(text.contains("launch"))
    #expect(text.contains("update %y"))
  }

  @Test func placeOfTheGreatestKeepsValueAndIndex() {
    var f = ProgramBuilder("place")
    let (x, shape) = f.tensor("x", ["N"])
    let k = f.index("k")
    f.function.results = [.init(name: "", local: nil, type: .int)]
    f.function.body.value = .reduce(
      .argmax, k, to: .dimension(shape[0]), .read(.local(x, .f32(shape)), [.index(k)]),
      type: .int)
    #expect(f.lowered().contains("{argmax} : f32, i64"))
  }
}

extension String {
  /// How often `word` stands in the text.
  fileprivate func components(of word: String) -> Int { ranges(of: word).count }
}
