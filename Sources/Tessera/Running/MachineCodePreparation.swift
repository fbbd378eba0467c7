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
  public init(for options: SessionOptions) {
    guard options.engine == .jit, !Self.hasBegun.exchange(true, ordering: .relaxed) else {
      thread = nil
      return
    }
    thread = WorkerThread {
      _ = SharedJIT.session
      // Whoever compiles in earnest will be told what LLVM cannot do.
      _ = try? Self.translateSample()
    }
  }

  /// Waits until the thread has ended; once, and before the process ends.
  public func finish() { thread?.join() }

  /// Has LLVM translate a loop, so that what it does but once in a process is done: it registers its
  /// passes, makes the tables of the processor, and its code comes into memory.
  static func translateSample() throws(CodeGenError) {
    var sources = SourceMap()
    guard let module = parseModule(sources.add(name: "sample.tir", text: sample)).module else {
      preconditionFailure("the sample does not parse")
    }
    _ = try generateCode(module, CodeGenOptions(target: .host, hasCompanions: false))
  }

  /// What nearly all programs have: a loop, numbers that it carries, vectors.
  private static let sample = """
    func @sample(%a: buffer f32[64], %b: buffer f32[64, 64], %c: output buffer f32[64]) export {
      %zero = constant {0} : i64
      %one = constant {1} : i64
      %all = constant {64} : i64
      %none = constant {0.0} : f32
      %start = splat %none : vector f32 x 16
      %sum = for %zero, %all, %one, %start : vector f32 x 16 {
      ^(%k: i64, %part: vector f32 x 16):
        %x = load %a, %k : f32
        %xs = splat %x : vector f32 x 16
        %ys = vector_load %b, %k, %zero : vector f32 x 16
        %next = multiply_add %xs, %ys, %part : vector f32 x 16
        yield %next
      }
      vector_store %sum, %c, %zero
      return
    }
    """
}
