import Foundation
import Testing

/// A command that is killed leaves what was there before.
@Suite struct SignalTests {
  private static let program = """
    export fn matmul<M, N, K>(a: f32[M, K], b: f32[K, N]) -> (c: f32[M, N]) {
      c[i, j] = sum[k] a[i, k] * b[k, j]
    }

    """

  @Test func tuningKeepsTheOldLock() throws {
    let lock = "target x86-64-v3\nfunction gone\n  signature fn gone(x: f32) -> f32\n"
    let command = try Command(files: ["a.tess": Self.program, "a.lock": lock])
    let outcome = try command.tess(
      "tune", "a.tess", "matmul", "--dims", "M=256,N=256,K=256", "--seconds", "1000"
    ) { process in
      Thread.sleep(forTimeInterval: 0.5)
      // Threads of tests keep other signals from what they start.
      kill(process.processIdentifier, SIGKILL)
    }
    #expect(outcome.code == 128 + SIGKILL)
    #expect(try command.text("a.lock") == lock)
    #expect(command.fileNames == ["a.lock", "a.tess"])
  }
}
