import ArgumentParser
import Foundation
import Tessera
import TesseraData

/// The T2I-Adapter on a sketch: by JIT and ahead of time, compared with the reference.
struct Demo: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs the T2I-Adapter on a sketch and writes its feature maps as a picture.")

  @Option(name: .customShort("o"), help: "The picture to write.") var output = "adapter.png"

  func run() throws {
    let files = FileAccess()
    let directory = "Examples/adapter/data"
    let manifest = try JSON(parsing: try files.read("\(directory)/manifest.json"))
    guard let entry = manifest["cases"]?.elements?.first else {
      throw DataError("no case", at: "\(directory)/manifest.json")
    }
    let data = try Safetensors(try files.mapped("\(directory)/\(entry["file"]?.text ?? "")"))
    guard let program = ReferenceProgram(kind: "adapter", config: entry["config"] ?? .null, data)
    else { throw DataError("no program for the adapter") }
    let sketch = try PNG.decode(try files.mapped("\(directory)/sketch.png"))
    print("the T2I-Adapter on a sketch of \(sketch.width) by \(sketch.height) pixels")

    let options = SessionOptions()
    let modules = ModuleFinder.directories(ReferenceProgram.moduleDirectories, files)
    let start = ContinuousClock.now
    let executable = try Session(options: options, modules: modules)
      .compile(program.source, name: "sketch.tess")
    let jitTime = ContinuousClock.now - start
    guard let function = executable["run"] else { throw DataError("no function 'run'") }
    var arguments: [Tensor] = []
    for parameter in function.parameters {
      if parameter.name == "image" {
        arguments.append(sketch.planes)
      } else {
        arguments += try parameter.load(from: data, prefix: "param")
      }
    }
    var times: [Duration] = []
    var features: [Tensor] = []
    for _ in 0..<20 {
      let begin = ContinuousClock.now
      features = try executable.call("run", arguments)
      times.append(ContinuousClock.now - begin)
    }
    times.sort()
    let comparison = ReferenceCase(entry, name: "adapter_sketch", directory: directory, files)
    report(
      "JIT", jitTime, times[times.count / 2],
      try comparison.compare(features, function, program, data))

    let compiled = try AheadOfTime(
      program.source, name: "sketch.tess", modules: modules, options: options)
    defer { compiled.remove() }
    let (results, time) = try compiled.call(arguments, runs: 20)
    report(
      "ahead of time, from C", compiled.compileTime, time,
      try comparison.compare(results, function, program, data))
    print(
      results == features
        ? "both give the same bits" : "they differ in bits: their targets differ")

    // One row of maps a stage would be too wide; the first stage shows most.
    let picture = try Image(featureMap: features[0])
    try files.write(try PNG.encode(picture), to: output)
    print("the \(features[0].shape[1]) maps of the first stage are in '\(output)'")
  }

  private func report(
    _ name: String, _ compile: Duration, _ run: Duration, _ outputs: [CaseResult.Output]
  ) {
    print("\(name): compiled in \(rounded(compile)) ms, runs in \(rounded(run)) ms")
    for output in outputs {
      let verdict = output.isFine ? "within" : "NOT within"
      print("  \(output.key): max error \(output.error), \(verdict) \(output.tolerance)")
    }
  }

  private func rounded(_ duration: Duration) -> Double {
    (duration.milliseconds * 100).rounded() / 100
  }
}
