import TesseraData
import TesseraSource
import TesseraStandardLibrary
import TesseraSyntax

/// Where the modules come from that a program imports.
public struct ModuleFinder: Sendable {
  /// A file that holds a module.
  public struct File: Sendable {
    /// The name under which diagnostics mention it.
    public var name: String
    /// The text.
    public var bytes: [UInt8]

    /// Creates the file called `name`.
    public init(name: String, bytes: [UInt8]) {
      self.name = name
      self.bytes = bytes
    }
  }

  private let find: @Sendable (_ module: String) -> File?
  private let readData: @Sendable (_ path: String) -> TensorBytes?

  /// Creates a finder that asks `find` for modules that are not in the standard library, and
  /// `data` for the files that tests read.
  public init(
    data readData: @escaping @Sendable (_ path: String) -> TensorBytes? = { _ in nil },
    _ find: @escaping @Sendable (_ module: String) -> File?
  ) {
    self.find = find
    self.readData = readData
  }

  /// Finds the standard library alone.
  public static let standardLibrary = ModuleFinder { _ in nil }

  /// Finds `NAME.tess`, and data, in the directory of the file at `path`.
  public static func beside(_ path: String, _ files: FileAccess) -> ModuleFinder {
    let directory = path.lastIndex(of: "/").map { path[...$0] } ?? ""
    @Sendable func readData(_ data: String) -> TensorBytes? {
      try? files.mapped(data.hasPrefix("/") ? data : directory + data)
    }
    return ModuleFinder(data: readData) { module in
      let name = "\(directory)\(module).tess"
      return (try? files.read(name)).map { File(name: name, bytes: $0) }
    }
  }

  /// Finds `NAME.tess` in the first of `directories` that has it.
  public static func directories(_ directories: [String], _ files: FileAccess) -> ModuleFinder {
    ModuleFinder { module in
      for directory in directories {
        let name = "\(directory)/\(module).tess"
        if let bytes = try? files.read(name) { return File(name: name, bytes: bytes) }
      }
      return nil
    }
  }

  /// The file of `module`, if it is not one of the standard library.
  func callAsFunction(_ module: String) -> File? { find(module) }

  /// The bytes of the file of data at `path`, relative to the program.
  func data(_ path: String) -> TensorBytes? { readData(path) }
}
