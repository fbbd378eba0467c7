import Foundation
import Tessera
import TesseraTesting
import Testing

/// The shell, for tests that go through a C compiler.
enum Shell {
  /// Runs a command in `directory`; what it writes, or what it complains about.
  static func execute(_ command: String, in directory: URL) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", command + " 2>&1"]
    process.currentDirectoryURL = directory
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: text, as: UTF8.self)
  }

  /// Links `main`, a program in C, with the header and the library of `source`, which is called
  /// `name`; what it writes when it runs, or what the C compiler complains about.
  ///
  /// - Parameters:
  ///   - flags: more for the C compiler.
  ///   - preparation: a command of the shell that comes before the program.
  static func run(
    _ main: String, with source: String, name: String, options: SessionOptions = SessionOptions(),
    flags: String = "", after preparation: String = "true"
  ) throws -> String {
    var compilation = Compilation(name: name, bytes: Array(source.utf8))
    let forms = try compilation.emit([.header, .staticLibrary], options)
    #expect(compilation.diagnostics.isEmpty)
    let stem = String(name.prefix { $0 != "." })
    let files = ["\(stem).h": forms[0], "\(stem).a": forms[1], "main.c": Array(main.utf8)]
    var output = ""
    try Tool.inFolder { directory in
      for (name, bytes) in files {
        try Data(bytes).write(to: directory.appendingPathComponent(name))
      }
      let build =
        "cc -O1 -std=c11 -Wall -Wextra -Werror \(flags) main.c \(stem).a -lm -lpthread -o main"
      output = try execute("(\(build) && \(preparation) && ./main)", in: directory)
    }
    return output
  }
}
