import Foundation
import Tessera
import TesseraData
import TesseraPasses
import TesseraSource

extension Prompt {
  /// The compilation of the expression or function `text`, if nothing is wrong with it.
  func inspected(_ text: String) -> (Compilation, HostFunction?)? {
    let (compilation, function) = session.inspect(text)
    let found = diagnosticOptions.report(
      compilation.diagnostics, compilation.sources, on: console)
    if found != .success { status = found }
    return found == .success ? (compilation, function) : nil
  }

  /// Writes a stage of the program of `text`, for the machine that runs it.
  func showStage(_ text: String, _ emission: Emission) throws {
    guard var (compilation, _) = inspected(text) else { return }
    console.write(try compilation.emit(emission, session.options, target: .native))
  }

  /// Says how the statements of `text`, or of the function of that name, are computed.
  func explainSchedule(_ text: String) throws {
    guard var (compilation, _) = inspected(text) else { return }
    var options = session.options
    options.wantsRemarks = true
    options.pipeline = options.pipeline ?? .standard(options.level)
    let before = compilation.diagnostics.count
    _ = try compilation.emit(.tir, options, target: .native)
    let remarks = Array(compilation.diagnostics[before...])
    let renderer = DiagnosticRenderer(compilation.sources, isColored: console.isColored)
    console.write(remarks.isEmpty ? "no loops over tensors\n" : renderer.render(remarks))
  }

  /// The tensor that `text` gives; says so if it gives something else.
  func tensor(_ text: String) throws -> Tensor? {
    guard let evaluation = evaluated(text) else { return nil }
    guard let tensor = evaluation.value?.tensor else {
      complain("'\(text)' gives no tensor")
      return nil
    }
    return tensor
  }

  /// Runs `text` for about half a second and says how long one run takes.
  func bench(_ text: String) throws {
    guard evaluated(text) != nil, let (times, compileTime) = try session.measure(text) else {
      return
    }
    console.write(
      "\(milliseconds(times.median)) in the middle of \(times.runs) runs, "
        + "\(milliseconds(times.fastest)) at best; compiled in \(milliseconds(compileTime))\n")
  }

  /// Takes in a file: declarations, or data under a name.
  func load(_ text: String) throws {
    let parts = text.split(separator: "=", maxSplits: 1).map {
      $0.trimmingCharacters(in: .whitespaces)
    }
    let path = parts.last ?? text
    if path.hasSuffix(".tess") {
      let bytes = try console.read(path)
      _ = evaluated(String(decoding: bytes, as: UTF8.self))
      return
    }
    guard parts.count == 2 else { return complain("expected :load NAME = \(path)") }
    bind(parts[0], to: HostValue(try console.readTensor(path)))
  }
}
