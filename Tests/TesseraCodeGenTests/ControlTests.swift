import TesseraCodeGen
import TesseraIR
import TesseraNumbers
import Testing

@Suite struct ControlTests {
  @Test func runsScalarFunction() throws {
    let text = """
      func @f(%x: f32, %y: f32) -> (%z: f32) export {
        %z = multiply_add %x, %y, %x : f32
        return %z
      }
      """
    let outcome = try agree(
      text, "f", .scalar(ScalarValue(rounding: 3, .f32)), .scalar(ScalarValue(rounding: 4, .f32)))
    #expect(outcome.results == [ScalarValue(rounding: 15, .f32)])
  }

  @Test func loopsOverBuffers() throws {
    let text = """
      func @f(%x: buffer f32[?, ?], %y: output buffer f32[?]) -> (%n: i64) export {
        %m = dimension %x {0} : i64
        %n = dimension %x {1} : i64
        %zero = constant {0} : i64
        %one = constant {1} : i64
        for %zero, %m, %one {
        ^(%i: i64):
          %start = constant {0.0} : f32
          %sum = for %zero, %n, %one, %start : f32 {
          ^(%k: i64, %acc: f32):
            %v = load %x, %i, %k : f32
            %next = add %acc, %v : f32
            yield %next
          }
          store %sum, %y, %i
          yield
        }
        return %n
      }
      """
    try agree(
      text, "f", .numbers(.f32, [1, 2, 3, 4, 5, 6], shape: [2, 3]), .zeros(.f32, 2))
    try agree(text, "f", .numbers(.f32, [], shape: [2, 0]), .zeros(.f32, 2))
    try agree(text, "f", .numbers(.f32, [], shape: [0, 5]), .zeros(.f32, 0))
  }

  @Test func runsWhileAndIf() throws {
    let text = """
      func @f(%n: i64) -> (%steps: i64) export {
        %zero = constant {0} : i64
        %one = constant {1} : i64
        %two = constant {2} : i64
        %three = constant {3} : i64
        %last, %steps = while %n, %zero : i64, i64 {
        ^(%a: i64, %count: i64):
          %goes = greater %a, %one : bool
          condition %goes, %a, %count
        } {
        ^(%b: i64, %old: i64):
          %rest = remainder %b, %two : i64
          %even = equal %rest, %zero : bool
          %next = if %even : i64 {
            %half = divide %b, %two : i64
            yield %half
          } {
            %triple = multiply %b, %three : i64
            %odd = add %triple, %one : i64
            yield %odd
          }
          %more = add %old, %one : i64
          yield %next, %more
        }
        return %steps
      }
      """
    #expect(try agree(text, "f", .int(27)).results == [ScalarValue(111, .i64)])
    try agree(text, "f", .int(1))
  }

  @Test func returnsFromBranches() throws {
    let text = """
      func @f(%n: i64) -> (%y: i64) export {
        %ten = constant {10} : i64
        %small = less %n, %ten : bool
        if %small {
          return %ten
        } {
          yield
        }
        return %n
      }
      """
    try agree(text, "f", .int(3))
    try agree(text, "f", .int(30))
  }

  @Test func callsWithBuffersAndSeveralResults() throws {
    let text = """
      func @g(%x: buffer i32[?, 3], %i: i64) -> (%a: i32, %b: i32) {
        %zero = constant {0} : i64
        %two = constant {2} : i64
        %a = load %x, %i, %zero : i32
        %b = load %x, %i, %two : i32
        return %a, %b
      }
      func @f(%x: buffer i32[?, ?]) -> (%s: i32) export {
        %zero = constant {0} : i64
        %one = constant {1} : i64
        %two = constant {2} : i64
        %three = constant {3} : i64
        %v = view %x, %one, %one, %two, %three : buffer i32[?, ?]
        %a, %b = call %v, %one {@g} : i32, i32
        %s = subtract %a, %b : i32
        return %s
      }
      """
    try agree(text, "f", .numbers(.i32, (0..<12).map { Double($0 * $0) }, shape: [3, 4]))
  }

  @Test func tailCallsUseNoStack() throws {
    // The two differ in their signatures, and take more than registers hold.
    let text = """
      func @even(%n: i64, %a: f64, %b: i64, %c: i64, %d: i64, %e: i64, %g: i64) -> (%y: f64) {
        %zero = constant {0} : i64
        %one = constant {1} : i64
        %done = equal %n, %zero : bool
        if %done {
          return %a
        } {
          yield
        }
        %m = subtract %n, %one : i64
        %h = constant {0.5} : f64
        %s = add %a, %h : f64
        tail_call %m, %b, %c, %d, %e, %g, %n, %n, %n, %s {@odd}
      }
      func @odd(%n: i64, %b: i64, %c: i64, %d: i64, %e: i64, %g: i64, %p: i64, %q: i64, %r: i64,
                %a: f64) -> (%y: f64) {
        %zero = constant {0} : i64
        %one = constant {1} : i64
        %done = equal %n, %zero : bool
        if %done {
          return %a
        } {
          yield
        }
        %m = subtract %n, %one : i64
        tail_call %m, %a, %b, %c, %d, %e, %g {@even}
      }
      func @f(%n: i64) -> (%y: f64) export {
        %a = constant {1.0} : f64
        tail_call %n, %a, %n, %n, %n, %n, %n {@even}
      }
      """
    let outcome = try agree(text, "f", .int(1_000_000))
    #expect(outcome.results == [ScalarValue(rounding: 250_001, .f64)])
  }

  @Test func endlessRecursionIsAnError() throws {
    let text = """
      func @f(%n: i64) -> (%y: i64) export {
        %one = constant {1} : i64
        %m = add %n, %one : i64
        %r = call %m {@f} : i64
        %y = add %r, %one : i64
        return %y
      }
      """
    #expect(try agree(text, "f", .int(0)).status == 37)
  }
}
