import Foundation

/// The command `tess` as a process of its own, in a directory that is made for it.
final class Command {
  /// What a process ended with.
  struct Outcome {
    /// The exit code, or 128 and the number of the signal that ended it.
    var code: Int32
    /// What it wrote to the standard output.
    var output: String
    /// What it wrote to the standard error.
    var errors: String
  }

  /// The directory in which commands run; it is gone afterwards.
  let directory: URL

  /// The executable, which lies beside that of the tests.
  static let path: String = {
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent("tess").path
  }()

  init(files: [String: String] = [:]) throws {
    directory = FileManager.default.temporaryDirectory
      .appendingPathComponent("tess-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    for (name, text) in files {
      try Data(text.utf8).write(to: directory.appendingPathComponent(name))
    }
  }

  deinit { try? FileManager.default.removeItem(at: directory) }

  /// The names of the files in the directory.
  var fileNames: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []).sorted()
  }

  /// The text of a file in the directory.
  func text(_ name: String) throws -> String {
    try String(contentsOf: directory.appendingPathComponent(name), encoding: .utf8)
  }

  /// Starts `tess`; `meanwhile` is called while it runs.
  func tess(
    _ words: String..., input: String = "", meanwhile: (Process) throws -> Void = { _ in }
  ) throws -> Outcome {
    try run([Self.path] + words, input: input, meanwhile: meanwhile)
  }

  /// Runs a line of the shell, in which `tess` stands for the command.
  func shell(_ line: String) throws -> Outcome {
    try run(["/bin/bash", "-c", "tess() { '\(Self.path)' \"$@\"; }; \(line)"])
  }

  /// `true` iff there is a tool called `name`; says so if there is none, and why that matters.
  static func has(_ name: String, for purpose: String) -> Bool {
    let places = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    if places.contains(where: { access("\($0)/\(name)", X_OK) == 0 }) { return true }
    print("skipped: no \(name) here, which \(purpose)")
    return false
  }

  private func run(
    _ words: [String], input: String = "", meanwhile: (Process) throws -> Void = { _ in }
  ) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: words[0])
    process.arguments = Array(words.dropFirst())
    process.currentDirectoryURL = directory
    // Files take what is written, so that no pipe fills while nobody reads.
    let streams = try ["in", "out", "err"].map { kind in
      let url = directory.appendingPathComponent(".\(kind)")
      try Data((kind == "in" ? input : "").utf8).write(to: url)
      return url
    }
    process.standardInput = try FileHandle(forReadingFrom: streams[0])
    process.standardOutput = try FileHandle(forWritingTo: streams[1])
    process.standardError = try FileHandle(forWritingTo: streams[2])
    try process.run()
    // Nothing that a test leaves behind may go on running.
    defer { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }
    try meanwhile(process)
    process.waitUntilExit()
    let code = process.terminationStatus
    let outcome = Outcome(
      code: process.terminationReason == .exit ? code : 128 + code,
      output: try String(contentsOf: streams[1], encoding: .utf8),
      errors: try String(contentsOf: streams[2], encoding: .utf8))
    for url in streams { try FileManager.default.removeItem(at: url) }
    return outcome
  }
}
