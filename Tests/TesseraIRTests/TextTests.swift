import Foundation
import TesseraIR
import TesseraSource
import TesseraTesting
import Testing

@Suite struct TextTests {
  /// The module of `text`, which must have no errors.
  private func parse(_ text: String) throws -> Module {
    let (module, diagnostics) = parseModule(
      SourceFile(id: FileID(index: 0), name: "test.tir", bytes: Array(text.utf8)))
    #expect(diagnostics.map(\.message) == [])
    return try #require(module)
  }

  private func diagnostics(_ text: String) -> [Diagnostic] {
    parseModule(SourceFile(id: FileID(index: 0), name: "test.tir", bytes: Array(text.utf8)))
      .diagnostics
  }

  /// The function in the page about the text is one, and prints as it stands there.
  @Test func examplePrintsAsItStands() throws {
    let url = PackageFiles.root.appending(path: "Sources/TesseraIR/Text/README.md")
    let example = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
      .filter { $0.hasPrefix("    ") }.map { $0.dropFirst(4) }
    let text = example.filter { !$0.hasPrefix("//") }.joined(separator: "\n") + "\n"
    let module = try parse(text)
    #expect(verify(module).map(\.message) == [])
    #expect(module.description == text)
  }

  @Test(arguments: GoldenFile.all(in: "ir"))
  func printsWhatItParsed(_ file: GoldenFile) throws {
    let (module, diagnostics) = parseModule(file.source)
    #expect(diagnostics.map(\.message) == [])
    let body = file.text.split(separator: "\n", omittingEmptySubsequences: false)
      .drop { $0.hasPrefix("//") }.joined(separator: "\n")
    let printed = try #require(module).description
    #expect(printed == body)
    #expect(try parse(printed).description == printed)
  }

  @Test func goldenFilesShowEveryOperation() {
    var seen: Set<Opcode> = []
    for file in GoldenFile.all(in: "ir") {
      for function in parseModule(file.source).module?.functions ?? [] {
        for operation in function.operations { seen.insert(operation.opcode) }
      }
    }
    #expect(Opcode.allCases.filter { !seen.contains($0) } == [])
  }

  @Test(arguments: [
    ("0.1", "f32", 0x1.99999ap-4), ("0.1", "f64", 0.1), ("-0.0", "f32", -0.0),
    ("65504.0", "f16", 65504), ("0x1.8p+1", "f32", 3), ("-inf", "f16", -Double.infinity),
    ("5e-324", "f64", 0x1p-1074), ("1e-45", "f32", 0x1p-149), ("0.1", "bf16", 0x1.9ap-4),
  ])
  func keepsFloats(_ text: String, _ type: String, _ value: Double) throws {
    let module = try parse("func @f() { %a = constant {\(text)} : \(type) return %a }")
    let attribute = module.functions[0].operations[ID(index: 0)].attribute
    #expect(attribute == .float(value))
    let again = try parse(module.description).functions[0].operations[ID(index: 0)].attribute
    #expect(again == attribute)
  }

  @Test func keepsBitsOfNaN() throws {
    let bits: UInt64 = 0xFFF4_0000_0000_0123
    var function = Function(name: "f")
    let constant = function.makeOperation(
      .constant, results: [.scalar(.f64)], attribute: .float(Double(bitPattern: bits)))
    function.regions[function.body].operations = [constant]
    let parsed = try parse(function.description)
    #expect(
      parsed.functions[0].operations[ID(index: 0)].attribute == .float(Double(bitPattern: bits)))
  }

  @Test func givesEveryValueItsOwnName() throws {
    var builder = Builder(Function(name: "f"))
    for name in ["a", "a", "a.1", nil, "7", "two words", "ä"] as [String?] {
      builder.emit(.constant, results: [.index], attribute: .integer(1), names: [name])
    }
    let text = builder.function.description
    for name in ["%a =", "%a.1 =", "%a.1.1 =", "%0 =", "%1 =", "%\"two words\" =", "%ä ="] {
      #expect(text.contains(name))
    }
    #expect(try parse(text).description == text)
  }

  @Test(arguments: [
    ("func f() {}", "ir-syntax", "f"),
    ("func @f() { %a = plus %a : f32 }", "ir-unknown-operation", "plus"),
    ("func @f() { return %a }", "ir-unknown-value", "%a"),
    ("func @f(%a: f32, %a: f32) { return }", "ir-duplicate-value", "%a"),
    ("func @f() { return } func @f() { return }", "ir-duplicate-function", "@f"),
    ("func @f() { %a = constant {1.5} : i32 return }", "ir-number-form", "1.5"),
    ("func @f() { %a = constant {1e} : f32 return }", "ir-number-form", "1e"),
    ("func @f() { %a = constant {dense \"0\"} : u8[1] return }", "ir-syntax", "\"0\""),
    ("func @f() { %a, %b = constant {1} : i32 return }", "ir-syntax", "return"),
    ("func @f() { return", "ir-syntax", ""),
    ("func @f(%a: f33) { return }", "ir-syntax", "f33"),
    ("func @f(%a: f32[-1]) { return }", "ir-syntax", "-1"),
  ])
  func tellsWhatIsWrong(_ text: String, _ identifier: String, _ place: String) throws {
    let diagnostic = try #require(diagnostics(text).first)
    #expect(diagnostic.identifier == identifier)
    let source = SourceFile(id: FileID(index: 0), name: "", bytes: Array(text.utf8))
    #expect(source.text(diagnostic.span) == place)
  }

  @Test func refusesDeepNesting() {
    let depth = 10_000
    let text =
      "func @f(%c: bool) { " + String(repeating: "if %c { ", count: depth)
      + String(repeating: "} ", count: depth) + "}"
    #expect(diagnostics(text).map(\.identifier).contains("ir-nested-too-deeply"))
  }

  @Test func survivesAnyBytes() {
    let seeds = GoldenFile.all(in: "ir").map { Array($0.text.utf8) }
    var random = SplitMix(seed: 1)
    for _ in 0..<300 {
      var bytes = seeds[Int(random.next() % UInt64(seeds.count))]
      for _ in 0..<(1 + random.next() % 4) {
        let place = Int(random.next() % UInt64(bytes.count))
        switch random.next() % 3 {
        case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
        case 1: bytes.removeSubrange(place..<min(bytes.count - 1, place + 7))
        default: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 30)], at: 0)
        }
      }
      let file = SourceFile(id: FileID(index: 0), name: "", bytes: bytes)
      let (module, diagnostics) = parseModule(file)
      #expect((module == nil) == !diagnostics.isEmpty)
    }
  }
}
