import TesseraIR
import TesseraInterpreter
import TesseraNumbers
import TesseraPasses
import TesseraSource
import Testing

@Suite struct PipelineTests {
  private func parse(_ text: String) throws -> Module {
    let file = SourceFile(id: FileID(index: 0), name: "test.tir", bytes: Array(text.utf8))
    return try #require(parseModule(file).module)
  }

  private let evenAndOdd = """
    func @even(%n: i64) -> (bool) {
      %zero = constant {0} : i64
      %one = constant {1} : i64
      %true = constant {true} : bool
      %done = equal %n, %zero : bool
      %r = if %done : bool {
        yield %true
      } {
        %m = subtract %n, %one : i64
        %o = call %m {@odd} : bool
        yield %o
      }
      return %r
    }
    func @odd(%n: i64) -> (bool) {
      %zero = constant {0} : i64
      %one = constant {1} : i64
      %false = constant {false} : bool
      %done = equal %n, %zero : bool
      %r = if %done : bool {
        yield %false
      } {
        %m = subtract %n, %one : i64
        %e = call %m {@even} : bool
        yield %e
      }
      return %r
    }
    func @sum(%n: i64) -> (i64) {
      %one = constant {1} : i64
      %done = less %n, %one : bool
      %r = if %done : i64 {
        yield %n
      } {
        %m = subtract %n, %one : i64
        %f = call %m {@sum} : i64
        %s = add %f, %n : i64
        yield %s
      }
      return %r
    }
    """

  /// Deep recursion runs in a stack of a few calls, at every level.
  @Test(arguments: OptimizationLevel.allCases)
  func recursesWithoutStack(level: OptimizationLevel) throws {
    var module = try parse(evenAndOdd)
    _ = try run(.standard(level), on: &module)
    let interpreter = Interpreter(module, limits: .init(callDepth: 3))
    #expect(try interpreter.run("even", [.integer(100_001)])[0].scalar == ScalarValue(false))
    let sum = try interpreter.run("sum", [.integer(10_000)])[0].scalar
    #expect(sum == ScalarValue(50_005_000, .i64))
  }

  @Test func removesWhatNothingReaches() throws {
    var module = try parse(evenAndOdd)
    for index in module.functions.indices where module.functions[index].name == "sum" {
      module.functions[index].isExported = true
    }
    let report = try run(Pipeline([.named("prune")!]), on: &module)
    #expect(module.functions.map(\.name) == ["sum"])
    #expect(report.timings.map(\.pass) == ["prune"])
    #expect(report.timings[0].changed)
  }

  @Test func keepsAllWhereTheHostMayCallAny() throws {
    var module = try parse(evenAndOdd)
    let report = try run(Pipeline([.named("prune")!]), on: &module)
    #expect(module.functions.count == 3)
    #expect(!report.timings[0].changed)
  }

  @Test func namesTheGuiltyPass() throws {
    var module = try parse("func @f(%x: i64) -> (i64) {\n  return %x\n}\n")
    let harmful = Pass(name: "harmful", summary: "remove every return") { function in
      function.regions[function.body].operations = []
      return true
    }
    var options = PipelineOptions()
    options.verify = { verify($0) }
    let error = #expect(throws: InvalidPassResult.self) {
      try run(Pipeline([.named("dce")!, harmful]), on: &module, options: options)
    }
    #expect(error?.pass == "harmful")
  }

  /// Two equal loops of `length` products each, within a loop that runs in several threads.
  private func threaded(_ length: Int) -> String {
    func loop(_ name: String) -> String {
      let products = (1...length).map {
        "      %\(name)\($0) = multiply %\(name)\($0 - 1), %\(name)0 : f32\n"
      }
      return """
            for %zero, %n, %one {
            ^(%\(name): i64):
              %\(name)0 = load %x, %\(name) : f32
        \(products.joined())      store %\(name)\(length), %x, %\(name)
              yield
            }

        """
    }
    return """
      func @f(%x: inout buffer f32[?], %n: i64) {
        %zero = constant {0} : i64
        %one = constant {1} : i64
        parallel %zero, %one {
        ^(%p: i64):
      \(loop("a"))\(loop("b"))    yield
        }
        return
      }
      """
  }

  @Test(arguments: [(20, 1), (3000, 2)])
  func sharesTheInsidesOfVeryLongThreadedLoops(length: Int, functions: Int) throws {
    var module = try parse(threaded(length))
    _ = try run(Pipeline([.named("share")!]), on: &module)
    #expect(module.functions.count == functions)
  }

  @Test func passesHaveNamesOfTheirOwn() {
    let names = Pass.all.map(\.name)
    #expect(names == names.sorted())
    #expect(Set(names).count == names.count)
  }
}
