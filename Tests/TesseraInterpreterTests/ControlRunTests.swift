import TesseraIR
import TesseraInterpreter
import TesseraNumbers
import Testing

@Suite struct ControlRunTests {
  @Test func choosesBranches() throws {
    let text = """
      func @f(%c: bool, %x: f32[2]) -> (i64, f32[2]) {
        %one = constant {1} : i64
        %two = constant {2} : i64
        %n, %y = if %c : i64, f32[2] {
          yield %one, %x
        } {
          %t = constant {dense "0000803f00000040"} : f32[2]
          yield %two, %t
        }
        return %n, %y
      }
      """
    let x = InterpreterValue.tensor([5, 6])
    let yes = try run(text, .scalar(ScalarValue(true)), x)
    #expect(yes[0].doubles == [1])
    #expect(yes[1].doubles == [5, 6])
    let no = try run(text, .scalar(ScalarValue(false)), x)
    #expect(no[0].doubles == [2])
    #expect(no[1].doubles == [1, 2])
  }

  @Test func choosesDeeplyNestedBranches() throws {
    let depth = 399
    let text =
      "func @f(%c: bool) -> (i64) { %one = constant {1} : i64 "
      + (0..<depth).map { "%v\($0) = if %c : i64 { " }.joined()
      + "%last = add %one, %one : i64 yield %last"
      + (0..<depth).reversed()
      .map { " } { yield %one } \($0 > 0 ? "yield" : "return") %v\($0)" }.joined() + " }"
    #expect(try run(text, .scalar(ScalarValue(true)))[0].doubles == [2])
  }

  @Test func carriesValuesThroughLoops() throws {
    // Carried values change places each turn.
    let text = """
      func @f(%n: i64) -> (i64, i64) {
        %zero = constant {0} : i64
        %one = constant {1} : i64
        %a, %b = for %zero, %n, %one, %zero, %one : i64, i64 {
        ^(%i: i64, %x: i64, %y: i64):
          %s = add %x, %y : i64
          yield %y, %s
        }
        %c, %d = for %zero, %n, %one, %a, %b : i64, i64 {
        ^(%i.1: i64, %x.1: i64, %y.1: i64):
          yield %y.1, %x.1
        }
        return %c, %d
      }
      """
    #expect(try run(text, .integer(10)).map(\.doubles) == [[55], [89]])
    #expect(try run(text, .integer(9)).map(\.doubles) == [[55], [34]])
    #expect(try run(text, .integer(0)).map(\.doubles) == [[0], [1]])
  }

  @Test func loopsWhile() throws {
    let text = """
      func @f(%n: i64) -> (i64, i64) {
        %zero = constant {0} : i64
        %steps, %last = while %n, %zero : i64, i64 {
        ^(%x: i64, %count: i64):
          %one = constant {1} : i64
          %more = greater %x, %one : bool
          condition %more, %count, %x
        } {
        ^(%count.1: i64, %x.1: i64):
          %one.1 = constant {1} : i64
          %half = shift_right %x.1, %one.1 : i64
          %next = add %count.1, %one.1 : i64
          yield %half, %next
        }
        return %steps, %last
      }
      """
    #expect(try run(text, .integer(100)).map(\.doubles) == [[6], [1]])
    #expect(try run(text, .integer(0)).map(\.doubles) == [[0], [0]])
  }

  @Test func updatesCarriedTensorsInPlace() throws {
    // 2,000 turns over 2,000 elements: copies would take 4,000,000 elements more than the limit.
    let text = """
      func @f(%n: i64) -> (i64[?]) {
        %zero = constant {0} : i64
        %one = constant {1} : i64
        %yes = constant {true} : bool
        %start = compute %n : i64[?] {
        ^(%i: i64):
          yield %zero
        }
        %end = for %zero, %n, %one, %start : i64[?] {
        ^(%k: i64, %t: i64[?]):
          %next = add %k, %one : i64
          %t.1 = update %t, %k, %next, %one {sum} : i64[?] {
          ^(%i.1: i64):
            yield %i.1, %k, %yes
          }
          yield %t.1
        }
        return %end
      }
      """
    let result = try run(text, .integer(2000), limits: .init(bytes: 16_000))
    #expect(result[0].doubles == (0..<2000).map(Double.init))
  }

  // MARK: Calls

  private let factorial = """
    func @f(%n: i64) -> (i64) {
      %one = constant {1} : i64
      %small = less_or_equal %n, %one : bool
      if %small {
        return %one
      } {
        yield
      }
      %rest = subtract %n, %one : i64
      %0 = call %rest {@f} : i64
      %1 = multiply %n, %0 : i64
      return %1
    }
    """

  @Test func calls() throws {
    #expect(try run(factorial, .integer(10))[0].doubles == [3_628_800])
    #expect(try run(factorial, .integer(20_000)).count == 1)
  }

  @Test func limitsDepth() throws {
    let (error, place) = try failure(factorial, .integer(1000), limits: .init(callDepth: 500))
    #expect(error.status == .recursionTooDeep)
    #expect(place == "%0 = call %rest {@f} : i64")
  }

  @Test func tailCallsUseNoStack() throws {
    let text = """
      func @f(%n: i64) -> (bool) {
        %zero = constant {0} : i64
        tail_call %n, %zero {@even}
      }

      func @even(%n: i64, %turns: i64) -> (bool) {
        %zero = constant {0} : i64
        %one = constant {1} : i64
        %done = equal %n, %zero : bool
        if %done {
          %yes = constant {true} : bool
          return %yes
        } {
          %m = subtract %n, %one : i64
          %t = add %turns, %one : i64
          tail_call %t, %m {@odd}
        }
        %no = constant {false} : bool
        return %no
      }

      func @odd(%turns: i64, %n: i64) -> (bool) {
        %zero = constant {0} : i64
        %one = constant {1} : i64
        %done = equal %n, %zero : bool
        %no = constant {false} : bool
        if %done {
          return %no
        } {
          %m = subtract %n, %one : i64
          %t = add %turns, %one : i64
          tail_call %m, %t {@even}
        }
        return %no
      }
      """
    let limits = Interpreter.Limits(callDepth: 1)
    #expect(try run(text, .integer(20_001), limits: limits)[0].scalar?.bool == false)
  }

  @Test func handsTensorsToCallees() throws {
    let text = """
      func @f(%x: f32[2]) -> (f32[2], f32[2]) {
        %y = call %x {@first_to_zero} : f32[2]
        return %x, %y
      }

      func @first_to_zero(%x: f32[2]) -> (f32[2]) {
        %zero = constant {0} : i64
        %one = constant {1} : i64
        %nothing = constant {0.0} : f32
        %yes = constant {true} : bool
        %y = update %x, %zero, %one, %one {replace} : f32[2] {
        ^(%i: i64):
          yield %i, %nothing, %yes
        }
        return %y
      }
      """
    let result = try run(text, .tensor([1, 2]))
    #expect(result[0].doubles == [1, 2])
    #expect(result[1].doubles == [0, 2])
  }

  // MARK: Errors, limits, text

  @Test(arguments: ["divide", "remainder", "divide_truncating", "remainder_truncating"])
  func refusesDivisionByZero(_ operation: String) throws {
    let text = """
      func @f(%a: i32, %b: i32) -> (i32) {
        %0 = \(operation) %a, %b : i32
        return %0
      }
      """
    let (error, place) = try failure(text, .integer(1, .i32), .integer(0, .i32))
    #expect(error.status == .divisionByZero)
    #expect(place == "%0 = \(operation) %a, %b : i32")
  }

  @Test func asserts() throws {
    let text = """
      func @f(%n: i64) {
        %three = constant {3} : i64
        %ok = less %n, %three : bool
        assert %ok, %n, %three {"{} is not below {}, \\"alas\\""}
        return
      }
      """
    #expect(try run(text, .integer(2)).isEmpty)
    let (error, _) = try failure(text, .integer(7))
    #expect(error.status == .assertionFailed)
    #expect(error.message == "7 is not below 3, \"alas\"")
  }

  @Test func prints() throws {
    var lines: [String] = []
    _ = try run(
      """
      func @f(%x: f32[?], %y: f32, %u: u64, %b: bool) {
        print %y, %u, %b {"{}|{}|{}"}
        print %x {"x = {}"}
        return
      }
      """, .tensor([1, 2.5]), .float(0.1), .integer(-1, .u64), .scalar(ScalarValue(true)),
      output: { lines.append($0) })
    #expect(lines == ["0.1|18446744073709551615|true\n", "x = [1.0, 2.5]\n"])
  }

  @Test func stopsAtLimits() throws {
    let forever = """
      func @f() {
        %yes = constant {true} : bool
        while {
          condition %yes
        } {
          yield
        }
        return
      }
      """
    #expect(try failure(forever, limits: .init(steps: 100_000)).error.status == .outOfSteps)
    #expect(
      try failure(forever, limits: .init(isInterrupted: { true })).error.status == .interrupted)
    let large = """
      func @f(%n: i64) -> (f64[?, ?]) {
        %x = compute %n, %n : f64[?, ?] {
        ^(%i: i64, %j: i64):
          %one = constant {1.0} : f64
          yield %one
        }
        return %x
      }
      """
    let limits = Interpreter.Limits(bytes: 100_000)
    #expect(try failure(large, .integer(200), limits: limits).error.status == .outOfMemory)
    #expect(try failure(large, .integer(.max)).error.status == .outOfMemory)
    #expect(try failure(large, .integer(4_000_000)).error.status == .outOfMemory)
    #expect(try run(large, .integer(100), limits: limits).count == 1)
  }

  @Test func runsNoUnknownFunction() throws {
    let error = #expect(throws: RunError.self) { try Interpreter(Module()).run("f") }
    #expect(error?.status == .wrongCall)
  }
}
