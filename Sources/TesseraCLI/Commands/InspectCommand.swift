import ArgumentParser
import Tessera
import TesseraData
import TesseraIR

/// `tess inspect`: what a data file holds.
struct InspectCommand: TessCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "Shows what a .safetensors, .npy, .png or .tir file holds.",
    discussion: "FILE#KEY shows the values of one tensor of a .safetensors file.")

  @Argument(help: "The file, or FILE.safetensors#KEY.") var file: String
  @OptionGroup var diagnosticOptions: DiagnosticOptions

  func run(on console: Console) throws -> ExitStatus {
    let name = DataFileName(file)
    switch name.ending {
    case "safetensors":
      try console.readData(name.path) { bytes throws(DataError) in
        try inspect(Safetensors(bytes), key: name.key, console)
      }
    case "npy": show(try console.readData(name.path, NPY.decode), console)
    case "png":
      let image = try console.readData(name.path, PNG.decode)
      let kind = ["grey", "grey and alpha", "RGB", "RGB and alpha"][image.channels - 1]
      console.write("\(image.width) by \(image.height) pixels, \(kind)\n")
    case "tir": return inspectIR(try console.read(name.path), console)
    default: throw UsageError("'\(name.path)' is no .safetensors, .npy, .png or .tir file")
    }
    return .success
  }

  private func show(_ tensor: Tensor, _ console: Console) {
    console.write("\(tensor.typeDescription)\n\(tensor)\n")
  }

  private func inspect(
    _ file: Safetensors, key: String?, _ console: Console
  ) throws(DataError) {
    if let key, let tensor = try file.tensor(key) { return show(tensor, console) }
    let entries = file.entries.filter { entry in
      key.map { entry.name.hasPrefix($0 + ".") } ?? true
    }
    if let key, entries.isEmpty {
      throw DataError("no key '\(key)'", expected: closest(to: key, file.entries.map(\.name)))
    }
    let rows = entries.sorted { $0.name < $1.name }.map { [$0.name, $0.typeDescription] }
    console.write(table(rows))
    let elements = entries.reduce(0) { $0 + $1.range.count / $1.elementType.byteCount }
    let total = entries.reduce(0) { $0 + $1.range.count }
    console.write("\(entries.count) tensors, \(elements) elements, \(total) bytes\n")
    if key == nil {
      for (key, value) in file.metadata { console.write("\(key): \(value)\n") }
    }
  }

  private func closest(to key: String, _ names: [String]) -> String {
    let near = names.sorted().filter { $0.contains(key) || key.contains($0) }.prefix(3)
    return near.isEmpty ? "one of its \(names.count) keys" : near.joined(separator: ", ")
  }

  private func inspectIR(_ bytes: [UInt8], _ console: Console) -> ExitStatus {
    let compilation = Compilation(name: file, bytes: bytes)
    for function in compilation.module?.functions ?? [] {
      var count = 0
      function.forEachOperation(in: function.body) { _ in count += 1 }
      console.write("@\(function.name): \(count) operations\n")
    }
    return diagnosticOptions.report(compilation.diagnostics, compilation.sources, on: console)
  }
}
