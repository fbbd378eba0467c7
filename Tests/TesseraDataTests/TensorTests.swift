import TesseraData
import TesseraNumbers
import Testing

@Suite struct TensorTests {
  @Test func refusesBytesThatDoNotFit() {
    #expect(throws: DataError("7 bytes for f32[2]", expected: "8 bytes")) {
      try Tensor(.f32, [2], bytes: [UInt8](repeating: 0, count: 7))
    }
    #expect(throws: DataError("size -1", at: "dimension 1", expected: "0 or more")) {
      try Tensor(zeros: .f32, [2, -1])
    }
    #expect(throws: DataError.self) { try Tensor(zeros: .u8, [1 << 40, 1 << 40]) }
    #expect(throws: DataError("a bool that is 2", at: "element 1", expected: "0 or 1")) {
      try Tensor(.bool, [2], bytes: [1, 2])
    }
  }

  @Test func zeroSizedShapesHaveNoBytes() throws {
    #expect(try Tensor(zeros: .f64, [1 << 46, 0, 1 << 46]).bytes.isEmpty)
    #expect(throws: DataError.self) { try Tensor(zeros: .f64, [1 << 47, 0]) }
  }

  @Test func valuesComeBackInTheirOwnTypeOnly() {
    let tensor = Tensor([1, 2, 3] as [Float], shape: [3])
    #expect(tensor.values(as: Float.self) == [1, 2, 3])
    #expect(tensor.values(as: Int32.self) == nil)
  }

  @Test func bf16RoundsToNearestEven() {
    for (value, bits) in [
      (1.0, 0x3F80), (1.00390625, 0x3F80), (1.01171875, 0x3F82), (1.004, 0x3F81), (3.4e38, 0x7F80),
      (-0.0, 0x8000),
    ] as [(Float, UInt16)] {
      #expect(BFloat16(value).bitPattern == bits)
    }
    #expect(BFloat16(.nan).widened.isNaN)
    #expect(BFloat16(Float(bitPattern: 0x7F80_0001)).widened.isNaN)
  }

  @Test func bf16IsRoundedOnceFromWiderTypes() {
    // A hair above the tie between 1 and the next bf16: rounding by way of f32 would lose it.
    let above = Tensor([1.00390625 + 0x1p-40], shape: [1]).converted(to: .bf16)
    #expect(above.values(as: BFloat16.self) == [BFloat16(bitPattern: 0x3F81)])
    let integer = Tensor([(1 << 62) + (1 << 54) + 1], shape: [1]).converted(to: .bf16)
    #expect(integer.values(as: BFloat16.self) == [BFloat16(bitPattern: 0x5E81)])
    let tie = Tensor([(1 << 62) + (1 << 54)], shape: [1]).converted(to: .bf16)
    #expect(tie.values(as: BFloat16.self) == [BFloat16(bitPattern: 0x5E80)])
  }

  @Test func conversionsAreTotal() {
    let floats = Tensor([.nan, .infinity, -.infinity, -1.9, 300.7] as [Float], shape: [5])
    #expect(floats.converted(to: .i8).values(as: Int8.self) == [0, 127, -128, -1, 127])
    #expect(floats.converted(to: .u8).values(as: UInt8.self) == [0, 255, 0, 0, 255])
    #expect(
      floats.converted(to: .i64).values(as: Int64.self) == [0, .max, .min, -1, 300])
    let integers = Tensor([-1, 256, 0] as [Int32], shape: [3])
    #expect(integers.converted(to: .u8).values(as: UInt8.self) == [255, 0, 0])
    #expect(integers.converted(to: .i64).values(as: Int.self) == [-1, 256, 0])
    #expect(integers.converted(to: .bool).values(as: Bool.self) == [true, true, false])
    let large = Tensor([Int64.max], shape: [1])
    #expect(large.converted(to: .f32).values(as: Float.self) == [0x1p63])
  }

  @Test func wideningKeepsEveryValueOrRefuses() {
    let half = Tensor([1.5] as [Float16], shape: [1])
    #expect(half.widened(to: .f32) == Tensor([1.5] as [Float], shape: [1]))
    #expect(half.widened(to: .bf16) == nil)
    #expect(Tensor([1.5], shape: [1]).widened(to: .f32) == nil)
    #expect(Tensor([7] as [UInt8], shape: [1]).widened(to: .i16) != nil)
    #expect(Tensor([7] as [Int8], shape: [1]).widened(to: .u16) == nil)
    #expect(Tensor([7] as [Int32], shape: [1]).widened(to: .f64) == nil)
  }

  @Test func printsLikeNumPy() throws {
    let small = Tensor([1, -2.5, 100, 0.1] as [Float], shape: [2, 2])
    #expect(small.description == "[[  1.0,  -2.5],\n [100.0,   0.1]]")
    #expect(Tensor(3 as Int32).description == "3")
    #expect(Tensor([true, false], shape: [2]).description == "[ true, false]")
    #expect(try Tensor(zeros: .f32, [0, 3]).description == "[]")
    let long = Tensor(Array(0..<2000), shape: [2000])
    #expect(long.description == "[   0,    1,    2, …, 1997, 1998, 1999]")
    let deep = Tensor((0..<8).map { $0 }, shape: [2, 2, 2])
    #expect(deep.description == "[[[0, 1],\n  [2, 3]],\n\n [[4, 5],\n  [6, 7]]]")
    let tall = Tensor([Int](repeating: 7, count: 1400), shape: [700, 2])
    #expect(
      tall.description
        == "[[7, 7],\n [7, 7],\n [7, 7],\n …,\n [7, 7],\n [7, 7],\n [7, 7]]")
  }
}
