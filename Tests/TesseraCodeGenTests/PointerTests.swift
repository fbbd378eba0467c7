import TesseraCodeGen
import TesseraIR
import Testing

@Suite struct PointerTests {
  /// Calls `@f`, which takes the address of `values`, and returns what they are afterwards.
  private func run(_ text: String, _ values: [Int32]) throws -> [Int32] {
    let (module, sources) = try parse(text)
    var results: [[Int32]] = []
    for optimization in [CodeGenOptions.Optimization.none, .standard] {
      let compiled = try session.compile(module, optimization: optimization, sources: sources)
      let function = try #require(compiled["f"])
      var copy = values
      try copy.withUnsafeMutableBytes { try function.call([.address($0.baseAddress)]) }
      results.append(copy)
    }
    #expect(results[0] == results[1])
    return results[0]
  }

  @Test func masksLoadsAndStores() throws {
    let text = """
      func @f(%p: *i32) export {
        %one = constant {1} : i64
        %far = constant {1152921504606846976} : i64
        %yes = constant {1} : bool
        %no = constant {0} : bool
        %other = constant {42} : i32
        %q = pointer_offset %p, %one : *i32
        %r = pointer_offset %p, %far : *i32
        %a = pointer_load %q, %yes, %other : i32
        %b = pointer_load %r, %no, %other : i32
        %s = add %a, %b : i32
        pointer_store %p, %s, %yes
        return
      }
      """
    #expect(try run(text, [0, 7]) == [49, 7])
  }

  @Test func combinesAtomically() throws {
    let text = """
      func @f(%p: *i32) export {
        %zero = constant {0} : i64
        %n = constant {1000} : i64
        %one = constant {1} : i64
        %two = constant {2} : i64
        %yes = constant {1} : bool
        %q = pointer_offset %p, %one : *i32
        %r = pointer_offset %p, %two : *i32
        %unit = constant {1} : i32
        parallel %zero, %n {
        ^(%i: i64):
          %old = atomic_update %p, %unit, %yes {sum} : i32
          %k = convert %i : i32
          %most = atomic_update %q, %k, %yes {maximum} : i32
          %three = constant {3} : i32
          %product = atomic_update %r, %three, %yes {product} : i32
          yield
        }
        %n32 = constant {1000} : i32
        %swapped = atomic_compare_exchange %p, %n32, %unit : i32
        return
      }
      """
    var product: Int32 = 1
    for _ in 0..<1000 { product = product &* 3 }
    #expect(try run(text, [0, -5, 1]) == [1, 999, product])
  }

  @Test func combinesFloatsAtomically() throws {
    let text = """
      func @f(%p: *f32) export {
        %zero = constant {0} : i64
        %n = constant {512} : i64
        %yes = constant {1} : bool
        %half = constant {0.5} : f32
        parallel %zero, %n {
        ^(%i: i64):
          %old = atomic_update %p, %half, %yes {sum} : f32
          yield
        }
        %low = constant {-3.0} : f32
        %was = atomic_update %p, %low, %yes {minimum} : f32
        return
      }
      """
    let result = try run(text, [Int32(bitPattern: Float(1).bitPattern)])
    #expect(Float(bitPattern: UInt32(bitPattern: result[0])) == -3)
  }
}
