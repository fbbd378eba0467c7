import Foundation
import TesseraIR
import TesseraInterpreter
import TesseraNumbers
import TesseraTesting
import Testing

/// Mathematical functions against the host's, by units in the last place.
@Suite struct MathRunTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let spelling: String
    /// The most that an f32, and an f64, may be off.
    let ulps: (f32: Double, f64: Double)
    let reference: @Sendable (Double) -> Double
    var testDescription: String { spelling }

    init(
      _ spelling: String, _ f32: Double, _ f64: Double,
      _ reference: @escaping @Sendable (Double) -> Double
    ) {
      self.spelling = spelling
      ulps = (f32, f64)
      self.reference = reference
    }
  }

  static let cases = [
    Case("exponential", 1.9, 1, exp), Case("exponential_2", 1.2, 1, exp2),
    Case("logarithm", 1.5, 1.5, log), Case("logarithm_2", 2, 2, log2),
    Case("sine", 2, 2, sin), Case("cosine", 2, 2, cos), Case("tangent", 1, 4, tan),
    Case("hyperbolic_tangent", 2, 2, tanh), Case("error_function", 2.3, 2, erf),
    Case("sigmoid", 2, 2) { $0 < 0 ? exp($0) / (1 + exp($0)) : 1 / (1 + exp(-$0)) },
    Case("reciprocal_square_root", 1.5, 1.5) { 1 / $0.squareRoot() },
  ]

  /// The values of a function of one number.
  private func values(
    _ spelling: String, _ type: ScalarType, _ arguments: [ScalarValue]
  ) throws -> [ScalarValue] {
    let text = """
      func @f(%x: \(type.rawValue)[?]) -> (\(type.rawValue)[?]) {
        %n = dimension %x {0} : i64
        %y = compute %n : \(type.rawValue)[?] {
        ^(%i: i64):
          %v = read %x, %i : \(type.rawValue)
          %w = \(spelling) %v : \(type.rawValue)
          yield %w
        }
        return %y
      }
      """
    let x = TensorValue(type, shape: [arguments.count], values: arguments)
    return try run(text, .tensor(x))[0].tensor?.values() ?? []
  }

  /// How many units in the last place of its type, f32 or f64, `value` is away from `exact`.
  private func distance(_ value: ScalarValue, _ exact: Double) -> Double {
    let nearest = ScalarValue(rounding: exact, value.type)
    if value.isNaN || nearest.isNaN { return value.isNaN == nearest.isNaN ? 0 : .infinity }
    let (own, rounded) = (value.double, nearest.double)
    if own == rounded { return 0 }
    if own.isInfinite || rounded.isInfinite { return .infinity }
    return abs(own - exact) / (value.type == .f32 ? Double(Float(rounded).ulp) : rounded.ulp)
  }

  /// Expects that the function is nowhere among `arguments` further from its reference than `ulps`.
  private func expectClose(
    _ one: Case, _ type: ScalarType, _ arguments: [ScalarValue], within ulps: Double
  ) throws {
    var worst = (distance: 0.0, argument: 0.0)
    for (x, y) in zip(arguments, try values(one.spelling, type, arguments)) {
      let off = distance(y, one.reference(x.double))
      if off > worst.distance { worst = (off, x.double) }
    }
    #expect(worst.distance <= ulps, "at \(worst.argument)")
  }

  @Test(arguments: cases)
  func isCloseOverEveryFloat(_ one: Case) throws {
    let stride: UInt32 = 400_009
    let arguments = Swift.stride(from: UInt32(0), to: .max - stride, by: Int(stride))
      .map { ScalarValue(bits: UInt64($0), .f32) }
    try expectClose(one, .f32, arguments, within: one.ulps.f32)
  }

  /// An exponential that is added to a number alone is not computed by itself; the sum has the bits
  /// that it has where the exponential is asked for as well.
  @Test(arguments: ["1.0", "-1.0", "0x1p60", "-0x1p-60"], ["", "negate"])
  func sumsWithExponentialsKeepTheirBits(_ term: String, _ sign: String) throws {
    let stride = 1_000_003
    var arguments = Swift.stride(from: 0, to: UInt64(UInt32.max), by: stride)
      .map { ScalarValue(bits: $0, .f32) }
    arguments += Swift.stride(from: -110.0, to: 110, by: 0.04).map {
      ScalarValue(rounding: $0, .f32)
    }
    // About where infinity begins.
    arguments += (0..<64).map { ScalarValue(bits: UInt64(0x42B1_7200 + $0), .f32) }
    let x = TensorValue(.f32, shape: [arguments.count], values: arguments)
    func sums(_ others: String) throws -> [UInt64] {
      let text = """
        func @f(%x: f32[?]) -> (f32[?]\(others.isEmpty ? "" : ", f32[?]")) {
          %n = dimension %x {0} : i64
          %c = constant {\(term)} : f32
          %y\(others.isEmpty ? "" : ", %z") = compute %n : f32[?]\(others.isEmpty ? "" : ", f32[?]") {
          ^(%i: i64):
            %v = read %x, %i : f32
            \(sign.isEmpty ? "" : "%u = negate %v : f32")
            %e = exponential \(sign.isEmpty ? "%v" : "%u") : f32
            %s = add %e, %c : f32
            yield %s\(others)
          }
          return %y\(others.isEmpty ? "" : ", %z")
        }
        """
      return try run(text, .tensor(x))[0].tensor?.values().map(\.bits) ?? []
    }
    let (alone, beside) = (try sums(""), try sums(", %e"))
    #expect(alone.count == arguments.count)
    #expect(alone == beside)
  }

  @Test(arguments: cases)
  func isCloseWhereFloatsAreUsed(_ one: Case) throws {
    var random = SplitMix(seed: 7)
    let arguments = (0..<4000).map { index in
      let size: Double = [1, 10, 90][index % 3]
      return ScalarValue(rounding: .random(in: -1...1, using: &random) * size, .f32)
    }
    try expectClose(one, .f32, arguments, within: one.ulps.f32)
  }

  @Test(arguments: cases)
  func isCloseForDoubles(_ one: Case) throws {
    var random = SplitMix(seed: 8)
    var arguments = (0..<4000).map { index in
      let size: Double = [1, 10, 700, 1e6][index % 4]
      return ScalarValue(rounding: .random(in: -1...1, using: &random) * size, .f64)
    }
    for _ in 0..<2000 { arguments.append(ScalarValue(bits: random.next(), .f64)) }
    try expectClose(one, .f64, arguments, within: one.ulps.f64 + 0.6)
  }

  @Test(arguments: cases)
  func keepsSpecialValues(_ one: Case) throws {
    let special: [Double] = [0, -0.0, .infinity, -.infinity, .nan, 0x1p-1074, -0x1p-1074, 1, -1]
    for type in [ScalarType.f32, .f64, .f16, .bf16] {
      let arguments = special.map { ScalarValue(rounding: $0, type) }
      for (x, y) in zip(arguments, try values(one.spelling, type, arguments)) {
        let exact = ScalarValue(rounding: one.reference(x.double), type)
        let (a, b) = (y.double, exact.double)
        let isSame = a.isNaN ? b.isNaN : a == b && a.sign == b.sign
        #expect(isSame || abs(a - b) <= 2e-7 * abs(b), "\(type) \(x) gives \(y), not \(exact)")
      }
    }
  }

  @Test(arguments: [ScalarType.f32, .f64])
  func raisesToPowers(_ type: ScalarType) throws {
    let text = """
      func @f(%x: \(type.rawValue)[?], %y: \(type.rawValue)[?]) -> (\(type.rawValue)[?]) {
        %n = dimension %x {0} : i64
        %z = compute %n : \(type.rawValue)[?] {
        ^(%i: i64):
          %v = read %x, %i : \(type.rawValue)
          %w = read %y, %i : \(type.rawValue)
          %p = power %v, %w : \(type.rawValue)
          yield %p
        }
        return %z
      }
      """
    var random = SplitMix(seed: 9)
    let special: [Double] = [
      0, -0.0, 1, -1, 2, -2, 0.5, 3, -3, 2.5, -2.5, .infinity, -.infinity, .nan, 1e300, -1e300,
    ]
    var pairs = special.flatMap { x in special.map { (x, $0) } }
    for _ in 0..<4000 {
      pairs.append((.random(in: 0...30, using: &random), .random(in: -40...40, using: &random)))
      pairs.append(
        (.random(in: 0.9...1.1, using: &random), .random(in: -900...900, using: &random)))
    }
    let x = TensorValue(
      type, shape: [pairs.count], values: pairs.map { ScalarValue(rounding: $0.0, type) })
    let y = TensorValue(
      type, shape: [pairs.count], values: pairs.map { ScalarValue(rounding: $0.1, type) })
    let results = try run(text, .tensor(x), .tensor(y))[0].tensor?.values() ?? []
    var worst = (distance: 0.0, x: 0.0, y: 0.0)
    for ((a, b), c) in zip(zip(x.values(), y.values()), results) {
      let exact = pow(a.double, b.double)
      let off = distance(c, exact)
      if off > worst.distance { worst = (off, a.double, b.double) }
    }
    #expect(worst.distance <= 1.5, "at \(worst.x), \(worst.y)")
  }

  @Test func vectorsAgreeWithScalars() throws {
    let arguments: [Double] = [0.3, -2, 1e6, 1e20, -1e-30, .infinity, 7, -0.0]
    for one in Self.cases {
      let text = """
        func @f(%x: buffer f32[8], %y: output buffer f32[8]) {
          %zero = constant {0} : i64
          %v = vector_load %x, %zero : vector f32 x 8
          %w = \(one.spelling) %v : vector f32 x 8
          vector_store %w, %y, %zero
          return
        }
        """
      let y = TensorValue(zeros: .f32, shape: [8])
      _ = try run(text, .tensor(arguments), .tensor(y))
      let scalars = try values(
        one.spelling, .f32, arguments.map { ScalarValue(rounding: $0, .f32) })
      #expect(y.values() == scalars, "\(one.spelling)")
    }
  }

  @Test func leavesValidIR() throws {
    for type in ["f16", "f32", "f64", "vector f32 x 8", "vector f64 x 4"] {
      for opcode in Opcode.allCases where opcode.isMathematical {
        let operands = opcode == .power ? "%x, %x" : "%x"
        let text =
          "func @f(%x: \(type)) -> (\(type)) { "
          + "%y = \(opcode.info.spelling) \(operands) : \(type) return %y }"
        var module = try #require(parseModule(source(text)).module)
        #expect(expandMath(&module.functions[0]))
        #expect(verify(module).map(\.message) == [])
        let expanded = module.description
        #expect(parseModule(source(expanded)).module?.description == expanded)
        #expect(!expanded.contains(" = \(opcode.info.spelling) "))
      }
    }
  }
}
