import TesseraRuntime
import Testing

/// The text of one element as the runtime writes it.
private func text<T>(_ value: T, code: UInt8) -> String {
  withUnsafeBytes(of: value) { bytes in
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 48) { out in
      let dtype = tess_dtype(code: code, bits: UInt8(8 * MemoryLayout<T>.size), lanes: 1)
      tess_format_element(dtype, bytes.baseAddress, out.baseAddress)
      return String(cString: out.baseAddress!)
    }
  }
}

@Suite struct FormatTests {
  @Test func floatsReadLikeSwift() {
    var bits: UInt32 = 0x1234_5678
    for _ in 0..<3000 {
      bits = bits &* 1_664_525 &+ 1_013_904_223
      let value = Float(bitPattern: bits)
      if !value.isNaN { #expect(text(value, code: 2) == value.description) }
    }
    let chosen: [Float] = [0, -0.0, 0.1, 1, 100, 1e-4, 9.9e-5, 16_777_216, 16_777_218, .infinity]
    for value in chosen { #expect(text(value, code: 2) == value.description) }
  }

  @Test func doublesReadLikeSwift() {
    var bits: UInt64 = 0x1234_5678_9abc_def0
    for _ in 0..<3000 {
      bits = bits &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let value = Double(bitPattern: bits)
      if !value.isNaN { #expect(text(value, code: 2) == value.description) }
    }
    for value in [0.1, 1e15, 1e16, 0x1p53, 0x1p54, 0x1.8p54, .leastNonzeroMagnitude] {
      #expect(text(value, code: 2) == value.description)
    }
  }

  @Test func narrowFloatsReadBackAsThemselves() {
    #expect(text(UInt16(0x2E66), code: 2) == "0.1")  // f16
    #expect(text(UInt16(0x0001), code: 2) == "6e-08")
    #expect(text(UInt16(0x3DCD), code: 4) == "0.1")  // bf16
    #expect(text(UInt16(0x7F80), code: 4) == "inf")
  }

  @Test func integersAndBooleans() {
    #expect(text(Int8(-128), code: 0) == "-128")
    #expect(text(UInt64.max, code: 1) == "18446744073709551615")
    #expect(text(true, code: 6) == "true")
  }
}
