import TesseraCodeGen
import TesseraData
import TesseraIR
import TesseraRuntime

/// The memory of one call of compiled code: what it changes and gives.
struct CallFrame {
  /// A leaf that the call writes, in the memory of what is given.
  private struct Written {
    var bytes: TensorBytes
    /// Where the bytes lie.
    var address: UnsafeMutableRawPointer
    var shape: [Int]
    var leaf: HostFunction.Leaf

    init(_ bytes: TensorBytes, _ shape: [Int], _ leaf: HostFunction.Leaf) {
      self.bytes = bytes
      // They stay there, since nobody else has them before the call is over.
      address = self.bytes.withUnsafeMutableBytes { $0.baseAddress! }
      self.shape = shape
      self.leaf = leaf
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
        if parameter.isInout { changed.append(Self.copy(arguments[next], leaf)) }
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
    guard let bytes = TensorBytes(uninitializedCount: byteCount) else {
      throw CallError(
        status: Int32(TESS_OUT_OF_MEMORY.rawValue), "there is no memory for '\(leaf.path)'")
    }
    return Written(bytes, shape, leaf)
  }

  private static func copy(_ tensor: Tensor, _ leaf: HostFunction.Leaf) -> Written {
    Written(tensor.bytes.withUnsafeBytes { TensorBytes($0) }, tensor.shape, leaf)
  }

  /// Calls `body` with one argument a leaf, parameters first, then results.
  func withArguments(
    _ body: ([CompiledFunction.Argument]) throws(TesseraCodeGen.CallError) -> Void
  ) throws(TesseraCodeGen.CallError) {
    var list: [CompiledFunction.Argument] = []
    var failure: TesseraCodeGen.CallError?
    // Each tensor is held in memory by a frame of this recursion.
    func hold(_ parameter: Int, _ leaf: Int, _ next: Int, _ nextChanged: Int) {
      guard parameter < function.parameters.count else {
        for written in given { list.append(argument(written, isAggregate: written.leaf.key != "")) }
        do throws(TesseraCodeGen.CallError) { try body(list) } catch { failure = error }
        return
      }
      let owner = function.parameters[parameter]
      guard leaf < owner.leaves.count else { return hold(parameter + 1, 0, next, nextChanged) }
      if owner.isInout {
        list.append(argument(changed[nextChanged], isAggregate: owner.isAggregate))
        return hold(parameter, leaf + 1, next + 1, nextChanged + 1)
      }
      let tensor = arguments[next]
      let type = TesseraIR.ScalarType(tensor.elementType)
      tensor.bytes.withUnsafeBytes { bytes in
        if owner.leaves[leaf].isScalar, !owner.isAggregate {
          var bits: UInt64 = 0
          withUnsafeMutableBytes(of: &bits) { $0.copyMemory(from: bytes) }
          list.append(.scalar(ScalarValue(bits: bits, type)))
        } else {
          let data = UnsafeMutableRawPointer(mutating: bytes.baseAddress)
          list.append(.tensor(data: data, type, shape: tensor.shape))
        }
        hold(parameter, leaf + 1, next + 1, nextChanged)
      }
    }
    hold(0, 0, 0, 0)
    if let failure { throw failure }
  }

  private func argument(_ written: Written, isAggregate: Bool) -> CompiledFunction.Argument {
    if written.leaf.isScalar, !isAggregate { return .address(written.address) }
    return .tensor(
      data: written.address, TesseraIR.ScalarType(written.leaf.elementType), shape: written.shape)
  }

  /// What the call gave: the `inout` leaves, then the results, in the memory that it wrote and a
  /// further call would write again.
  func results() -> [Tensor] {
    (changed + given).compactMap { written in
      try? Tensor(written.leaf.elementType, written.shape, bytes: written.bytes)
    }
  }
}
