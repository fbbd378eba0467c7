import TesseraIR
import TesseraNumbers
import Testing

@Suite struct ScalarEvaluationTests {
  private func check(
    _ opcode: Opcode, _ operands: [ScalarValue], gives expected: ScalarValue?,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let type = expected?.type ?? operands[0].type
    #expect(
      opcode.evaluate(operands, result: type) == expected, "\(opcode) of \(operands)",
      sourceLocation: sourceLocation)
  }

  private func i8(_ value: Int) -> ScalarValue { ScalarValue(Int64(value), .i8) }
  private func f32(_ value: Double) -> ScalarValue { ScalarValue(rounding: value, .f32) }

  @Test func dividesEveryPairOfBytes() {
    for a in -128...127 {
      for b in -128...127 where b != 0 {
        let quotient = Int((Double(a) / Double(b)).rounded(.down))
        check(.divide, [i8(a), i8(b)], gives: i8(quotient))
        check(.remainder, [i8(a), i8(b)], gives: i8(a - quotient * b))
        check(.divideTruncating, [i8(a), i8(b)], gives: i8(a / b))
        check(.remainderTruncating, [i8(a), i8(b)], gives: i8(a - a / b * b))
      }
    }
  }

  @Test func refusesDivisionByZero() {
    for opcode: Opcode in [.divide, .remainder, .divideTruncating, .remainderTruncating] {
      check(opcode, [i8(1), i8(0)], gives: nil)
    }
    check(.divide, [f32(1), f32(0)], gives: f32(.infinity))
  }

  @Test func dividesLeastByMinusOne() {
    check(
      .divide, [ScalarValue(.min, .i64), ScalarValue(-1, .i64)], gives: ScalarValue(.min, .i64))
    check(.remainder, [ScalarValue(.min, .i64), ScalarValue(-1, .i64)], gives: .zero(.i64))
  }

  @Test func shiftsByTheWidthOrMore() {
    check(.shiftLeft, [i8(1), i8(7)], gives: i8(-128))
    check(.shiftLeft, [i8(1), i8(8)], gives: i8(0))
    check(.shiftLeft, [i8(1), i8(-1)], gives: i8(0))
    check(.shiftRight, [i8(-2), i8(100)], gives: i8(-1))
    check(.shiftRight, [ScalarValue(255, .u8), ScalarValue(8, .u8)], gives: .zero(.u8))
  }

  @Test func ordersZerosAndHandsNaNOn() {
    check(.minimum, [f32(0), f32(-0.0)], gives: f32(-0.0))
    check(.maximum, [f32(-0.0), f32(0)], gives: f32(0))
    check(.minimum, [f32(1), f32(.nan)], gives: f32(.nan))
    check(.maximumNumber, [f32(.nan), f32(1)], gives: f32(1))
  }

  @Test func convertsWithSaturation() {
    check(.convert, [f32(300)], gives: i8(127))
    check(.convert, [f32(-300)], gives: i8(-128))
    check(.convert, [f32(-1.9)], gives: i8(-1))
    check(.convert, [f32(.nan)], gives: i8(0))
    check(.convert, [f32(-1)], gives: .zero(.u64))
    check(.convert, [f32(1e30)], gives: ScalarValue(bits: .max, .u64))
    check(.convert, [f32(-1e30)], gives: ScalarValue(.min, .i64))
    check(.convert, [ScalarValue(-1, .i8)], gives: ScalarValue(-1, .i64))
    check(.convert, [ScalarValue(255, .u8)], gives: ScalarValue(255, .i64))
    check(.convert, [ScalarValue(0x1FF, .i64)], gives: i8(-1))
    check(.convert, [f32(0.5)], gives: ScalarValue(true))
  }

  @Test func roundsIntegersOnce() {
    // Just above the middle of two neighbours of bf16; a detour over f64 would land on the middle.
    let value: Int64 = 1 << 60 | 1 << 52 | 1
    check(
      .convert, [ScalarValue(value, .i64)],
      gives: ScalarValue(rounding: 0x1p60 + 0x1p53, .bf16))
  }

  #if !(os(macOS) && arch(x86_64))
    @Test func agreesWithTheHostOnEveryHalf() {
      for bits in 0...UInt16.max {
        let host = Float16(bitPattern: bits)
        let ours = ScalarValue(bits: UInt64(bits), .f16)
        #expect(host.isNaN ? ours.isNaN : Double(host) == ours.double)
        if !host.isNaN { #expect(ScalarValue(rounding: ours.double, .f16) == ours) }
      }
    }

    @Test func roundsToHalfAsTheHost() {
      var state: UInt64 = 1
      for _ in 0..<20_000 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        // Exponents about those of f16, so that ties, subnormals and overflow all occur.
        let exponent = UInt64(1023 - 28) + (state >> 40) % 48
        let fraction = state & 0xFFF_FFFF << 24 & 0x000F_FFFF_FFFF_FFFF
        let value = Double(bitPattern: exponent << 52 | fraction)
        #expect(ScalarValue(rounding: value, .f16).bits == UInt64(Float16(value).bitPattern))
      }
    }
  #endif

  @Test func floorsRemaindersOfFloats() {
    check(.remainder, [f32(5.5), f32(2)], gives: f32(1.5))
    check(.remainder, [f32(-5.5), f32(2)], gives: f32(0.5))
    check(.remainder, [f32(5.5), f32(-2)], gives: f32(-0.5))
    check(.remainder, [f32(-4), f32(2)], gives: f32(0))
    check(.remainder, [f32(4), f32(-2)], gives: f32(-0.0))
    check(.remainder, [f32(-1), f32(.infinity)], gives: f32(.infinity))
    check(.remainder, [f32(-0.0), f32(.infinity)], gives: f32(0.0))
    check(.remainder, [f32(1), f32(0)], gives: f32(.nan))
  }

  @Test func roundTripsConstants() {
    for value in [f32(-0.0), f32(.infinity), f32(.nan), f32(0.1), i8(-3), ScalarValue(true)] {
      #expect(ScalarValue(value.attribute!, value.type) == value)
    }
    let payload = ScalarValue(bits: 0x7FC0_0001, .f32)
    #expect(payload.attribute.flatMap { ScalarValue($0, .f32) } == payload)
  }
}
