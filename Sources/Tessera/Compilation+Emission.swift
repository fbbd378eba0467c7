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
    try emit([emission], options, target: target)[0]
  }

  /// The program in each of the forms `emissions`; passes run once for all of them, and also for forms
  /// before them if remarks are wanted.
  public mutating func emit(
    _ emissions: [Emission], _ options: SessionOptions, target: TargetDescription = .x86_64v3
  ) throws -> [[UInt8]] {
    let forms = Set(emissions.compactMap(\.codeForm))
    var transformed: TesseraIR.Module?
    if !forms.isEmpty || options.pipeline != nil || options.wantsRemarks {
      check()
      lower()
      transformed = try transformedModule(options, for: target)
    }
    let code = try code(forms, of: transformed, options, target)
    return try emissions.map { emission in
      switch emission {
      case .tokens: return Array(tokenLines.utf8)
      case .ast: return Array(treeLines.utf8)
      case .types:
        check()
        return Array(typeLines.utf8)
      case .tir:
        check()
        lower()
        let shown = options.pipeline == nil ? module : transformed
        return Array((shown.map { "\($0)" } ?? "").utf8)
      case .llvm, .asm, .obj: return emission.codeForm.flatMap { code[$0] } ?? []
      case .header:
        let interface = String(decoding: RuntimeSources.header, as: UTF8.self)
        return Array(
          cHeader(exportedSignatures(), source: fileName, interface: interface).utf8)
      case .manifest:
        return Array(manifest(exportedSignatures(), source: fileName, target: target).utf8)
      case .staticLibrary:
        guard let object = code[.object] else { return [] }
        let runtime = try CToolchain(target: target).runtimeObjects()
        return staticLibrary([ArchiveMember(name: stem + ".o", bytes: object)] + runtime)
      case .sharedLibrary:
        guard let object = code[.object] else { return [] }
        return try CToolchain(target: target).sharedLibrary(object)
      }
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

  /// The functions of `module` as code for `target`; empty if there is no module that is fit for it.
  private mutating func code(
    _ forms: Set<CodeForm>, of module: TesseraIR.Module?, _ options: SessionOptions,
    _ target: TargetDescription
  ) throws(InternalFailure) -> [CodeForm: [UInt8]] {
    guard !forms.isEmpty, let module, isScheduled(module, options) else { return [:] }
    let codeOptions = CodeGenOptions(
      target: target, optimization: options.level.codeGeneration, sources: sources,
      hasDebugInformation: true)
    var stages: [Timing] = []
    defer { timings += stages }
    do throws(CodeGenError) {
      return try generateCode(module, codeOptions, forms: forms) {
        stages.append(Timing(stage: $0, duration: $1))
      }
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
