import TesseraNumbers

/// What scheduling and code generation need to know of a machine.
///
/// Register width and count are part of what a program computes, because they fix the order of
/// reductions; so they come from this table and are never measured.
public struct TargetDescription: Hashable, Sendable {
  /// The families of machines, as LLVM spells them.
  // swift-format-ignore: AlwaysUseLowerCamelCase
  public enum Architecture: String, Hashable, Sendable { case x86_64, aarch64 }

  /// The name of the level: `x86-64-v3`, `x86-64-v4`, `aarch64`.
  public var name: String
  /// The family.
  public var architecture: Architecture
  /// The triple, as LLVM spells it.
  public var triple: String
  /// The processor as LLVM names it.
  public var processor: String
  /// The features beyond the processor's own, as LLVM spells them: `+avx2,+fma`.
  public var features: String
  /// The width of one vector register, in bytes.
  public var vectorByteCount: Int
  /// The number of vector registers.
  public var vectorRegisterCount: Int
  /// `true` iff a product and a sum can be rounded once in one instruction.
  public var hasFusedMultiplyAdd: Bool
  /// The sizes of the data caches that blocking aims at, in bytes, nearest first; nominal, the same
  /// for every machine of the level.
  public var cacheByteCounts: [Int]
  /// The sums of products of narrow numbers that are fast.
  public var dotProducts: DotProducts = []

  /// The number of lanes of `type` in one register; 1 where vectors are not wanted.
  public func lanes(of type: ScalarType) -> Int { max(1, vectorByteCount / type.byteCount) }

  /// The size from which results are stored past the caches: so much that hardly anything of it would
  /// be left in the last one for whoever reads it next.
  public var streamedByteCount: Int { 2 * (cacheByteCounts.last ?? .max / 2) }

  /// The rows and vectors of columns that a register-blocked product keeps in registers:
  /// accumulators, one row of columns and one factor just fit. 6×2 on AVX2, 14×2 on AVX-512, 8×3 on
  /// NEON.
  public var productTile: (rows: Int, vectors: Int) {
    switch (architecture, vectorByteCount) {
    case (.x86_64, 64): (14, 2)
    case (.x86_64, _): (6, 2)
    case (.aarch64, _): (8, 3)
    }
  }

  /// The most rows of such a tile that has so many vectors of columns; 0 if it cannot have them.
  ///
  /// Beside the accumulators and a row of columns, two factors are in flight on x86-64; on NEON they
  /// are loaded four at a time.
  public func productTileRows(vectors: Int) -> Int {
    let factors = architecture == .aarch64 ? 5 : 2
    let registers = vectorRegisterCount > 0 ? vectorRegisterCount : 16
    return max(0, registers - vectors - factors) / vectors
  }
}

extension TargetDescription {
  /// x86-64 with AVX2, FMA and F16C: the default for objects.
  // swift-format-ignore: AlwaysUseLowerCamelCase
  public static let x86_64v3 = TargetDescription(
    name: "x86-64-v3", architecture: .x86_64, triple: "x86_64-unknown-linux-gnu",
    processor: "x86-64-v3", features: "", vectorByteCount: 32, vectorRegisterCount: 16,
    hasFusedMultiplyAdd: true, cacheByteCounts: [32 << 10, 512 << 10, 8 << 20],
    dotProducts: .shorts)

  /// x86-64 with AVX-512.
  // swift-format-ignore: AlwaysUseLowerCamelCase
  public static let x86_64v4 = TargetDescription(
    name: "x86-64-v4", architecture: .x86_64, triple: "x86_64-unknown-linux-gnu",
    processor: "x86-64-v4", features: "-prefer-256-bit", vectorByteCount: 64,
    vectorRegisterCount: 32,
    hasFusedMultiplyAdd: true, cacheByteCounts: [32 << 10, 1 << 20, 16 << 20],
    dotProducts: .shorts)

  /// AArch64 with NEON.
  public static let aarch64 = TargetDescription(
    name: "aarch64", architecture: .aarch64, triple: "aarch64-unknown-linux-gnu",
    processor: "generic", features: "+neon", vectorByteCount: 16, vectorRegisterCount: 32,
    hasFusedMultiplyAdd: true, cacheByteCounts: [32 << 10, 512 << 10, 8 << 20])

  /// The same machine without vectors: every loop is scalar.
  public var withoutVectors: TargetDescription {
    var scalar = self
    scalar.vectorByteCount = 0
    scalar.vectorRegisterCount = 0
    scalar.dotProducts = []
    return scalar
  }

  /// Every level that objects can be made for.
  public static let all = [x86_64v3, x86_64v4, aarch64]

  /// The level called `name`; triples of a known architecture are understood, too. Extensions follow
  /// the level: `x86-64-v4+avx512vnni`.
  public init?(name: String) {
    let parts = name.split(separator: "+", omittingEmptySubsequences: false).map(String.init)
    if parts.count > 1 {
      guard let level = TargetDescription(name: parts[0]),
        parts.dropFirst().allSatisfy(level.knownExtensions.contains)
      else { return nil }
      self = level.extended(with: Set(parts.dropFirst()))
      let added = parts.dropFirst().map { "+" + $0 }
      features = (features.isEmpty ? added : [features] + added).joined(separator: ",")
    } else if let exact = TargetDescription.all.first(where: {
      $0.name == name || $0.triple == name
    }) {
      self = exact
    } else if name.hasPrefix("aarch64-") || name == "arm64" {
      self = .aarch64
    } else if name.hasPrefix("x86_64-") || name == "x86-64" {
      self = .x86_64v3
    } else {
      return nil
    }
  }
}
