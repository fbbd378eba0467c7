import TesseraNumbers

/// A tensor in the memory of the host: a value, row-major and without gaps.
///
/// Invariants, kept by the initialisers:
/// - every size is at least 0 and below 2^47, and so is the number of bytes;
/// - `bytes` holds exactly the elements, little end first, the last dimension innermost;
/// - a bool is the byte 0 or 1.
public struct Tensor: Hashable, Sendable {
  /// The type of the elements.
  public let elementType: ScalarType
  /// The size of each dimension.
  public let shape: [Int]
  /// The memory of the elements.
  public private(set) var bytes: TensorBytes

  /// Creates a tensor that holds a copy of `bytes`.
  ///
  /// - Throws: if a size is negative or `bytes` has another length than the shape asks for.
  public init(
    _ elementType: ScalarType, _ shape: [Int], bytes: some Collection<UInt8>
  ) throws(DataError) {
    try self.init(elementType, shape, bytes: TensorBytes(bytes))
  }

  /// Creates a tensor over `bytes`.
  ///
  /// - Throws: if a size is negative or `bytes` has another length than the shape asks for.
  public init(_ elementType: ScalarType, _ shape: [Int], bytes: TensorBytes) throws(DataError) {
    let expected = try Tensor.byteCount(elementType, shape)
    guard bytes.count == expected else {
      throw DataError(
        "\(bytes.count) bytes for \(Tensor.typeDescription(elementType, shape))",
        expected: "\(expected) bytes")
    }
    if elementType == .bool, let place = bytes.firstIndex(where: { $0 > 1 }) {
      throw DataError(
        "a bool that is \(bytes[place])", at: "element \(place)", expected: "0 or 1")
    }
    self.init(unchecked: elementType, shape, bytes: bytes)
  }

  /// Creates a tensor over `bytes`, which are part of a file; they are copied unless they are floats
  /// whose memory is aligned to them.
  ///
  /// What decides where a program reads and writes is thus not what others may change: a bool, an
  /// index.
  ///
  /// - Throws: if a size is negative or `bytes` has another length than the shape asks for.
  init(_ elementType: ScalarType, _ shape: [Int], sharing bytes: TensorBytes) throws(DataError) {
    let isAligned = bytes.withUnsafeBytes {
      Int(bitPattern: $0.baseAddress) % elementType.byteCount == 0
    }
    let isShared = elementType.isFloat && isAligned
    try self.init(
      elementType, shape, bytes: isShared ? bytes : bytes.withUnsafeBytes { TensorBytes($0) })
  }

  /// Creates a tensor that holds `values` in row-major order.
  ///
  /// - Requires: `shape` has as many elements as there are values.
  public init<Element: TensorElement>(_ values: [Element], shape: [Int]) {
    precondition(values.count == shape.reduce(1, *), "the shape asks for another number of values")
    self.init(
      unchecked: Element.elementType, shape, bytes: values.withUnsafeBytes { TensorBytes($0) })
  }

  /// Creates a tensor of rank 0.
  public init<Element: TensorElement>(_ value: Element) { self.init([value], shape: []) }

  /// Creates a tensor of zeros.
  ///
  /// - Throws: if a size is negative or the tensor would have 2^47 bytes or more.
  public init(zeros elementType: ScalarType, _ shape: [Int]) throws(DataError) {
    let count = try Tensor.byteCount(elementType, shape)
    self.init(unchecked: elementType, shape, bytes: TensorBytes(zeros: count))
  }

  /// Creates a tensor without looking at its bytes.
  init(unchecked elementType: ScalarType, _ shape: [Int], bytes: TensorBytes) {
    self.elementType = elementType
    self.shape = shape
    self.bytes = bytes
  }

  /// The number of dimensions.
  public var rank: Int { shape.count }

  /// The number of elements.
  public var elementCount: Int { bytes.count / elementType.byteCount }

  /// The type as the language writes it: `f32[2, 3]`, or `f32` for rank 0.
  public var typeDescription: String { Tensor.typeDescription(elementType, shape) }

  /// The type of tensors of these elements and sizes as the language writes it.
  public static func typeDescription(_ elementType: ScalarType, _ shape: [Int]) -> String {
    shape.isEmpty
      ? elementType.rawValue
      : "\(elementType.rawValue)[\(shape.map(String.init).joined(separator: ", "))]"
  }

  /// The elements in row-major order, or `nil` if they have another type.
  public func values<Element: TensorElement>(as type: Element.Type = Element.self) -> [Element]? {
    guard Element.elementType == elementType else { return nil }
    return [Element](unsafeUninitializedCapacity: elementCount) { buffer, count in
      bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(buffer).copyMemory(from: $0) }
      count = elementCount
    }
  }

  /// The same elements in another shape.
  ///
  /// - Requires: both shapes have equally many elements.
  public func reshaped(_ shape: [Int]) -> Tensor {
    precondition(shape.reduce(1, *) == elementCount, "the shape asks for another number of values")
    return Tensor(unchecked: elementType, shape, bytes: bytes)
  }

  /// Calls `body` with the memory of the elements, which it may change but not resize.
  ///
  /// - Requires: bytes of a bool tensor stay 0 or 1.
  public mutating func withUnsafeMutableBytes<Result>(
    _ body: (UnsafeMutableRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    try bytes.withUnsafeMutableBytes(body)
  }

  /// The number of bytes of a tensor.
  ///
  /// - Throws: if a size is negative or 2^47 or more, or there would be as many bytes.
  public static func byteCount(_ elementType: ScalarType, _ shape: [Int]) throws(DataError) -> Int {
    if let axis = shape.firstIndex(where: { $0 < 0 }) {
      throw DataError("size \(shape[axis])", at: "dimension \(axis)", expected: "0 or more")
    }
    if shape.contains(0) {
      // Loops run over the other dimensions even so.
      guard shape.allSatisfy({ $0 < 1 << 47 }) else {
        throw DataError(
          "\(typeDescription(elementType, shape)), with a size of 2^47 or more",
          expected: "smaller sizes")
      }
      return 0
    }
    var count = elementType.byteCount
    for size in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      guard !overflow, product < 1 << 47 else {
        throw DataError(
          "\(typeDescription(elementType, shape)), 2^47 bytes or more", expected: "fewer bytes")
      }
      count = product
    }
    return count
  }
}

/// A Swift type whose memory is that of one element of a tensor.
public protocol TensorElement: BitwiseCopyable {
  /// The element type that it stands for.
  static var elementType: ScalarType { get }
}

extension Bool: TensorElement { public static var elementType: ScalarType { .bool } }
extension Int8: TensorElement { public static var elementType: ScalarType { .i8 } }
extension Int16: TensorElement { public static var elementType: ScalarType { .i16 } }
extension Int32: TensorElement { public static var elementType: ScalarType { .i32 } }
extension Int64: TensorElement { public static var elementType: ScalarType { .i64 } }
extension Int: TensorElement { public static var elementType: ScalarType { .i64 } }
extension UInt8: TensorElement { public static var elementType: ScalarType { .u8 } }
extension UInt16: TensorElement { public static var elementType: ScalarType { .u16 } }
extension UInt32: TensorElement { public static var elementType: ScalarType { .u32 } }
extension UInt64: TensorElement { public static var elementType: ScalarType { .u64 } }
extension Float16: TensorElement { public static var elementType: ScalarType { .f16 } }
extension BFloat16: TensorElement { public static var elementType: ScalarType { .bf16 } }
extension Float: TensorElement { public static var elementType: ScalarType { .f32 } }
extension Double: TensorElement { public static var elementType: ScalarType { .f64 } }
