/// Which sums of products of narrow numbers a machine makes by one instruction or two: what
/// `dot_lanes` is fast for.
public struct DotProducts: OptionSet, Hashable, Sendable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// i16 times i16, two together.
  public static let shorts = DotProducts(rawValue: 1)
  /// u8 times i8, four together.
  public static let mixedBytes = DotProducts(rawValue: 2)
  /// i8 times i8, four together.
  public static let signedBytes = DotProducts(rawValue: 4)

  /// How many lanes of this type `dot_lanes` takes together; `nil` if it takes none.
  static func together(_ type: ScalarType) -> Int? {
    switch type {
    case .i8, .u8: 4
    case .i16: 2
    case .bool, .i32, .i64, .u16, .u32, .u64, .f16, .bf16, .f32, .f64: nil
    }
  }
}

/// What some machines of a level have beyond it.
struct TargetExtension {
  /// The name of the feature, as LLVM spells it.
  var feature: String
  /// The level that it extends.
  var level: String
  /// What it makes fast.
  var dotProducts: DotProducts

  /// All that are used.
  static let all = [
    TargetExtension(feature: "avxvnni", level: "x86-64-v3", dotProducts: .mixedBytes),
    TargetExtension(feature: "avxvnniint8", level: "x86-64-v3", dotProducts: .signedBytes),
    TargetExtension(feature: "avx512vnni", level: "x86-64-v4", dotProducts: .mixedBytes),
    TargetExtension(feature: "dotprod", level: "aarch64", dotProducts: .signedBytes),
  ]
}

extension TargetDescription {
  /// This level with those of its extensions that are among `features`; the name tells them.
  ///
  /// What code generation may use is not changed.
  public func extended(with features: Set<String>) -> TargetDescription {
    var extended = self
    for known in TargetExtension.all where known.level == name && features.contains(known.feature) {
      extended.name += "+" + known.feature
      extended.dotProducts.formUnion(known.dotProducts)
    }
    return extended
  }

  /// The name of the level, without extensions.
  public var level: String { name.split(separator: "+").first.map(String.init) ?? name }

  /// The names of the extensions that this target has.
  public var extensions: [String] { name.split(separator: "+").dropFirst().map(String.init) }

  /// The names of all that may extend this level.
  public var knownExtensions: [String] {
    TargetExtension.all.filter { $0.level == level }.map(\.feature)
  }
}
