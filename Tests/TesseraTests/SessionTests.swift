import Foundation
import Tessera
import TesseraData
import Testing

/// Sessions over IR text, which needs no front end.
@Suite struct SessionTests {
  private let scale = """
    func @scale(%x: f32[3], %s: f32) -> (%y: f32[3]) {
      %n = constant {3} : i64
      %y = compute %n : f32[3] {
      ^(%i: i64):
        %v = read %x, %i : f32
        %w = multiply %v, %s : f32
        yield %w
      }
      return %y
    }
    """

  private func session(_ engine: SessionOptions.Engine) -> Session {
    var options = SessionOptions()
    options.engine = engine
    return Session(options: options)
  }

  @Test(arguments: SessionOptions.Engine.allCases)
  func callsWithTypedTensors(engine: SessionOptions.Engine) throws {
    let program = try session(engine).compile(scale, name: "scale.tir")
    let result = try program.call(
      "scale", [Tensor([1, 2, 3] as [Float], shape: [3]), Tensor(2 as Float)])
    #expect(result == [Tensor([2, 4, 6] as [Float], shape: [3])])
  }

  /// The example in the comment of `Session`.
  @Test func callsWhatTheCommentShows() throws {
    let session = Session()
    let program = try session.compile("export fn twice(x: i64) -> i64 { 2 * x }")
    let four = try program.call("twice", [Tensor(2)])
    #expect(four == [Tensor(4)])
  }

  @Test(arguments: SessionOptions.Engine.allCases)
  func worksFromSeveralThreads(engine: SessionOptions.Engine) throws {
    let program = try session(engine).compile(scale, name: "scale.tir")
    let failures = PrintedText()
    DispatchQueue.concurrentPerform(iterations: 16) { index in
      for _ in 0..<20 {
        let x = Tensor([1, 2, Float(index)], shape: [3])
        let result = try? program.call("scale", [x, Tensor(3 as Float)])
        if result != [Tensor([3, 6, Float(3 * index)], shape: [3])] { failures.add("x") }
      }
    }
    #expect(failures.text.isEmpty)
  }

  /// Functions that call each other across objects: a product that is shared, and what runs it.
  @Test func computesTheSameHoweverManyThreadsCompile() throws {
    let source = """
      fn product<M, N, K>(a: f32[M, K], b: f32[K, N]) -> (c: f32[M, N]) {
        c[i, j] = sum[k] a[i, k] * b[k, j]
      }
      export fn twice(a: f32[70, 70]) -> (c: f32[70, 70]) { c = product(exp(a), product(a, a)) }
      export fn gcd(a: i64, b: i64) -> i64 { if b == 0 { a } else { gcd(b, a % b) } }
      """
    let a = Tensor((0..<4900).map { Float($0 % 97) / 97 }, shape: [70, 70])
    let results = try [1, 2, 5].map { threads in
      var options = SessionOptions()
      options.threads = threads
      let program = try Session(options: options).compile(source)
      #expect(
        try program.call("gcd", [Tensor(12 as Int64), Tensor(18 as Int64)]) == [
          Tensor(6 as Int64)
        ])
      return try program.call("twice", [a])
    }
    #expect(results[1] == results[0])
    #expect(results[2] == results[0])
  }

  @Test func refusesWrongArguments() throws {
    let program = try session(.jit).compile(scale, name: "scale.tir")
    func message(_ name: String, _ arguments: [Tensor]) -> String? {
      do {
        _ = try program.call(name, arguments)
        return nil
      } catch { return error.description }
    }
    let x = Tensor([1, 2, 3] as [Float], shape: [3])
    #expect(message("other", []) == "there is no function 'other'")
    #expect(message("scale", [x]) == "'scale' takes 2 tensors and was given 1")
    #expect(message("scale", [x, x]) == "'s' is f32[3]; expected f32")
    #expect(
      message("scale", [Tensor([1.0], shape: [1]), x]) == "'x' is f64[1]; expected f32[3]")
  }

  @Test func throwsWhatIsWrong() {
    do {
      _ = try session(.jit).compile("func @f() {", name: "f.tir")
      Issue.record("no failure")
    } catch {
      #expect(error.diagnostics.first?.severity == .error)
      #expect(error.description.contains("f.tir:1:"))
    }
  }

  @Test(arguments: SessionOptions.Engine.allCases)
  func handsOutWhatIsPrinted(engine: SessionOptions.Engine) throws {
    let program = try session(engine).compile(
      """
      func @f(%n: i64) {
        print %n {"n is {}"}
        return
      }
      """, name: "f.tir")
    let printed = PrintedText()
    _ = try program.call("f", [Tensor(7)]) { printed.add($0) }
    #expect(printed.text == "n is 7\n")
  }
}
