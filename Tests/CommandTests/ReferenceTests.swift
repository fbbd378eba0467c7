import TesseraTesting
import Testing

/// The program `reference` finds that the T2I-Adapter gives what the original gives, on the data
/// of the project itself, so that it is checked where no other reference data lies beside it.
@Suite(.serialized) struct ReferenceTests {
  /// The interpreter takes long unless it is optimized itself.
  #if DEBUG
    private static let engines = ["jit", "aot"]
  #else
    private static let engines = ["jit", "aot", "interpreter"]
  #endif

  @Test(arguments: engines) func adapterAgreesOnOwnData(engine: String) throws {
    if engine == "aot", !Command.has("cc", for: "links the adapter with a host in C") { return }
    let reference = Command.path.dropLast("tess".count) + "reference"
    let outcome = try Command().shell(
      "cd '\(PackageFiles.root.path)' && '\(reference)' --dir Examples/adapter/data "
        + "--engine \(engine)")
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("1 passed, 0 failed"), "\(outcome.output)")
  }
}
