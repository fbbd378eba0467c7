import Foundation
import Tessera
import TesseraIR
import TesseraTesting
import Testing

/// The programs of `Programs/` as AArch64 code under an emulator.
@Suite struct AArch64Tests {
  private static let compiler = "aarch64-linux-gnu-gcc"
  private static let emulator = "qemu-aarch64"

  /// The folder with the runtime as `runtime.o`, which stays from one run to the next; `nil` where AArch64 code cannot be linked and run.
  private static let runtime: URL? = {
    let folder = PackageFiles.root.appendingPathComponent(".build/aarch64")
    let files = PackageFiles.files(
      below: PackageFiles.root.appendingPathComponent("Runtime/C"), extensions: ["c"])
    let arguments = ["-r", "-O1", "-std=c11", "-I", include] + files.map(\.path)
    guard Tool.run(emulator, ["--version"]) != nil,
      (try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true))
        != nil,
      Tool.run(compiler, arguments + ["-o", "runtime.o"], in: folder) != nil
    else { return nil }
    return folder
  }()

  private static let include = PackageFiles.root.appendingPathComponent("Runtime/C/include").path

  /// Every test declaration holds.
  @Test(.enabled(if: runtime != nil, "needs \(compiler) and \(emulator)"), arguments: programs)
  func program(file: URL) throws { try check(file, .aarch64) }

  /// Also where machines have more than the level asks for.
  @Test(.enabled(if: runtime != nil, "needs \(compiler) and \(emulator)"))
  func productsOfBytes() throws {
    let file = try #require(programs.first { $0.lastPathComponent == "bytes.tess" })
    try check(file, try #require(TargetDescription(name: "aarch64+dotprod")))
  }

  private func check(_ file: URL, _ target: TargetDescription) throws {
    let text = try String(contentsOf: file, encoding: .utf8)
    var compilation = Compilation(name: file.lastPathComponent, bytes: Array(text.utf8))
    compilation.check()
    let tests = compilation.tests
    compilation.lower(entries: tests.map(\.function), isClosed: true)
    let object = try compilation.emit(.obj, SessionOptions(), target: target)
    #expect(!compilation.hasErrors)

    let folder = try #require(Self.runtime)
    let name = file.deletingPathExtension().lastPathComponent + target.name
    defer {
      for file in [name, "\(name).o", "\(name).c"] {
        try? FileManager.default.removeItem(at: folder.appendingPathComponent(file))
      }
    }
    try Data(object).write(to: folder.appendingPathComponent("\(name).o"))
    try Data(host(tests).utf8).write(to: folder.appendingPathComponent("\(name).c"))
    let arguments = [
      "-I", Self.include, "\(name).c", "\(name).o", "runtime.o", "-static", "-lm", "-lpthread",
      "-o", name,
    ]
    try #require(Tool.run(Self.compiler, arguments, in: folder) != nil)
    let output = Tool.run(Self.emulator, ["./\(name)"], in: folder)
    #expect(output == tests.map { "\($0.title): 0 \n" }.joined())
  }

  /// A program in C that calls each test and prints its status.
  private func host(_ tests: [Compilation.Declared]) -> String {
    var text = """
      #include <stdio.h>
      #include <stdlib.h>
      #include "tessera.h"
      static char workspace[1 << 24] __attribute__((aligned(64)));

      """
    for (number, test) in tests.enumerated() {
      text += """
        int32_t test\(number)(const void *, void *, size_t, tess_error *) __asm__("\(test.name)");

        """
    }
    text += "int main(void) {\n  long long args[1] = {0};\n  tess_error error = {0};\n"
    for (number, test) in tests.enumerated() {
      let title = test.title.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        .replacing("%", with: "%%")
      text += """
          error.message[0] = 0;
          printf("\(title): %d ", (int)test\(number)(args, workspace, sizeof workspace, &error));
          printf("%s\\n", error.message);

        """
    }
    return text + "  return 0;\n}\n"
  }
}
