import TesseraIR
import TesseraNumbers

/// An argument or result of a run.
public enum InterpreterValue {
  /// One number.
  case scalar(ScalarValue)
  /// A tensor, or a buffer that the function may write.
  case tensor(TensorValue)
  /// The address of an element of `memory`, so many bytes from its first.
  case address(memory: TensorValue, byteOffset: Int)
  /// An address that is nowhere.
  case null
}

extension InterpreterValue {
  /// An integer or bool.
  public static func integer(_ value: Int64, _ type: ScalarType = .i64) -> InterpreterValue {
    .scalar(ScalarValue(value, type))
  }

  /// A float, rounded to `type`.
  public static func float(_ value: Double, _ type: ScalarType = .f32) -> InterpreterValue {
    .scalar(ScalarValue(rounding: value, type))
  }

  /// A tensor of numbers, each converted to `type`.
  public static func tensor(
    _ values: [Double], shape: [Int]? = nil, _ type: ScalarType = .f32
  ) -> InterpreterValue {
    let numbers = values.map { value in
      type.isFloat
        ? ScalarValue(rounding: value, type)
        : ScalarValue(rounding: value, .f64).converted(to: type)
    }
    return .tensor(TensorValue(type, shape: shape ?? [values.count], values: numbers))
  }

  /// The number, if it is one.
  public var scalar: ScalarValue? {
    if case .scalar(let value) = self { return value }
    return nil
  }

  /// The tensor, if it is one.
  public var tensor: TensorValue? {
    if case .tensor(let value) = self { return value }
    return nil
  }

  /// All numbers as doubles, in row-major order; those of 64 bits may be rounded.
  public var doubles: [Double] {
    func double(_ value: ScalarValue) -> Double { value.converted(to: .f64).double }
    switch self {
    case .scalar(let value): return [double(value)]
    case .tensor(let tensor): return tensor.values().map(double)
    case .address, .null: return []
    }
  }
}
