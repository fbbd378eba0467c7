import Foundation
import TesseraTesting
import Testing

/// The hosts in `Examples` are built as they say, and run.
@Suite struct ExampleTests {
  @Test func hostInC() throws {
    if !Command.has("make", for: "builds a host in C") || !Command.has("cc", for: "compiles it") {
      return
    }
    let folder = PackageFiles.root.appending(path: "Examples/embed-c").path
    let outcome = try Command().shell(
      "cp '\(folder)'/{Makefile,*.c,*.tess} . && make -s TESS='\(Command.path)' && ./blur")
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output == String(repeating: "   1   2   2   1\n", count: 3))
  }

  @Test func hostInSwift() throws {
    let host = Command.path.dropLast("tess".count) + "embed-swift"
    let outcome = try Command().shell("'\(host)'")
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output == "[[0.25, 0.5 , 1.0 ],\n [0.25, 0.5 , 1.0 ]]\n")
  }
}
