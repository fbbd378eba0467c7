import TesseraIR
import TesseraLLVM
import TesseraNumbers

// Conversions. Those to and from f16 use the instructions of the target, those of bf16 are integer
// operations, so that no routine of a compiler's library is called.

extension FunctionEmitter {
  /// `value` in the type `target`.
  func convert(_ value: LLVMValue, _ type: LaneType, to target: ScalarType) -> LLVMValue {
    if type.scalar == target { return value }
    let result = type.with(target)
    switch (type.scalar.isFloat, target.isFloat) {
    case (true, true): return convertFloat(value, type, to: result)
    case (false, true): return floatFromInteger(value, type, to: result)
    case (true, false): return integerFromFloat(value, type, to: result)
    case (false, false):
      let from = type.scalar == .bool ? 1 : type.scalar.bitWidth
      let to = target == .bool ? 1 : target.bitWidth
      if from == to { return value }
      let cast: LLVMCast =
        to < from ? .truncate : type.scalar.isSigned ? .signExtend : .zeroExtend
      return builder.cast(cast, value, to: llvm(result))
    }
  }

  // MARK: Floats

  private func convertFloat(
    _ value: LLVMValue, _ type: LaneType, to result: LaneType
  ) -> LLVMValue {
    let wide = type.isNarrowFloat ? widened(value, type) : value
    let wideType = type.isNarrowFloat ? type.with(.f32) : type
    switch (wideType.scalar, result.scalar) {
    case (.f32, .f32), (.f64, .f64): return wide
    case (.f32, .f64): return builder.cast(.extendFloat, wide, to: llvm(result))
    case (.f64, .f32): return builder.cast(.truncateFloat, wide, to: llvm(result))
    case (.f64, _): return narrowed(roundedToOdd(wide, wideType), result)
    default: return narrowed(wide, result)
    }
  }

  /// An f16 or bf16 as f32, which is exact.
  func widened(_ value: LLVMValue, _ type: LaneType) -> LLVMValue {
    let wide = llvm(type.with(.f32))
    if type.scalar == .f16 { return builder.cast(.extendFloat, value, to: wide) }
    let bits = builder.cast(.zeroExtend, value, to: llvmInteger(32, like: type))
    let shifted = builder.binary(.shiftLeft, bits, integer(16, 32, like: type))
    return builder.cast(.bitcast, shifted, to: wide)
  }

  /// An f32 rounded to f16 or bf16, the type of `result`.
  func narrowed(_ value: LLVMValue, _ result: LaneType) -> LLVMValue {
    if result.scalar == .f16 { return builder.cast(.truncateFloat, value, to: llvm(result)) }
    let bits = builder.cast(.bitcast, value, to: llvmInteger(32, like: result))
    let upper = builder.binary(.shiftRightLogical, bits, integer(16, 32, like: result))
    // Half a unit less one, and one more where the last digit is odd: ties go to even.
    let isOdd = builder.binary(.and, upper, integer(1, 32, like: result))
    let bias = builder.add(isOdd, integer(0x7FFF, 32, like: result))
    let quiet = builder.binary(.or, bits, integer(0x40_0000, 32, like: result))
    let isNaN = builder.compareFloats(.unordered, value, value)
    return upperHalves(of: builder.select(isNaN, quiet, builder.add(bits, bias)), result)
  }

  /// The upper 16 bits of integers of 32; `type` says how many there are.
  ///
  /// Of two registers at a time, since one instruction takes every other number of both.
  private func upperHalves(of value: LLVMValue, _ type: LaneType) -> LLVMValue {
    guard let lanes = type.lanes else {
      let upper = builder.binary(.shiftRightLogical, value, integer(16, 32, like: type))
      return builder.cast(.truncate, upper, to: builder.integerType(16))
    }
    let width = min(module.options.target.lanes(of: .f32), lanes)
    let short = builder.vectorType(builder.integerType(16), 2 * width)
    let parts = pieces(of: .value(value), lanes: lanes, width).map {
      builder.cast(.bitcast, $0, to: short)
    }
    if parts.count == 1 {
      return builder.shuffle(parts[0], builder.poison(short), (0..<width).map { 2 * $0 + 1 })
    }
    return joined(
      stride(from: 0, to: parts.count, by: 2).map {
        builder.shuffle(parts[$0], parts[$0 + 1], (0..<2 * width).map { 2 * $0 + 1 })
      })
  }

  /// An f64 as f32, rounded so that rounding once more to fewer digits rounds the f64: where
  /// inexact, the neighbour toward zero with its last bit set.
  private func roundedToOdd(_ value: LLVMValue, _ type: LaneType) -> LLVMValue {
    let narrowType = llvm(type.with(.f32))
    let bitsType = llvmInteger(32, like: type)
    let near = builder.cast(.truncateFloat, value, to: narrowType)
    let back = builder.cast(.extendFloat, near, to: value.type)
    let isInexact = builder.compareFloats(.notEqual, back, value)
    let magnitude = builder.intrinsic("llvm.fabs", [value.type], [value])
    let nearMagnitude = builder.intrinsic("llvm.fabs", [value.type], [back])
    let isBeyond = builder.compareFloats(.greater, nearMagnitude, magnitude)
    let bits = builder.cast(.bitcast, near, to: bitsType)
    let one = integer(1, 32, like: type)
    let towardZero = builder.select(isBeyond, builder.subtract(bits, one), bits)
    let odd = builder.binary(.or, towardZero, one)
    return builder.cast(.bitcast, builder.select(isInexact, odd, bits), to: narrowType)
  }

  // MARK: Integers

  private func integerFromFloat(
    _ value: LLVMValue, _ type: LaneType, to result: LaneType
  ) -> LLVMValue {
    let wide = type.isNarrowFloat ? widened(value, type) : value
    if result.scalar == .bool {
      return builder.compareFloats(.notEqual, wide, builder.zero(wide.type))
    }
    return result.scalar.isSigned
      ? builder.intrinsic("llvm.fptosi.sat", [llvm(result), wide.type], [wide])
      : builder.intrinsic("llvm.fptoui.sat", [llvm(result), wide.type], [wide])
  }

  private func floatFromInteger(
    _ value: LLVMValue, _ type: LaneType, to result: LaneType
  ) -> LLVMValue {
    let cast: LLVMCast = type.scalar.isSigned ? .signedToFloat : .unsignedToFloat
    if !result.isNarrowFloat { return builder.cast(cast, value, to: llvm(result)) }
    let exact = type.scalar.bitWidth == 64 ? stickyTop(value, type) : value
    let wide = builder.cast(cast, exact, to: llvm(type.with(.f64)))
    return convertFloat(wide, type.with(.f64), to: result)
  }

  /// A 64-bit integer with at most 53 digits that rounds to few digits as `value` does: where it is
  /// long, the lowest 11 bits give way to one that tells whether any of them was set.
  private func stickyTop(_ value: LLVMValue, _ type: LaneType) -> LLVMValue {
    let zero = builder.zero(value.type)
    let magnitude =
      type.scalar.isSigned
      ? builder.intrinsic(
        "llvm.abs", [value.type], [value, builder.integer(0, builder.integerType(1))]) : value
    let isShort = builder.compare(
      .lessUnsigned, magnitude, integer(1 << 53, 64, like: type))
    let low = builder.binary(.and, magnitude, integer(0x7FF, 64, like: type))
    let top = builder.binary(.and, magnitude, integer(~0x7FF, 64, like: type))
    let isExact = builder.compare(.equal, low, zero)
    let sticky = builder.binary(
      .or, top, builder.select(isExact, zero, integer(1 << 11, 64, like: type)))
    let isNegative = builder.compare(.lessSigned, value, zero)
    let signed =
      type.scalar.isSigned
      ? builder.select(isNegative, builder.subtract(zero, sticky), sticky) : sticky
    return builder.select(isShort, value, signed)
  }
}
