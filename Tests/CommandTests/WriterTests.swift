import Testing

/// A full disk or a pipe that nobody reads is said, with exit code 66.
@Suite(.serialized) struct WriterTests {
  private static let program = "export fn twice<N>(x: f32[N]) -> f32[N] { x + x }\n"

  /// Commands that write results to the standard output.
  private static let printing = [
    "explain", "--help", "run a.tess [1]", "test a.tess", "bench a.tess --seconds 0",
    "inspect x.npy",
    "build a.tess --emit=tir -o -", "build a.tess --emit=obj -o -", "fmt a.tess -o -",
    "opt a.tir", "fmt --check unformatted.tess", "repl",
  ]

  private func command() throws -> Command {
    let command = try Command(files: [
      "a.tess": Self.program, "unformatted.tess": "fn  f( ) { }\n", "in": "1 + 1\n",
    ])
    let made = try command.shell(
      "tess build a.tess --emit=tir && tess run a.tess [1,2] -o x.npy")
    #expect(made.code == 0 && made.errors == "")
    return command
  }

  @Test(arguments: printing) func fullDisk(words: String) throws {
    let outcome = try command().shell("tess \(words) < in > /dev/full")
    #expect(outcome.code == 66)
    #expect(outcome.errors.contains("standard output' cannot be written: no space left on device"))
  }

  @Test(arguments: printing) func closedPipe(words: String) throws {
    let line = "(sleep 0.1; tess \(words) < in; echo $? > code) | true; sleep 0.1; "
    let outcome = try command().shell(line + "until [ -s code ]; do sleep 0.05; done; cat code")
    #expect(outcome.output == "66\n")
    #expect(outcome.errors.contains("standard output' cannot be written: broken pipe"))
  }

  @Test(arguments: [
    "build a.tess --emit=obj -o /dev/full", "build a.tess --emit=header -o /dev/full",
    "build a.tess --emit=static -o /dev/full", "build a.tess --emit=shared -o /dev/full",
    "build a.tess --emit=manifest -o /dev/full", "build a.tess --emit=llvm -o /dev/full",
    "fmt a.tess -o /dev/full", "opt a.tir -o /dev/full",
    "build a.tess --emit=obj -o missing/a.o",
  ])
  func fullDiskForFiles(words: String) throws {
    let outcome = try command().shell("tess \(words)")
    #expect(outcome.code == 66)
    #expect(outcome.errors.contains("' cannot be written: no "))
    #expect(outcome.output == "")
  }

  @Test(arguments: ["npy", "safetensors", "png"]) func fullDiskForData(kind: String) throws {
    let command = try command()
    let outcome = try command.shell(
      "ln -s /dev/full full.\(kind); tess run a.tess \(kind == "png" ? "x.npy" : "[1,2]") "
        + "-o full.\(kind)")
    #expect(outcome.code == 66)
    if kind != "png" {
      #expect(outcome.errors == "tess: 'full.\(kind)' cannot be written: no space left on device\n")
    }
  }

  @Test func fullDiskForThePrompt() throws {
    let outcome = try command().shell("echo ':save /dev/full' | tess repl")
    #expect(outcome.code == 66 && outcome.errors.contains("no space left on device"))
  }
}
