import Foundation
import Tessera
import TesseraData
import TesseraTesting
import Testing

/// The adapters of `Examples/adapter` give what the original models give.
@Suite struct AdapterTests {
  /// A compiler that is not optimized itself takes seconds for each case.
  private static let cases =
    _isDebugAssertConfiguration()
    ? ["adapter_released", "adapter_style"]
    : [
      "adapter_released", "adapter_rgb", "adapter_class_default", "adapter_light", "adapter_style",
    ]

  @Test(arguments: cases)
  func machineCodeAgreesWithTheOriginal(name: String) throws {
    try check(name, .jit)
  }

  /// Slow unless the interpreter itself is optimized.
  @Test(
    .enabled(if: !_isDebugAssertConfiguration()), arguments: ["adapter_light", "adapter_style"])
  func interpreterAgreesWithTheOriginal(name: String) throws {
    try check(name, .interpreter)
  }

  /// The constants of the full-size models are those of the released checkpoints.
  @Test(arguments: ["adapter", "adapter_light", "style_adapter"])
  func fullSizeIsCorrect(file: String) throws {
    let session = Session()
    let found = session.check(try exampleText(file), name: file + ".tess")
    let errors = found.diagnostics.filter { $0.severity == .error }
    #expect(errors.isEmpty, "\(errors.map(\.message))")
  }

  private func check(_ name: String, _ engine: SessionOptions.Engine) throws {
    guard let reference = try ReferenceCase(name) else { return }
    var options = SessionOptions()
    options.engine = engine
    let executable = try Session(options: options)
      .compile(reference.program(), name: name + ".tess")
    let function = try #require(executable["run"])
    let results = try executable.call("run", try reference.arguments(of: function))
    for (leaf, result) in zip(function.resultLeaves, results) {
      let key = leaf.key.isEmpty ? "y" : "feat\(leaf.key)"
      let excess = try reference.excess(result.doubles(), key)
      #expect(excess <= 0, "\(name) \(key) is \(excess) beyond its tolerance")
    }
  }
}

/// The text of a file of `Examples/adapter`.
private func exampleText(_ name: String) throws -> String {
  let url = PackageFiles.root.appendingPathComponent("Examples/adapter/\(name).tess")
  return try String(contentsOf: url, encoding: .utf8)
}

extension ReferenceCase {
  /// The example that expresses this case, with an export called `run` of its configuration.
  fileprivate func program() throws -> String {
    let cin = 64 * (configuration["inputs"]?["image"]?.elements?[2].integer ?? 0)
    switch kind {
    case "adapter":
      return try exampleText("adapter") + """

        export run = adapter(cin: \(cin), channels: \(list("channels")), \
        rb: \(integer("nums_rb")), K: \(integer("ksize")), sk: \(boolean("sk")), \
        use_conv: \(boolean("use_conv")))

        """
    case "adapter_light":
      return try exampleText("adapter_light") + """

        export run = adapter_light(cin: \(cin), channels: \(list("channels")), \
        rb: \(integer("nums_rb")))

        """
    default:
      return try exampleText("style_adapter") + """

        export run = style_adapter(tokens: \(integer("num_token")), \
        layers: \(integer("n_layes")), heads: \(integer("num_head")))

        """
    }
  }

  /// The weights and inputs in the order of the parameters' leaves.
  fileprivate func arguments(of function: HostFunction) throws -> [Tensor] {
    try function.parameters.flatMap { parameter in
      try parameter.leaves.map { leaf in
        var key = "param.\(leaf.key)"
        if !parameter.isAggregate {
          key = tensors.entry("in.\(parameter.name)") == nil ? "in.x" : "in.\(parameter.name)"
        }
        return try #require(try tensors.tensor(key), "no tensor '\(key)' in \(name)")
      }
    }
  }
}
