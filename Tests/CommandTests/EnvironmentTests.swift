import Testing

/// What the environment says is checked like options.
@Suite struct EnvironmentTests {
  @Test(arguments: ["x86-64-v5", "x86-64-v3+nonsense"])
  func targetThatDoesNotExistIsRefused(name: String) throws {
    let command = try Command(files: ["a.tess": "fn one() -> i64 { 1 }\n"])
    let outcome = try command.shell("TESSERA_TARGET=\(name) tess run a.tess one")
    #expect(outcome.code == 64)
    #expect(outcome.errors.hasPrefix("tess: TESSERA_TARGET: there is no target '\(name)'; "))
  }

  @Test func targetThatExistsIsTaken() throws {
    let command = try Command(files: ["a.tess": "fn one() -> i64 { 1 }\n"])
    let outcome = try command.shell("TESSERA_TARGET=x86-64-v3 tess run a.tess one")
    #expect(outcome.code == 0 && outcome.output == "1\n")
  }
}
