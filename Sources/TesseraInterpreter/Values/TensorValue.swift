import TesseraIR
import TesseraNumbers

/// A tensor or buffer as the interpreter holds it: a strided view of shared memory.
///
/// A tensor is dense and never changes while anyone else holds it; a buffer may be any view, and is
/// written in place.
public final class TensorValue {
  /// What an element is.
  public let element: ElementType
  /// The memory that it is a view of.
  var storage: Storage
  /// Address, rank, then lengths and strides in bytes; what the machine reads without counting
  /// references.
  let descriptor: UnsafeMutablePointer<Int>

  /// Creates a view of `storage` from `address` on; `strides` count bytes.
  init(_ element: ElementType, lengths: [Int], storage: Storage, address: Int, strides: [Int]) {
    self.element = element
    self.storage = storage
    descriptor = .allocate(capacity: Descriptor.header + 2 * lengths.count)
    descriptor[Descriptor.address] = address
    descriptor[Descriptor.rank] = lengths.count
    for axis in lengths.indices {
      descriptor[Descriptor.header + axis] = lengths[axis]
      descriptor[Descriptor.header + lengths.count + axis] = strides[axis]
    }
  }

  deinit { descriptor.deallocate() }

  /// Creates a dense tensor with unspecified elements; `nil` if there is no memory for it.
  convenience init?(_ element: ElementType, lengths: [Int], meter: Meter?) {
    let strides = denseStrides(lengths, element.byteCount)
    let byteCount = lengths.reduce(element.byteCount, &*)
    guard let storage = Storage(byteCount: byteCount, meter: meter) else { return nil }
    self.init(
      element, lengths: lengths, storage: storage, address: Int(bitPattern: storage.base),
      strides: strides)
  }

  private convenience init(uninitialized type: ScalarType, shape: [Int]) {
    let strides = denseStrides(shape, type.byteCount)
    let byteCount = shape.reduce(type.byteCount, &*)
    // The caller holds as much memory already.
    guard let storage = Storage(byteCount: byteCount, meter: nil) else {
      fatalError("no memory for \(byteCount) bytes")
    }
    self.init(
      .scalar(type), lengths: shape, storage: storage, address: Int(bitPattern: storage.base),
      strides: strides)
  }

  /// Creates a dense tensor of `type` from its bytes in row-major order.
  ///
  /// - Requires: `bytes` has as many bytes as a tensor of this shape.
  public convenience init(_ type: ScalarType, shape: [Int], bytes: [UInt8]) {
    self.init(uninitialized: type, shape: shape)
    precondition(bytes.count == storage.byteCount, "as many bytes as the shape takes")
    storage.base.copyMemory(from: bytes, byteCount: bytes.count)
  }

  /// Creates a dense tensor of zeros.
  public convenience init(zeros type: ScalarType, shape: [Int]) {
    self.init(uninitialized: type, shape: shape)
    storage.base.initializeMemory(as: UInt8.self, repeating: 0, count: storage.byteCount)
  }

  /// Creates a dense tensor of `type` from its elements in row-major order.
  ///
  /// - Requires: there are as many values as the shape takes, all of that type.
  public convenience init(_ type: ScalarType, shape: [Int], values: [ScalarValue]) {
    self.init(uninitialized: type, shape: shape)
    precondition(values.count == elementCount, "as many values as the shape takes")
    for (index, value) in values.enumerated() {
      storeBits(storage.base + index * type.byteCount, value.bits, type)
    }
  }

  /// The length of each axis.
  public var shape: [Int] { (0..<rank).map { descriptor[Descriptor.header + $0] } }

  /// The number of elements.
  public var elementCount: Int { shape.reduce(1, &*) }

  /// All elements in row-major order, as bytes.
  public func bytes() -> [UInt8] {
    let width = element.byteCount
    if isDense {
      let content = UnsafeRawBufferPointer(start: address, count: elementCount * width)
      return Array(content)
    }
    var result = [UInt8](repeating: 0, count: elementCount * width)
    result.withUnsafeMutableBytes { target in
      guard var place = target.baseAddress else { return }
      forEachElement { address in
        place.copyMemory(from: address, byteCount: width)
        place += width
      }
    }
    return result
  }

  /// All elements in row-major order.
  ///
  /// - Requires: they are numbers.
  public func values() -> [ScalarValue] {
    guard case .scalar(let type) = element else { return [] }
    var result: [ScalarValue] = []
    forEachElement { result.append(ScalarValue(bits: loadBits($0, type), type)) }
    return result
  }
}

/// The places of a descriptor.
enum Descriptor {
  /// The address of the first element.
  static let address = 0
  /// The number of axes.
  static let rank = 1
  /// The first length; strides follow the lengths.
  static let header = 2
}

extension TensorValue {
  /// The number of axes.
  var rank: Int { descriptor[Descriptor.rank] }
  /// The bytes from one index to the next, by axes.
  var strides: [Int] { (0..<rank).map { descriptor[Descriptor.header + rank + $0] } }
  /// The address of the first element.
  var address: UnsafeMutableRawPointer {
    // The address lies in `storage`, which this view keeps alive.
    UnsafeMutableRawPointer(bitPattern: descriptor[Descriptor.address]) ?? storage.base
  }

  /// Calls `body` with the address of each element, in row-major order.
  func forEachElement(_ body: (UnsafeMutableRawPointer) -> Void) {
    func walk(_ axis: Int, _ address: UnsafeMutableRawPointer) {
      if axis == rank { return body(address) }
      let stride = descriptor[Descriptor.header + rank + axis]
      for index in 0..<descriptor[Descriptor.header + axis] {
        walk(axis + 1, address + index * stride)
      }
    }
    walk(0, address)
  }

  /// `true` iff the elements lie one after the other in row-major order.
  var isDense: Bool { strides == denseStrides(shape, element.byteCount) }

  /// A dense tensor with the same elements, of its own; `nil` if there is no memory for it.
  func copied(meter: Meter?) -> TensorValue? {
    guard let copy = TensorValue(element, lengths: shape, meter: meter) else { return nil }
    if isDense {
      copy.storage.base.copyMemory(from: address, byteCount: copy.storage.byteCount)
      copy.storage.copyUses(of: storage)
      return copy
    }
    var target = copy.storage.base
    let width = element.byteCount
    forEachElement {
      target.copyMemory(from: $0, byteCount: width)
      target += width
    }
    return copy
  }
}

/// The strides in bytes of a dense tensor.
func denseStrides(_ lengths: [Int], _ width: Int) -> [Int] {
  var strides = lengths
  var stride = width
  for axis in lengths.indices.reversed() {
    strides[axis] = stride
    stride = stride &* lengths[axis]
  }
  return strides
}

// MARK: Elements

extension ElementType {
  /// The type by which elements are moved: an address is 64 bits.
  var storedType: ScalarType {
    switch self {
    case .scalar(let type): type
    case .pointer: .u64
    }
  }
}

/// The number at `address`, as a register holds it.
@inline(__always)
func loadBits(_ address: UnsafeRawPointer, _ type: ScalarType) -> UInt64 {
  switch type {
  case .f32, .i32, .u32: UInt64(address.loadUnaligned(as: UInt32.self))
  case .i64, .u64, .f64: address.loadUnaligned(as: UInt64.self)
  case .bool: address.load(as: UInt8.self) == 0 ? 0 : 1
  case .i8, .u8: UInt64(address.load(as: UInt8.self))
  case .i16, .u16, .f16, .bf16: UInt64(address.loadUnaligned(as: UInt16.self))
  }
}

/// Writes the number in a register to `address`.
@inline(__always)
func storeBits(_ address: UnsafeMutableRawPointer, _ bits: UInt64, _ type: ScalarType) {
  switch type {
  case .f32, .i32, .u32:
    address.storeBytes(of: UInt32(truncatingIfNeeded: bits), as: UInt32.self)
  case .i64, .u64, .f64: address.storeBytes(of: bits, as: UInt64.self)
  case .bool, .i8, .u8: address.storeBytes(of: UInt8(truncatingIfNeeded: bits), as: UInt8.self)
  case .i16, .u16, .f16, .bf16:
    address.storeBytes(of: UInt16(truncatingIfNeeded: bits), as: UInt16.self)
  }
}
