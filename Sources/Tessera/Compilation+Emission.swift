import TesseraIR
import TesseraLowering
import TesseraPasses
import TesseraSemantics

extension Compilation {
  /// The program in the form `emission`, after the stages that lead there.
  ///
  /// What is wrong with the program is in `diagnostics` afterwards; then the bytes mean nothing.
  public mutating func emit(
    _ emission: Emission, _ options: SessionOptions, target: TargetDescription = .x86_64v3
  ) throws(InternalFailure) -> [UInt8] {
    switch emission {
    case .tokens: return Array(tokenLines.utf8)
    case .ast: return Array(treeLines.utf8)
    case .types:
      check()
      return Array(typeLines.utf8)
    case .tir:
      check()
      lower()
      return Array((module.map { "\($0)" } ?? "").utf8)
    case .llvm, .asm, .obj, .staticLibrary, .sharedLibrary, .header, .manifest:
      return []
    }
  }

  /// The instances of the checked program, a line each: the name and the signature.
  private var typeLines: String {
    guard let program else { return "" }
    return program.functions.ids.map { id in
      "\(program.functions[id].name): \(exportSignature(of: id, in: program).text)\n"
    }.joined()
  }
}
