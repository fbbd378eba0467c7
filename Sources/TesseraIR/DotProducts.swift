import TesseraNumbers

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
  /// bf16 times bf16, two together.
  public static let bfloat16 = DotProducts(rawValue: 8)

  /// How many lanes of this type `dot_lanes` takes together; `nil` if it takes none.
  static func together(_ type: ScalarType) -> Int? {
    switch type {
    case .i8, .u8: 4
    case .i16, .bf16: 2
    case .bool, .i32, .i64, .u16, .u32, .u64, .f16, .f32, .f64: nil
    }
  }

  /// The type in which `dot_lanes` sums up products of this type.
  static func sumType(_ type: ScalarType) -> ScalarType { type == .bf16 ? .f32 : .i32 }

  /// What `dot_lanes` makes of a sum and of two numbers of each factor.
  ///
  /// For bf16 that is what VDPBF16PS gives: found by random and chosen operands on a Zen 5, where a test
  /// compares the bits.
  public static func sum(_ sum: Float, _ a: (Float, Float), _ b: (Float, Float)) -> Float {
    adding(adding(sum, a.1, b.1), a.0, b.0)
  }

  /// A sum and a product, rounded once, where what is not normal is zero.
  private static func adding(_ sum: Float, _ a: Float, _ b: Float) -> Float {
    let (sum, a, b) = (flushed(sum), flushed(a), flushed(b))
    let result = sum.addingProduct(a, b)
    // Rounded to as many bits as a normal number has, this would be less than the least one. A sum
    // that is so small is exact in an f64.
    let least = Double(Float.leastNormalMagnitude) * (1 - 0x1p-25)
    let exact = Double(a) * Double(b) + Double(sum)
    return abs(exact) < least ? Float(signOf: result, magnitudeOf: 0) : result
  }

  private static func flushed(_ number: Float) -> Float {
    number.isSubnormal ? Float(signOf: number, magnitudeOf: 0) : number
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
    TargetExtension(feature: "avx512bf16", level: "x86-64-v4", dotProducts: .bfloat16),
    TargetExtension(feature: "dotprod", level: "aarch64", dotProducts: .signedBytes),
  ]
}

extension TargetDescription {
  /// This level with those of its extensions that are among `features`; the name tells them.
  ///
  /// What code generation may use is not changed.
  public func extended(with features: Set<String>) -> TargetDescription {
    var extended = self
    let wanted = features.union(extensions)
    extended.name = level
    for known in TargetExtension.all where known.level == level && wanted.contains(known.feature) {
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
