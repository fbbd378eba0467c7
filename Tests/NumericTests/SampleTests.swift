import Foundation
import Tessera
import TesseraData
import TesseraIR
import TesseraPasses
import TesseraProgramTesting
import TesseraTesting
import Testing

/// The files of `Samples/`.
let samplePrograms: [URL] = PackageFiles.files(
  below: PackageFiles.root.appendingPathComponent("Tests/NumericTests/Samples"),
  extensions: ["tess"])

/// The text of such a file after the samples that it is about.
func sampleProgram(_ file: URL) throws -> String {
  let text = try String(contentsOf: file, encoding: .utf8)
  let words = text.prefix { $0 != "\n" }.split { !($0.isLetter || $0.isNumber || $0 == "-") }
  return try Sample.text(words.dropFirst().map(String.init)) + text
}

/// The samples of the language that use what is compiled already, from text to results.
@Suite struct SampleTests {
  /// Files of `Tests/Golden/parse/samples`, those that need each other together.
  private static let samples = [
    ["layers", "moving-data", "adapter"],
    ["layers", "moving-data", "attention", "unet-blocks", "unet", "unet2"],
    ["flash"], ["gathers"], ["combiners"], ["recursion"], ["tile-kernels"], ["pointer-kernels"],
  ]

  @Test(arguments: samples)
  func compiles(names: [String]) throws {
    let text = try Sample.text(names)
    let compiled = try CompiledProgram(text, name: names[0] + ".tess")
    // Scheduling models of full size takes long in a compiler that is not optimized itself.
    if names.contains("unet") || names.contains("adapter") { return }
    var module = compiled.module
    _ = try run(Pipeline.standard(.standard), on: &module)
    #expect(verify(module, stage: .scheduled).map(\.message) == [])
  }

  @Test func programMayBearTheNameOfALibraryModule() throws {
    _ = try CompiledProgram("module nn\nfn relu(x: f32) -> f32 { max(x, 0) }\n")
  }

  /// The tests of each file of `Samples/` hold, however they run; its first line names the samples
  /// that stand before it.
  @Test(arguments: samplePrograms)
  func runs(file: URL) throws {
    try checkTests(of: sampleProgram(file), name: file.lastPathComponent)
  }

  /// A model of the samples with small constants, and the inputs whose shape is not fixed by it.
  struct Model: CustomTestStringConvertible {
    var samples: [String]
    var export: String
    var shapes: [String: [Int]]
    /// `true` iff it is done in a few seconds even by the interpreter, or by a compiler that is
    /// not optimized itself.
    var isSmall = true

    var testDescription: String { export }
  }

  private static let models = [
    Model(
      samples: ["layers", "moving-data", "adapter"],
      export: """
        adapter(cin: 64, channels: [2, 3, 4, 4], rb: 2, K: 1, sk: true, use_conv: false)
        """,
      shapes: ["image": [1, 1, 64, 64]]),
    Model(
      samples: ["layers", "moving-data", "adapter"],
      export: """
        adapter(
          cin: 64, channels: [2, 2, 3, 3], rb: 1, K: 3, sk: false, use_conv: true, N: 2, C: 1, W: 128)
        """,
      shapes: ["image": [2, 1, 64, 128]]),
    Model(
      samples: ["layers", "moving-data", "attention", "unet-blocks", "unet"],
      export: "unet(C: 32, X: 8, IN: 4, E: 128, A: 4)",
      shapes: [
        "latent": [1, 4, 8, 8], "t": [1], "context": [1, 3, 8], "features.0": [1, 32, 8, 8],
        "features.1": [1, 64, 4, 4], "features.2": [1, 128, 2, 2], "features.3": [1, 128, 1, 1],
      ], isSmall: false),
  ].filter { $0.isSmall || !_isDebugAssertConfiguration() }

  /// The interpreter and machine code give the same for models with the same random weights.
  @Test(arguments: models)
  func modelAgrees(model: Model) throws {
    let text = try Sample.text(model.samples) + "export model = \(model.export)\n"
    var results: [[Tensor]] = []
    for (engine, level) in ways {
      // The interpreter is slow, and so is a compiler that is not optimized itself.
      if engine == .interpreter ? !model.isSmall : level == .none && _isDebugAssertConfiguration() {
        continue
      }
      var options = SessionOptions()
      (options.engine, options.level) = (engine, level)
      let executable = try Session(options: options).compile(text, entries: ["model"])
      let function = try #require(executable["model"])
      let arguments = function.parameterLeaves.enumerated().map { position, leaf in
        Sample.numbers(model.shapes[leaf.path] ?? leaf.shape.map { $0 ?? 1 }, seed: position)
      }
      results.append(try executable.call("model", arguments))
    }
    for other in results.dropFirst() {
      for (one, two) in zip(results[0], other) {
        #expect(one.shape == two.shape)
        let distance = zip(one.doubles(), two.doubles()).map { abs($0 - $1) }.max() ?? 0
        let size = one.doubles().map { abs($0) }.max() ?? 0
        #expect(distance <= 1e-4 * size && size > 0, "\(distance) of \(size)")
      }
    }
  }
}

/// Texts of samples, and data for them.
private enum Sample {
  /// The samples one after the other, without modules and imports, what comes later, and exports
  /// of full size.
  static func text(_ names: [String]) throws -> String {
    let lines = try names.flatMap { name in
      let path = "Tests/Golden/parse/samples/\(name).tess"
      return try String(contentsOf: PackageFiles.root.appendingPathComponent(path), encoding: .utf8)
        .split(separator: "\n", omittingEmptySubsequences: false)
    }
    let kept = lines.filter { line in
      !["import ", "module ", "export "].contains { line.hasPrefix($0) } && !line.contains("-> <K>")
    }
    return kept.joined(separator: "\n") + "\n"
  }

  /// Numbers between -0.5 and 0.5 that differ by place and `seed`.
  static func numbers(_ shape: [Int], seed: Int) -> Tensor {
    let count = shape.reduce(1, *)
    let values = (0..<count).map { (place: Int) -> Float in
      let mixed = place * 7919 + seed * 104_729 + 13
      return Float(mixed % 1009) / 1009 - 0.5
    }
    return Tensor(values, shape: shape)
  }
}
