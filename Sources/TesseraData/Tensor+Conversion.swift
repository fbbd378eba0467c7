import TesseraNumbers

extension Tensor {
  /// The elements as doubles; integers beyond 2^53 are rounded, a bool is 0 or 1.
  public func doubles() -> [Double] {
    func widened<T: TensorElement>(_ type: T.Type, _ widen: (T) -> Double) -> [Double] {
      values(as: type)!.map(widen)
    }
    switch elementType {
    case .bool, .u8: return bytes.map(Double.init)
    case .i8: return widened(Int8.self, Double.init)
    case .i16: return widened(Int16.self, Double.init)
    case .i32: return widened(Int32.self, Double.init)
    case .i64: return widened(Int64.self, Double.init)
    case .u16: return widened(UInt16.self, Double.init)
    case .u32: return widened(UInt32.self, Double.init)
    case .u64: return widened(UInt64.self, Double.init)
    case .f16: return widened(Float16.self, Double.init)
    case .bf16: return widened(BFloat16.self) { Double($0.widened) }
    case .f32: return widened(Float.self, Double.init)
    case .f64: return values(as: Double.self)!
    }
  }

  /// The tensor with elements of `type` if every value survives exactly, whatever it is, else `nil`.
  ///
  /// This is what loading may do by itself: f16 and bf16 become f32 or f64, f32 becomes f64, and
  /// integers and bools widen to integers that hold all of their values.
  public func widened(to type: ScalarType) -> Tensor? {
    if type == elementType { return self }
    let isWider = type.byteCount > elementType.byteCount
    switch (elementType, type) {
    case (.f16, .f32), (.f16, .f64), (.bf16, .f32), (.bf16, .f64), (.f32, .f64):
      return converted(to: type)
    case (.bool, _) where !type.isFloat: return converted(to: type)
    case (.u8, _), (.u16, _), (.u32, _):
      return isWider && !type.isFloat ? converted(to: type) : nil
    case (.i8, _), (.i16, _), (.i32, _): return isWider && type.isSigned ? converted(to: type) : nil
    default: return nil
    }
  }

  /// The tensor with elements of `type` by the rules of the language's conversions: to a float the
  /// nearest, from a float towards zero and saturating with 0 for NaN, between integers wrapping,
  /// to bool whether it is not zero.
  public func converted(to type: ScalarType) -> Tensor {
    if type == elementType { return self }
    if type.isFloat { return convertedToFloat(type) }
    if elementType.isFloat { return convertedToInteger(type) }
    return wrapped(to: type)
  }

  private func convertedToFloat(_ type: ScalarType) -> Tensor {
    // A 64-bit integer is rounded once, and not by way of a double.
    func rounded<T: TensorElement>(
      _ fromSigned: (Int64) -> T, _ fromUnsigned: (UInt64) -> T, _ fromDouble: (Double) -> T
    ) -> Tensor {
      switch elementType {
      case .i64: Tensor(values(as: Int64.self)!.map(fromSigned), shape: shape)
      case .u64: Tensor(values(as: UInt64.self)!.map(fromUnsigned), shape: shape)
      default: Tensor(doubles().map(fromDouble), shape: shape)
      }
    }
    switch type {
    case .f16: return rounded(Float16.init, Float16.init, Float16.init)
    case .bf16:
      return rounded(
        { BFloat16(oddlyRounded(gathered($0.magnitude, isNegative: $0 < 0))) },
        { BFloat16(oddlyRounded(gathered($0, isNegative: false))) },
        { BFloat16(oddlyRounded($0)) })
    case .f32: return rounded(Float.init, Float.init, Float.init)
    default: return rounded(Double.init, Double.init, { $0 })
    }
  }

  private func convertedToInteger(_ type: ScalarType) -> Tensor {
    func saturated<T: TensorElement & FixedWidthInteger>(_: T.Type) -> Tensor {
      Tensor(
        doubles().map { value -> T in
          if value.isNaN { return 0 }
          let whole = value.rounded(.towardZero)
          return T(exactly: whole) ?? (whole < 0 ? .min : .max)
        }, shape: shape)
    }
    switch type {
    case .i8: return saturated(Int8.self)
    case .i16: return saturated(Int16.self)
    case .i32: return saturated(Int32.self)
    case .i64: return saturated(Int64.self)
    case .u8: return saturated(UInt8.self)
    case .u16: return saturated(UInt16.self)
    case .u32: return saturated(UInt32.self)
    case .u64: return saturated(UInt64.self)
    default: return Tensor(doubles().map { $0 != 0 }, shape: shape)
    }
  }

  private func wrapped(to type: ScalarType) -> Tensor {
    let width = elementType.byteCount
    let target = type.byteCount
    var result = [UInt8](repeating: 0, count: elementCount * target)
    for i in 0..<elementCount {
      let element = bytes[i * width..<(i + 1) * width]
      if type == .bool {
        result[i] = element.contains { $0 != 0 } ? 1 : 0
        continue
      }
      let fill: UInt8 = elementType.isSigned && element.last! > 127 ? 255 : 0
      for j in 0..<target {
        result[i * target + j] = j < width ? element[i * width + j] : fill
      }
    }
    return Tensor(unchecked: type, shape, bytes: TensorBytes(result))
  }
}

/// An f32 near `value` that rounds to the same bf16 as `value` itself.
///
/// An inexact f32 is cut and gets an odd last bit, so that the second rounding cannot mistake it for
/// a tie.
private func oddlyRounded(_ value: Double) -> Float {
  let nearest = Float(value)
  if Double(nearest) == value || !nearest.isFinite { return nearest }
  let isAbove = Double(nearest.magnitude) > value.magnitude
  return Float(bitPattern: (isAbove ? nearest.bitPattern - 1 : nearest.bitPattern) | 1)
}

/// A double near the integer that rounds to the same bf16: bits that no bf16 can hold are gathered
/// in one.
private func gathered(_ magnitude: UInt64, isNegative: Bool) -> Double {
  let hasLowBits = UInt32(truncatingIfNeeded: magnitude) != 0
  let kept = magnitude >> 42 == 0 ? magnitude : (magnitude >> 32 | (hasLowBits ? 1 : 0)) << 32
  return isNegative ? -Double(kept) : Double(kept)
}
