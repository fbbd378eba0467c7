internal import CLLVM
import Foundation

/// The owner of a description of a machine for which LLVM makes code.
public struct LLVMTargetMachine: ~Copyable {
  /// How hard the code generator works.
  public enum Level: Sendable { case none, less, standard, aggressive }

  /// What the C API calls it.
  let reference: LLVMTargetMachineRef
  /// The triple.
  public let triple: String

  /// Creates a machine for position-independent code.
  ///
  /// - Throws: an error if this LLVM does not know the target.
  public init(
    triple: String, processor: String, features: String, level: Level
  ) throws(LLVMError) {
    LLVMTargetMachine.initializeTargets
    var target: LLVMTargetRef?
    var message: UnsafeMutablePointer<CChar>?
    if LLVMGetTargetFromTriple(triple, &target, &message) != 0 {
      throw LLVMError(takeMessage(message))
    }
    let codeGenLevel =
      switch level {
      case .none: LLVMCodeGenLevelNone
      case .less: LLVMCodeGenLevelLess
      case .standard: LLVMCodeGenLevelDefault
      case .aggressive: LLVMCodeGenLevelAggressive
      }
    reference = LLVMCreateTargetMachine(
      target, triple, processor, features, codeGenLevel, LLVMRelocPIC, LLVMCodeModelDefault)
    self.triple = triple
    // Instructions that stand for themselves, and those around loops do, are selected one by one; the
    // rest of their block by its graph, as ever. That saves a quarter of the time and loses nothing
    // that can be measured.
    if level != .aggressive, triple.hasPrefix("x86_64") {
      LLVMSetTargetMachineFastISel(reference, 1)
    }
  }

  deinit { LLVMDisposeTargetMachine(reference) }

  /// The kinds of output.
  public enum Output { case object, assembly }

  /// Makes machine code of `module`, which is changed on the way.
  public borrowing func emit(
    _ module: borrowing LLVMModule, as output: Output
  ) throws(LLVMError) -> [UInt8] {
    try emit(module.reference, as: output)
  }

  /// Makes machine code of a module, which is changed on the way.
  borrowing func emit(
    _ module: LLVMModuleRef, as output: Output
  ) throws(LLVMError) -> [UInt8] {
    var buffer: LLVMMemoryBufferRef?
    var message: UnsafeMutablePointer<CChar>?
    let kind = output == .object ? LLVMObjectFile : LLVMAssemblyFile
    let failed = LLVMTargetMachineEmitToMemoryBuffer(
      reference, module, kind, &message, &buffer)
    guard failed == 0, let buffer else { throw LLVMError(takeMessage(message)) }
    defer { LLVMDisposeMemoryBuffer(buffer) }
    let start = UnsafeRawPointer(LLVMGetBufferStart(buffer)!)
    return [UInt8](UnsafeRawBufferPointer(start: start, count: LLVMGetBufferSize(buffer)))
  }

  /// The triple of this machine.
  public static var hostTriple: String { takeMessage(LLVMGetDefaultTargetTriple()) }
  /// The features that the host's processor has, as LLVM spells them: `+avx2,-avx512f`.
  public static var hostFeatures: String { takeMessage(LLVMGetHostCPUFeatures()) }

  /// Registers the back ends, and says what they leave out, once.
  static let initializeTargets: Void = {
    leaveOutWhatDoesNotPay()
    LLVMInitializeX86TargetInfo()
    LLVMInitializeX86Target()
    LLVMInitializeX86TargetMC()
    LLVMInitializeX86AsmPrinter()
    LLVMInitializeAArch64TargetInfo()
    LLVMInitializeAArch64Target()
    LLVMInitializeAArch64TargetMC()
    LLVMInitializeAArch64AsmPrinter()
  }()

  /// Switches off what takes a third of the time of code generation and gains nothing.
  ///
  /// Loops come with the addresses of their rows computed outside, so strength reduction finds only
  /// what the processor's addressing does anyway. Each of the others leaves the code of all programs of
  /// the bench as it is on x86-64, byte by byte. LLVM has switches of the process alone for this.
  private static func leaveOutWhatDoesNotPay() {
    let words = [
      "tessera", "-disable-lsr",
      // What front ends for C leave to be done: comparisons in chains, calls of libraries, large
      // constants, variables with lifetimes, copies of structures.
      "-disable-mergeicmps", "-disable-partial-libcall-inlining", "-disable-replace-with-vec-lib",
      "-disable-constant-hoisting", "-no-stack-coloring", "-x86-disable-avoid-SFB",
      // What instruction selection does as well where it must.
      "-disable-expand-reductions",
      // What branches and addresses could gain that are simplified before LLVM sees them.
      "-disable-early-taildup", "-enable-shrink-wrap=0", "-disable-x86-lea-opt",
      "-disable-x86-domain-reassignment",
    ]
    let copies = words.map { strdup($0)! }
    defer { for copy in copies { free(copy) } }
    let pointers = copies.map { UnsafePointer<CChar>?($0) }
    LLVMParseCommandLineOptions(Int32(pointers.count), pointers, "")
  }
}
