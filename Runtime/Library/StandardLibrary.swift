/// The library that is written in the language itself, embedded as text.
public enum StandardLibrary {
  /// The modules with their texts; `math` is visible everywhere, the others are imported.
  public static let modules: [(name: String, bytes: [UInt8])] = [
    ("math", PackageResources.math_tess),
    ("nn", PackageResources.nn_tess),
    ("linalg", PackageResources.linalg_tess),
    ("image", PackageResources.image_tess),
  ]
}
