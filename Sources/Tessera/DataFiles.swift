import Synchronization
import TesseraData
import TesseraSemantics

/// Reads the safetensors files that tests name, each once.
final class DataFiles: DataSource {
  private enum File {
    case tensors(Safetensors)
    case failure(String)
  }

  private let finder: ModuleFinder
  private let files = Mutex<[String: File]>([:])

  /// Creates a reader of the files that `finder` finds.
  init(_ finder: ModuleFinder) { self.finder = finder }

  /// The tensor `key` of the file at `path`, or why there is none.
  func tensor(_ key: String, in path: String) -> DataResult {
    let file = files.withLock { files -> File in
      if let known = files[path] { return known }
      let read = read(path)
      files[path] = read
      return read
    }
    switch file {
    case .failure(let text): return .failure(text)
    case .tensors(let tensors):
      do {
        guard let tensor = try tensors.tensor(key) else { return .failure("there is no '\(key)'") }
        return .value(
          .tensor(tensor.elementType, shape: tensor.shape, bytes: Array(tensor.bytes)))
      } catch {
        return .failure("\(error)")
      }
    }
  }

  private func read(_ path: String) -> File {
    guard let bytes = finder.data(path) else { return .failure("the file cannot be read") }
    do {
      return .tensors(try Safetensors(bytes))
    } catch {
      return .failure("\(error)")
    }
  }
}
