import Foundation
import TesseraIR
import Testing

@testable import TesseraCodeGen

/// What LLVM cannot go on with.
@Suite struct FatalErrorTests {
  @Test func isHandedOver() async throws {
    let outcome = await #expect(
      processExitsWith: .exitCode(70), observing: [\.standardErrorContent]
    ) {
      handleFatalErrors { reason in
        if let reason { _ = write(STDERR_FILENO, reason, strlen(reason)) }
        _exit(70)
      }
      let (module, _) = try parse("func @f(%n: i64) -> (%m: i64) export { return %n }")
      var target = TargetDescription.x86_64v3
      target.processor = "i386"
      _ = try generateCode(module, CodeGenOptions(target: target))
    }
    let errors = String(decoding: outcome?.standardErrorContent ?? [], as: UTF8.self)
    #expect(errors.contains("64-bit code requested"))
  }
}
