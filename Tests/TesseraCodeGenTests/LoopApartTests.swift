import TesseraIR
import Testing

@testable import TesseraCodeGen

/// Loops of long regions become functions of their own.
@Suite struct LoopApartTests {
  /// A function whose `parallel` has two loops of `length` operations and more, and as many outside.
  private func text(length: Int) -> String {
    func sum(_ name: String, _ number: String, to end: String) -> String {
      additions(length, of: number, to: name, giving: end)
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

  /// A function whose `parallel` has as many operations twice, and a branch that gives a number, from
  /// a loop of `length` operations or one of `otherLength`.
  private func branchingText(length: Int, otherLength: Int) -> String {
    func loop(_ name: String, _ length: Int) -> String {
      """
      %\(name) = for %zero, %columns, %one, %all : i64 {
      ^(%\(name).j: i64, %\(name).part: i64):
        %\(name).inner = for %zero, %\(name).j, %one, %\(name).part : i64 {
        ^(%\(name).k: i64, %\(name).sum: i64):
          %\(name).a = load %x, %i, %\(name).k : i64
          \(additions(length, of: name + ".j", to: name + ".a", giving: name + ".b"))
          %\(name).next = add %\(name).sum, %\(name).b : i64
          yield %\(name).next
        }
        yield %\(name).inner
      }
      yield %\(name)
      """
    }
    return """
      func @f(%x: buffer i64[?, ?], %y: buffer i64[?], %z: output buffer i64[?]) export {
        %zero = constant {0} : i64
        %one = constant {1} : i64
        %two = constant {2} : i64
        %rows = dimension %x {0} : i64
        %columns = dimension %x {1} : i64
        parallel %zero, %rows {
        ^(%i: i64):
          %own = load %y, %i : i64
          \(additions(200, of: "i", to: "own", giving: "all"))
          %isTwo = equal %own, %two : bool
          %given = if %isTwo : i64 {
            \(loop("p", length))
          } {
            \(loop("q", otherLength))
          }
          store %given, %z, %i
          yield
        }
        return
      }
      """
  }

  /// Operations that add `number` to the value called `name` so often, up to the one called `end`.
  private func additions(
    _ count: Int, of number: String, to name: String, giving end: String
  ) -> String {
    let names = (1..<count).map { "\(name).\($0)" }
    return zip([name] + names, names + [end]).map { "%\($1) = add %\($0), %\(number) : i64" }
      .joined(separator: "\n")
  }

  private func loopsApart(_ text: String) throws -> Int {
    let function = try #require(try parse(text).module.functions.first)
    var count = 0
    function.forEachOperation(in: function.body) { id in
      if function.operations[id].opcode == .parallel {
        count += function.loopsApart(in: function.operations[id].regions[0]).count
      }
    }
    return count
  }

  @Test func longRegionsAreTakenApart() throws {
    #expect(try loopsApart(text(length: 150)) == 2)
  }

  @Test func shortRegionsStayWhole() throws {
    #expect(try loopsApart(text(length: 40)) == 0)
  }

  @Test func ofBranchesThatGiveValuesTheLongerIsTakenApart() throws {
    #expect(try loopsApart(branchingText(length: 150, otherLength: 120)) == 1)
    #expect(try loopsApart(branchingText(length: 120, otherLength: 150)) == 1)
    #expect(try loopsApart(branchingText(length: 150, otherLength: 150)) == 0)
  }

  @Test func threadsShareFunctionsAndEmitWhatIsAroundTheirs() throws {
    let source = EmissionSource(try parse(text(length: 150)).module)
    let whole = try #require(source.shares(1).first)
    #expect(whole.own == whole.emitted)
    // The function, its `parallel`, two loops of that, and the entry.
    #expect(whole.own.count == 5)
    let shares = source.shares(3)
    #expect(shares.reduce(into: []) { $0 += $1.own }.sorted() == whole.own.sorted())
    let loops = shares.filter { share in share.own.contains { $0.hasPrefix("f.loop.") } }
    #expect(loops.count == 2)
    for share in loops {
      #expect(share.emitted.contains("f.body"))
      #expect(share.emitted.contains { $0.hasPrefix("f.parallel.") })
    }
    #expect(shares.contains { !$0.emitted.contains { $0.hasPrefix("f.loop.") } })
  }

  @Test func loopsApartGiveWhatTheOthersGive() throws {
    let numbers = (1...9).map(Double.init)
    let outcome = try agree(
      branchingText(length: 150, otherLength: 120), "f", .numbers(.i64, numbers, shape: [3, 3]),
      .numbers(.i64, [1, 2, 3]), .zeros(.i64, 3))
    #expect(outcome.status == 0)
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
