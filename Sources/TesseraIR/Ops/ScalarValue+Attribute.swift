import TesseraNumbers

extension ScalarValue {
  /// Creates the value of a `constant` of `type`; `nil` if `attribute` is no number of that type.
  public init?(_ attribute: Attribute, _ type: ScalarType) {
    switch attribute {
    case .integer(let value) where !type.isFloat: self.init(value, type)
    case .float(let value) where type.isFloat:
      if value.isNaN { self.init(nan: value, type) } else { self.init(rounding: value, type) }
    default: return nil
    }
  }

  /// Creates a NaN with the upper bits of the payload of `value`.
  private init(nan value: Double, _ type: ScalarType) {
    switch type {
    case .f32: self.init(bits: UInt64(Float(value).bitPattern), type)
    case .f16: self.init(bits: UInt64(bitsOfF16(value)), type)
    case .bf16: self.init(bits: UInt64(BFloat16(Float(value)).bitPattern), type)
    default: self.init(bits: value.bitPattern, type)
    }
  }

  /// The attribute of a `constant` with this value; `nil` for a NaN that no attribute gives.
  public var attribute: Attribute? {
    guard type.isFloat else { return .integer(integer) }
    let attribute = Attribute.float(double)
    return ScalarValue(attribute, type) == self ? attribute : nil
  }
}
