import Foundation
import TesseraCodeGen
import TesseraIR
import TesseraStandardLibrary

/// The system's C compiler, which compiles the runtime and links shared libraries.
struct CToolchain {
  let target: TargetDescription

  /// The command that compiles for the target.
  private var compiler: String {
    switch target.architecture {
    #if arch(arm64)
      case .aarch64: "cc"
      case .x86_64: "x86_64-linux-gnu-gcc"
    #else
      case .x86_64: "cc"
      case .aarch64: "aarch64-linux-gnu-gcc"
    #endif
    }
  }

  /// How the runtime is compiled; what stands in one file of it may be inlined there.
  private static let flags = ["-O2", "-std=c11", "-fPIC", "-fno-semantic-interposition"]

  /// The object files of the runtime.
  func runtimeObjects() throws(FileError) -> [ArchiveMember] {
    try inRuntimeDirectory { directory throws(FileError) in
      let sources = RuntimeSources.files.map(\.path).filter { $0.hasSuffix(".c") }
      try execute([compiler, "-c"] + Self.flags + sources, in: directory)
      var objects: [ArchiveMember] = []
      for source in sources {
        let name = "tessera_" + source.dropLast(2) + ".o"
        let bytes = try FileAccess(directory: directory).read(source.dropLast(2) + ".o")
        objects.append(ArchiveMember(name: name, bytes: bytes))
      }
      return objects
    }
  }

  /// A shared library of `object` and the runtime.
  func sharedLibrary(_ object: [UInt8]) throws(FileError) -> [UInt8] {
    try inRuntimeDirectory { directory throws(FileError) in
      let files = FileAccess(directory: directory)
      try files.write(object, to: "program.o")
      let sources = RuntimeSources.files.map(\.path).filter { $0.hasSuffix(".c") }
      try execute(
        [compiler, "-shared"] + Self.flags + ["program.o"]
          + sources + ["-lm", "-lpthread", "-Wl,--build-id=none", "-o", "library.so"],
        in: directory)
      return try files.read("library.so")
    }
  }

  /// Calls `body` with a directory that holds the sources of the runtime, and removes it.
  private func inRuntimeDirectory<Result>(
    _ body: (String) throws(FileError) -> Result
  ) throws(FileError) -> Result {
    let directory = FileManager.default.temporaryDirectory
      .appendingPathComponent("tess-\(UInt64.random(in: 0 ... .max))").path
    defer { try? FileManager.default.removeItem(atPath: directory) }
    do {
      try FileManager.default.createDirectory(
        atPath: directory + "/include", withIntermediateDirectories: true)
    } catch { throw FileError(directory, "cannot be made: \(error)") }
    let files = FileAccess(directory: directory)
    for (path, bytes) in RuntimeSources.files { try files.write(bytes, to: path) }
    return try body(directory)
  }

  private func execute(_ words: [String], in directory: String) throws(FileError) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    process.currentDirectoryURL = URL(fileURLWithPath: directory)
    let errors = Pipe()
    process.standardError = errors
    do { try process.run() } catch { throw FileError(words[0], "cannot be run: \(error)") }
    let complaint = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw FileError(words[0], "failed: \(String(decoding: complaint, as: UTF8.self))")
    }
  }
}
