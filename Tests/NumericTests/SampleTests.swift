import Foundation
import TesseraIR
import TesseraPasses
import TesseraProgramTesting
import TesseraTesting
import Testing

/// The samples of the language that use what is compiled already, from text to scheduled code.
@Suite struct SampleTests {
  /// Files of `Tests/Golden/parse/samples`, those that need each other together.
  private static let samples = [
    ["layers", "moving-data"], ["attention", "unet-blocks"], ["flash"], ["gathers"],
    ["combiners"], ["recursion"], ["tile-kernels"], ["pointer-kernels"],
  ]

  @Test(arguments: samples)
  func compiles(names: [String]) throws {
    let text = try names.map { try Self.text($0) }.joined()
    let compiled = try CompiledProgram(text, name: names[0] + ".tess")
    var module = compiled.module
    _ = try run(Pipeline.standard(.standard), on: &module)
    #expect(verify(module, stage: .scheduled).map(\.message) == [])
  }

  @Test func programMayBearTheNameOfALibraryModule() throws {
    _ = try CompiledProgram("module nn\nfn relu(x: f32) -> f32 { max(x, 0) }\n")
  }

  /// A sample without its module and imports but for the first, and without what comes later.
  private static func text(_ name: String) throws -> String {
    let url = PackageFiles.root.appendingPathComponent("Tests/Golden/parse/samples/\(name).tess")
    let text = try String(contentsOf: url, encoding: .utf8)
    let kept = text.split(separator: "\n", omittingEmptySubsequences: false).filter { line in
      !line.hasPrefix("import ") && !line.hasPrefix("module ") && !line.contains("-> <K>")
    }
    let needsLayers = name == "attention"
    return (needsLayers ? "import nn\n" : "") + kept.joined(separator: "\n") + "\n"
  }
}
