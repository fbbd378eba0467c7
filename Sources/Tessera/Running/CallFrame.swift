import TesseraCodeGen
import TesseraData
import TesseraIR
import TesseraNumbers
import TesseraRuntime

/// The memory of one call of compiled code: what it changes and gives.
struct CallFrame {
  /// A leaf that the call writes, in the memory of what is given.
  private struct Written {
    let bytes: TensorBytes
    /// Where the bytes lie, which nobody else has before the call is over.
    let address: UnsafeMutableRawPointer
    let shape: [Int]
    let leaf: HostFunction.Leaf

    /// Takes memory for `byteCount` bytes, which `body` may write; none of it is touched otherwise.
    init(
      _ byteCount: Int, _ shape: [Int], _ leaf: HostFunction.Leaf,
      _ body: (UnsafeMutableRawBufferPointer) -> Void = { _ in }
    ) throws(CallError) {
      var address: UnsafeMutableRawPointer?
      let bytes = TensorBytes(uninitializedCount: byteCount) {
        address = $0.baseAddress
        body($0)
      }
      guard let bytes, let address else {
        throw CallError(
          status: Int32(TESS_OUT_OF_MEMORY.rawValue), "there is no memory for '\(leaf.path)'")
      }
      (self.bytes, self.address, self.shape, self.leaf) = (bytes, address, shape, leaf)
    }
  }

  private let function: HostFunction
  private let arguments: [Tensor]
  /// The `inout` leaves, then those of the results, as the entry takes them.
  private var changed: [Written] = []
  private var given: [Written] = []

  /// Makes room for what `function` gives for `arguments`.
  init(_ function: HostFunction, _ arguments: [Tensor]) throws(CallError) {
    guard let shapes = function.resultShapes(for: arguments) else {
      throw CallError(
        .wrongCall, "the sizes of what '\(function.name)' gives are not known before it runs")
    }
    self.function = function
    self.arguments = arguments
    var next = 0
    for parameter in function.parameters {
      for leaf in parameter.leaves {
        if parameter.isInout { changed.append(try Self.copy(arguments[next], leaf)) }
        next += 1
      }
    }
    let ownResults = function.results.filter { !$0.isInout }.flatMap(\.leaves)
    for (leaf, shape) in zip(ownResults, shapes) { given.append(try Self.allocate(leaf, shape)) }
  }

  private static func allocate(
    _ leaf: HostFunction.Leaf, _ shape: [Int]
  ) throws(CallError) -> Written {
    // Entry checks refuse what the shapes say if it cannot be.
    let byteCount = (try? Tensor.byteCount(leaf.elementType, shape)) ?? 0
    return try Written(byteCount, shape, leaf)
  }

  private static func copy(
    _ tensor: Tensor, _ leaf: HostFunction.Leaf
  ) throws(CallError) -> Written {
    try Written(tensor.bytes.count, tensor.shape, leaf) { copy in
      tensor.bytes.withUnsafeBytes { copy.copyMemory(from: $0) }
    }
  }

  /// Calls `body` with one argument a leaf, parameters first, then results.
  func withArguments(
    _ body: ([CompiledFunction.Argument]) throws(TesseraCodeGen.CallError) -> Void
  ) throws(TesseraCodeGen.CallError) {
    var list: [CompiledFunction.Argument] = []
    var (nextArgument, nextChanged) = (arguments[...], changed[...])
    for parameter in function.parameters {
      for leaf in parameter.leaves {
        let tensor = nextArgument.removeFirst()
        if parameter.isInout {
          let written = nextChanged.removeFirst()
          list.append(argument(written, isAggregate: parameter.isAggregate))
        } else if leaf.isScalar, !parameter.isAggregate {
          list.append(.scalar(tensor))
        } else {
          list.append(.tensor(tensor))
        }
      }
    }
    for written in given { list.append(argument(written, isAggregate: written.leaf.key != "")) }
    try withExtendedLifetime(arguments) { _ throws(TesseraCodeGen.CallError) in try body(list) }
  }

  private func argument(_ written: Written, isAggregate: Bool) -> CompiledFunction.Argument {
    if written.leaf.isScalar, !isAggregate { return .address(written.address) }
    return .tensor(
      data: written.address, written.leaf.elementType, shape: written.shape)
  }

  /// What the call gave: the `inout` leaves, then the results, in the memory that it wrote and a
  /// further call would write again.
  func results() -> [Tensor] {
    (changed + given).compactMap { written in
      try? Tensor(written.leaf.elementType, written.shape, bytes: written.bytes)
    }
  }
}

extension CompiledFunction.Argument {
  /// The number that `tensor`, of rank 0, holds.
  fileprivate static func scalar(_ tensor: Tensor) -> Self {
    var bits: UInt64 = 0
    tensor.bytes.withUnsafeBytes { bytes in
      withUnsafeMutableBytes(of: &bits) { $0.copyMemory(from: bytes) }
    }
    return .scalar(ScalarValue(bits: bits, tensor.elementType))
  }

  /// The memory of `tensor`, which stays there while somebody holds and nobody changes it.
  static func tensor(_ tensor: Tensor) -> Self {
    let address = tensor.bytes.withUnsafeBytes { $0.baseAddress }
    return .tensor(
      data: UnsafeMutableRawPointer(mutating: address), tensor.elementType,
      shape: tensor.shape)
  }
}
