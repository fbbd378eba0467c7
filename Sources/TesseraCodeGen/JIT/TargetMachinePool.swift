import Synchronization
import TesseraIR
import TesseraLLVM

/// The machines that LLVM has been told of and nobody uses now, for whoever needs one next.
///
/// The tables of a machine take LLVM as long as a hundred operations do.
enum TargetMachinePool {
  /// What tells one machine from another.
  private struct Key: Hashable {
    let triple: String
    let processor: String
    let features: String
    let level: LLVMTargetMachine.Level

    init(_ target: TargetDescription, _ optimization: CodeGenOptions.Optimization) {
      triple = target.triple
      processor = target.processor
      features = target.features
      level = optimization.level
    }
  }

  /// The owner of a machine, which one thread at a time uses.
  private final class Entry: @unchecked Sendable {
    let machine: LLVMTargetMachine

    init(_ key: Key) throws(LLVMError) {
      machine = try LLVMTargetMachine(
        triple: key.triple, processor: key.processor, features: key.features, level: key.level)
    }
  }

  private static let idle = Mutex<[Key: [Entry]]>([:])

  /// What `body` makes with the machine for `target` and `optimization`, which is its own meanwhile.
  ///
  /// - Throws: an `LLVMError` if this LLVM does not know the target, and what `body` throws.
  static func withMachine<Result>(
    for target: TargetDescription, _ optimization: CodeGenOptions.Optimization,
    _ body: (borrowing LLVMTargetMachine) throws -> Result
  ) throws -> Result {
    let key = Key(target, optimization)
    let entry = try idle.withLock { $0[key]?.popLast() } ?? Entry(key)
    // One with which something went wrong is not used again.
    let result = try body(entry.machine)
    idle.withLock { $0[key, default: []].append(entry) }
    return result
  }
}

extension CodeGenOptions.Optimization {
  /// How hard the target's code generator works.
  fileprivate var level: LLVMTargetMachine.Level {
    switch self {
    case .none: .none
    case .less: .less
    case .standard: .standard
    case .aggressive: .aggressive
    }
  }
}
