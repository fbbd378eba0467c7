import Foundation
import Tessera
import TesseraData
import TesseraNumbers

/// A program compiled to an object and linked with a host written in C.
///
/// It runs in a process of its own; nothing of the compiler is in it.
struct AheadOfTime {
  private let directory: URL
  private let function: HostFunction

  /// How long compiling and linking took.
  private(set) var compileTime = Duration.zero

  /// Compiles the function `run` of `source` and links it.
  init(
    _ source: String, name: String, modules: ModuleFinder, options: SessionOptions
  ) throws {
    let start = ContinuousClock.now
    directory = FileManager.default.temporaryDirectory
      .appendingPathComponent("tessera-\(getpid())-\(UInt32.random(in: 0 ... .max))")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    var compilation = Compilation(name: name, bytes: Array(source.utf8), modules: modules)
    let object = try compilation.emit(.obj, options)
    guard !compilation.hasErrors,
      let function = compilation.hostFunctions.first(where: { $0.name == "run" })
    else {
      throw CompilationFailure(
        diagnostics: compilation.diagnostics, sources: compilation.sources)
    }
    self.function = function
    try Data(object).write(to: path("run.o"))
    let runtime = "Runtime/C"
    let sources = try FileManager.default.contentsOfDirectory(atPath: runtime)
      .filter { $0.hasSuffix(".c") }.sorted().map { "\(runtime)/\($0)" }
    _ = try Self.execute(
      ["cc", "-std=c11", "-O2", "-DFUNCTION=run", "-I\(runtime)/include"]
        + (function.constantLeaves.isEmpty ? [] : ["-DPREPARES"])
        + ["Examples/reference/host.c", path("run.o").path] + sources
        + ["-lm", "-lpthread", "-o", path("host").path])
    compileTime = ContinuousClock.now - start
  }

  /// Removes what was written.
  func remove() { try? FileManager.default.removeItem(at: directory) }

  /// Runs the function `runs` times; returns its results and the time of the run in the middle.
  func call(_ arguments: [Tensor], runs: Int = 1) throws -> (results: [Tensor], time: Duration) {
    guard let shapes = function.resultShapes(for: arguments) else {
      throw DataError("the sizes of the results are not known")
    }
    var numbers = [arguments.count, shapes.count]
    for tensor in arguments { numbers += Self.header(tensor.elementType, tensor.shape) }
    for (leaf, shape) in zip(function.resultLeaves, shapes) {
      numbers += Self.header(leaf.elementType, shape)
    }
    var data = numbers.withUnsafeBytes { Data($0) }
    for tensor in arguments { data.append(contentsOf: tensor.bytes) }
    try data.write(to: path("data"))
    let text = try Self.execute(
      [path("host").path, path("data").path, path("results").path, "\(runs)"])
    let time = Duration.seconds(
      (Double(text.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0) / 1e3)
    var bytes = [UInt8](try Data(contentsOf: path("results")))[...]
    var results: [Tensor] = []
    for (leaf, shape) in zip(function.resultLeaves, shapes) {
      let count = try Tensor.byteCount(leaf.elementType, shape)
      results.append(try Tensor(leaf.elementType, shape, bytes: Array(bytes.prefix(count))))
      bytes = bytes.dropFirst(count)
    }
    return (results, time)
  }

  private func path(_ name: String) -> URL { directory.appendingPathComponent(name) }

  /// Element code and bits as DLPack numbers them, rank, sizes.
  private static func header(_ type: ScalarType, _ shape: [Int]) -> [Int] {
    let dtype = type.dlpack
    return [Int(dtype.code), Int(dtype.bits), shape.count] + shape
  }

  /// What a command writes to its standard output; throws what it says on the other if it fails.
  private static func execute(_ words: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    let output = Pipe()
    let errors = Pipe()
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    let complaint = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw FileError(words[0], "failed: \(String(decoding: complaint, as: UTF8.self))")
    }
    return String(decoding: text, as: UTF8.self)
  }
}
