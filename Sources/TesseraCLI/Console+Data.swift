import Tessera
import TesseraData

/// A file of data as it is written on the command line: a path, and behind `#` a key in the file.
struct DataFileName {
  /// The path.
  let path: String
  /// What stands behind the first `#`.
  let key: String?

  /// Splits `name`.
  init(_ name: String) {
    let parts = name.split(separator: "#", maxSplits: 1).map(String.init)
    path = parts.first ?? name
    key = parts.count > 1 ? parts[1] : nil
  }

  /// What stands behind the last point of the path, which tells the format.
  var ending: String { path.split(separator: ".").last.map(String.init) ?? "" }
}

extension Console {
  /// The tensor in the file `name`: a .npy or .png file, or FILE.safetensors#KEY.
  func readTensor(_ name: String) throws -> Tensor {
    let file = DataFileName(name)
    switch file.ending {
    case "npy": return try readData(file.path, NPY.decode)
    case "png": return try readData(file.path, PNG.decode).planes
    case "safetensors":
      guard let key = file.key else {
        throw DataError(
          "which tensor of the file", at: "'\(file.path)'", expected: "\(file.path)#KEY")
      }
      return try readData(file.path) { bytes throws(DataError) in
        guard let tensor = try Safetensors(bytes).tensor(key) else {
          throw DataError("no key '\(key)'")
        }
        return tensor
      }
    default: throw UsageError("'\(file.path)' is no .npy, .png or .safetensors file")
    }
  }

  /// What `decode` makes of the file at `path`; what it finds wrong is said to be wrong there.
  func readData<Content>(
    _ path: String, _ decode: (TensorBytes) throws(DataError) -> Content
  ) throws -> Content {
    let bytes = try files.mapped(path)
    do throws(DataError) { return try decode(bytes) } catch { throw error.inside("'\(path)'") }
  }
}
