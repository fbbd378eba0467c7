import Foundation
import TesseraIR
import TesseraSource
import Testing

@Suite struct VerifierTests {
  /// Each line that is wrong ends in `// error: [identifier] message`.
  @Test(arguments: GoldenFile.all(in: "verify"))
  func tellsOffendingLines(_ file: GoldenFile) throws {
    let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let bare = lines.map { $0.components(separatedBy: "  // error: ")[0] }
    let source = SourceFile(
      id: FileID(index: 0), name: file.name, bytes: Array(bare.joined(separator: "\n").utf8))
    let (module, diagnostics) = parseModule(source)
    #expect(diagnostics.map(\.message) == [])

    var annotated = bare
    for diagnostic in verify(try #require(module), stage: stage(lines[0])) {
      let line = source.location(of: diagnostic.span.start).line - 1
      annotated[line] += "  // error: [\(diagnostic.identifier)] \(diagnostic.message)"
    }
    if ProcessInfo.processInfo.environment["TESSERA_BLESS"] != nil {
      try annotated.joined(separator: "\n").write(to: file.url, atomically: true, encoding: .utf8)
    } else {
      #expect(annotated == lines)
    }
  }

  private func stage(_ directive: String) -> Stage? {
    let prefix = "//! stage: "
    guard directive.hasPrefix(prefix) else { return nil }
    return Stage(rawValue: String(directive.dropFirst(prefix.count)))
  }

  @Test(arguments: GoldenFile.all(in: "ir"))
  func acceptsGoldenFiles(_ file: GoldenFile) throws {
    let module = try #require(parseModule(file.source).module)
    #expect(verify(module).map(\.message) == [])
  }

  /// What text cannot say: tables that contradict each other.
  @Test func tellsBrokenTables() throws {
    func identifiers(_ change: (inout Function) -> Void) -> Set<String> {
      var builder = Builder(Function(name: "f"))
      let value = builder.constant(1)
      let region = builder.buildRegion { builder, _ in builder.emit(.yield) }
      builder.emit(.if, [value], regions: [region])
      builder.emit(.return)
      change(&builder.function)
      return Set(verify(Module(functions: [builder.function])).map(\.identifier))
    }
    let body = ID<Region>(index: 0)
    #expect(identifiers { $0.regions[body].operations[0] = ID(index: 99) } == ["ir-structure"])
    #expect(
      identifiers { $0.operations[ID(index: 0)].results = [ID(index: 99)] } == ["ir-structure"])
    #expect(
      identifiers { $0.regions[body].operations.insert(ID(index: 0), at: 0) }
        .contains("ir-structure"))
    #expect(identifiers { $0.operations[ID(index: 2)].regions = [body] }.contains("ir-structure"))
    #expect(
      identifiers { _ = $0.makeOperation(.if, regions: $0.operations[ID(index: 2)].regions) }
        .contains("ir-structure"))
    #expect(identifiers { $0.resultNames = ["x"] }.contains("ir-structure"))
    #expect(identifiers { $0.roles = [.input] }.contains("ir-structure"))
    #expect(
      identifiers { $0.values[ID(index: 0)].definition = .parameter(of: body, index: 0) }
        .contains("ir-structure"))
    #expect(identifiers { $0.operations[ID(index: 0)].attribute = .none }.contains("ir-attribute"))
    #expect(
      identifiers { $0.operations[ID(index: 0)].attribute = .float(1) }.contains("ir-result-type"))
  }

  @Test func tellsFunctionsOfOneName() {
    var builder = Builder(Function(name: "f"))
    builder.emit(.return)
    let module = Module(functions: [builder.function, builder.function])
    #expect(verify(module).map(\.identifier) == ["ir-duplicate-function"])
  }
}
