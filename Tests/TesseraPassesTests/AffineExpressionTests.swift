import TesseraIR
import TesseraPasses
import Testing

@Suite struct AffineExpressionTests {
  private let h = AffineExpression(Value(index: 1))
  private let r = AffineExpression(Value(index: 2))
  private let d = AffineExpression(Value(index: 3))
  private let two = AffineExpression(2)

  @Test func addsInAnyOrder() {
    #expect(h * two + r - AffineExpression(1) == r + (h + h) + AffineExpression(-1))
    #expect((h + r) * (h - r) == h * h - r * r)
    #expect((h - h).constantValue == 0)
  }

  @Test func findsCoefficients() {
    let index = h * two + r * d + AffineExpression(5)
    #expect(index.coefficient(of: Value(index: 1)) == two)
    #expect(index.coefficient(of: Value(index: 2)) == d)
    #expect(index.coefficient(of: Value(index: 9)) == AffineExpression(0))
  }

  @Test func refusesPowersAndQuotients() {
    #expect((h * h).coefficient(of: Value(index: 1)) == nil)
    #expect((h.quotient(by: two) + r).coefficient(of: Value(index: 1)) == nil)
    #expect((h.quotient(by: two) + r).coefficient(of: Value(index: 2)) == AffineExpression(1))
  }

  @Test func substitutes() {
    let index = h.remainder(by: two) + h * r
    #expect(
      index.substituting(Value(index: 1), with: d + two)
        == (d + two).remainder(by: two) + d * r + two * r)
  }

  @Test func seesThroughDimensions() {
    var builder = Builder(Function(name: "f"))
    let x = builder.function.addParameter("x", .tensor(.scalar(.f32), [.dynamic, .constant(3)]))
    let first = builder.dimension(x, 0)
    let again = builder.dimension(x, 0)
    let three = builder.dimension(x, 1)
    let length = builder.arithmetic(.multiply, first, three)
    let zero = builder.constant(0.0, .f32)
    let zeros = builder.buildRegion([(nil, .index)]) { builder, _ in builder.emit(.yield, [zero]) }
    let y = builder.emit(
      .compute, [length], results: [.tensor(.scalar(.f32), [.dynamic])], regions: [zeros])
    let extent = builder.dimension(y[0], 0)
    builder.emit(.return, [])
    var affine = AffineValues()
    #expect(
      affine.expression(of: again, in: builder.function)
        == AffineExpression(.extent(of: x, axis: 0)))
    #expect(
      affine.expression(of: extent, in: builder.function)
        == AffineExpression(.extent(of: x, axis: 0)) * AffineExpression(3))
  }
}
