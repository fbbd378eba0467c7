import TesseraNumbers

extension Combiner {
  /// The operation that combines two values; `nil` where a region does, or the new value stays.
  public var opcode: Opcode? {
    switch self {
    case .sum: .add
    case .product: .multiply
    case .minimum: .minimum
    case .maximum: .maximum
    case .any, .bitOr: .bitOr
    case .all, .bitAnd: .bitAnd
    case .bitXor: .bitXor
    case .replace, .combiner, .fold, .argmax, .argmin: nil
    }
  }

  /// The number of `type` that a reduction starts from: 0, 1, the greatest or the least value, ±inf,
  /// false, true. Combined with any number it gives that number, -0 in a sum apart.
  public func identity(_ type: ScalarType) -> ScalarValue {
    switch self {
    case .sum, .any, .bitOr, .bitXor, .replace, .combiner, .fold, .argmax, .argmin:
      .zero(type)
    case .product, .all: .one(type)
    case .bitAnd: ScalarValue(-1, type)
    case .minimum: .greatest(type)
    case .maximum: .least(type)
    }
  }
}
