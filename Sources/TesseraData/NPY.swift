import TesseraNumbers

/// NumPy's format of one array.
///
/// Source: NumPy, «numpy.lib.format», versions 1.0 to 3.0.
public enum NPY {
  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// The tensor in `bytes`, as `decode(_: TensorBytes)` gives it.
  public static func decode(_ bytes: [UInt8]) throws(DataError) -> Tensor {
    try decode(TensorBytes(bytes))
  }

  /// The tensor in `bytes`, whose memory it shares if it can; Fortran order and big-endian elements
  /// are turned round.
  ///
  /// - Throws: if the file is cut short or malformed, or its elements are of no type that we have.
  public static func decode(_ bytes: TensorBytes) throws(DataError) -> Tensor {
    var reader = ByteReader(bytes)
    let start = try reader.read(6, "the magic of npy")
    guard Array(start) == magic else {
      throw DataError("no npy file", at: "byte 0", expected: "\\x93NUMPY")
    }
    let major = try reader.readInteger(1, "the version")
    let minor = try reader.readInteger(1, "the version")
    guard (1...3).contains(major), minor == 0 else {
      throw DataError("version \(major).\(minor)", at: "byte 6", expected: "1.0, 2.0 or 3.0")
    }
    let length = Int(try reader.readInteger(major == 1 ? 2 : 4, "the header length"))
    let headerOffset = reader.offset
    var parser = NPYHeaderParser(Array(try reader.read(length, "the header")), at: headerOffset)
    let header = try parser.parse()
    let (type, isBigEndian) = try elementType(header.descr)
    let expected: Int
    do { expected = try Tensor.byteCount(type, header.shape) } catch {
      throw error.inside("the header")
    }
    guard reader.remaining == expected else {
      throw DataError(
        "\(reader.remaining) bytes for \(Tensor.typeDescription(type, header.shape))",
        at: "byte \(reader.offset)", expected: "\(expected) bytes")
    }
    let elements = try reader.read(expected, "the elements")
    guard isBigEndian || header.isFortranOrder else {
      return try Tensor(type, header.shape, sharing: elements)
    }
    var data = Array(elements)
    if isBigEndian { reverseElements(&data, width: type.byteCount) }
    if header.isFortranOrder {
      data = rowMajor(data, width: type.byteCount, shape: header.shape)
    }
    return try Tensor(type, header.shape, bytes: data)
  }

  /// The bytes of a version 1.0 file that holds `tensor`, or 2.0 where its header is long.
  ///
  /// - Throws: for bf16, which the format does not have.
  public static func encode(_ tensor: Tensor) throws(DataError) -> [UInt8] {
    let kind: String
    switch tensor.elementType {
    case .bool: kind = "|b1"
    case .i8: kind = "|i1"
    case .u8: kind = "|u1"
    case .i16, .i32, .i64: kind = "<i\(tensor.elementType.byteCount)"
    case .u16, .u32, .u64: kind = "<u\(tensor.elementType.byteCount)"
    case .f16, .f32, .f64: kind = "<f\(tensor.elementType.byteCount)"
    case .bf16:
      throw DataError("npy has no elements of bf16", expected: "f32 or another file format")
    }
    let sizes = tensor.shape.map(String.init).joined(separator: ", ")
    let shape = tensor.rank == 1 ? "(\(sizes),)" : "(\(sizes))"
    var header = "{'descr': '\(kind)', 'fortran_order': False, 'shape': \(shape), }"
    let isLong = header.utf8.count + 64 > Int(UInt16.max)
    let prefix = isLong ? 12 : 10
    // The elements begin at a multiple of 64 bytes.
    let padding = 64 - (prefix + header.utf8.count + 1) % 64
    header += String(repeating: " ", count: padding % 64) + "\n"
    return magic + [isLong ? 2 : 1, 0] + littleEndian(header.utf8.count, width: prefix - 8)
      + Array(header.utf8) + tensor.bytes
  }

  private static func elementType(_ descr: String) throws(DataError) -> (ScalarType, Bool) {
    let types: [String: ScalarType] = [
      "b1": .bool, "i1": .i8, "i2": .i16, "i4": .i32, "i8": .i64, "u1": .u8, "u2": .u16,
      "u4": .u32, "u8": .u64, "f2": .f16, "f4": .f32, "f8": .f64,
    ]
    guard let order = descr.first, "<>|=".contains(order),
      let type = types[String(descr.dropFirst())]
    else {
      throw DataError(
        "elements of '\(descr)'", at: "the header",
        expected: "bool, i1 to i8, u1 to u8, or f2 to f8")
    }
    return (type, order == ">")
  }

  private static func reverseElements(_ data: inout [UInt8], width: Int) {
    for start in stride(from: 0, to: data.count, by: width) {
      data[start..<start + width].reverse()
    }
  }

  /// The elements of a column-major array in row-major order.
  private static func rowMajor(_ data: [UInt8], width: Int, shape: [Int]) -> [UInt8] {
    // Without elements the product of sizes may be anything.
    if data.isEmpty { return [] }
    var strides: [Int] = []
    var product = 1
    for size in shape {
      strides.append(product)
      product *= size
    }
    var result: [UInt8] = []
    result.reserveCapacity(data.count)
    var index = [Int](repeating: 0, count: shape.count)
    for _ in 0..<data.count / width {
      let place = zip(index, strides).reduce(0) { $0 + $1.0 * $1.1 } * width
      result += data[place..<place + width]
      for axis in shape.indices.reversed() {
        index[axis] += 1
        if index[axis] < shape[axis] { break }
        index[axis] = 0
      }
    }
    return result
  }
}
