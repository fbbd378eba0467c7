import TesseraIR
import Testing

@testable import TesseraPasses

/// Whether a factor of a convolution depends on a row and a tap by their sum alone.
@Suite struct SumDependenceTests {
  /// A factor read at the sum of two indices, from a tensor at the end of a chain of `count` others.
  private func factor(
    after count: Int, at place: String = "add %i, %k"
  ) throws -> (Function, factor: Value, row: Value, tap: Value) {
    let layers = (1...count).map { layer in
      """
        %t\(layer) = compute %n : f32[?] {
        ^(%j\(layer): i64):
          %v\(layer) = read %t\(layer - 1), %j\(layer) : f32
          yield %v\(layer)
        }
      """
    }
    let module = try module(
      """
      func @f(%t0: f32[?], %n: i64) -> (f32[?]) {
      \(layers.joined(separator: "\n"))
        %zero = constant {0} : i64
        %one = constant {1} : i64
        %three = constant {3} : i64
        %y = compute %n : f32[?] {
        ^(%i: i64):
          %s = reduce %zero, %three, %one {sum} : f32 {
          ^(%k: i64):
            %place = \(place) : i64
            %factor = read %t\(count), %place : f32
            yield %factor
          }
          yield %s
        }
        return %y
      }
      """)
    let function = module.functions[0]
    func value(_ name: String) -> Value {
      function.values.ids.first { function.values[$0].name == name }!
    }
    return (function, value("factor"), value("i"), value("k"))
  }

  @Test func tellsSumsFromOthers() throws {
    let sum = try factor(after: 1)
    var dependence = SumDependence(sum.factor, in: sum.0)
    let isSum = dependence.holds(sum.row, sum.tap)
    #expect(isSum)
    let product = try factor(after: 1, at: "multiply %i, %k")
    dependence = SumDependence(product.factor, in: product.0)
    let isProduct = !dependence.holds(product.row, product.tap)
    #expect(isProduct)
  }

  @Test func looksAtNoLayerBefore() throws {
    let few = try factor(after: 1)
    let many = try factor(after: 200)
    let looked = SumDependence(few.factor, in: few.0).visited.count
    #expect(SumDependence(many.factor, in: many.0).visited.count == looked)
  }
}
