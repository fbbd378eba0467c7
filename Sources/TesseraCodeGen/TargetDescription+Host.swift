import Foundation
public import TesseraIR
import TesseraLLVM

extension TargetDescription {
  /// The machine that this process runs on.
  ///
  /// The processor's name lies on virtual machines, so its features decide: the level is the highest
  /// all of whose features are there, and LLVM is given exactly the features found.
  ///
  /// `TESSERA_TARGET` in the environment keeps it to a level and the extensions that follow, so that it
  /// computes the same bits as a machine that has no more: `x86-64-v3` one with AVX-512.
  public static let host: TargetDescription = {
    let triple = LLVMTargetMachine.hostTriple
    let features = LLVMTargetMachine.hostFeatures
    let found = Set(features.split(separator: ",").filter { $0.hasPrefix("+") })
    func has(_ names: String...) -> Bool { names.allSatisfy { found.contains("+" + $0) } }
    var extensions = Set(found.map { String($0.dropFirst()) })
    let kept = ProcessInfo.processInfo.environment["TESSERA_TARGET"].flatMap {
      TargetDescription(name: $0)
    }
    if let kept {
      extensions.formIntersection(kept.extensions)
    }
    if triple.hasPrefix("aarch64") {
      var host = aarch64.extended(with: extensions)
      host.features = features
      return host
    }
    let isKeptLow = kept?.level == x86_64v3.name
    let isWide = has("avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512cd") && !isKeptLow
    var host = isWide ? x86_64v4 : x86_64v3
    // What the level names must not be asked for where it is missing.
    host.processor = "x86-64"
    host.features = isKeptLow ? features.withoutAVX512 : features
    host.hasFusedMultiplyAdd = has("fma")
    if !has("avx2") {
      host.name = "x86-64"
      host.vectorByteCount = 16
    }
    return host.extended(with: extensions)
  }()
}

extension String {
  /// These features of LLVM's, with those of AVX-512 taken away.
  fileprivate var withoutAVX512: String {
    split(separator: ",").map { feature in
      feature.hasPrefix("+avx512") ? "-" + feature.dropFirst() : String(feature)
    }.joined(separator: ",")
  }
}
