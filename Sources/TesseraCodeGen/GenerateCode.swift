public import TesseraIR
import TesseraLLVM

/// The forms in which code can be had.
public enum CodeForm: Hashable, Sendable, CaseIterable {
  /// The text of LLVM's IR before its passes run.
  case llvmUnoptimized
  /// The text of LLVM's IR as the target's code generator sees it.
  case llvm
  /// The text of an assembler file.
  case assembly
  /// A relocatable object file.
  case object
}

/// Translates a module of the scheduled stage for a target.
///
/// The same module and options give the same bytes.
///
/// - Parameters:
///   - forms: what is wanted; asking for less is faster.
///   - onStage: is told what was done and how long it took.
/// - Throws: what the target cannot do, or what broke.
public func generateCode(
  _ module: Module, _ options: CodeGenOptions, forms: Set<CodeForm> = [.object],
  onStage: @escaping (_ stage: String, _ duration: Duration) -> Void = { _, _ in }
) throws(CodeGenError) -> [CodeForm: [UInt8]] {
  try translating { () throws in
    try TargetMachinePool.withMachine(for: options.target, options.optimization) { machine in
      var watch = StageWatch(onStage)
      let emitter = try emitted(EmissionSource(module), options, for: machine)
      watch.note("emit")
      var result: [CodeForm: [UInt8]] = [:]
      if forms.contains(.llvmUnoptimized) {
        result[.llvmUnoptimized] = Array(emitter.output.text.utf8)
      }
      if let passes = options.optimization.passes(for: options.target) {
        try emitter.output.run(passes: passes, for: machine)
        watch.note("LLVM passes")
      }
      if forms.contains(.llvm) { result[.llvm] = Array(emitter.output.text.utf8) }
      if forms.contains(.object) {
        result[.object] = try machine.emit(emitter.output, as: .object)
      }
      if forms.contains(.assembly) {
        // Making the object changed the module, so the text is made from a fresh one.
        if forms.contains(.object) {
          let text = try generateCode(module, options, forms: [.assembly])
          result[.assembly] = text[.assembly]
        } else {
          result[.assembly] = try machine.emit(emitter.output, as: .assembly)
        }
      }
      watch.note("LLVM code")
      return result
    }
  }
}

/// Translates the share of the functions of `source` that `options.share` names, for the machine that
/// runs the code; `nil` if there are none.
func generateShare(
  _ source: EmissionSource, _ options: CodeGenOptions,
  onStage: @escaping (_ stage: String, _ duration: Duration) -> Void
) throws(CodeGenError) -> [UInt8]? {
  if options.share?.own.isEmpty == true { return nil }
  return try translating { () throws in
    try TargetMachinePool.withMachine(for: options.target, options.optimization) { machine in
      var watch = StageWatch(onStage)
      let emitter = try emitted(source, options, for: machine)
      watch.note("emit")
      let passes = ["elim-avail-extern", options.optimization.passes(for: options.target)]
      try emitter.output.run(
        passes: passes.compactMap(\.self).joined(separator: ","), for: machine)
      watch.note("LLVM passes")
      let object = try machine.emit(emitter.output, as: .object)
      watch.note("LLVM code")
      return object
    }
  }
}

/// Emits `source` as LLVM's IR.
private func emitted(
  _ source: EmissionSource, _ options: CodeGenOptions, for machine: borrowing LLVMTargetMachine
) throws(CodeGenError) -> ModuleEmitter {
  let emitter = ModuleEmitter(source, options, machine: machine)
  try emitter.emit()
  try verify(emitter)
  return emitter
}

/// Does `work`, whose failures are those of code generation.
private func translating<Result>(_ work: () throws -> Result) throws(CodeGenError) -> Result {
  do {
    return try work()
  } catch let error as CodeGenError {
    throw error
  } catch let error as LLVMError {
    throw .tool("LLVM: \(error.description)")
  } catch {
    throw .tool("\(error)")
  }
}

/// Tells how long stages take that follow one another.
struct StageWatch {
  private var start = ContinuousClock.now
  private let onStage: (String, Duration) -> Void

  /// Begins now; `onStage` is told each stage and its time.
  init(_ onStage: @escaping (String, Duration) -> Void) { self.onStage = onStage }

  /// Tells that `stage` took the time since the stage before it.
  mutating func note(_ stage: String) {
    let now = ContinuousClock.now
    onStage(stage, now - start)
    start = now
  }
}

/// Lets LLVM look for mistakes in what was emitted, in debug builds.
private func verify(_ emitter: ModuleEmitter) throws(CodeGenError) {
  #if DEBUG
    if let message = emitter.output.verifierMessage {
      throw .tool("LLVM does not accept the code: \(message)\n\(emitter.output.text)")
    }
  #endif
}

extension CodeGenOptions.Optimization {
  /// The passes of LLVM that run for `target`; `nil` for none.
  ///
  /// The module comes scheduled, vectorised and simplified, and what a loop does not change stands
  /// before it, so LLVM is asked for what our passes do not see: indices and addresses that are
  /// computed twice, or not used in the end. Moving them out of loops as well would take half as long
  /// again and leave a phi for every value that leaves a loop; combining instructions would cost as
  /// much as all of this. Neither gains anything that can be measured. Strength reduction is left out
  /// of its code generation, but without it that of AArch64 makes wrong code.
  func passes(for target: TargetDescription) -> String? {
    let reduction = target.architecture == .aarch64 ? ",loop(canon-freeze,loop-reduce)" : ""
    return switch self {
    case .none: nil
    case .less: "function(early-cse\(reduction))"
    case .standard: "function(sroa,early-cse,dce\(reduction))"
    case .aggressive:
      // One round need not reach what further rounds would; without this LLVM stops the process.
      "function(sroa,early-cse,instcombine<no-verify-fixpoint>,simplifycfg,loop-mssa(licm),"
        + "early-cse\(reduction))"
    }
  }
}
