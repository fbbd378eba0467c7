import Foundation

/// Where the package lies, and what may lie beside it.
public enum PackageFiles {
  /// The directory that holds `Package.swift`.
  public static let root: URL = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The directory of reference data beside the package, or beside the checkout it was made from;
  /// `nil` after saying so where there is none, for such tests have nothing to compare with.
  public static func shared(_ subdirectory: String = "") -> URL? {
    for ancestor in ["..", "../.."] {
      let candidate = root.appendingPathComponent("\(ancestor)/shared/\(subdirectory)")
        .standardizedFileURL
      if FileManager.default.fileExists(atPath: candidate.path) { return candidate }
    }
    print("skipped: no ../shared/\(subdirectory) beside the package")
    return nil
  }

  /// The regular files below `directory` whose names end in one of `extensions`, sorted.
  public static func files(below directory: URL, extensions: Set<String>) -> [URL] {
    let walker = FileManager.default.enumerator(at: directory, includingPropertiesForKeys: nil)
    let urls = (walker?.allObjects as? [URL]) ?? []
    return urls.filter { extensions.contains($0.pathExtension) }.sorted { $0.path < $1.path }
  }
}
