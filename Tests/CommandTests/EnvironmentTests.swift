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

  @Test(arguments: ["many", "-1", "2.5", "1025"])
  func numbersOfThreadsThatAreNoneAreRefused(text: String) throws {
    let command = try Command(files: ["a.tess": "fn one() -> i64 { 1 }\n"])
    let outcome = try command.shell("TESSERA_THREADS=\(text) tess run a.tess one")
    #expect(outcome.code == 64)
    #expect(outcome.errors.hasPrefix("tess: TESSERA_THREADS takes 0 to 1024, not \(text)"))
  }

  @Test(arguments: ["", "0", "3"])
  func numbersOfThreadsAreTaken(text: String) throws {
    let command = try Command(files: ["a.tess": "fn one() -> i64 { 1 }\n"])
    let outcome = try command.shell("TESSERA_THREADS=\(text) tess run a.tess one")
    #expect(outcome.code == 0 && outcome.output == "1\n")
  }

  /// The prompt explains the code that it runs, which is made for this machine.
  @Test func promptSpeaksOfItsMachine() throws {
    let function = "export fn doubled<N>(x: f32[N]) -> (y: f32[N]) { y[i] = 2 * x[i] }\n"
    let command = try Command(files: ["a.tess": function])
    let built = try command.tess("build", "a.tess", "--target=native", "--remarks", "--emit=obj")
    let width = try #require(built.errors.split(separator: "\n").first)
    #expect(width.hasPrefix("remark[computed-in-vectors]"))
    let asked = try command.tess("repl", input: function + ":why doubled\n")
    #expect(asked.output.split(separator: "\n").contains(width))
  }
}
