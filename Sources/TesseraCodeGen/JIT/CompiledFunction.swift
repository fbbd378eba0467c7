public import TesseraIR
import TesseraNumbers
import TesseraRuntime

/// A function that is ready to be called; it keeps its module.
public struct CompiledFunction: @unchecked Sendable {
  /// How the function looks from C.
  public let signature: ExportSignature
  /// How its arguments are laid out.
  public let layout: ArgumentLayout
  private let module: CompiledModule
  private let entry: CompiledModule.Entry

  /// The C function `int32_t NAME(const NAME_args *, void *, size_t, tess_error *)`.
  private typealias Entry =
    @convention(c) (
      UnsafeRawPointer?, UnsafeMutableRawPointer?, Int, UnsafeMutablePointer<tess_error>?
    ) -> Int32

  /// The C function `size_t NAME_workspace(const NAME_args *, int32_t)`.
  private typealias Workspace = @convention(c) (UnsafeRawPointer?, Int32) -> Int

  /// The C function `size_t NAME_packed(const NAME_args *)`.
  private typealias Packed = @convention(c) (UnsafeRawPointer?) -> Int

  /// The C function `int32_t NAME_prepare(const NAME_args *, void *, size_t, tess_error *)`.
  private typealias Prepare =
    @convention(c) (
      UnsafeRawPointer?, UnsafeMutableRawPointer?, Int, UnsafeMutablePointer<tess_error>?
    ) -> Int32

  /// Where `NAME` and `NAME_prepare` lie, for callers that fill memory themselves.
  package var addresses: (call: UnsafeRawPointer, prepare: UnsafeRawPointer?) {
    (entry.address, entry.prepareAddress)
  }

  /// Refers to what `entry` says of a function of `module`.
  init(_ module: CompiledModule, _ entry: CompiledModule.Entry) {
    self.module = module
    self.entry = entry
    signature = entry.signature
    layout = ArgumentLayout(signature)
  }

  /// What a caller passes for one leaf of a parameter or result.
  public enum Argument {
    /// A tensor whose elements lie row-major at `data`.
    case tensor(data: UnsafeMutableRawPointer?, ScalarType, shape: [Int])
    /// A number that is read.
    case scalar(ScalarValue)
    /// Where a number lies that is written; or an address for a pointer parameter.
    case address(UnsafeMutableRawPointer?)
  }

  /// Calls the function with one argument a leaf, parameters first, then results.
  ///
  /// - Parameters:
  ///   - constants: the constant parameters, packed by `prepare(_:)`.
  ///   - memory: where memory for temporaries comes from; `nil` for the system.
  /// - Throws: what the function reports.
  public func call(
    _ arguments: [Argument], constants: PackedConstants? = nil, memory: WorkspacePool? = nil
  ) throws(CallError) {
    let packed = PackedArguments(layout, arguments)
    defer { packed.deallocate() }
    if let constants { packed.add(constants, layout) }
    let byteCount = memory == nil ? 0 : workspaceByteCount(packed.address)
    let workspace = byteCount > 0 ? memory?.take(byteCount) : nil
    defer { if let workspace { memory?.giveBack(workspace) } }
    try withExtendedLifetime(constants) { () throws(CallError) in
      try call(packed.address, workspace: workspace?.bytes)
    }
  }

  /// Packs the constant parameters for many calls; `nil` if there is nothing to pack.
  ///
  /// - Parameter arguments: one a leaf; those of parameters that are not constant do not matter.
  /// - Throws: what is wrong with them.
  public func prepare(_ arguments: [Argument]) throws(CallError) -> PackedConstants? {
    guard let prepareAddress = entry.prepareAddress else { return nil }
    let packed = PackedArguments(layout, arguments)
    defer { packed.deallocate() }
    let memory = PackedConstants(byteCount: packedByteCount(packed.address))
    return try withExtendedLifetime(module) { () throws(CallError) in
      var error = tess_error()
      let status = unsafeBitCast(prepareAddress, to: Prepare.self)(
        packed.address, memory.bytes.baseAddress, memory.bytes.count, &error)
      if status != 0 { throw CallError(status: status, error) }
      return memory
    }
  }

  /// The bytes of memory that a call with these arguments takes at its start; 0 if sizes must be read
  /// and cannot be.
  public func workspaceByteCount(_ arguments: UnsafeRawPointer) -> Int {
    let packed = layout.packedByteOffset.flatMap {
      arguments.load(fromByteOffset: $0, as: UnsafeRawPointer?.self)
    }
    switch packed == nil ? entry.workspace : entry.preparedWorkspace {
    case .constant(let byteCount): return byteCount
    case .function(let address):
      return withExtendedLifetime(module) {
        unsafeBitCast(address, to: Workspace.self)(arguments, 0)
      }
    }
  }

  /// The bytes that constant parameters take when packed, those of these arguments; 0 if there is
  /// nothing to pack, or sizes must be read and cannot be.
  package func packedByteCount(_ arguments: UnsafeRawPointer) -> Int {
    switch entry.packed {
    case nil: return 0
    case .constant(let byteCount): return byteCount
    case .function(let address):
      return withExtendedLifetime(module) { unsafeBitCast(address, to: Packed.self)(arguments) }
    }
  }

  /// Calls the function with a filled argument structure, laid out as `layout` says.
  ///
  /// - Parameter workspace: `workspaceByteCount(_:)` bytes or more, aligned to 64; if `nil`, memory
  ///   is taken from the system.
  public func call(
    _ arguments: UnsafeRawPointer, workspace: UnsafeMutableRawBufferPointer? = nil
  ) throws(CallError) {
    var error = tess_error()
    let function = unsafeBitCast(entry.address, to: Entry.self)
    let status = withExtendedLifetime(module) {
      function(arguments, workspace?.baseAddress, workspace?.count ?? 0, &error)
    }
    if status != 0 { throw CallError(status: status, error) }
  }
}

/// What a call of compiled code reports when it fails.
public struct CallError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A number of `tess_status`.
  public let status: Int32
  /// What went wrong.
  public let message: String
  /// The file, or "" where no source line is to blame.
  public let file: String
  /// The line, counted from 1, or 0.
  public let line: Int
  /// The column, counted from 1, or 0.
  public let column: Int

  /// Reads what the runtime wrote.
  init(status: Int32, _ error: tess_error) {
    var error = error
    self.status = status
    line = Int(error.line)
    column = Int(error.column)
    file = withUnsafeBytes(of: &error.file) { text(in: $0) }
    message = withUnsafeBytes(of: &error.message) { text(in: $0) }
  }

  /// The words for the status.
  public var statusText: String { String(cString: tess_status_text(status)) }

  public var description: String {
    let words = message.isEmpty ? statusText : message
    return line > 0 ? "\(file):\(line):\(column): \(words)" : words
  }
}

/// The text in `bytes` up to its NUL.
private func text(in bytes: UnsafeRawBufferPointer) -> String {
  String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
}

/// An argument structure with the shapes that its tensors point to.
private struct PackedArguments {
  let address: UnsafeMutableRawPointer
  private let shapes: UnsafeMutablePointer<Int64>

  /// Lays `arguments` out in memory of its own; see `deallocate()`.
  init(_ layout: ArgumentLayout, _ arguments: [CompiledFunction.Argument]) {
    address = .allocate(byteCount: layout.byteCount, alignment: 8)
    address.initializeMemory(as: UInt8.self, repeating: 0, count: layout.byteCount)
    let ranks = arguments.map { argument in
      if case .tensor(_, _, let shape) = argument { return shape.count }
      return 0
    }
    shapes = .allocate(capacity: max(1, ranks.reduce(0, +)))
    var nextShape = shapes
    var rest = arguments[...]
    for field in layout.fields {
      for position in field.parameter.leaves.indices {
        guard let argument = rest.popFirst() else { return }
        let place = address + field.byteOffset + TensorLayout.byteCount * position
        PackedArguments.store(argument, at: place, as: field.kind, &nextShape)
      }
    }
  }

  /// Adds the packed form of the constant parameters.
  func add(_ constants: PackedConstants, _ layout: ArgumentLayout) {
    guard let byteOffset = layout.packedByteOffset else { return }
    (address + byteOffset).storeBytes(
      of: constants.bytes.baseAddress, as: UnsafeMutableRawPointer?.self)
    (address + byteOffset + 8).storeBytes(of: constants.bytes.count, as: Int.self)
  }

  /// Gives the memory back.
  func deallocate() {
    address.deallocate()
    shapes.deallocate()
  }

  /// Stores an argument of the right form; a wrong one leaves nothing, which the entry refuses.
  private static func store(
    _ argument: CompiledFunction.Argument, at place: UnsafeMutableRawPointer,
    as kind: ArgumentLayout.Kind, _ nextShape: inout UnsafeMutablePointer<Int64>
  ) {
    switch (argument, kind) {
    case (.tensor(let data, let scalar, let shape), .tensors):
      var tensor = tess_tensor()
      tensor.data = data
      tensor.device.type = 1
      tensor.ndim = Int32(truncatingIfNeeded: shape.count)
      tensor.dtype = tess_dtype(
        code: scalar.dataTypeCode, bits: UInt8(scalar.bitWidth), lanes: 1)
      tensor.shape = nextShape
      for extent in shape {
        nextShape.initialize(to: Int64(extent))
        nextShape += 1
      }
      place.storeBytes(of: tensor, as: tess_tensor.self)
    case (.scalar(let value), .scalar(let scalar)):
      withUnsafeBytes(of: value.bits.littleEndian) {
        place.copyMemory(from: $0.baseAddress!, byteCount: scalar.byteCount)
      }
    case (.address(let address), .scalarAddress), (.address(let address), .pointer):
      place.storeBytes(of: address, as: UnsafeMutableRawPointer?.self)
    default: break
    }
  }
}
