import GuardPages
import Tessera
import TesseraCodeGen
import TesseraData
import TesseraIR
import TesseraNumbers
import TesseraRuntime

/// The functions in C that belong to an export.
struct EntryPoints {
  typealias Entry =
    @convention(c) (
      UnsafeRawPointer?, UnsafeMutableRawPointer?, Int, UnsafeMutablePointer<tess_error>?
    ) -> Int32

  let call: Entry
  let prepare: Entry?
  /// The bytes that a call takes, and packed constants, by the arguments.
  let workspace: (UnsafeRawPointer) -> Int
  let packed: (UnsafeRawPointer) -> Int

  /// Those of a function of a session.
  init(_ function: CompiledFunction) {
    let (call, prepare) = function.addresses
    self.call = unsafeBitCast(call, to: Entry.self)
    self.prepare = prepare.map { unsafeBitCast($0, to: Entry.self) }
    workspace = function.workspaceByteCount
    packed = function.packedByteCount
  }

  /// Those that `address` finds by their names in a library.
  init?(_ name: String, in address: (String) -> UnsafeRawPointer?) {
    guard let call = address(name) else { return nil }
    self.call = unsafeBitCast(call, to: Entry.self)
    prepare = address(name + "_prepare").map { unsafeBitCast($0, to: Entry.self) }
    typealias Workspace = @convention(c) (UnsafeRawPointer?, Int32) -> Int
    typealias Packed = @convention(c) (UnsafeRawPointer?) -> Int
    let workspace = address(name + "_workspace").map { unsafeBitCast($0, to: Workspace.self) }
    let packed = address(name + "_packed").map { unsafeBitCast($0, to: Packed.self) }
    self.workspace = { workspace?($0, 1) ?? 0 }
    self.packed = { packed?($0) ?? 0 }
  }
}

/// How the call of an entry differs from the plainest.
public struct GuardedCallStyle: Hashable, Sendable, CustomStringConvertible {
  public var placement: GuardPlacement
  /// `true` iff the rows of tensors lie apart.
  public var hasGaps = false
  /// `true` iff constant parameters are packed ahead, where they can be.
  public var isPrepared = false

  /// Creates the plainest style.
  public init(placement: GuardPlacement, hasGaps: Bool = false, isPrepared: Bool = false) {
    self.placement = placement
    self.hasGaps = hasGaps
    self.isPrepared = isPrepared
  }

  public var description: String {
    "against the \(placement) of a page" + (hasGaps ? ", rows apart" : "")
      + (isPrepared ? ", prepared" : "")
  }

  /// Both placements, each in every style.
  public static let all = GuardPlacement.allCases.flatMap { placement in
    [
      GuardedCallStyle(placement: placement),
      GuardedCallStyle(placement: placement, hasGaps: true),
      GuardedCallStyle(placement: placement, isPrepared: true),
    ]
  }
}

/// What a call did that it must not.
public struct GuardedCallFailure: Error, CustomStringConvertible {
  public let description: String
}

/// One call of compiled code, with the memory that it is given.
struct GuardedCall {
  /// A tensor or number in guarded memory.
  private struct Leaf {
    var address: UnsafeMutableRawPointer
    var elementType: ScalarType
    var shape: [Int]
    var strides: [Int]
    /// `true` iff it comes back.
    var isWritten: Bool
  }

  private let function: HostFunction
  private let layout: ArgumentLayout
  private let style: GuardedCallStyle
  private let memory: GuardedMemory
  private let structure: UnsafeMutableRawPointer
  private var leaves: [Leaf] = []

  /// Makes room for a call of `function` with `arguments`, one a leaf.
  init(
    _ function: HostFunction, _ arguments: [Tensor], resultShapes: [[Int]]?,
    _ style: GuardedCallStyle
  ) throws(GuardedCallFailure) {
    guard let shapes = resultShapes ?? function.resultShapes(for: arguments) else {
      throw GuardedCallFailure(description: "\(function.name): sizes are not known")
    }
    self.function = function
    self.style = style
    memory = GuardedMemory(style.placement)
    layout = ArgumentLayout(function.signature)
    structure = memory.take(layout.byteCount, for: "the arguments")
    if let place = layout.packedByteOffset {
      structure.storeBytes(of: 0, toByteOffset: place, as: Int.self)
      structure.storeBytes(of: 0, toByteOffset: place + 8, as: Int.self)
    }
    var (given, made) = (arguments[...], shapes[...])
    for field in layout.fields {
      for (position, leaf) in field.parameter.leaves.enumerated() {
        guard case .scalar(let type) = leaf.element else { continue }
        let path = "'\(field.parameter.name)\(leaf.key.isEmpty ? "" : "." + leaf.key)'"
        let tensor = field.isResult ? nil : given.removeFirst()
        let place = structure + field.byteOffset + MemoryLayout<tess_tensor>.stride * position
        if case .scalar = field.kind, let tensor {
          tensor.bytes.withUnsafeBytes {
            place.copyMemory(from: $0.baseAddress!, byteCount: $0.count)
          }
          continue
        }
        let added = add(
          tensor?.shape ?? made.removeFirst(), type, tensor,
          isWritten: field.isResult || field.parameter.isInout,
          hasGaps: style.hasGaps && field.kind == .tensors, path)
        if case .scalarAddress = field.kind {
          place.storeBytes(of: added.address, as: UnsafeMutableRawPointer.self)
        } else {
          place.storeBytes(of: descriptor(added, type, path), as: tess_tensor.self)
        }
      }
    }
  }

  /// Takes memory for a leaf; rows that lie apart have 3 elements between them.
  private mutating func add(
    _ shape: [Int], _ type: ScalarType, _ tensor: Tensor?, isWritten: Bool,
    hasGaps: Bool, _ path: String
  ) -> Leaf {
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] * shape[axis + 1] + (hasGaps ? 3 : 0)
    }
    let isEmpty = shape.contains(0)
    let last = zip(shape, strides).reduce(0) { $0 + ($1.0 - 1) * $1.1 }
    let address = memory.take(
      isEmpty ? 0 : (last + 1) * type.byteCount,
      for: "\(path), \(Tensor.typeDescription(type, shape))")
    let leaf = Leaf(
      address: address, elementType: type, shape: shape, strides: strides, isWritten: isWritten)
    if let tensor {
      tensor.bytes.withUnsafeBytes { bytes in
        forEachElement(of: leaf) { place, element in
          (address + place * type.byteCount).copyMemory(
            from: bytes.baseAddress! + element * type.byteCount, byteCount: type.byteCount)
        }
      }
    }
    leaves.append(leaf)
    return leaf
  }

  private func descriptor(_ leaf: Leaf, _ scalar: ScalarType, _ path: String) -> tess_tensor {
    var tensor = tess_tensor()
    tensor.data = leaf.address
    tensor.device.type = 1
    tensor.ndim = Int32(leaf.shape.count)
    tensor.dtype = tess_dtype(
      code: scalar.dataTypeCode, bits: UInt8(8 * scalar.byteCount), lanes: 1)
    tensor.shape = memory.take(leaf.shape, for: "the sizes of \(path)")
    if style.hasGaps { tensor.strides = memory.take(leaf.strides, for: "the strides of \(path)") }
    return tensor
  }

  /// Calls `body` with where each element lies, and its place in row-major order.
  private func forEachElement(of leaf: Leaf, _ body: (_ place: Int, _ element: Int) -> Void) {
    for element in 0..<leaf.shape.reduce(1, *) {
      var (rest, place) = (element, 0)
      for (extent, stride) in zip(leaf.shape, leaf.strides).reversed() {
        place += rest % extent * stride
        rest /= extent
      }
      body(place, element)
    }
  }

  /// Calls the function with exactly the memory that it asks for.
  ///
  /// - Returns: what is changed and made, in order.
  func run(_ points: EntryPoints) throws(GuardedCallFailure) -> [Tensor] {
    if style.isPrepared, let prepare = points.prepare, let place = layout.packedByteOffset {
      let byteCount = points.packed(structure)
      let bytes = memory.take(byteCount, for: "the packed constants")
      try call(prepare, bytes, byteCount)
      structure.storeBytes(of: bytes, toByteOffset: place, as: UnsafeMutableRawPointer.self)
      structure.storeBytes(of: byteCount, toByteOffset: place + 8, as: Int.self)
    }
    let byteCount = points.workspace(structure)
    let workspace = byteCount > 0 ? memory.take(byteCount, for: "the workspace") : nil
    try call(points.call, workspace, byteCount)
    return try results()
  }

  private func call(
    _ entry: EntryPoints.Entry, _ bytes: UnsafeMutableRawPointer?, _ byteCount: Int
  ) throws(GuardedCallFailure) {
    var (error, status, fault) = (tess_error(), Int32(0), guard_fault())
    let hasFault = guard_call(
      entry, structure, bytes, byteCount, &error, function.name, style.placement.number, &status,
      &fault)
    if hasFault != 0 {
      throw GuardedCallFailure(
        description: "\(function.name), \(style): \(memory.place(of: fault))")
    }
    if status != 0 {
      let message = withUnsafeBytes(of: error.message) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      throw GuardedCallFailure(
        description: "\(function.name), \(style): status \(status), \(message)")
    }
  }

  /// What was written; nothing may lie between the rows but what lay there before.
  private func results() throws(GuardedCallFailure) -> [Tensor] {
    var found: [Tensor] = []
    for leaf in leaves where leaf.isWritten {
      let width = leaf.elementType.byteCount
      var bytes = [UInt8](repeating: 0, count: leaf.shape.reduce(1, *) * width)
      var places: Set<Int> = []
      forEachElement(of: leaf) { place, element in
        places.insert(place)
        for byte in 0..<width {
          bytes[element * width + byte] = leaf.address.load(
            fromByteOffset: place * width + byte, as: UInt8.self)
        }
      }
      for place in 0..<(places.max() ?? 0) where !places.contains(place) {
        let isUntouched = (0..<width).allSatisfy {
          leaf.address.load(fromByteOffset: place * width + $0, as: UInt8.self) == 0xFF
        }
        if !isUntouched {
          throw GuardedCallFailure(
            description: "\(function.name), \(style): writes between rows, at element \(place)")
        }
      }
      do {
        found.append(try Tensor(leaf.elementType, leaf.shape, bytes: bytes))
      } catch {
        throw GuardedCallFailure(description: "\(function.name), \(style): \(error)")
      }
    }
    return found
  }
}
