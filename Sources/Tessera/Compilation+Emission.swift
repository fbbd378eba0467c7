import TesseraCodeGen
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
    case .llvm: return try code(.llvm, options, target)
    case .asm: return try code(.assembly, options, target)
    case .obj: return try code(.object, options, target)
    case .staticLibrary, .sharedLibrary, .header, .manifest:
      throw InternalFailure("'\(emission.rawValue)' cannot be written yet")
    }
  }

  /// The exported functions as code for `target`.
  private mutating func code(
    _ form: CodeForm, _ options: SessionOptions, _ target: TargetDescription
  ) throws(InternalFailure) -> [UInt8] {
    check()
    lower()
    let signatures = hostFunctions.map(\.signature)
    try optimize(options)
    guard var module, !hasErrors else { return [] }
    module.exports = signatures
    let codeOptions = CodeGenOptions(
      target: target, optimization: options.level.codeGeneration, sources: sources)
    do throws(CodeGenError) {
      return try generateCode(module, codeOptions, forms: [form])[form] ?? []
    } catch {
      throw failure(error)
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
