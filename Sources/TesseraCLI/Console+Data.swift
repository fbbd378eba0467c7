import Tessera
import TesseraData

extension Console {
  /// The tensor in the file `name`: a .npy or .png file, or FILE.safetensors#KEY.
  func readTensor(_ name: String) throws -> Tensor {
    let parts = name.split(separator: "#", maxSplits: 1).map(String.init)
    let path = parts.first ?? name
    let bytes = try read(path)
    do {
      switch path.split(separator: ".").last {
      case "npy": return try NPY.decode(bytes)
      case "png": return try PNG.decode(bytes).planes
      case "safetensors":
        guard parts.count > 1 else {
          throw DataError("which tensor of the file", expected: "\(path)#KEY")
        }
        guard let tensor = try Safetensors(bytes).tensor(parts[1]) else {
          throw DataError("no key '\(parts[1])'")
        }
        return tensor
      default: throw UsageError("'\(path)' is no .npy, .png or .safetensors file")
      }
    } catch let error as DataError { throw error.inside("'\(path)'") }
  }
}
