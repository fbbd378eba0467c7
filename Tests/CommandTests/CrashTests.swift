import Foundation
import TesseraData
import Testing

/// What a crash of the compiler leaves: a message, a file that reproduces it, exit code 70.
@Suite(.serialized) struct CrashTests {
  /// Runs until it is stopped.
  private let endless = """
    export fn f(n: i64) -> i64 {
      var i = n
      while i > 0 { i = (i & 1) + 1 }
      i
    }
    """

  /// Waits until `isReady`; gives up after a minute.
  private func wait(until isReady: () -> Bool) throws {
    for _ in 0..<3000 where !isReady() { usleep(20_000) }
    try #require(isReady())
  }

  /// Waits until process `id` has worked for so long that it is in the endless loop.
  private func waitForLoop(_ id: Int32) throws {
    let ticks = sysconf(Int32(_SC_CLK_TCK))
    try wait {
      let fields = (processText(id, "stat").split(separator: ")").last ?? "").split(separator: " ")
      return fields.count > 11 && (Int(fields[11]) ?? 0) >= ticks
    }
  }

  /// The processes that the one called `parent` has started.
  private func children(of parent: Int32) -> [Int32] {
    processText(parent, "task/\(parent)/children").split(separator: " ").compactMap { Int32($0) }
  }

  /// What the system tells of process `id` in the file called `name`, whose length it does not tell.
  private func processText(_ id: Int32, _ name: String) -> String {
    let bytes = FileHandle(forReadingAtPath: "/proc/\(id)/\(name)")?.readDataToEndOfFile()
    return bytes.map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  @Test(arguments: [SIGSEGV, SIGABRT, SIGILL])
  func signalsAreReported(signal: Int32) throws {
    let command = try Command(files: ["endless.tess": endless])
    let outcome = try command.tess("run", "endless.tess", "f", "1") { process in
      try waitForLoop(process.processIdentifier)
      kill(process.processIdentifier, signal)
    }
    #expect(outcome.code == 70)
    let report = try #require(command.fileNames.first { $0.hasPrefix("tess-crash-") })
    #expect(outcome.errors == "tess: internal error; what reproduces it is in '\(report)'\n")
    let text = try command.text(report)
    #expect(text == "tess run endless.tess f 1\n\n--- endless.tess\n\(endless)")
  }

  /// A file of data that somebody cuts off while it is in use is no mistake of ours.
  @Test func filesThatBecomeShorterAreReported() throws {
    let program = """
      export fn f<N>(x: f32[N]) -> f32 {
        var (i, s) = (0, 0.0)
        while s < 1 {
          i = (i + 1) % N
          s += x[i else 0]
        }
        s
      }
      """
    let command = try Command(files: ["f.tess": program])
    let file = command.directory.appendingPathComponent("x.npy")
    let zeros = Tensor([Float](repeating: 0, count: 1 << 12), shape: [1 << 12])
    try Data(NPY.encode(zeros)).write(to: file)
    let outcome = try command.tess("run", "f.tess", "x.npy") { process in
      try waitForLoop(process.processIdentifier)
      #expect(truncate(file.path, 100) == 0)
    }
    #expect(outcome.code == 66)
    #expect(
      outcome.errors
        == "tess: a file of data became shorter, or cannot be read any more, while it was in use\n")
    #expect(command.fileNames == ["f.tess", "x.npy"])
    let again = try command.tess("run", "f.tess", "x.npy")
    #expect(again.code == 66 && again.errors.contains("the file ends after"))
  }

  @Test func inputsOfThePromptAreReported() throws {
    let command = try Command()
    let lines = "let a = 20\nvar i = a\nwhile i > 0 { i = (i & 1) + 1 }\n"
    let outcome = try command.tess("repl", input: lines) { process in
      try waitForLoop(process.processIdentifier)
      kill(process.processIdentifier, SIGSEGV)
    }
    #expect(outcome.code == 70)
    let report = try #require(command.fileNames.first { $0.hasPrefix("tess-crash-") })
    let text = try command.text(report)
    #expect(text.contains("let a = 20") && text.contains("while i > 0"))
  }

  /// The end of a process that cannot report by itself is reported by the one that started it.
  @Test func isolatedProcessMayBeKilled() throws {
    let command = try Command(files: ["endless.tess": endless])
    let outcome = try command.tess("run", "endless.tess", "f", "1", "--isolated") { process in
      try wait { !children(of: process.processIdentifier).isEmpty }
      for child in children(of: process.processIdentifier) { kill(child, SIGKILL) }
    }
    #expect(outcome.code == 70)
    let message = "tess: the process that compiled was ended by signal 9, killed\n"
    #expect(outcome.errors.hasPrefix(message))
    let report = try #require(command.fileNames.first { $0.hasPrefix("tess-crash-") })
    #expect(try command.text(report).hasSuffix("--- endless.tess\n\(endless)"))
  }

  @Test func isolatedProcessGivesItsOutputAndCode() throws {
    let command = try Command(files: ["f.tess": "export fn f(n: i64) -> i64 { 6 / n }"])
    let fine = try command.tess("run", "f.tess", "3", "--isolated")
    #expect(fine.code == 0 && fine.output == "2\n" && fine.errors == "")
    let failing = try command.tess("run", "f.tess", "0", "--isolated")
    #expect(failing.code == 2 && failing.errors.contains("division by zero"))
    #expect(command.fileNames == ["f.tess"])
  }
}
