import TesseraIR
import TesseraNumbers
import TesseraRuntime

/// The texts of `assert` and `print`, with numbers as compiled code writes them.
extension Machine {
  /// The text of the instruction, its values in place of `{}`.
  func filled(_ i: Instruction) -> String {
    let values = Array(list(i.c, 2 * i.count))
    var result = ""
    var next = 0
    var rest = code.texts[Int(i.b)][...]
    while let place = rest.firstRange(of: "{}"), 2 * next < values.count {
      result += rest[..<place.lowerBound]
      result += text(values[2 * next], code.types[Int(values[2 * next + 1])])
      rest = rest[place.upperBound...]
      next += 1
    }
    return result + rest
  }

  /// Hands a line to whoever takes the output.
  func write(_ line: String) {
    if let output { output(line) } else { Swift.print(line, terminator: "") }
  }

  private func text(_ slot: Int32, _ type: Type) -> String {
    switch type {
    case .scalar(let scalar): format(register(slot), scalar)
    case .tensor(.scalar(let scalar), _), .buffer(.scalar(let scalar), _):
      format(tensor(slot), scalar)
    case .pointer, .vector, .tensor, .buffer: "?"
    }
  }

  private func format(_ bits: UInt64, _ type: ScalarType) -> String {
    var bits = bits
    var text = [CChar](repeating: 0, count: Int(TESS_ELEMENT_CAPACITY))
    _ = tess_format_element(type.runtimeType, &bits, &text)
    return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  private func format(_ tensor: TensorValue, _ type: ScalarType) -> String {
    var shape = tensor.shape.map(Int64.init)
    var strides = tensor.strides.map { Int64($0 / type.byteCount) }
    return shape.withUnsafeMutableBufferPointer { shape in
      strides.withUnsafeMutableBufferPointer { strides in
        var description = tess_tensor(
          data: tensor.address, device: tess_device(type: TESS_CPU, id: 0),
          ndim: Int32(shape.count), dtype: type.runtimeType, shape: shape.baseAddress,
          strides: strides.baseAddress, byte_offset: 0)
        guard let text = tess_format_tensor(&description) else { return "?" }
        defer { tess_release(text) }
        return String(cString: text)
      }
    }
  }
}

extension ScalarType {
  /// The type as the C interface numbers it.
  fileprivate var runtimeType: tess_dtype {
    let code: UInt32 =
      switch self {
      case .bool: UInt32(TESS_BOOL.rawValue)
      case .i8, .i16, .i32, .i64: UInt32(TESS_INT.rawValue)
      case .u8, .u16, .u32, .u64: UInt32(TESS_UINT.rawValue)
      case .f16, .f32, .f64: UInt32(TESS_FLOAT.rawValue)
      case .bf16: UInt32(TESS_BFLOAT.rawValue)
      }
    return tess_dtype(code: UInt8(code), bits: UInt8(bitWidth), lanes: 1)
  }
}
