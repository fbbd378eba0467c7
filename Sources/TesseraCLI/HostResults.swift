import Foundation
import Tessera
import TesseraData

/// Writes what a function gave: into the files that `-o NAME=FILE` names, the rest as text.
struct HostResults {
  let function: HostFunction
  let results: [Tensor]

  /// Writes the results; `outputs` are the words after each `-o`.
  func write(_ outputs: [String], on console: Console) throws {
    var written: Set<Int> = []
    try requireOwnFiles(outputs)
    for output in outputs {
      let (parts, path) = parts(of: output)
      if path.hasSuffix(".safetensors"), parts.count == 1 {
        let all = zip(function.resultLeaves, results).map {
          ($0.path.isEmpty ? "result" : $0.path, $1)
        }
        try console.write(try Safetensors.encode(all), to: path)
        written.formUnion(results.indices)
        continue
      }
      let index = try position(parts.count == 2 ? parts[0] : nil)
      try console.write(try encode(results[index], path), to: path)
      written.insert(index)
    }
    for index in results.indices where !written.contains(index) {
      console.write(text(of: index))
    }
  }

  /// The name, if one is told, and the file of the word after `-o`.
  private func parts(of output: String) -> (parts: [String], path: String) {
    let parts = output.split(separator: "=", maxSplits: 1).map(String.init)
    return (parts, parts.last ?? output)
  }

  /// Demands that no result takes the place of another.
  private func requireOwnFiles(_ outputs: [String]) throws {
    var words: [String: String] = [:]
    for output in outputs {
      let path = parts(of: output).path
      let file = URL(filePath: path).standardizedFileURL.path
      if let other = words.updateValue(output, forKey: file), other != output {
        throw UsageError("'\(other)' and '\(output)' are one file; expected a file for each result")
      }
    }
  }

  private func position(_ name: String?) throws -> Int {
    if let name {
      if let index = function.resultLeaves.firstIndex(where: { $0.path == name }) { return index }
    } else if results.count == 1 {
      return 0
    }
    let names = function.resultLeaves.map(\.path).joined(separator: ", ")
    throw UsageError(
      name.map { "'\(function.name)' gives no '\($0)'; it gives \(names)" }
        ?? "'\(function.name)' gives \(names); expected -o NAME=FILE")
  }

  private func encode(_ tensor: Tensor, _ path: String) throws -> [UInt8] {
    switch path.split(separator: ".").last {
    case "npy": return try NPY.encode(tensor)
    case "safetensors": return try Safetensors.encode([("result", tensor)])
    case "png":
      if let image = try? Image(tensor) { return try PNG.encode(image) }
      return try PNG.encode(try Image(featureMap: tensor))
    default: throw UsageError("'\(path)' is no .npy, .safetensors or .png file")
    }
  }

  private func text(of index: Int) -> String {
    let leaf = function.resultLeaves[index]
    let tensor = results[index]
    let name = leaf.path.isEmpty ? "" : "\(leaf.path): "
    if leaf.isScalar { return (results.count == 1 ? "" : name) + "\(tensor)\n" }
    return "\(name)\(tensor.typeDescription)\n\(tensor)\n"
  }
}
