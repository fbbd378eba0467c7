import TesseraIR
import Testing

@testable import TesseraCodeGen

/// Loops of long regions become functions of their own.
@Suite struct LoopApartTests {
  /// A function whose `parallel` has two loops of `length` operations and more, and as many outside.
  private func text(length: Int) -> String {
    /// Operations that add `number` to the value called `name` so often, up to the one called `end`.
    func sum(_ name: String, _ number: String, to end: String) -> String {
      let names = (1..<length).map { "\(name).\($0)" }
      return zip([name] + names, names + [end]).map { "%\($1) = add %\($0), %\(number) : i64" }
        .joined(separator: "\n")
    }
    return """
      func @f(%x: buffer i64[?, ?], %y: buffer i64[?], %z: output buffer i64[?, ?]) export {
        %zero = constant {0} : i64
        %one = constant {1} : i64
        %least = constant {-1} : i64
        %rows = dimension %x {0} : i64
        %columns = dimension %x {1} : i64
        parallel %zero, %rows {
        ^(%i: i64):
          %own = load %y, %i : i64
          \(sum("own", "i", to: "all"))
          for %zero, %columns, %one {
          ^(%j: i64):
            for %zero, %j, %one {
            ^(%k: i64):
              %a = load %x, %i, %k : i64
              \(sum("a", "j", to: "b"))
              store %b, %z, %i, %j
              yield
            }
            yield
          }
          for %zero, %columns, %one {
          ^(%p: i64):
            for %zero, %one, %one {
            ^(%q: i64):
              %c = load %z, %i, %p : i64
              %fits = less %least, %c : bool
              assert %fits, %i {"row {} has a negative sum"}
              \(sum("c", "all", to: "d"))
              store %d, %z, %i, %p
              yield
            }
            yield
          }
          yield
        }
        return
      }
      """
  }

  private func loopsApart(length: Int) throws -> Int {
    let function = try #require(try parse(text(length: length)).module.functions.first)
    var count = 0
    function.forEachOperation(in: function.body) { id in
      if function.operations[id].opcode == .parallel {
        count += function.loopsApart(in: function.operations[id].regions[0]).count
      }
    }
    return count
  }

  @Test func longRegionsAreTakenApart() throws {
    #expect(try loopsApart(length: 150) == 2)
  }

  @Test func shortRegionsStayWhole() throws {
    #expect(try loopsApart(length: 40) == 0)
  }

  @Test(arguments: [false, true])
  func loopsApartDoAndFailAsTheOthers(_ fails: Bool) throws {
    let numbers = [1, 2, 3, 4, fails ? -1_000_000 : 5, 6, 7, 8, 9].map(Double.init)
    let outcome = try agree(
      text(length: 150), "f", .numbers(.i64, numbers, shape: [3, 3]), .numbers(.i64, [1, 2, 3]),
      .zeros(.i64, 3, 3))
    #expect((outcome.status != 0) == fails)
  }
}
