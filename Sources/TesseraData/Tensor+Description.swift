import TesseraNumbers
import TesseraRuntime

extension ScalarType {
  /// The type as DLPack and the C interface write it.
  public var dlpack: tess_dtype {
    let code: tess_dtype_code =
      switch self {
      case .bool: TESS_BOOL
      case .i8, .i16, .i32, .i64: TESS_INT
      case .u8, .u16, .u32, .u64: TESS_UINT
      case .f16, .f32, .f64: TESS_FLOAT
      case .bf16: TESS_BFLOAT
      }
    return tess_dtype(code: UInt8(code.rawValue), bits: UInt8(8 * byteCount), lanes: 1)
  }
}

extension Tensor: CustomStringConvertible {
  /// The elements in nested brackets, columns aligned, the middle of long tensors elided; the same
  /// text as the statement `print` gives.
  public var description: String {
    var sizes = shape.map(Int64.init)
    return bytes.withUnsafeBytes { bytes in
      sizes.withUnsafeMutableBufferPointer { sizes in
        var view = tess_tensor(
          data: UnsafeMutableRawPointer(mutating: bytes.baseAddress),
          device: tess_device(type: TESS_CPU, id: 0), ndim: Int32(rank),
          dtype: elementType.dlpack, shape: sizes.baseAddress, strides: nil, byte_offset: 0)
        guard let text = tess_format_tensor(&view) else { return typeDescription }
        defer { tess_release(text) }
        return String(cString: text)
      }
    }
  }
}
