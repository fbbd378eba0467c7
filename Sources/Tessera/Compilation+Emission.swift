import TesseraCodeGen
public import TesseraIR
import TesseraLowering
import TesseraPasses
import TesseraSemantics
import TesseraStandardLibrary

extension TargetDescription {
  /// The machine that this process runs on.
  public static var native: TargetDescription { host }
}

extension Compilation {
  /// The program in the form `emission`, after the stages that lead there.
  ///
  /// What is wrong with the program is in `diagnostics` afterwards; then the bytes mean nothing.
  ///
  /// - Throws: `FileError` if the C compiler is missing or fails, `InternalFailure` if we are wrong.
  public mutating func emit(
    _ emission: Emission, _ options: SessionOptions, target: TargetDescription = .x86_64v3
  ) throws -> [UInt8] {
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
    case .header:
      let interface = String(decoding: RuntimeSources.header, as: UTF8.self)
      return Array(
        cHeader(exportedSignatures(), source: fileName, interface: interface).utf8)
    case .manifest:
      return Array(manifest(exportedSignatures(), source: fileName, target: target).utf8)
    case .staticLibrary:
      let object = try code(.object, options, target)
      if hasErrors { return [] }
      let runtime = try CToolchain(target: target).runtimeObjects()
      return staticLibrary([ArchiveMember(name: stem + ".o", bytes: object)] + runtime)
    case .sharedLibrary:
      let object = try code(.object, options, target)
      return hasErrors ? [] : try CToolchain(target: target).sharedLibrary(object)
    }
  }

  /// The name of the program's file without its directories.
  private var fileName: String { String(root.name.split(separator: "/").last ?? "program") }

  /// The name of the program's file without directories and ending.
  private var stem: String { String(fileName.prefix { $0 != "." }) }

  /// How the exported functions look from C.
  private mutating func exportedSignatures() -> [ExportSignature] {
    check()
    lower()
    return hostFunctions.map(\.signature)
  }

  /// The exported functions as code for `target`.
  private mutating func code(
    _ form: CodeForm, _ options: SessionOptions, _ target: TargetDescription
  ) throws(InternalFailure) -> [UInt8] {
    check()
    lower()
    guard let module = try scheduledModule(options, for: target) else { return [] }
    let codeOptions = CodeGenOptions(
      target: target, optimization: options.level.codeGeneration, sources: sources,
      hasDebugInformation: true)
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
