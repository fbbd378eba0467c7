public import TesseraIR
import TesseraLLVM

extension TargetDescription {
  /// The machine that this process runs on.
  ///
  /// The processor's name lies on virtual machines, so its features decide: the level is the highest
  /// all of whose features are there, and LLVM is given exactly the features found.
  public static let host: TargetDescription = {
    let triple = LLVMTargetMachine.hostTriple
    let features = LLVMTargetMachine.hostFeatures
    let found = Set(features.split(separator: ",").filter { $0.hasPrefix("+") })
    func has(_ names: String...) -> Bool { names.allSatisfy { found.contains("+" + $0) } }
    if triple.hasPrefix("aarch64") {
      var host = aarch64
      host.features = features
      return host
    }
    var host = has("avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512cd") ? x86_64v4 : x86_64v3
    // What the level names must not be asked for where it is missing.
    host.processor = "x86-64"
    host.features = features
    host.hasFusedMultiplyAdd = has("fma")
    if !has("avx2") {
      host.name = "x86-64"
      host.vectorByteCount = 16
    }
    return host
  }()
}
