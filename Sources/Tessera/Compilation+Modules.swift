import TesseraSemantics
import TesseraSource
import TesseraStandardLibrary
import TesseraSyntax

/// The standard library, parsed once for the process.
struct ParsedLibrary: Sendable {
  /// The files; every compilation begins with this map, so that the spans below stay right.
  let sources: SourceMap
  /// The modules.
  let modules: [SourceModule]

  /// The library of this compiler.
  static let shared: ParsedLibrary = {
    var sources = SourceMap()
    let modules = StandardLibrary.modules.map { module in
      let file = sources.add(name: "<\(module.name)>", bytes: module.bytes)
      return SourceModule(name: module.name, file: parse(file), isLibrary: true)
    }
    return ParsedLibrary(sources: sources, modules: modules)
  }()

  /// The declaration of the library that holds `span`, with its module: `nn.conv`; `nil` if none does.
  func name(ofDeclarationAround span: SourceSpan) -> String? {
    for module in modules where module.file.module.span.file == span.file {
      let declaration = module.file.module.declarations.first {
        $0.span.start <= span.start && span.end <= $0.span.end
      }
      return declaration?.name.map { "\(module.name).\($0.text)" }
    }
    return nil
  }
}

extension Diagnostic {
  /// The same, naming the function of the library that it speaks of, which no file of the user's
  /// shows.
  var namingLibraryFunction: Diagnostic {
    guard let name = ParsedLibrary.shared.name(ofDeclarationAround: span) else { return self }
    var named = self
    named.notes.insert("in '\(name)'", at: 0)
    return named
  }
}

extension Compilation {
  /// The root module, what it imports, what that imports, and the standard library, each once.
  ///
  /// A module beside the program goes before one of the library of the same name. One that is found
  /// nowhere is left to the checker, which says so where it is imported.
  mutating func loadModules(root parsed: ParsedFile, _ finder: ModuleFinder) -> [SourceModule] {
    let file = root.name.split(separator: "/").last ?? "main"
    let name = String(file.hasSuffix(".tess") ? file.dropLast(5) : file)
    var modules = [SourceModule(name: name, file: parsed)]
    var seen: Set<String> = [name]
    var waiting = parsed.module.imports.map(\.module.text)
    while let next = waiting.popLast() {
      guard seen.insert(next).inserted, let found = finder(next) else { continue }
      let parsed = parse(sources.add(name: found.name, bytes: found.bytes))
      diagnostics += parsed.diagnostics
      modules.append(SourceModule(name: next, file: parsed))
      waiting += parsed.module.imports.map(\.module.text)
    }
    let own = Set(modules.map { $0.file.module.name?.text ?? $0.name })
    return modules + ParsedLibrary.shared.modules.filter { !own.contains($0.name) }
  }
}
