import Synchronization
import TesseraCodeGen
import TesseraIR
import TesseraSource

/// The one place of this process where compiled modules live.
enum SharedJIT {
  static let session = Result { () throws(CodeGenError) in try JITSession() }
}

/// A thread that makes ready what machine code is made with, while a program is still read and
/// checked. It does so once in a process, and nothing depends on it but the time.
public struct MachineCodePreparation: Sendable {
  private static let hasBegun = Atomic(false)

  private let thread: WorkerThread?

  /// Begins, unless programs are interpreted or another has begun before.
  public init(for options: SessionOptions = SessionOptions()) {
    guard options.engine == .jit, !Self.hasBegun.exchange(true, ordering: .relaxed) else {
      thread = nil
      return
    }
    thread = WorkerThread {
      _ = SharedJIT.session
      // Whoever compiles in earnest will be told what LLVM cannot do.
      try? prepareCodeGeneration(Self.sample())
    }
  }

  /// Waits until the thread has ended; once, and before the process ends.
  public func finish() { thread?.join() }

  /// What nearly all programs have: a loop, numbers that it carries, vectors.
  ///
  /// LLVM translates it so that what it does but once in a process is done: it registers its passes,
  /// makes the tables of the processor, and its code comes into memory.
  static func sample() -> TesseraIR.Module {
    let length = 64
    let vector = Type.vector(.f32, lanes: TargetDescription.host.vectorByteCount / 4)
    var builder = Builder(Function(name: "sample", isExported: true))
    let row = builder.function.addParameter("a", .buffer(.scalar(.f32), [.constant(length)]))
    let columns = builder.function.addParameter(
      "b", .buffer(.scalar(.f32), [.constant(length), .constant(length)]))
    let sums = builder.function.addParameter(
      "c", .buffer(.scalar(.f32), [.constant(length)]), role: .output)
    let zero = builder.constant(0)
    let turns = [zero, builder.constant(Int64(length)), builder.constant(1)]
    let none = builder.emit(.splat, [builder.constant(0.0, .f32)], results: [vector])[0]
    let turn = builder.buildRegion([("k", .index), ("part", vector)]) { builder, values in
      let x = builder.emit(.load, [row, values[0]], results: [.scalar(.f32)])[0]
      let xs = builder.emit(.splat, [x], results: [vector])[0]
      let ys = builder.emit(.vectorLoad, [columns, values[0], zero], results: [vector])[0]
      builder.emit(
        .yield, builder.emit(.multiplyAdd, [xs, ys, values[1]], results: [vector]))
    }
    let sum = builder.emit(.for, turns + [none], results: [vector], regions: [turn])[0]
    builder.emit(.vectorStore, [sum, sums, zero])
    builder.emit(.return)
    return Module(functions: [builder.function])
  }
}
